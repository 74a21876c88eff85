// One mail looked at closely: the conversations into which it may belong, and what the parser sees in it today.

import { z } from 'zod'

import { type Candidate, candidateReasons } from '../../conversations/candidates/candidates.ts'
import { maskReplyAddresses } from '../../mail/reply-address.ts'
import { segmentText } from '../../mail/reply-text/segments.ts'
import { found } from '../input/fault.ts'
import type { InboundEmails } from '../present/inbound-email-access.ts'
import { epoch, id, listOf, maybeText, named, payloadOf, text } from '../present/kinds.ts'
import { epochSeconds } from '../present/time.ts'
import { idIn, type Scoped } from './scoped-routes.ts'

const mailbox = z.object({ name: text, address: text })
const maxText = 200_000
const maxHtml = 2_000_000

export const candidatesShape = payloadOf(
  named(
    'FilingCandidate',
    z.object({
      conversation_id: id,
      score: z.number(),
      reasons: listOf(z.object({ code: z.enum(candidateReasons), detail: maybeText })),
      status: text,
      subject: maybeText,
      contact_name: maybeText,
      last_activity_at: epoch,
    }),
  ),
)

export const parsedShape = named(
  'ParsedInboundEmail',
  z.object({
    headers: listOf(z.object({ name: text, value: text })),
    from: mailbox.nullable(),
    to: listOf(mailbox),
    cc: listOf(mailbox),
    reply_to: listOf(mailbox),
    subject: text,
    date: maybeText,
    // Masked before it is cut: a cut address is not recognised as one.
    segments: listOf(z.object({ kind: z.enum(['words', 'quotation', 'signature']), text })),
    html: maybeText,
    automation: text,
    automation_evidence: text,
    attachments: listOf(
      z.object({
        filename: text,
        content_type: text,
        size: z.int(),
        content_id: maybeText,
        inline: z.boolean(),
      }),
    ),
    degraded: maybeText,
    changed_since_stored: z.object({ stored: text, today: text }).nullable(),
  }),
)

export async function listCandidates(
  inboundEmails: InboundEmails,
  request: Scoped,
): Promise<z.output<typeof candidatesShape>> {
  return { payload: found(await inboundEmails.candidates(request.scope, idIn(request))).map(presentCandidate) }
}

function presentCandidate(candidate: Candidate): z.output<typeof candidatesShape>['payload'][number] {
  return {
    conversation_id: candidate.displayId,
    score: candidate.score,
    reasons: candidate.reasons.map(({ code, detail }) => ({
      code,
      detail: detail === null ? null : maskReplyAddresses(detail),
    })),
    status: candidate.status,
    subject: candidate.subject,
    contact_name: candidate.contactName,
    last_activity_at: epochSeconds(candidate.lastActivityAt),
  }
}

// Reply addresses are masked for everyone who may see the mail.
export async function parse(inboundEmails: InboundEmails, request: Scoped): Promise<z.output<typeof parsedShape>> {
  const { mail, changed } = found(await inboundEmails.parse(request.scope, idIn(request)))
  const mask = maskReplyAddresses
  const boxes = (list: typeof mail.to) =>
    list.map(({ name, address }) => ({ name: mask(name), address: mask(address) }))
  return {
    headers: mail.headers.map(({ name, value }) => ({ name, value: mask(value) })),
    from: boxes(mail.from === null ? [] : [mail.from])[0] ?? null,
    to: boxes(mail.to),
    cc: boxes(mail.cc),
    reply_to: boxes(mail.replyTo),
    subject: mask(mail.subject),
    date: mail.date,
    segments: segmentText(mask(mail.text).slice(0, maxText), mask(mail.replyText).slice(0, maxText)),
    html: mail.html === null || mail.html.length > maxHtml ? null : mask(mail.html),
    automation: mail.automation,
    automation_evidence: mask(mail.automationEvidence),
    attachments: mail.attachments.map((attachment) => ({
      filename: attachment.filename,
      content_type: attachment.contentType,
      size: attachment.size,
      content_id: attachment.contentId,
      inline: attachment.inline,
    })),
    degraded: mail.degraded,
    changed_since_stored: changed,
  }
}
