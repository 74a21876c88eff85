// Machine-readable reports: delivery status (RFC 3464), abuse feedback (RFC 5965) and read receipts (RFC 8098), by
// the part that they must carry (RFC 6522). The type of the part decides, not the label of the mail: gateways lose
// the label.
import { Buffer } from 'node:buffer'

import { readMessageId } from '../header/message-id.ts'
import { readParameters } from '../header/parameters.ts'
import { readFieldValue, splitHead } from '../header/split-head.ts'
import type { ParsedAttachment } from '../parsed-mail.ts'
import { findMessageId, readBounceText } from './bounce-text.ts'
import { readDeliveryStatus, readFieldGroups, readReturnedMessageId, typedAddress } from './dsn.ts'
import type { AutomationJudgement, MailEvidence } from './evidence.ts'

/** The judgement of a mail that is a report, or null. Never throws. */
export function readReport(mail: MailEvidence): AutomationJudgement | null {
  const feedback = partOf(mail, 'message/feedback-report')
  if (feedback) return readFeedback(mail, feedback)
  const disposition = partOf(mail, 'message/disposition-notification')
  if (disposition) return readDisposition(disposition)
  return readOutlookComplaint(mail) ?? readByReportType(mail)
}

// multipart/report without the part that its type promises, and delivery-status parts
function readByReportType(mail: MailEvidence): AutomationJudgement | null {
  const type = readParameters(readFieldValue(mail.fields, 'content-type'))
  const reportType = type.value === 'multipart/report' ? (type.parameters.get('report-type') ?? '').toLowerCase() : ''
  if (reportType === 'disposition-notification')
    return { automation: 'read-receipt', automationEvidence: 'Content-Type: multipart/report', deliveries: [] }
  const status = partOf(mail, 'message/delivery-status') ?? partOf(mail, 'message/global-delivery-status')
  if (status) return readStatusReport(mail, status)
  if (type.value !== 'multipart/report' || reportType === 'feedback-report') return null
  return {
    automation: 'bounce',
    automationEvidence: 'Content-Type: multipart/report',
    deliveries: readBounceText(mail, readReturnedMessageId(mail.attachments)),
  }
}

function partOf(mail: MailEvidence, contentType: string): ParsedAttachment | undefined {
  return mail.attachments.find((part) => part.contentType === contentType)
}

function readStatusReport(mail: MailEvidence, part: ParsedAttachment): AutomationJudgement {
  const originalMessageId = readReturnedMessageId(mail.attachments) || findMessageId(mail.text)
  const reports = readDeliveryStatus(part.content, originalMessageId)
  const deliveries = reports.length > 0 ? reports : readBounceText(mail, originalMessageId)
  return { automation: 'bounce', automationEvidence: `part ${part.contentType}`, deliveries }
}

// Only "abuse" is a complaint; "not-spam" and the rest are notes of a machine.
function readFeedback(mail: MailEvidence, part: ParsedAttachment): AutomationJudgement {
  const fields = readFieldGroups(part.content).flat()
  const type = (readFieldValue(fields, 'feedback-type') ?? '').trim().toLowerCase()
  const recipient =
    typedAddress(readFieldValue(fields, 'original-rcpt-to')) ||
    typedAddress(readFieldValue(fields, 'removal-recipient'))
  const deliveries = [
    {
      recipient,
      action: type,
      status: '',
      diagnosticCode: readFieldValue(fields, 'user-agent') ?? '',
      originalMessageId: lastMessageId(mail.attachments),
    },
  ]
  return {
    automation: type === 'abuse' ? 'complaint' : 'auto-reply',
    automationEvidence: `Feedback-Type: ${type}`,
    deliveries,
  }
}

// Outlook.com's Junk Mail Reporting Program returns the mail without a feedback part (RFC 5965 §1 names such reports).
function readOutlookComplaint(mail: MailEvidence): AutomationJudgement | null {
  const returned = partOf(mail, 'message/rfc822')
  if (!returned || !/^complaint about message from /i.test(mail.subject.trim())) return null
  const field = 'x-hmxmroriginalrecipient'
  const recipient =
    typedAddress(readFieldValue(mail.fields, field)) ||
    typedAddress(readFieldValue(splitHead(Buffer.from(returned.content)).fields, field))
  return {
    automation: 'complaint',
    automationEvidence: `Subject: ${mail.subject.slice(0, 200)}`,
    deliveries: [
      {
        recipient,
        action: 'abuse',
        status: '',
        diagnosticCode: '',
        originalMessageId: lastMessageId(mail.attachments),
      },
    ],
  }
}

// A provider's own Message-ID may come first in the returned mail; the last one is ours.
function lastMessageId(attachments: readonly ParsedAttachment[]): string {
  let last = ''
  for (const part of attachments) {
    if (!/rfc822/.test(part.contentType)) continue
    const text = Buffer.from(part.content)
      .subarray(0, 256 * 1024)
      .toString('latin1')
    for (const match of text.matchAll(/^message-id:[ \t]{0,10}(?:\r?\n[ \t]{1,10})?(\S{3,20000})/gim))
      last = readMessageId(match[1] ?? '') ?? last
  }
  return last
}

function readDisposition(part: ParsedAttachment): AutomationJudgement {
  const fields = readFieldGroups(part.content).flat()
  const disposition = readFieldValue(fields, 'disposition') ?? ''
  const action = /;\s*([a-z]+)/i.exec(disposition)?.[1]?.toLowerCase() ?? ''
  const recipient =
    typedAddress(readFieldValue(fields, 'final-recipient')) ||
    typedAddress(readFieldValue(fields, 'original-recipient'))
  const originalMessageId = readMessageId(readFieldValue(fields, 'original-message-id')) ?? ''
  return {
    automation: 'read-receipt',
    automationEvidence: `part ${part.contentType}`,
    deliveries: [{ recipient, action, status: '', diagnosticCode: disposition, originalMessageId }],
  }
}
