// Where a stream begins: behind the last event that its client knows, or, when something behind that is no longer kept, now.

import { queryOne, type Pool } from '../../db/pool.ts'

export interface Start {
  readonly position: number
  /** What the client knows is too old, or of another database: it reads everything anew. */
  readonly reset: boolean
}

export interface StartQuery {
  readonly accountId: number
  /** Null: now. */
  readonly after: number | null
  /** How many events of the account are looked through for what was missed; null = all that are kept. */
  readonly reach: number | null
}

export async function findStart(pool: Pool, { accountId, after, reach }: StartQuery): Promise<Start> {
  const row = await queryOne<{ newest: number | null; swept: number; farthest: number | null }>(
    pool,
    `select (select max(position) from events where account_id = $1) as newest, coalesce((select value::bigint from installation where name = 'events_swept'), 0) as swept,
       (select position from events where account_id = $1 and position is not null order by position desc offset $2 limit 1) as farthest`,
    [accountId, reach ?? 0],
  )
  const { newest, swept } = { newest: row?.newest ?? row?.swept ?? 0, swept: row?.swept ?? 0 }
  const oldest = Math.max(swept, reach === null ? 0 : (row?.farthest ?? 0))
  if (after === null) return { position: newest, reset: false }
  return after < oldest || after > newest ? { position: newest, reset: true } : { position: after, reset: false }
}
