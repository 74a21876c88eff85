// Webhooks of Postmark about mail that it sent: Delivery, Bounce and SpamComplaint, the key in `Metadata`
// (https://postmarkapp.com/developer/webhooks/webhooks-overview).

import type { MailEvent } from '../../contracts/mail-event.ts'
import { readStatus } from '../../mail/automation/dsn.ts'
import { type Json, objectOf, optionalObject, optionalText, textOf } from '../reading/json.ts'

/** Types of bounces that are no failure; others are. Null: nothing about the way of the mail. */
const milder: Readonly<Record<string, MailEvent['state'] | null>> = {
  Transient: 'delayed',
  DnsError: 'delayed',
  AutoResponder: 'auto_answered',
  SpamComplaint: 'complained',
  Unsubscribe: null,
  Subscribe: null,
  AddressChange: null,
  ChallengeVerification: null,
  OpenRelayTest: null,
  Unconfirmed: null,
  InboundError: null,
}
/** Of the address itself, by Postmark's word. */
const unknownUser = ['HardBounce', 'BadEmailAddress']

/** The event; none for other records (Open, Click). Throws `MailError('malformed')`. */
export function readPostmarkEvents(body: unknown): MailEvent[] {
  const record = objectOf(body, 'the body')
  const kind = textOf(record['RecordType'], 'RecordType')
  const type = optionalText(record['Type'], 'Type') ?? ''
  const state = stateOf(kind, type)
  if (state === null) return []
  const detail = wordsOf(record)
  return [
    {
      key: optionalText(optionalObject(record['Metadata'], 'Metadata')['rethread'], 'rethread'),
      state,
      email: optionalText(record[kind === 'Delivery' ? 'Recipient' : 'Email'], 'Email') ?? '',
      status: statusOf(type, detail),
      detail,
    },
  ]
}

function stateOf(kind: string, type: string): MailEvent['state'] | null {
  if (kind === 'Delivery') return 'delivered'
  if (kind === 'SpamComplaint') return 'complained'
  if (kind !== 'Bounce') return null
  return type in milder ? (milder[type] ?? null) : 'bounced'
}

function statusOf(type: string, detail: string): string {
  const said = readStatus(detail)
  return unknownUser.includes(type) && !/^[45]\.[1-9]/.test(said) ? '5.1.1' : said
}

function wordsOf(record: Json): string {
  return optionalText(record['Details'], 'Details') || optionalText(record['Description'], 'Description') || ''
}
