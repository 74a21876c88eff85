// Retention: the raw bytes of a mail are removed after a while; delivered ones sooner than those that a person may
// still want. The row stays.

import { inTransaction, type Pool, type Tx } from '../db/pool.ts'
import type { Retention } from './inbound-email-row.ts'

const batch = 500

/**
 * Removes the raw bytes of all mails that are due, 500 at a time; returns how many. Pending and processing mail is
 * never touched.
 */
export async function incinerateDue(pool: Pool, retention: Retention): Promise<number> {
  let gone = 0
  for (;;) {
    const count = await inTransaction(pool, (tx) => incinerateBatch(tx, retention))
    gone += count
    if (count < batch) return gone
  }
}

async function incinerateBatch(tx: Tx, retention: Retention): Promise<number> {
  const { rows } = await tx.query<{ raw_id: number }>(
    `
      with due as (
        select id, raw_id
        from inbound_emails
        where raw_id is not null
          and settled_at < now() - least($1::float8, $2::float8) * interval '1 day'
          and (
            (status = 'delivered' and settled_at < now() - $1 * interval '1 day')
              or (status in ('held', 'ignored', 'failed') and settled_at < now() - $2 * interval '1 day')
          )
        order by settled_at
        limit $3
        for update skip locked
      )
      update inbound_emails i
      set raw_id = null, incinerated_at = now()
      from due
      where i.id = due.id
      returning due.raw_id
    `,
    [retention.deliveredDays, retention.undeliveredDays, batch],
  )
  // Split copies of one mail share its raw bytes: they go with the last of them.
  const rawIds = rows.map((row) => row.raw_id)
  await tx.query('select 1 from raw_emails where id = any($1) order by id for update', [rawIds])
  await tx.query(
    `
      delete from raw_emails r
      where r.id = any($1) and not exists (select 1 from inbound_emails i where i.raw_id = r.id)
    `,
    [rawIds],
  )
  return rows.length
}
