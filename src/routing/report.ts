// Bounces, complaints and read receipts are facts about a message of ours (RFC 3464, RFC 5965, RFC 8098), never messages themselves.

import type { ParsedMail } from '../mail/parsed-mail.ts'
import type { Decision, TraceEntry } from './decision.ts'
import type { Destination } from './destination.ts'
import type { Lookup } from './lookup.ts'
import type { Authorised } from './authorise.ts'

const reports = ['bounce', 'complaint', 'read-receipt'] as const
type Report = (typeof reports)[number]

/** Whether the mail is a report at all. */
export function isReport(mail: ParsedMail): mail is ParsedMail & { automation: Report } {
  return reports.some((report) => report === mail.automation)
}

/** Ties a report to the outgoing message that it speaks of: by its reverse-path token, else by the Message-ID that it quotes. */
export async function tieReport(mail: ParsedMail & { automation: Report }, destination: Destination, lookup: Lookup): Promise<Authorised> {
  const { token, thread: answered, addressed } = destination
  if (token?.messageId != null) return tied(mail, token.messageId, 'the reverse-path that it came to belongs to that message')
  const ids = [...new Set([...mail.deliveries.map((delivery) => delivery.originalMessageId), ...mail.inReplyTo, ...mail.references].filter((id) => id !== ''))].slice(0, 20)
  const threads = ids.length === 0 ? [] : await lookup.findThreads(ids)
  const thread = threads.find((candidate) => candidate.outgoing && candidate.messageId !== null && addressed(candidate.conversation.account))
  if (thread?.messageId != null) return tied(mail, thread.messageId, `it quotes the Message-ID ${thread.sourceId}`)
  const conversation = token?.conversation ?? answered?.conversation
  // Whoever writes to a conversation may only look like a machine.
  if (conversation !== undefined) {
    const detail = `a ${mail.automation} (${mail.automationEvidence}) about no message that we know, sent to conversation ${String(conversation.displayId)}`
    return { decision: { act: 'hold', reason: 'report-unmatched', candidates: [conversation.id] }, entry: { step: 'automation', outcome: 'report-unmatched', detail } }
  }
  const decision: Decision = { act: 'ignore', reason: 'report-without-message' }
  return { decision, entry: { step: 'automation', outcome: 'report-without-message', detail: `a ${mail.automation} (${mail.automationEvidence}) about no message that we know` } }
}

function tied(mail: ParsedMail & { automation: Report }, messageId: number, evidence: string): Authorised {
  const entry: TraceEntry = { step: 'automation', outcome: mail.automation, detail: `about message ${String(messageId)}: ${evidence}` }
  return { decision: { act: 'report', reason: mail.automation, messageId }, entry }
}
