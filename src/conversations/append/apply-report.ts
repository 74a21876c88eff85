// Bounces, complaints and read receipts, written on the outgoing message that they speak of (RFC 3464, RFC 5965, RFC 8098).

import { toJsonb, toText } from '../../db/json.ts'
import type { Tx } from '../../db/pool.ts'
import type { Order, Placed, ReportOnMessage } from './append-order.ts'

/** Where each report came to rest, by inbound email. A delay is no failure; a late or repeated report changes nothing for the worse. */
export async function applyReports(tx: Tx, orders: readonly Order<ReportOnMessage>[]): Promise<Map<number, Placed>> {
  const placed = new Map<number, Placed>()
  for (const order of orders) {
    const { rows } = await tx.query<{ id: number; conversation_id: number }>(
      `update messages set updated_at = now(),
         status = case when $2 = 'failed' then 'failed' when $2 = 'read' then 'read' else status end::message_status,
         content_attributes = content_attributes || jsonb_build_object('delivery', coalesce(content_attributes -> 'delivery', '{}') || $3::jsonb)
           || case when $2 = 'failed' then jsonb_build_object('external_error', $4::text) else '{}' end
       where id = $1 returning id, conversation_id`,
      [order.decision.messageId, outcomeOf(order), toJsonb(deliveryOf(order)), errorOf(order)],
    )
    const [row] = rows
    if (row === undefined) throw new Error(`message ${String(order.decision.messageId)} is gone`)
    placed.set(order.inboundEmailId, { inboundEmailId: order.inboundEmailId, conversationId: row.conversation_id, messageId: row.id })
  }
  return placed
}

function outcomeOf({ decision, mail }: Order<ReportOnMessage>): 'failed' | 'read' | 'none' {
  if (decision.reason === 'read-receipt') return 'read'
  if (decision.reason === 'complaint') return 'none'
  const actions = mail.deliveries.map((delivery) => delivery.action.toLowerCase())
  return actions.length === 0 || actions.includes('failed') ? 'failed' : 'none'
}

function deliveryOf(order: Order<ReportOnMessage>): Record<string, unknown> {
  const { decision, mail } = order
  const states = { complaint: 'complained', 'read-receipt': 'read', bounce: outcomeOf(order) === 'failed' ? 'bounced' : (mail.deliveries[0]?.action ?? 'delayed') }
  return {
    state: states[decision.reason],
    reported_at: new Date().toISOString(),
    reports: mail.deliveries.slice(0, 10).map((delivery) => ({ recipient: delivery.recipient, action: delivery.action, status: delivery.status })),
  }
}

function errorOf({ mail }: Order<ReportOnMessage>): string {
  const [delivery] = mail.deliveries
  const text = delivery === undefined ? mail.subject : [delivery.recipient, delivery.status, delivery.diagnosticCode].filter((part) => part !== '').join(' ')
  return toText(text.slice(0, 1000)) || 'the mail came back'
}
