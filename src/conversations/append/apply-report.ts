// Writes bounces, complaints and read receipts on the outgoing message that they are about (RFC 3464, RFC 5965, RFC
// 8098). Their content is the reporter's: it is bounded, and marked as such.

import type { ReportOnMessage } from '../../contracts/decision.ts'
import type { DeliveryState, DeliveryUpdate, RecipientUpdate } from '../../contracts/delivery.ts'
import { toText } from '../../db/json.ts'
import type { Tx } from '../../db/pool.ts'
import { oneLine } from '../../mail/compose.ts'
import { recordDeliveryIn } from '../life-line/record-delivery.ts'
import type { Appended, AppendRequest } from '../records/append-request.ts'

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
    const { messageId } = request.decision
    const [recorded] = await recordDeliveryIn(tx, [messageId], updateOf(request))
    if (recorded === undefined) throw new Error(`message ${String(messageId)} is gone`)
    appended.set(request.inboundEmailId, { inboundEmailId: request.inboundEmailId, ...recorded })
  }
  return appended
}

function updateOf(request: AppendRequest<ReportOnMessage>): DeliveryUpdate {
  const { decision, mail } = request
  const state = stateOfReport(request)
  const recipients = mail.deliveries.slice(0, maxRecipients).map((delivery): RecipientUpdate => ({
    email: delivery.recipient === '' ? null : cut(delivery.recipient, 320),
    state: stateOfDelivery(decision.reason, delivery.action),
    status: cut(delivery.status, 20),
    detail: cut(delivery.diagnosticCode, 300),
  }))
  const isFailure = state === 'bounced' || state === 'complained'
  return {
    state,
    recipients: recipients.length === 0 ? [{ email: null }] : recipients,
    fields: reportOf(request),
    entry: { reported_by: reporterOf(mail), inbound_email_id: request.inboundEmailId },
    error: errorOf(request),
    ...(isFailure && decision.origin !== undefined ? { origin: decision.origin } : {}),
  }
}

const maxRecipients = 100

// The worst that the report says of a recipient.
function stateOfReport({ decision, mail }: AppendRequest<ReportOnMessage>): DeliveryState {
  const states = mail.deliveries.map(({ action }) => stateOfDelivery(decision.reason, action))
  if (states.length === 0) return stateOfDelivery(decision.reason, 'failed')
  if (states.includes('bounced')) return 'bounced'
  return states.includes('delayed') ? 'delayed' : (states[0] ?? 'delayed')
}

// DSNs also report delivered and relayed mail (RFC 3464 §2.3.3).
function stateOfDelivery(reason: ReportOnMessage['reason'], action: string): DeliveryState {
  if (reason === 'read-receipt') return 'read'
  if (reason === 'complaint') return 'complained'
  const said = action.toLowerCase()
  if (said === 'failed') return 'bounced'
  return ['delivered', 'relayed', 'expanded'].includes(said) ? 'delivered' : 'delayed'
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
