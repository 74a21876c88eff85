// A row of accepted mail as people see it, and who sees it: administrators all mail of their account, agents the mail
// of conversations that they see, and what was going to their inboxes but has not arrived (docs/operate/security.md).

import type { InboundEmail, InboundStatus, Scope, Times } from '../contracts/inbound-email.ts'
import type { StoredTraceEntry } from '../contracts/trace.ts'
import type { Peer } from '../mail/envelope.ts'

export interface Row {
  id: number
  status: InboundStatus
  reason: string | null
  ingress: string
  message_id: string | null
  from_address: string | null
  learned: { address: string; learned_from: string }[]
  recipients: string[]
  subject: string | null
  size: number
  received_at: Date
  settled_at: Date | null
  account_id: number | null
  inbox_id: number | null
  display_id: number | null
  message_db_id: number | null
  attempts: number
  has_raw: boolean
  peer: Partial<Peer>
  degraded: string | null
  times: Partial<Record<'taken' | 'read' | 'judged', number>> | null
  trace: StoredTraceEntry[]
}

/** Of `inbound_emails i left join conversations c on c.id = i.conversation_id`. */
export const columns = `
  i.id,
  i.status,
  i.reason,
  i.ingress,
  i.message_id,
  i.from_address,
  i.learned,
  i.recipients,
  i.subject,
  i.size,
  i.received_at,
  i.settled_at,
  i.account_id,
  coalesce(c.inbox_id, i.inbox_id) as inbox_id,
  c.display_id,
  i.message_db_id,
  i.attempts,
  i.raw_id is not null as has_raw,
  i.peer,
  i.degraded,
  i.times,
  i.trace
`
export const source = 'inbound_emails i left join conversations c on c.id = i.conversation_id'

/** The condition on `source`, with `valuesOf` as the first three values. */
export const visible = `i.erased_at is null
  and ($1::int is null or i.account_id = $1)
  and ($2::int[] is null or case
    when i.conversation_id is null then i.inbox_id = any($2)
    else c.inbox_id = any($2) or c.assignee_id = $3
  end)`
export const valuesOf = ({ accountId, agent }: Scope): unknown[] => [
  accountId,
  agent?.inboxIds ?? null,
  agent?.userId ?? null,
]

export interface Retention {
  readonly deliveredDays: number
  readonly undeliveredDays: number
}

/** Never throws. */
export function presentRow(row: Row, retention: Retention): InboundEmail {
  const recipients =
    row.learned.length > 0 ? row.learned : row.recipients.map((address) => ({ address, learned_from: 'envelope' }))
  return {
    id: row.id,
    status: row.status,
    reason: row.reason,
    ingress: row.ingress,
    messageId: row.message_id,
    from: row.from_address,
    recipients: recipients.map(({ address, learned_from }) => ({ address, learnedFrom: learned_from })),
    subject: row.subject,
    size: row.size,
    receivedAt: row.received_at,
    accountId: row.account_id,
    inboxId: row.inbox_id,
    conversationDisplayId: row.display_id,
    messageDbId: row.message_db_id,
    attempts: row.attempts,
    incineratesAt: incinerationOf(row, retention),
    verdicts: row.peer.verdicts ?? null,
    synthesised: row.peer.synthesised === true,
    degraded: row.degraded,
    trace: row.trace,
    times: timesOf(row),
  }
}

function incinerationOf(row: Row, { deliveredDays, undeliveredDays }: Retention): Date | null {
  if (!row.has_raw || row.settled_at === null || row.status === 'pending' || row.status === 'processing') return null
  const days = row.status === 'delivered' ? deliveredDays : undeliveredDays
  return new Date(row.settled_at.getTime() + days * 86_400_000)
}

function timesOf({ received_at: received, settled_at: settled, times }: Row): Times {
  const at = (ms: number | undefined): Date | null => (ms === undefined ? null : new Date(ms))
  return { received, taken: at(times?.taken), read: at(times?.read), judged: at(times?.judged), settled }
}
