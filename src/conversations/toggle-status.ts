// Opening, resolving, snoozing: what a change of status does to a conversation (chatwoot.md §6).

import { inTransaction, queryOne, type Pool, type Tx } from '../db/pool.ts'
import type { ConversationStatus } from './rows.ts'

export interface StatusChange {
  /** Null: open → resolved, everything else → open. */
  readonly status: ConversationStatus | null
  readonly snoozedUntil: Date | null
  /** The agent (not administrator) who opens it this way takes it over; null = nobody does. */
  readonly openedBy: number | null
}

export interface StatusNow {
  readonly status: ConversationStatus
  readonly snoozedUntil: Date | null
}

/** Changes the status of a conversation; null when it is gone. Concurrent changes follow one another. */
export function changeStatus(pool: Pool, conversationId: number, change: StatusChange): Promise<StatusNow | null> {
  return inTransaction(pool, async (tx) => {
    const before = await queryOne<{ status: ConversationStatus }>(tx, 'select status from conversations where id = $1 for no key update', [conversationId])
    if (before === null) return null
    const status = change.status ?? (before.status === 'open' ? 'resolved' : 'open')
    await write(tx, conversationId, { ...change, status })
    return { status, snoozedUntil: status === 'snoozed' ? change.snoozedUntil : null }
  })
}

async function write(tx: Tx, conversationId: number, change: StatusChange): Promise<void> {
  await tx.query(
    `update conversations set status = $2::conversation_status, updated_at = now(),
       snoozed_until = case when $2 = 'snoozed' then $3::timestamptz end,
       waiting_since = case when $2 = 'resolved' then null else waiting_since end,
       assignee_id = case when $2 = 'open' then coalesce($4, assignee_id) else assignee_id end
     where id = $1`,
    [conversationId, change.status, change.snoozedUntil, change.openedBy],
  )
}
