// Claims mails that no process is working on: those of an ingress-only process, those that a crash left, and those
// whose retry is due. A mail whose lease has ended is due (states S1 and S3); sweep.ts ends the leases of processes
// that are gone.

import type { StoredMail } from '../../contracts/stored-mail.ts'
import { toText } from '../../db/json.ts'
import { type Sql, statement } from '../../db/pool.ts'
import { toMailError } from '../../errors.ts'
import type { IngressName } from '../../mail/envelope.ts'
import { leaseMs } from '../acceptance/insert-group.ts'
import { postpone, WaitError } from './ahead.ts'

/** A mail is tried this often before it is set aside as `failed`: visible, kept, replayable. */
export const maxAttempts = 8

interface ClaimRow {
  id: number
  raw: Buffer
  ingress: IngressName
  reverse_path: string | null
  recipients: string[]
  peer: StoredMail['peer']
  attempts: number
  waits: number
  waits_for: number | null
}

/** A mail that was tried this often without a result may be the cause of crashes: from then on it is claimed alone. */
const retriedAfter = 3

// At most 32 MB at once, so that a backlog of large mails never fills the memory; the rest is unlocked with the
// statement.
const claimSql = statement(`
  with due as (
    select id, size, run_at
    from inbound_emails
    where status in ('pending', 'processing')
      and run_at <= now()
      and attempts >= $3
      and attempts < $4
      and not exists (select 1 from unnest(recipients) as r (address) where lower(r.address) = any($5::text[]))
    order by run_at, id
    limit $1
    for update skip locked
  ),
  taken as (
    select id
    from (select id, sum(size) over (order by run_at, id) - size as before from due) d
    where before < 33554432
  ),
  claimed as (
    update inbound_emails i
    set status = 'processing', attempts = attempts + 1, run_at = now() + $2 * interval '1 ms', owner = default
    from taken
    where i.id = taken.id
    returning i.id, i.raw_id, i.ingress, i.reverse_path, i.recipients, i.peer, i.attempts, i.waits, i.waits_for
  )
  select c.id, r.bytes as raw, c.ingress, c.reverse_path, c.recipients, c.peer, c.attempts, c.waits, c.waits_for
  from claimed c
  join raw_emails r on r.id = c.raw_id
  order by c.id
`)

interface ClaimOptions {
  readonly retriesFirst?: boolean
  /** Recipients, in lower case, whose mail is not claimed. */
  readonly busy?: readonly string[]
}

/**
 * Up to `limit` mails that are due, leased to the caller; a mail that was tried before alone, when there is no other
 * mail or `retriesFirst`. Two processes never lease the same mail at once.
 */
export async function claimMails(
  sql: Sql,
  limit: number,
  { retriesFirst = false, busy = [] }: ClaimOptions = {},
): Promise<StoredMail[]> {
  const claim = (retries: boolean) =>
    sql.query<ClaimRow>(
      claimSql([...(retries ? [1, leaseMs, retriedAfter, maxAttempts] : [limit, leaseMs, 0, retriedAfter]), busy]),
    )
  const first = await claim(retriesFirst)
  const { rows } = first.rows.length > 0 ? first : await claim(!retriesFirst)
  if (rows.length === 0) await failExhausted(sql)
  return rows.map((row) => ({
    id: row.id,
    raw: row.raw,
    ingress: row.ingress,
    envelope: { reversePath: row.reverse_path, recipients: row.recipients },
    peer: row.peer,
    attempts: row.attempts,
    waits: row.waits,
    waitsFor: row.waits_for,
  }))
}

// A mail whose every attempt ended in a crash is settled here: no process was left to return it.
async function failExhausted(sql: Sql): Promise<void> {
  await sql.query(
    `
      update inbound_emails
      set
        status = 'failed',
        reason = 'tried-to-the-end',
        settled_at = now(),
        last_error = coalesce(last_error, 'no process has survived it'),
        trace = '[{"step": "decision", "outcome": "failed", "detail": "tried to the end without an answer"}]'
      where status in ('pending', 'processing') and run_at <= now() and attempts >= $1
    `,
    [maxAttempts],
  )
}

/** Keeps mails that take long with the process that has them. */
export async function renewLeases(sql: Sql, ids: readonly number[]): Promise<void> {
  await sql.query(
    `
      update inbound_emails
      set run_at = now() + $2 * interval '1 ms'
      where id = any($1) and status in ('pending', 'processing')
    `,
    [ids, leaseMs],
  )
}

/** When a mail that met a fault is tried again, in ms: 2 s, 4 s, … at most an hour. */
export function backOffMs(attempts: number): number {
  return Math.min(2_000 * 2 ** Math.max(0, attempts - 1), 3_600_000)
}

/**
 * Gives a mail back after a fault: to be tried later, or, tried to the end, set aside where people see it. True when
 * it was the end.
 */
export async function returnMail(
  sql: Sql,
  mail: Pick<StoredMail, 'id' | 'attempts'> & { readonly waits?: number },
  fault: unknown,
): Promise<boolean> {
  if (fault instanceof WaitError) {
    await postpone(sql, mail, fault)
    return false
  }
  const { kind, message: error } = toMailError(fault)
  // An unavailable database comes back: waiting for it does not count as the mail's attempt.
  const isSystemFault = kind === 'unavailable' || kind === 'storage-full'
  const attempts = Math.max(isSystemFault ? Math.min(mail.attempts, retriedAfter - 1) : mail.attempts, 1)
  const isEnd = attempts >= maxAttempts
  await sql.query(
    `
      update inbound_emails
      set
        attempts = $2,
        last_error = left($3, 2000),
        status = case when $4 then 'failed' else 'pending' end::inbound_status,
        reason = case when $4 then 'tried-to-the-end' end,
        settled_at = case when $4 then now() end,
        trace = case
          when $4 then jsonb_build_array(
            jsonb_build_object('step', 'decision', 'outcome', 'failed', 'detail', left($3, 500))
          )
          else trace
        end,
        run_at = now() + $5 * interval '1 ms',
        owner = null
      where id = $1 and status in ('pending', 'processing')
    `,
    [mail.id, attempts, toText(error), isEnd, backOffMs(attempts)],
  )
  return isEnd
}
