// Try it: compose or paste a mail, see what would become of it, then deliver it. No mail server is needed.

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { inboxesQuery } from '../../api/records'
import { profileQuery } from '../../api/session'
import { useAccountId } from '../../shell/go'
import { usePageTitle } from '../../shell/page-title'
import { Button } from '../../ui/button'
import { Empty } from '../../ui/empty'
import { useWords } from '../../words/words'
import { type Composed, composeRaw } from './compose-raw'
import { Outcome } from './outcome'
import styles from './try-it.module.css'
import { useTry } from './use-try'

export function TryIt() {
  const say = useWords()
  const accountId = useAccountId()
  const { data: profile } = useQuery(profileQuery)
  const { data: inboxes } = useQuery(inboxesQuery(accountId))
  usePageTitle(say('mail.try.title'))
  const role = profile?.accounts.find(({ id }) => id === accountId)?.role
  if (role !== undefined && role !== 'administrator')
    return <Empty title={say('mail.try.notYours.title')} text={say('mail.try.notYours.text')} />
  if (inboxes === undefined) return null
  const addresses = inboxes.flatMap(({ email, forward_to_email: other }) => [email, other])
  return <Form to={addresses.find((one): one is string => typeof one === 'string') ?? ''} />
}

function Form({ to }: { readonly to: string }) {
  const say = useWords()
  const [mode, setMode] = useState<'compose' | 'paste'>('compose')
  const [composed, setComposed] = useState<Composed>({
    from: 'jane.doe@example.com',
    to,
    subject: say('mail.try.sampleSubject'),
    text: say('mail.try.sampleText'),
    inReplyTo: '',
  })
  const [raw, setRaw] = useState('')
  const [recipients, setRecipients] = useState('')
  const attempt = useTry(useAccountId())
  const isReady = mode === 'compose' ? composed.from.includes('@') && composed.to.includes('@') : raw.trim() !== ''
  const mailOf = () => ({
    raw: mode === 'compose' ? composeRaw(composed) : raw,
    sender: mode === 'compose' ? composed.from : null,
    recipients: (mode === 'compose' ? composed.to : recipients).split(/[\s,]+/).filter((one) => one !== ''),
  })
  return (
    <main className={styles.sheet}>
      <header className={styles.head}>
        <h1>{say('mail.try.title')}</h1>
        <p>{say('mail.try.sub')}</p>
      </header>
      <div className={styles.columns}>
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault()
            void attempt.run('deliver', mailOf())
          }}
        >
          <div className={styles.switch} role="group" aria-label={say('mail.try.mode')}>
            {(['compose', 'paste'] as const).map((one) => (
              <button
                key={one}
                type="button"
                aria-pressed={one === mode}
                onClick={() => {
                  setMode(one)
                }}
              >
                {say(`mail.try.${one}`)}
              </button>
            ))}
          </div>
          {mode === 'compose' ? (
            <ComposeFields composed={composed} onChange={setComposed} />
          ) : (
            <>
              <Field name={say('mail.try.raw')} value={raw} onChange={setRaw} rows={16} isCode />
              <Field name={say('mail.try.recipients')} value={recipients} onChange={setRecipients} />
            </>
          )}
          <div className={styles.actions}>
            <Button
              disabled={!isReady || attempt.isRunning}
              onClick={() => {
                void attempt.run('explain', mailOf())
              }}
            >
              {say('mail.try.explain')}
            </Button>
            <Button type="submit" look="primary" disabled={!isReady || attempt.isRunning}>
              {say('mail.try.deliver')}
            </Button>
            <span className={styles.hint}>{say('mail.try.nothing')}</span>
          </div>
        </form>
        <Outcome attempt={attempt} />
      </div>
    </main>
  )
}

function ComposeFields({
  composed,
  onChange,
}: {
  readonly composed: Composed
  readonly onChange: (composed: Composed) => void
}) {
  const say = useWords()
  const field = (name: keyof Composed, rows = 1) => (
    <Field
      name={say(`mail.try.${name}`)}
      value={composed[name]}
      rows={rows}
      onChange={(value) => {
        onChange({ ...composed, [name]: value })
      }}
    />
  )
  return (
    <>
      <div className={styles.pair}>
        {field('from')}
        {field('to')}
      </div>
      {field('subject')}
      {field('text', 8)}
      {field('inReplyTo')}
    </>
  )
}

interface FieldProps {
  readonly name: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly rows?: number
  readonly isCode?: boolean
}

function Field({ name, value, onChange, rows = 1, isCode = false }: FieldProps) {
  const shared = {
    value,
    spellCheck: !isCode,
    onChange: ({ target }: { readonly target: { readonly value: string } }) => {
      onChange(target.value)
    },
  }
  return (
    <label className={styles.field}>
      <span>{name}</span>
      {rows === 1 ? (
        <input {...shared} dir="auto" />
      ) : (
        <textarea {...shared} rows={rows} dir="auto" className={isCode ? styles.code : undefined} />
      )}
    </label>
  )
}
