// Where a stream begins: behind the last event that its client knows, or, when something behind that is no longer kept, now.

import { queryOne, type Pool } from '../../db/pool.ts'

export interface Start {
  readonly position: number
  /** What the client knows is too old, or of another database: it reads everything anew. */
  readonly reset: boolean
}

/** `after` null: now. */
export async function findStart(pool: Pool, accountId: number, after: number | null): Promise<Start> {
  const row = await queryOne<{ newest: number | null; swept: number }>(
    pool,
    `select (select max(position) from events where account_id = $1) as newest, coalesce((select value::bigint from installation where name = 'events_swept'), 0) as swept`,
    [accountId],
  )
  const { newest, swept } = { newest: row?.newest ?? row?.swept ?? 0, swept: row?.swept ?? 0 }
  if (after === null) return { position: newest, reset: false }
  return after < swept || after > newest ? { position: newest, reset: true } : { position: after, reset: false }
}
