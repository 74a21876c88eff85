// A field of recipients: those that are chosen, each with a button that removes it, and room to write more. Enter and a
// comma add what was written, Backspace in the empty room removes the last.

import { X } from 'lucide-react'
import { type KeyboardEvent, useId } from 'react'

import { useWords } from '../../words/words'
import styles from './send-again.module.css'

interface RecipientsFieldProps {
  readonly label: string
  readonly emails: readonly string[]
  /** Those that get no mail. */
  readonly suppressed: readonly string[]
  /** What is being written. */
  readonly text: string
  readonly isWrong: boolean
  readonly onText: (text: string) => void
  /** Adds what was written. */
  readonly onTake: () => void
  readonly onChange: (emails: readonly string[]) => void
}

export function RecipientsField(props: RecipientsFieldProps) {
  const { label, emails, suppressed, text, isWrong, onText, onTake, onChange } = props
  const say = useWords()
  const id = useId()
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return
    const isEnd = event.key === ',' || event.key === ';' || (event.key === 'Enter' && text.trim() !== '')
    if (isEnd) {
      event.preventDefault()
      onTake()
    }
    if (event.key === 'Backspace' && text === '' && emails.length > 0) onChange(emails.slice(0, -1))
  }
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <div className={styles.box} data-wrong={isWrong ? '' : undefined}>
        {emails.map((email) => (
          <span key={email} className={styles.person} data-suppressed={suppressed.includes(email) ? '' : undefined}>
            <span className={styles.email}>{email}</span>
            <button
              type="button"
              aria-label={say('composer.remove', { email })}
              onClick={() => {
                onChange(emails.filter((one) => one !== email))
              }}
            >
              <X aria-hidden="true" />
            </button>
          </span>
        ))}
        <input
          id={id}
          type="text"
          inputMode="email"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={text}
          aria-invalid={isWrong}
          aria-describedby={isWrong ? `${id}-error` : undefined}
          placeholder={emails.length === 0 ? say('composer.addPlaceholder') : ''}
          onChange={({ target }) => {
            onText(target.value)
          }}
          onKeyDown={onKeyDown}
          // A click on a button adds nothing: the button would move away under the pointer.
          onBlur={({ relatedTarget }) => {
            if (relatedTarget instanceof HTMLInputElement) onTake()
          }}
        />
      </div>
      {isWrong && (
        <p id={`${id}-error`} className={styles.failed} role="alert">
          {say('sendAgain.noAddress')}
        </p>
      )}
    </div>
  )
}
