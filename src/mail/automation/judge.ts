// Classifies a mail by what wrote it (RFC 3834, RFC 5230 §4.6): a report, a bounce, an automatic answer, a list, else a
// person. Header fields decide; the first sign that holds is kept as evidence. A bounce that came over a list is a
// bounce. Body phrases alone never decide.
import type { Automation, DeliveryReport } from '../parsed-mail.ts'
import { readAmazonNotice } from './amazon-notice.ts'
import { findAutoReplySign } from './auto-reply.ts'
import { findBounceSign } from './bounce.ts'
import { readBounceText } from './bounce-text.ts'
import { findChallengeSign } from './challenge.ts'
import { readReturnedMessageId } from './dsn.ts'
import type { AutomationJudgement, MailEvidence } from './evidence.ts'
import { findListSign } from './list.ts'
import { readReport } from './reports.ts'

const signs: readonly [automation: Automation, find: (mail: MailEvidence) => string | null][] = [
  ['challenge', findChallengeSign],
  ['bounce', findBounceSign],
  ['auto-reply', findAutoReplySign],
  ['list', findListSign],
]

// A challenge that is built as a delivery report says that the mail waits.
function isOver({ action }: DeliveryReport): boolean {
  return action === 'failed'
}

/** The kind of a mail, the evidence for it, and its delivery reports. Never throws. */
export function classifyMail(mail: MailEvidence): AutomationJudgement {
  const report = readReport(mail) ?? readAmazonNotice(mail)
  const challenge = report?.automation === 'bounce' && !report.deliveries.some(isOver) ? findChallengeSign(mail) : null
  if (challenge !== null) return { automation: 'challenge', automationEvidence: challenge, deliveries: [] }
  if (report) return report
  for (const [automation, find] of signs) {
    const automationEvidence = find(mail)
    if (automationEvidence === null) continue
    const deliveries = automation === 'bounce' ? readBounceText(mail, readReturnedMessageId(mail.attachments)) : []
    return { automation, automationEvidence, deliveries }
  }
  return { automation: 'person', automationEvidence: '', deliveries: [] }
}
