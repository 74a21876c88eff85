// Events of Amazon SES about mail that it sent, published by a configuration set to an SNS topic; the key is a message
// tag (https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-examples.html).

import type { MailEvent } from '../../contracts/mail-event.ts'
import { readStatus } from '../../mail/automation/dsn.ts'
import {
  type Json,
  listOf,
  objectOf,
  optionalList,
  optionalObject,
  optionalText,
  parseJson,
  textOf,
} from '../reading/json.ts'

/** The events of a notification, one for each recipient. Throws `MailError('malformed')`. */
export function readSesEvents(text: string): MailEvent[] {
  // seen: SES's own word that it may publish to the topic, in plain English.
  if (text.startsWith('Successfully validated SNS topic')) return []
  const record = objectOf(parseJson(text, 'Message'), 'Message')
  const mail = objectOf(record['mail'], 'mail')
  const [tag] = optionalList(optionalObject(mail['tags'], 'tags')['rethread'], 'rethread')
  const key = typeof tag === 'string' ? tag : null
  return recipientsOf(record, mail).map((one) => ({ key, ...one }))
}

type Reported = Omit<MailEvent, 'key'>

function recipientsOf(record: Json, mail: Json): Reported[] {
  switch (optionalText(record['eventType'], 'eventType') ?? record['notificationType']) {
    case 'Delivery':
      return deliveredOf(objectOf(record['delivery'], 'delivery'))
    case 'Bounce':
      return bouncedOf(objectOf(record['bounce'], 'bounce'))
    case 'Complaint':
      return complainedOf(objectOf(record['complaint'], 'complaint'))
    case 'DeliveryDelay':
      return delayedOf(objectOf(record['deliveryDelay'], 'deliveryDelay'))
    case 'Reject':
      return rejectedOf(objectOf(record['reject'], 'reject'), mail)
    default:
      return []
  }
}

function deliveredOf(delivery: Json): Reported[] {
  const detail = optionalText(delivery['smtpResponse'], 'smtpResponse') ?? ''
  return listOf(delivery['recipients'], 'recipients').map((email) => ({
    state: 'delivered',
    email: textOf(email, 'recipient'),
    status: '',
    detail,
  }))
}

function bouncedOf(bounce: Json): Reported[] {
  const [type, subtype] = [optionalText(bounce['bounceType'], 'bounceType'), bounce['bounceSubType']]
  // An automatic answer may be reported as a general bounce that passes.
  const state = type === 'Transient' && subtype === 'General' ? 'delayed' : 'bounced'
  return listOf(bounce['bouncedRecipients'], 'bouncedRecipients').map((value) => {
    const one = objectOf(value, 'bounced recipient')
    const detail = optionalText(one['diagnosticCode'], 'diagnosticCode') ?? `${String(type)} ${String(subtype)}`
    const said = optionalText(one['status'], 'status') ?? readStatus(detail)
    const isUnknown = type === 'Permanent' && subtype === 'NoEmail' && said === ''
    return { state, email: textOf(one['emailAddress'], 'emailAddress'), status: isUnknown ? '5.1.1' : said, detail }
  })
}

function complainedOf(complaint: Json): Reported[] {
  const detail = optionalText(complaint['complaintFeedbackType'], 'complaintFeedbackType') ?? 'complaint'
  return listOf(complaint['complainedRecipients'], 'complainedRecipients').map((value) => ({
    state: 'complained',
    email: textOf(objectOf(value, 'complained recipient')['emailAddress'], 'emailAddress'),
    status: '',
    detail,
  }))
}

function delayedOf(delay: Json): Reported[] {
  return listOf(delay['delayedRecipients'], 'delayedRecipients').map((value) => {
    const one = objectOf(value, 'delayed recipient')
    return {
      state: 'delayed',
      email: textOf(one['emailAddress'], 'emailAddress'),
      status: optionalText(one['status'], 'status') ?? '',
      detail: optionalText(one['diagnosticCode'], 'diagnosticCode') ?? '',
    }
  })
}

function rejectedOf(reject: Json, mail: Json): Reported[] {
  const detail = optionalText(reject['reason'], 'reason') ?? 'rejected'
  return optionalList(mail['destination'], 'destination').map((email) => ({
    state: 'bounced',
    email: textOf(email, 'destination'),
    status: '',
    detail,
  }))
}
