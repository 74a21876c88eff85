// Releases mail that was held because its account could not receive, automatically when the account can.

import type { Sql } from '../db/pool.ts'
import { receivesMail } from '../db/rules.ts'

/** Puts up to 500 such mails back to work; returns how many. */
export async function releaseHeld(sql: Sql): Promise<number> {
  const { rowCount } = await sql.query(
    `
      update inbound_emails
      set status = 'pending', run_at = now()
      where id in (
        select i.id
        from inbound_emails i
        join accounts a on a.id = i.account_id
        where i.status = 'held'
          and i.reason in ('feature-off', 'account-suspended')
          and i.raw_id is not null
          and ${receivesMail('a')}
        order by i.id
        limit 500
        for update of i skip locked
      )
    `,
  )
  return rowCount ?? 0
}
