// Webhooks of Mailgun about mail that it sent: {signature, event-data}, the key among `user-variables`
// (https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads).

import type { MailEvent } from '../../contracts/mail-event.ts'
import { readStatus } from '../../mail/automation/dsn.ts'
import { type Json, looseWord, objectOf, optionalObject, optionalText } from '../reading/json.ts'

/** The event; none for those that say nothing of the mail's way (opened, clicked). Throws `MailError('malformed')`. */
export function readMailgunEvents(body: unknown): MailEvent[] {
  const data = objectOf(objectOf(body, 'the body')['event-data'], 'event-data')
  const state = stateOf(data)
  if (state === null) return []
  const status = optionalObject(data['delivery-status'], 'delivery-status')
  const detail = wordsAt(status, 'message') ?? wordsAt(status, 'description') ?? wordsAt(data, 'reason') ?? ''
  const reject = optionalText(optionalObject(data['reject'], 'reject')['reason'], 'reason')
  return [
    {
      key: optionalText(optionalObject(data['user-variables'], 'user-variables')['rethread'], 'rethread'),
      state,
      email: optionalText(data['recipient'], 'recipient') ?? '',
      status: looseWord(status['enhanced-code']) || readStatus(detail),
      detail: reject ?? detail,
    },
  ]
}

function stateOf(data: Json): MailEvent['state'] | null {
  const event = data['event']
  if (event === 'delivered') return 'delivered'
  if (event === 'complained') return 'complained'
  if (event === 'rejected') return 'bounced'
  if (event !== 'failed') return null
  return data['severity'] === 'temporary' ? 'delayed' : 'bounced'
}

function wordsAt(json: Json, name: string): string | null {
  const text = json[name]
  return typeof text === 'string' && text !== '' ? text : null
}
