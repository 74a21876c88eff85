// Retention: the octets of a mail go after a while; delivered ones sooner than those that a person may still want (DESIGN §2). The row stays.

import type { Sql } from '../db/pool.ts'

export interface Retention {
  readonly deliveredDays: number
  readonly undeliveredDays: number
}

const batch = 500

/** Removes the octets of up to 500 mails whose time has come; returns how many went. Pending and processing mail is never touched. */
export async function incinerateDue(sql: Sql, retention: Retention): Promise<number> {
  const { rows } = await sql.query<{ raw_id: number }>(
    `with due as (
       select id, raw_id from inbound_emails where raw_id is not null and settled_at is not null
         and ((status = 'delivered' and settled_at < now() - $1 * interval '1 day') or (status in ('held', 'ignored', 'failed') and settled_at < now() - $2 * interval '1 day'))
       order by id limit $3 for update skip locked
     )
     update inbound_emails i set raw_id = null, incinerated_at = now() from due where i.id = due.id returning due.raw_id`,
    [retention.deliveredDays, retention.undeliveredDays, batch],
  )
  // Siblings of one mail share its octets: they go with the last of them.
  await sql.query('delete from raw_emails r where r.id = any($1) and not exists (select 1 from inbound_emails i where i.raw_id = r.id)', [rows.map((row) => row.raw_id)])
  return rows.length
}
