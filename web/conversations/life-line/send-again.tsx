// Sends the mail of a message again: to those who did not get it, or to other recipients. An address that the account
// does not mail is named before anything is sent.

import { useQueries, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'

import { api, ask, type Conversation } from '../../api/client'
import { suppressedQuery } from '../../api/suppressed'
import { useForm } from '../../settings/use-form'
import { useAccountId } from '../../shell/go'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { tell } from '../../ui/toast'
import { useWords } from '../../words/words'
import { type Field, fields, parseAddresses } from '../composer/recipients'
import { putMessage, type ShownMessage } from '../thread/messages-query'
import type { LifeLine } from './read-life-line'
import { RecipientsField } from './recipients-field'
import styles from './send-again.module.css'
import { type Addresses, addTo, isSame, moveTo, toSendAgain } from './to-send-again'

interface SendAgainProps {
  readonly message: ShownMessage
  readonly conversation: Conversation
  readonly line: LifeLine
  readonly onClose: () => void
}

const noTexts: Readonly<Record<Field, string>> = { to: '', cc: '', bcc: '' }

export function SendAgain({ message, conversation, line, onClose }: SendAgainProps) {
  const say = useWords()
  return (
    <Dialog title={say('sendAgain.title')} isOpen onClose={onClose}>
      <SendAgainForm message={message} conversation={conversation} line={line} onClose={onClose} />
    </Dialog>
  )
}

function SendAgainForm({ message, conversation, line, onClose }: SendAgainProps) {
  const say = useWords()
  const queries = useQueryClient()
  const accountId = useAccountId()
  const [missed] = useState(() => toSendAgain(message, line, conversation.recipient?.email ?? null))
  // A request that got no answer may have been done: its repetition has the same key, and sends nothing twice.
  const [keys] = useState(() => new Map<string, string>())
  const [texts, setTexts] = useState(noTexts)
  const [wrong, setWrong] = useState<Field | null>(null)
  const form = useForm<Addresses>({
    saved: missed,
    isQuiet: true,
    send: async (values) => {
      const chosen = fields.reduce((all, field) => addTo(all, field, parseAddresses(texts[field])), values)
      const body = isSame(chosen, missed)
        ? {}
        : { to_emails: [...chosen.to], cc_emails: [...chosen.cc], bcc_emails: [...chosen.bcc] }
      const content = JSON.stringify(body)
      const key = keys.get(content) ?? crypto.randomUUID()
      keys.set(content, key)
      const sent = await ask(
        api.POST('/api/v1/accounts/{accountId}/conversations/{displayId}/messages/{id}/send_again', {
          params: { path: { accountId, displayId: message.conversation_id, id: message.id } },
          headers: { 'idempotency-key': key },
          body,
        }),
      )
      putMessage(queries, accountId, sent as unknown as ShownMessage)
      tell({ text: say('sendAgain.done', { who: fields.flatMap((field) => chosen[field]).join(', ') }) })
      onClose()
    },
  })
  const { values } = form
  const suppressed = useSuppressed(fields.flatMap((field) => values[field]))
  const isNobodyLeft = fields.every((field) => values[field].every((email) => suppressed.includes(email)))
  const isWriting = fields.some((field) => texts[field].trim() !== '')
  const put = (next: Addresses) => {
    for (const one of fields) form.set(one)(next[one])
  }
  const take = (field: Field): void => {
    setWrong(isNoAddress(texts[field]) ? field : null)
    if (isNoAddress(texts[field])) return
    put(addTo(values, field, parseAddresses(texts[field])))
    setTexts({ ...texts, [field]: '' })
  }
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        const bad = fields.find((field) => isNoAddress(texts[field])) ?? null
        setWrong(bad)
        if (bad === null) form.submit(event)
      }}
    >
      <p className={styles.hint}>{say(isSame(values, missed) ? 'sendAgain.toMissed' : 'sendAgain.toOthers')}</p>
      {fields.map((field) => (
        <RecipientsField
          key={field}
          label={say(`composer.${field}`)}
          emails={values[field]}
          suppressed={suppressed}
          text={texts[field]}
          isWrong={wrong === field}
          onText={(text) => {
            setTexts({ ...texts, [field]: text })
            setWrong(null)
          }}
          onTake={() => {
            take(field)
          }}
          onChange={(emails) => {
            put(moveTo(values, field, emails))
          }}
        />
      ))}
      {suppressed.length > 0 && <Suppressed emails={suppressed} isAll={isNobodyLeft} />}
      {form.error !== null && (
        <p className={styles.failed} role="alert">
          {form.error}
        </p>
      )}
      <div className={styles.actions}>
        <Button onClick={onClose}>{say('common.cancel')}</Button>
        <Button
          type="submit"
          look="primary"
          disabled={form.isBusy || (!isWriting && (values.to.length === 0 || isNobodyLeft))}
        >
          {say('thread.sendAgain')}
        </Button>
      </div>
    </form>
  )
}

const isNoAddress = (text: string): boolean => text.trim() !== '' && parseAddresses(text).length === 0

function Suppressed({ emails, isAll }: { readonly emails: readonly string[]; readonly isAll: boolean }) {
  const say = useWords()
  const accountId = useAccountId()
  return (
    <p className={styles.warning} role="status">
      {say(isAll ? 'sendAgain.allSuppressed' : 'sendAgain.suppressed', {
        who: emails.join(', '),
        count: emails.length,
      })}{' '}
      <Link to="/app/accounts/$accountId/settings/$page" params={{ accountId, page: 'suppressed' }}>
        {say('thread.suppressedList')}
      </Link>
    </p>
  )
}

// Those among the addresses to which no mail would leave.
function useSuppressed(emails: readonly string[]): readonly string[] {
  const accountId = useAccountId()
  const found = useQueries({
    queries: emails.map((email) => suppressedQuery(accountId, { search: email, page: 1 })),
  })
  return emails.filter((email, position) =>
    found[position]?.data?.payload.some((one) => one.email === email.toLowerCase()),
  )
}
