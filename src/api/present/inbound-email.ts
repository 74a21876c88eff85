// Accepted mail and its trace, in the shape of CONTRACT §3.

import { z } from 'zod'

import { inboundStatuses, type Explanation, type InboundEmailRow } from '../inbound-email-room.ts'
import { anything, epoch, id, listOf, maybeText, named, text } from './kinds.ts'
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
  conversation_id: id.nullable(),
  message_db_id: id.nullable(),
  attempts: z.int(),
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
export const inboundEmailWithTraceShape = named('InboundEmailWithTrace', z.object({ ...reading, synthesised: z.boolean(), verdicts: verdictsShape.nullable(), trace: traceShape }))
export const explanationShape = named('Explanation', z.object({ status: z.enum(inboundStatuses), reason: maybeText, account_id: id.nullable(), conversation_id: id.nullable(), trace: traceShape }))

export function presentInboundEmail(row: InboundEmailRow): z.output<typeof inboundEmailShape> {
  return {
    id: row.id,
    status: row.status,
    reason: row.reason,
    ingress: row.ingress,
    message_id: row.messageId,
    from: row.from,
    recipients: row.recipients.map(({ address, learnedFrom }) => ({ address, learned_from: learnedFrom })),
    subject: row.subject,
    size: row.size,
    received_at: epochSeconds(row.receivedAt),
    account_id: row.accountId,
    conversation_id: row.conversationDisplayId,
    message_db_id: row.messageDbId,
    attempts: row.attempts,
  }
}

export function presentInboundEmailWithTrace(row: InboundEmailRow): z.output<typeof inboundEmailWithTraceShape> {
  return { ...presentInboundEmail(row), synthesised: row.synthesised, verdicts: presentVerdicts(row.verdicts), trace: presentTrace(row.trace) }
}

function presentVerdicts(verdicts: InboundEmailRow['verdicts']): z.output<typeof verdictsShape> | null {
  if (verdicts === null) return null
  const { by, spf, dkim, dmarc, spam, virus } = verdicts
  return { by, spf, dkim, dkim_domains: verdicts.dkimDomains, dmarc, dmarc_policy: verdicts.dmarcPolicy, spam, spam_score: verdicts.spamScore, virus }
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

function presentTrace(trace: InboundEmailRow['trace']): z.output<typeof traceShape> {
  return trace.map(({ step, outcome, detail }) => ({ step, outcome, detail }))
}
