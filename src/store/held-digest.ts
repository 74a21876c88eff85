// Queues the daily digest of held mail for the members of an account, if any mail has waited for more than an hour:
// agents at work see it earlier. The work is written in the transaction that records the day.

import { inTransaction, type Pool } from '../db/pool.ts'
import { isActive } from '../db/rules.ts'
import { enqueue } from '../queue/work.ts'

const atOnce = 500

/** Returns the number of accounts with a digest. */
export async function noteHeldDigests(pool: Pool): Promise<number> {
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ account_id: number; day: string }>(
      `insert into held_digests as d (account_id, told_at)
       select a.id, now()
       from accounts a
         left join held_digests before on before.account_id = a.id
       where ${isActive('a')}
         and (before.told_at is null or before.told_at <= now() - interval '1 day')
         and exists (
           select 1
           from inbound_emails i
           where i.account_id = a.id
             and i.status in ('held', 'failed')
             and i.erased_at is null
             and i.settled_at < now() - interval '1 hour'
         )
       order by a.id
       limit $1
       on conflict (account_id) do update set told_at = now()
       where d.told_at <= now() - interval '1 day'
       returning account_id, to_char(told_at at time zone 'UTC', 'YYYYMMDD') as day`,
      [atOnce],
    )
    await enqueue(
      tx,
      rows.map(({ account_id: accountId, day }) => ({
        kind: 'notify-held-digest',
        key: null,
        payload: { accountId, day },
      })),
    )
    return rows.length
  })
}
