// Accepted mail and its trace, as the API shows it.

import { z } from 'zod'

import { type InboundEmail, inboundStatuses } from '../../contracts/inbound-email.ts'
import { maskReplyAddresses } from '../../mail/reply-address.ts'
import type { Explanation } from './inbound-email-access.ts'
import { anything, epoch, id, isoTime, listOf, maybeText, named, text } from './kinds.ts'
import { epochSeconds } from './time.ts'

const traceShape = listOf(z.object({ step: text, outcome: text, detail: maybeText }))
const reading = {
  id,
  status: z.enum(inboundStatuses),
  reason: maybeText,
  ingress: text,
  message_id: maybeText,
  from: maybeText,
  recipients: listOf(z.object({ address: text, learned_from: text })),
  subject: maybeText,
  size: z.int(),
  received_at: epoch,
  account_id: id.nullable(),
  inbox_id: id.nullable(),
  conversation_id: id.nullable(),
  message_db_id: id.nullable(),
  attempts: z.int(),
  incinerates_at: epoch.nullable(),
}
export const inboundEmailShape = named('InboundEmail', z.object(reading))
const verdictsShape = z.object({
  by: anything,
  spf: anything,
  dkim: anything,
  dkim_domains: anything,
  dmarc: anything,
  dmarc_policy: anything,
  spam: anything,
  spam_score: anything,
  virus: anything,
})
const timesShape = z.object({
  received: isoTime,
  taken: isoTime.nullable(),
  read: isoTime.nullable(),
  judged: isoTime.nullable(),
  settled: isoTime.nullable(),
})
export const inboundEmailWithTraceShape = named(
  'InboundEmailWithTrace',
  z.object({
    ...reading,
    synthesised: z.boolean(),
    degraded: maybeText,
    verdicts: verdictsShape.nullable(),
    trace: traceShape,
    times: timesShape,
  }),
)
export const explanationShape = named(
  'Explanation',
  z.object({
    status: z.enum(inboundStatuses),
    reason: maybeText,
    account_id: id.nullable(),
    conversation_id: id.nullable(),
    trace: traceShape,
  }),
)

export function presentInboundEmail(row: InboundEmail): z.output<typeof inboundEmailShape> {
  return {
    id: row.id,
    status: row.status,
    reason: row.reason,
    ingress: row.ingress,
    message_id: row.messageId,
    from: mask(row.from),
    recipients: row.recipients.map(({ address, learnedFrom }) => ({
      address: maskReplyAddresses(address),
      learned_from: learnedFrom,
    })),
    subject: mask(row.subject),
    size: row.size,
    received_at: epochSeconds(row.receivedAt),
    account_id: row.accountId,
    inbox_id: row.inboxId,
    conversation_id: row.conversationDisplayId,
    message_db_id: row.messageDbId,
    attempts: row.attempts,
    incinerates_at: row.incineratesAt === null ? null : epochSeconds(row.incineratesAt),
  }
}

export function presentInboundEmailWithTrace(row: InboundEmail): z.output<typeof inboundEmailWithTraceShape> {
  return {
    ...presentInboundEmail(row),
    synthesised: row.synthesised,
    degraded: row.degraded,
    verdicts: presentVerdicts(row.verdicts),
    trace: presentTrace(row.trace),
    times: row.times,
  }
}

function presentVerdicts(verdicts: InboundEmail['verdicts']): z.output<typeof verdictsShape> | null {
  if (verdicts === null) return null
  const { by, spf, dkim, dmarc, spam, virus } = verdicts
  return {
    by,
    spf,
    dkim,
    dkim_domains: verdicts.dkimDomains,
    dmarc,
    dmarc_policy: verdicts.dmarcPolicy,
    spam,
    spam_score: verdicts.spamScore,
    virus,
  }
}

export function presentExplanation(explanation: Explanation): z.output<typeof explanationShape> {
  return {
    status: explanation.status,
    reason: explanation.reason,
    account_id: explanation.accountId,
    conversation_id: explanation.conversationDisplayId,
    trace: presentTrace(explanation.trace),
  }
}

function presentTrace(trace: InboundEmail['trace']): z.output<typeof traceShape> {
  return trace.map(({ step, outcome, detail }) => ({ step, outcome, detail: mask(detail) }))
}

// The raw mail alone shows reply addresses.
function mask(text: string | null): string | null {
  return text === null ? null : maskReplyAddresses(text)
}
