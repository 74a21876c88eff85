// How many conversations an agent has begun by mail lately: it is limited when a mail is judged, and again when it is
// appended, because many mails may be judged at the same moment.

import { queryOne, type Sql } from '../../db/pool.ts'

/** More than a person begins in an hour: a mailbox that was broken into must not write to the world. */
export const begunPerHour = 100

/** How many the agent has begun in this hour, among the agent's last mails only, as the index has them. */
export async function countBegun(sql: Sql, accountId: number, userId: number): Promise<number> {
  const row = await queryOne<{ count: number }>(
    sql,
    `select count(*) as count
     from (
       select i.reason, i.received_at
       from inbound_emails i
       where i.account_id = $1
         and lower(i.from_address) = (select email from users where id = $2)
         and i.erased_at is null
       order by i.id desc
       limit 10000
     ) last
     where last.reason = 'begun-by-agent'
       and last.received_at > now() - interval '1 hour'`,
    [accountId, userId],
  )
  return row?.count ?? 0
}
