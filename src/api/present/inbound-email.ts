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
  return { ...presentInboundEmail(row), trace: presentTrace(row.trace) }
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
