// The Event Webhook of SendGrid: a list of events, the key among them as a custom argument
// (https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event).

import type { MailEvent } from '../../contracts/mail-event.ts'
import { readStatus } from '../../mail/automation/dsn.ts'
import { listOf, looseWord, objectOf, optionalText } from '../reading/json.ts'

const states: Readonly<Record<string, MailEvent['state']>> = {
  delivered: 'delivered',
  deferred: 'delayed',
  bounce: 'bounced',
  dropped: 'bounced',
  spamreport: 'complained',
}

/** Those that say something of the mail's way. Throws `MailError('malformed')`. */
export function readSendgridEvents(body: unknown): MailEvent[] {
  return listOf(body, 'the body').flatMap((value) => {
    const event = objectOf(value, 'event')
    const state = states[optionalText(event['event'], 'event') ?? '']
    if (state === undefined) return []
    const detail = optionalText(event['reason'], 'reason') ?? optionalText(event['response'], 'response') ?? ''
    return [
      {
        key: optionalText(event['rethread'], 'rethread'),
        state,
        email: optionalText(event['email'], 'email') ?? '',
        status: looseWord(event['status']) || readStatus(detail),
        detail,
      },
    ]
  })
}
