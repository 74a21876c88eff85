// Retention: events and webhook deliveries are deleted after a while; the deleted positions are remembered, so that a
// late client gets a `reset`.

import { inTransaction, type Pool } from '../db/pool.ts'

const batch = 5_000

/**
 * Removes what is older than `days`, some thousands at a time; returns how many events went. What has not been
 * announced or sent is never touched.
 */
export async function sweepEvents(pool: Pool, days: number): Promise<number> {
  let gone = 0
  for (;;) {
    const count = await sweepBatch(pool, days)
    gone += count
    if (count < batch) break
  }
  while ((await sweepDeliveries(pool, days)) === batch);
  return gone
}

async function sweepBatch(pool: Pool, days: number): Promise<number> {
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ position: number }>(
      `
        delete from events
        where id in (
          select id
          from (select id, position, created_at from events order by id limit $2) oldest
          where position is not null and created_at < now() - $1 * interval '1 day'
        )
        returning position
      `,
      [days, batch],
    )
    const last = rows.reduce((most, { position }) => Math.max(most, position), 0)
    if (last > 0) {
      await tx.query('delete from automation_runs where position <= $1', [last])
      await tx.query(
        `
          insert into installation (name, value)
          values ('events_swept', $1::text)
          on conflict (name) do update
          set value = greatest(installation.value::bigint, excluded.value::bigint)::text
        `,
        [last],
      )
    }
    return rows.length
  })
}

async function sweepDeliveries(pool: Pool, days: number): Promise<number> {
  const { rowCount } = await pool.query(
    `
      delete from webhook_deliveries
      where id in (
        select id
        from (select id, finished_at, created_at from webhook_deliveries order by id limit $2) oldest
        where finished_at is not null and created_at < now() - $1 * interval '1 day'
      )
    `,
    [days, batch],
  )
  return rowCount ?? 0
}
