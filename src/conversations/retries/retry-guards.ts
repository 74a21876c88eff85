// Keeps a retried request from writing a message or a conversation twice: what was written is noted under the
// request's guard, in the transaction that writes it. So a retry finds it even when the process died before it could
// answer.

import { columns } from '../../db/columns.ts'
import { queryOne, type Tx } from '../../db/pool.ts'

/** Names one request of one client. */
export interface RetryGuard {
  /** SHA-256 of the caller and the request. */
  readonly owner: Buffer
  readonly key: string
}

interface Written {
  readonly messageId?: number
  readonly conversationId?: number
}

/** For how long a retry is recognised. */
export const guardedFor = `interval '24 hours'`

const guardColumns = columns({ owner: 'bytea', key: 'text' })

/**
 * The message or conversation that a request with one of these guards wrote in the last 24 hours; null when there is
 * none.
 */
export async function findWritten(
  tx: Tx,
  guards: readonly RetryGuard[],
  what: 'message' | 'conversation',
): Promise<number | null> {
  if (guards.length === 0) return null
  const row = await queryOne<{ id: number }>(
    tx,
    `select ${what}_id as id
     from idempotency_keys
     where (owner, key) in (select owner, key from ${guardColumns.from('guard')})
       and ${what}_id is not null
       and created_at > now() - ${guardedFor}
     limit 1`,
    guardColumns.values(guards),
  )
  return row?.id ?? null
}

/** Notes what a request wrote, under each of its guards. */
export async function noteWritten(
  tx: Tx,
  guards: readonly RetryGuard[],
  { messageId, conversationId }: Written,
): Promise<void> {
  if (guards.length === 0) return
  await tx.query(
    `insert into idempotency_keys as known (owner, key, message_id, conversation_id)
     select owner, key, $3, $4
     from ${guardColumns.from('guard')}
     order by owner, key
     on conflict (owner, key) do update set
       message_id = coalesce(excluded.message_id, known.message_id),
       conversation_id = coalesce(excluded.conversation_id, known.conversation_id),
       created_at = case when known.fingerprint is null then now() else known.created_at end`,
    [...guardColumns.values(guards), messageId ?? null, conversationId ?? null],
  )
}
