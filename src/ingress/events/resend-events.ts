// Webhooks of Resend about mail that it sent: email.delivered, email.bounced and others, the key among `tags`
// (https://resend.com/docs/webhooks/event-types). Resend sends through Amazon SES and passes on its types of bounces.

import type { MailEvent } from '../../contracts/mail-event.ts'
import { readStatus } from '../../mail/automation/dsn.ts'
import { type Json, objectOf, optionalList, optionalObject, textOf } from '../reading/json.ts'

const states: Readonly<Record<string, MailEvent['state']>> = {
  'email.delivered': 'delivered',
  'email.delivery_delayed': 'delayed',
  'email.bounced': 'bounced',
  'email.failed': 'bounced',
  'email.suppressed': 'bounced',
  'email.complained': 'complained',
}
/** Of a permanent bounce, that say that the address itself is wrong. */
const addressSubtypes = ['NoEmail', 'Suppressed', 'OnAccountSuppressionList']

/** One for each recipient; none for other events. Throws `MailError('malformed')`. */
export function readResendEvents(body: unknown): MailEvent[] {
  const event = objectOf(body, 'the body')
  const state = states[textOf(event['type'], 'type')]
  if (state === undefined) return []
  const data = objectOf(event['data'], 'data')
  const bounce = optionalObject(data['bounce'], 'bounce')
  const detail = wordsOf(data, bounce)
  const reported = { key: keyOf(data), state: stateOf(state, bounce), status: statusOf(bounce, detail), detail }
  return optionalList(data['to'], 'to').map((email) => ({ ...reported, email: textOf(email, 'to') }))
}

// As in ses-events.ts: an automatic answer may be reported as a general bounce that passes.
function stateOf(state: MailEvent['state'], { type, subType }: Json): MailEvent['state'] {
  return type === 'Transient' && subType === 'General' ? 'delayed' : state
}

function statusOf({ type, subType }: Json, detail: string): string {
  const said = readStatus(detail)
  return said === '' && type === 'Permanent' && addressSubtypes.includes(String(subType)) ? '5.1.1' : said
}

function wordsOf(data: Json, bounce: Json): string {
  const [code] = optionalList(bounce['diagnosticCode'], 'diagnosticCode')
  const reason = optionalObject(data['failed'], 'failed')['reason']
  const said = [code, bounce['message'], reason].find((one) => typeof one === 'string' && one !== '')
  return typeof said === 'string' ? said : ''
}

// seen: tags as an object by name, and as a list of names with values.
function keyOf({ tags }: Json): string | null {
  const named: unknown = Array.isArray(tags)
    ? (tags as readonly (Json | null)[]).find((tag) => tag?.['name'] === 'rethread')?.['value']
    : optionalObject(tags, 'tags')['rethread']
  return typeof named === 'string' ? named : null
}
