// Writes bounces, complaints and read receipts on the outgoing message that they are about (RFC 3464, RFC 5965, RFC
// 8098). Their content is the reporter's: it is bounded, and marked as such.

import type { ReportOnMessage } from '../../contracts/decision.ts'
import { toJsonb, toText } from '../../db/json.ts'
import type { Tx } from '../../db/pool.ts'
import { oneLine } from '../../mail/compose.ts'
import type { Appended, AppendRequest } from '../records/append-request.ts'

interface Outcome {
  /** Of the delivery. */
  readonly state: string
  /** Of the message; null = none of its own. */
  readonly status: 'failed' | 'read' | null
  /** States of a delivery that this one never follows: states move forward only. */
  readonly notAfter: readonly string[]
}

const outcomes = {
  delayed: { state: 'delayed', status: null, notAfter: ['delivered', 'bounced', 'failed', 'read', 'complained'] },
  bounced: { state: 'bounced', status: 'failed', notAfter: ['failed', 'read', 'complained'] },
  read: { state: 'read', status: 'read', notAfter: ['bounced', 'failed', 'complained'] },
  complained: { state: 'complained', status: null, notAfter: [] },
} as const satisfies Readonly<Record<string, Outcome>>

const sql = `
  update messages m
  set
    updated_at = now(),
    status = case when moves and $2::text is not null then $2::message_status else m.status end,
    content_attributes = m.content_attributes
      || jsonb_build_object(
        'delivery',
        coalesce(m.content_attributes -> 'delivery', '{}')
          || $3::jsonb
          || case when moves then jsonb_build_object('state', $4::text) else '{}' end
      )
      || case when moves and $2 = 'failed' then jsonb_build_object('external_error', $5::text) else '{}' end
  from (
    select
      o.id,
      not (
        coalesce(o.content_attributes #>> '{delivery,state}', '') = any($6) or o.status::text = any($6)
      ) as moves
    from messages o
    where o.id = $1
    for no key update
  ) old
  where m.id = old.id
  returning m.id, m.conversation_id
`

/**
 * The destination of each report, by inbound email. A delay is not a failure; a late or repeated report changes nothing
 * for the worse.
 */
export async function applyReports(
  tx: Tx,
  requests: readonly AppendRequest<ReportOnMessage>[],
): Promise<Map<number, Appended>> {
  const appended = new Map<number, Appended>()
  for (const request of requests) {
    const { state, status, notAfter } = outcomeOf(request)
    const values = [request.decision.messageId, status, toJsonb(reportOf(request)), state, errorOf(request), notAfter]
    const { rows } = await tx.query<{ id: number; conversation_id: number }>(sql, values)
    const [row] = rows
    if (row === undefined) throw new Error(`message ${String(request.decision.messageId)} is gone`)
    appended.set(request.inboundEmailId, {
      inboundEmailId: request.inboundEmailId,
      conversationId: row.conversation_id,
      messageId: row.id,
    })
  }
  return appended
}

// DSNs also report delivered and relayed mail (RFC 3464 §2.3.3): neither changes the message.
function outcomeOf({ decision, mail }: AppendRequest<ReportOnMessage>): Outcome {
  if (decision.reason === 'read-receipt') return outcomes.read
  if (decision.reason === 'complaint') return outcomes.complained
  const actions = mail.deliveries.map((delivery) => delivery.action.toLowerCase())
  if (actions.length === 0 || actions.includes('failed')) return outcomes.bounced
  const [first = ''] = actions
  return ['delivered', 'relayed', 'expanded'].includes(first) ? { ...outcomes.delayed, state: first } : outcomes.delayed
}

function reportOf({ mail }: AppendRequest<ReportOnMessage>): Record<string, unknown> {
  return {
    reported_at: new Date().toISOString(),
    reported_by: reporterOf(mail),
    reports: mail.deliveries.slice(0, 10).map((delivery) => ({
      recipient: cut(delivery.recipient, 320),
      action: cut(delivery.action, 20),
      status: cut(delivery.status, 20),
    })),
  }
}

function errorOf({ mail }: AppendRequest<ReportOnMessage>): string {
  const [delivery] = mail.deliveries
  const said =
    delivery === undefined
      ? mail.subject
      : [delivery.recipient, delivery.status, delivery.diagnosticCode].filter((part) => part !== '').join(' ')
  return toText(`${reporterOf(mail)} reported: "${cut(said, 300) || 'the mail came back'}"`)
}

function reporterOf({ from }: AppendRequest<ReportOnMessage>['mail']): string {
  return from === null ? 'a mail system' : cut(from.address, 254)
}

// No line breaks and no control characters; what is longer ends in "…".
function cut(text: string, length: number): string {
  const line = oneLine(text).replace(/[\u0080-\u009f\u2028-\u202e\u2066-\u2069]/g, '')
  return line.length <= length ? line : `${line.slice(0, length - 1).toWellFormed()}…`
}
