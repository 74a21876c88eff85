// Requests that carry an Idempotency-Key: each is done once in 24 hours, and its retries get the first answer again.

import { type Pool, queryOne, type Sql } from '../../db/pool.ts'
import { guardedFor, type RetryGuard } from './retry-guards.ts'

export interface KeyedRequest extends RetryGuard {
  /** SHA-256 of the request. */
  readonly fingerprint: Buffer
}

export type Claim =
  | { readonly state: 'claimed' }
  /** The first request with this key has not ended. */
  | { readonly state: 'running' }
  /** The key was used for something else. */
  | { readonly state: 'other-request' }
  | { readonly state: 'answered'; readonly answer: Buffer }

export type IdempotencyKeys = ReturnType<typeof createIdempotencyKeys>

// After this time a retry repeats a request that a crash interrupted. No request takes as long.
const leasedFor = `interval '2 minutes'`

export function createIdempotencyKeys(pool: Pool) {
  return {
    /** Claims the key for this request, or returns the outcome of the earlier request with this key. */
    async claim(request: KeyedRequest): Promise<Claim> {
      // A key that is freed between the two statements is claimed in the next round.
      for (let round = 0; round < 5; round++) {
        if (await insert(pool, request)) return { state: 'claimed' }
        const known = await queryOne<{ same: boolean; answer: Buffer | null }>(
          pool,
          `select fingerprint is not distinct from $3 as same, answer
           from idempotency_keys
           where owner = $1 and key = $2`,
          [request.owner, request.key, request.fingerprint],
        )
        if (known === null) continue
        if (!known.same) return { state: 'other-request' }
        if (known.answer !== null) return { state: 'answered', answer: known.answer }
        return { state: 'running' }
      }
      return { state: 'running' }
    },

    /** Keeps the answer for the retries. */
    async keep({ owner, key }: RetryGuard, answer: Buffer): Promise<void> {
      await pool.query('update idempotency_keys set answer = $3 where owner = $1 and key = $2', [owner, key, answer])
    },

    /**
     * Frees the key of a request that failed: a retry runs again. The records that the request has written stay linked:
     * a retry finds them.
     */
    async free({ owner, key }: RetryGuard): Promise<void> {
      await pool.query(
        `with written as (
           update idempotency_keys set leased_until = '-infinity'
           where owner = $1
             and key = $2
             and answer is null
             and coalesce(message_id, conversation_id) is not null
           returning 1
         )
         delete from idempotency_keys
         where owner = $1
           and key = $2
           and answer is null
           and coalesce(message_id, conversation_id) is null`,
        [owner, key],
      )
    },
  }
}

async function insert(pool: Pool, { owner, key, fingerprint }: KeyedRequest): Promise<boolean> {
  const { rowCount } = await pool.query(
    `insert into idempotency_keys as known (owner, key, fingerprint, leased_until)
     values ($1, $2, $3, now() + ${leasedFor})
     on conflict (owner, key) do update set
       fingerprint = excluded.fingerprint,
       leased_until = excluded.leased_until,
       created_at = case when known.created_at < now() - ${guardedFor} then now() else known.created_at end,
       message_id = case when known.created_at < now() - ${guardedFor} then null else known.message_id end,
       conversation_id = case when known.created_at < now() - ${guardedFor} then null else known.conversation_id end,
       answer = null
     where known.created_at < now() - ${guardedFor}
       or (known.answer is null and known.leased_until < now() and known.fingerprint = excluded.fingerprint)`,
    [owner, key, fingerprint],
  )
  return rowCount === 1
}

/** Deletes keys that no retry can name any more; how many. */
export async function sweepIdempotencyKeys(sql: Sql): Promise<number> {
  const { rowCount } = await sql.query(`delete from idempotency_keys where created_at < now() - ${guardedFor}`)
  return rowCount ?? 0
}
