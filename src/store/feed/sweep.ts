// Ends the leases of processes that are gone (db/presence), so that the mail of a crashed process is claimed at once by
// another process. Safe if it errs: a mail that two processes have is settled once (the row is locked), and outgoing
// mail keeps its Message-ID.

import type { Sql } from '../../db/pool.ts'
import { presenceKey } from '../../db/presence.ts'

// Leases only: what waits for its next attempt has no owner, and a mail that is still to be fetched is due at the end
// of time.
const leases = {
  inbound_emails: `status in ('pending', 'processing') and run_at > now() and run_at < 'infinity'`,
  work: 'failed_at is null and run_at > now()',
}

const absentSql = `
  select owner
  from (
    select owner
    from inbound_emails
    where ${leases.inbound_emails}
    union
    select owner
    from work
    where ${leases.work}
  ) leased
  where owner <> $1
    and not exists (
      select 1
      from pg_locks
      where locktype = 'advisory'
        and database = (select oid from pg_database where datname = current_database())
        and classid = $2::int8::oid
        and objid = owner::int8::oid
    )
`

/**
 * A sweep: returns how many rows it has made due. An owner is gone when two sweeps in a row have missed it: a session
 * that was cut comes back.
 */
export function createSweep(sql: Sql, own: number): () => Promise<number> {
  let missed: ReadonlySet<number> = new Set()
  return async () => {
    const { rows } = await sql.query<{ owner: number }>(absentSql, [own, presenceKey])
    const absent = rows.map(({ owner }) => owner)
    const gone = absent.filter((owner) => missed.has(owner))
    missed = new Set(absent)
    return (gone.length === 0 ? 0 : await release(sql, gone)) + (await repairClock(sql))
  }
}

async function release(sql: Sql, owners: readonly number[]): Promise<number> {
  const mails = await sql.query(
    `update inbound_emails set run_at = now() where owner = any($1) and ${leases.inbound_emails}`,
    [owners],
  )
  const work = await sql.query(`update work set run_at = now() where owner = any($1) and ${leases.work}`, [owners])
  return (mails.rowCount ?? 0) + (work.rowCount ?? 0)
}

// No lease and no delay is as long as this: the clock of the database has been set back since.
async function repairClock(sql: Sql): Promise<number> {
  const mails = await sql.query(
    `
      update inbound_emails
      set run_at = now()
      where status in ('pending', 'processing')
        and run_at > now() + interval '61 minutes'
        and run_at < 'infinity'
    `,
  )
  const work = await sql.query(
    `update work set run_at = now() where failed_at is null and run_at > now() + interval '241 minutes'`,
  )
  return (mails.rowCount ?? 0) + (work.rowCount ?? 0)
}
