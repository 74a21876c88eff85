// The start position of a stream: after the last event that its client knows, or, if a later one was deleted, now.

import { type Pool, queryOne } from '../db/pool.ts'

export interface Start {
  readonly position: number
  /** The client's position is too old, or of another database: it has to reload everything. */
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
  const row = await queryOne<{ newest: number; oldest: number }>(
    pool,
    `
      select coalesce(newest, swept) as newest, greatest(swept, farthest) as oldest
      from (
        select
          (select max(position) from events where account_id = $1) as newest,
          coalesce((select value::bigint from installation where name = 'events_swept'), 0) as swept,
          (
            select position
            from events
            where account_id = $1 and position is not null and $2::int is not null
            order by position desc
            offset $2
            limit 1
          ) as farthest
      ) known
    `,
    [accountId, reach],
  )
  const { newest, oldest } = row ?? { newest: 0, oldest: 0 }
  if (after === null) return { position: newest, reset: false }
  return after < oldest || after > newest ? { position: newest, reset: true } : { position: after, reset: false }
}
