// The recipients, always above the text, each with the reason why they get it. No recipient is added silently, and what
// is shown is what leaves.

import { X } from 'lucide-react'
import { useState } from 'react'

import { Button } from '../../ui/button'
import type { TextId } from '../../words/catalogue'
import { useWords } from '../../words/words'
import styles from './composer.module.css'
import {
  addRecipient,
  type Field,
  fields,
  parseAddresses,
  type Recipient,
  type Recipients,
  removeRecipient,
} from './recipients'

interface RecipientsLineProps {
  readonly recipients: Recipients
  readonly leftOut: readonly Recipient[]
  readonly onChange: (recipients: Recipients) => void
}

/** More than these are offered only while the recipients are changed. */
const shownOffers = 2

const reasons: Readonly<Record<string, TextId>> = {
  wrote_last: 'composer.reason.wrote_last',
  conversation_recipient: 'composer.reason.conversation_recipient',
  chosen_by_agent: 'composer.reason.chosen_by_agent',
  claimed_by_visitor: 'composer.reason.claimed_by_visitor',
  was_in_reply_to: 'composer.reason.was_in_reply_to',
  was_in_to: 'composer.reason.was_in_to',
  was_in_cc: 'composer.reason.was_in_cc',
  added_by_you: 'composer.reason.added_by_you',
}

export function RecipientsLine({ recipients, leftOut, onChange }: RecipientsLineProps) {
  const say = useWords()
  const [isChanging, setChanging] = useState(false)
  const listed = fields.flatMap((field) => recipients[field])
  const offered = leftOut.filter(({ email }) => !listed.some((one) => one.email === email))
  const change = offered.length > shownOffers ? 'composer.changeMore' : 'composer.change'
  return (
    <div className={styles.recipients} role="group" aria-label={say('composer.recipients')}>
      {fields.map((field) => {
        const people = recipients[field]
        if (people.length === 0 && !isChanging && field !== 'to') return null
        return (
          <div key={field} className={styles.field}>
            <span className={styles.fieldName}>{say(`composer.${field}`)}</span>
            {people.map((person) => (
              <Person
                key={person.email}
                person={person}
                onRemove={() => {
                  onChange(removeRecipient(recipients, person.email))
                }}
              />
            ))}
            {people.length === 0 && field === 'to' && !isChanging && (
              <span className={styles.why}>{say('composer.nobody')}</span>
            )}
            {isChanging && (
              <AddField
                field={field}
                onAdd={(emails) => {
                  onChange(
                    emails.reduce<Recipients>(
                      (before, email) => addRecipient(before, field, { email, name: null, reason: 'added_by_you' }),
                      recipients,
                    ),
                  )
                }}
              />
            )}
          </div>
        )
      })}
      {(isChanging || offered.length <= shownOffers ? offered : []).map((person) => (
        <Button
          key={person.email}
          look="quiet"
          className={styles.offer}
          title={say(reasons[person.reason] ?? 'composer.reason.was_in_cc')}
          onClick={() => {
            onChange(addRecipient(recipients, 'cc', { ...person, reason: 'added_by_you' }))
          }}
        >
          {say('composer.addToCc', { email: person.email })}
        </Button>
      ))}
      <Button
        look="quiet"
        className={styles.offer}
        aria-expanded={isChanging}
        onClick={() => {
          setChanging(!isChanging)
        }}
      >
        {say(isChanging ? 'composer.doneChanging' : change, { count: offered.length })}
      </Button>
    </div>
  )
}

function Person({ person, onRemove }: { readonly person: Recipient; readonly onRemove: () => void }) {
  const say = useWords()
  const reason = reasons[person.reason]
  return (
    <span className={styles.person} title={person.name ?? undefined}>
      <span className={styles.email}>{person.email}</span>
      {reason !== undefined && <span className={styles.why}>{say(reason)}</span>}
      <button type="button" aria-label={say('composer.remove', { email: person.email })} onClick={onRemove}>
        <X aria-hidden="true" />
      </button>
    </span>
  )
}

function AddField({ field, onAdd }: { readonly field: Field; readonly onAdd: (emails: readonly string[]) => void }) {
  const say = useWords()
  const [text, setText] = useState('')
  const add = (): void => {
    const emails = parseAddresses(text)
    if (emails.length === 0) return
    onAdd(emails)
    setText('')
  }
  const isWrong = text.trim() !== '' && parseAddresses(text).length === 0
  return (
    <input
      type="email"
      multiple
      className={styles.add}
      value={text}
      aria-label={say('composer.addTo', { field: say(`composer.${field}`) })}
      aria-invalid={isWrong && text.includes('@')}
      placeholder={say('composer.addPlaceholder')}
      onChange={({ target }) => {
        setText(target.value)
      }}
      onKeyDown={(event) => {
        if (!['Enter', ',', ';'].includes(event.key) || event.nativeEvent.isComposing) return
        event.preventDefault()
        add()
      }}
      onBlur={add}
    />
  )
}
