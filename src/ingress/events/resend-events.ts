// Webhooks of Resend about mail that it sent: email.delivered, email.bounced and others, the key among `tags`
// (https://resend.com/docs/dashboard/webhooks/event-types).

import type { MailEvent } from '../../contracts/mail-event.ts'
import { readStatus } from '../../mail/automation/dsn.ts'
import { type Json, objectOf, optionalList, optionalObject, optionalText, textOf } from '../reading/json.ts'

const states: Readonly<Record<string, MailEvent['state']>> = {
  'email.delivered': 'delivered',
  'email.delivery_delayed': 'delayed',
  'email.bounced': 'bounced',
  'email.failed': 'bounced',
  'email.complained': 'complained',
}

/** One for each recipient; none for other events. Throws `MailError('malformed')`. */
export function readResendEvents(body: unknown): MailEvent[] {
  const event = objectOf(body, 'the body')
  const state = states[textOf(event['type'], 'type')]
  if (state === undefined) return []
  const data = objectOf(event['data'], 'data')
  const detail = optionalText(optionalObject(data['bounce'], 'bounce')['message'], 'message') ?? ''
  const key = keyOf(data)
  return optionalList(data['to'], 'to').map((email) => ({
    key,
    state,
    email: textOf(email, 'to'),
    status: readStatus(detail),
    detail,
  }))
}

// seen: tags as an object by name, and as a list of names with values.
function keyOf({ tags }: Json): string | null {
  const named: unknown = Array.isArray(tags)
    ? (tags as readonly (Json | null)[]).find((tag) => tag?.['name'] === 'rethread')?.['value']
    : optionalObject(tags, 'tags')['rethread']
  return typeof named === 'string' ? named : null
}
