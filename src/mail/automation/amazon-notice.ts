// Notices of Amazon SES about a bounce or complaint, as JSON in a mail from Amazon SNS ("Contents of notifications" in
// the SES Developer Guide: `notificationType`, or `eventType` of a configuration set).
import { z } from 'zod'

import { readMessageId } from '../header/message-id.ts'
import type { AutomationJudgement, MailEvidence } from './evidence.ts'

const maxBytes = 64 * 1024
const maxRecipients = 200

const recipient = z.object({
  emailAddress: z.string(),
  status: z.string().default(''),
  diagnosticCode: z.string().default(''),
})
const notice = z.object({
  notificationType: z.string().optional(),
  eventType: z.string().optional(),
  bounce: z.object({ bounceType: z.string().default(''), bouncedRecipients: z.array(recipient) }).optional(),
  complaint: z
    .object({ complainedRecipients: z.array(recipient), complaintFeedbackType: z.string().nullish() })
    .optional(),
  mail: z.object({ commonHeaders: z.object({ messageId: z.string().nullish() }).optional() }),
})
type Notice = z.infer<typeof notice>

/** The judgement of a mail whose text is a notice of Amazon SES, or null. Never throws. */
export function readAmazonNotice(mail: MailEvidence): AutomationJudgement | null {
  const found = parse(mail.text)
  if (found === null) return null
  const kind = found.notificationType ?? found.eventType ?? ''
  const automationEvidence = `Amazon SES ${kind} notice`
  if (kind === 'Bounce' && found.bounce)
    return { automation: 'bounce', automationEvidence, deliveries: deliveriesOf(found, found.bounce.bouncedRecipients) }
  if (kind === 'Complaint' && found.complaint && (found.complaint.complaintFeedbackType ?? 'abuse') === 'abuse')
    return {
      automation: 'complaint',
      automationEvidence,
      deliveries: deliveriesOf(found, found.complaint.complainedRecipients),
    }
  return { automation: 'auto-reply', automationEvidence, deliveries: [] }
}

// SNS adds a footer below "--".
function parse(text: string): Notice | null {
  const start = text.trimStart()
  if (!start.startsWith('{') || !/"(?:notification|event)Type"/.test(start.slice(0, maxBytes))) return null
  const end = start.search(/\n-- ?\n/)
  try {
    const result = notice.safeParse(JSON.parse((end < 0 ? start : start.slice(0, end)).slice(0, maxBytes)))
    return result.success ? result.data : null
  } catch {
    return null
  }
}

function deliveriesOf(
  found: Notice,
  recipients: readonly z.infer<typeof recipient>[],
): AutomationJudgement['deliveries'] {
  const originalMessageId = readMessageId(found.mail.commonHeaders?.messageId ?? null) ?? ''
  const action = actionOf(found)
  return recipients.slice(0, maxRecipients).map(({ emailAddress, status, diagnosticCode }) => ({
    recipient: emailAddress.slice(0, 320),
    action,
    status,
    diagnosticCode: diagnosticCode.replace(/^smtp; ?/i, '').slice(0, 1_000),
    originalMessageId,
  }))
}

function actionOf({ bounce }: Notice): string {
  if (!bounce) return 'abuse'
  return bounce.bounceType === 'Transient' ? 'delayed' : 'failed'
}
