// Accepted mail and its trace, in the shape of CONTRACT §3.

import type { Explanation, InboundEmailRow } from '../inbound-email-room.ts'
import { epochSeconds } from './time.ts'

type Json = Record<string, unknown>

export function presentInboundEmail(row: InboundEmailRow): Json {
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

export function presentInboundEmailWithTrace(row: InboundEmailRow): Json {
  return { ...presentInboundEmail(row), synthesised: row.synthesised, verdicts: presentVerdicts(row.verdicts), trace: presentTrace(row.trace) }
}

function presentVerdicts(verdicts: InboundEmailRow['verdicts']): Json | null {
  if (verdicts === null) return null
  const { by, spf, dkim, dmarc, spam, virus } = verdicts
  return { by, spf, dkim, dkim_domains: verdicts.dkimDomains, dmarc, dmarc_policy: verdicts.dmarcPolicy, spam, spam_score: verdicts.spamScore, virus }
}

export function presentExplanation(explanation: Explanation): Json {
  return {
    status: explanation.status,
    reason: explanation.reason,
    account_id: explanation.accountId,
    conversation_id: explanation.conversationDisplayId,
    trace: presentTrace(explanation.trace),
  }
}

function presentTrace(trace: InboundEmailRow['trace']): Json[] {
  return trace.map(({ step, outcome, detail }) => ({ step, outcome, detail }))
}
