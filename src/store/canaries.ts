// Canaries: mails that the installation sends to itself at times, to see that mail leaves and comes back. A row each,
// kept for a week. An alarm begins with two failures in a row or with a late one, and ends with the next that is in
// time; each end is announced once, in the transaction that found it.

import { createHmac } from 'node:crypto'

import { toText } from '../db/json.ts'
import { inTransaction, type Pool, queryOne, type Sql, type Tx } from '../db/pool.ts'
import { enqueue } from '../queue/work.ts'

const keptDays = 7
/** A canary that comes back later is none any more. */
const livesSeconds = 7_200

const isLive = `(
  returned_at is null
  and (outcome is null or outcome = 'lost')
  and created_at > now() - ${String(livesSeconds)} * interval '1 second'
)`

/** What is kept of a token, and what the mail bears besides: logs show addresses, but no heads. Never throws. */
export function canaryKeys(secretKey: Buffer, token: string): { readonly hash: Buffer; readonly proof: string } {
  const keyed = (use: string) => createHmac('sha256', secretKey).update(`canary-${use}\0${token}`)
  return { hash: keyed('hash').digest(), proof: keyed('proof').digest('hex') }
}

/** Queues the next canary if the last one is so many minutes old; of several processes one does. */
export async function queueCanary(pool: Pool, everyMinutes: number): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    const row = await queryOne<{ id: string }>(
      tx,
      `insert into canaries (created_at)
       select clock_timestamp()
       where pg_try_advisory_xact_lock(hashtext('rethread.canary'))
         and not exists (select 1 from canaries where created_at > clock_timestamp() - $1 * interval '1 minute')
       returning id::text`,
      [everyMinutes],
    )
    if (row !== null) await enqueue(tx, [{ kind: 'send-canary', key: null, payload: { canaryId: row.id } }])
    return row !== null
  })
}

/** Gives it a token before it leaves; false when it was sent already, or is judged. */
export async function prepareCanary(sql: Sql, id: string, hash: Buffer): Promise<boolean> {
  const { rowCount } = await sql.query(
    `update canaries set token_hash = $2, sent_at = clock_timestamp()
     where id = $1::bigint and handed_over_at is null and ${isLive}`,
    [id, hash],
  )
  return rowCount === 1
}

/** The outgoing server has it. */
export async function noteHandedOver(sql: Sql, id: string, answer: string): Promise<void> {
  await sql.query(
    'update canaries set handed_over_at = clock_timestamp(), answer = left($2, 500) where id = $1::bigint',
    [id, toText(answer)],
  )
}

/** The outgoing server did not take it. */
export async function noteNotSent(pool: Pool, id: string, error: string): Promise<void> {
  await inTransaction(pool, async (tx) => {
    const { rowCount } = await tx.query(
      `update canaries set outcome = 'not-sent', error = left($2, 500) where id = $1::bigint and outcome is null`,
      [id, toText(error)],
    )
    if (rowCount === 1) await review(tx)
  })
}

/** True if a canary with this token is under way. */
export async function isCanaryUnderWay(sql: Sql, hash: Buffer): Promise<boolean> {
  return (await queryOne(sql, `select 1 from canaries where token_hash = $1 and ${isLive}`, [hash])) !== null
}

/** Seconds that it took, once for each canary; null for one that is not under way. */
export async function noteReturned(
  pool: Pool,
  canary: { readonly hash: Buffer; readonly ingress: string; readonly lateSeconds: number },
): Promise<number | null> {
  return inTransaction(pool, async (tx) => {
    const row = await queryOne<{ seconds: number }>(
      tx,
      `update canaries set
         returned_at = clock_timestamp(),
         returned_by = $2,
         outcome = case
           when clock_timestamp() > sent_at + $3 * interval '1 second' then 'late'
           else 'returned'
         end
       where token_hash = $1 and ${isLive}
       returning extract(epoch from returned_at - sent_at)::float8 as seconds`,
      [canary.hash, canary.ingress, canary.lateSeconds],
    )
    if (row === null) return null
    await review(tx)
    return Math.max(0, row.seconds)
  })
}

/** Gives up those that are late, and forgets old ones. */
export async function judgeCanaries(pool: Pool, lateSeconds: number): Promise<void> {
  await inTransaction(pool, async (tx) => {
    const { rowCount } = await tx.query(
      `update canaries set outcome = case when handed_over_at is null then 'not-sent' else 'lost' end
       where outcome is null and coalesce(sent_at, created_at) < clock_timestamp() - $1 * interval '1 second'`,
      [lateSeconds],
    )
    if ((rowCount ?? 0) > 0) await review(tx)
  })
  await pool.query(`delete from canaries where created_at < now() - $1 * interval '1 day'`, [keptDays])
}

async function review(tx: Tx): Promise<void> {
  const [last, before] = await lastJudged(tx)
  if (last === undefined) return
  const isFailure = (one: Judged | undefined): boolean => one?.outcome === 'lost' || one?.outcome === 'not-sent'
  if (last.outcome === 'late' || (isFailure(last) && isFailure(before))) {
    const { rowCount } = await tx.query(
      `insert into installation (name, value) values ('canary_alarm', now()::text) on conflict (name) do nothing`,
    )
    if (rowCount === 1) await announce(tx, 'failing', last)
  } else if (last.outcome === 'returned') {
    const { rowCount } = await tx.query(`delete from installation where name = 'canary_alarm'`)
    if (rowCount === 1) await announce(tx, 'recovered', last)
  }
}

async function announce(tx: Tx, state: 'failing' | 'recovered', last: Judged): Promise<void> {
  await enqueue(tx, [{ kind: 'notify-canary', key: 'canary', payload: { state, says: sayCanary(last) } }])
}

export interface Judged {
  readonly outcome: 'returned' | 'late' | 'lost' | 'not-sent'
  readonly sent_at: Date | null
  readonly handed_over_at: Date | null
  readonly answer: string | null
  readonly error: string | null
  readonly returned_by: string | null
  readonly seconds: number | null
}

async function lastJudged(sql: Sql): Promise<Judged[]> {
  const { rows } = await sql.query<Judged>(
    `select
       outcome,
       sent_at,
       handed_over_at,
       answer,
       error,
       returned_by,
       extract(epoch from returned_at - sent_at)::float8 as seconds
     from canaries
     where outcome is not null
     order by id desc
     limit 2`,
  )
  return rows
}

/** What became of it, and at which hop it was lost. Never throws. */
export function sayCanary({ outcome, answer, error, seconds, ...canary }: Judged): string {
  const back = `sent at ${timeOf(canary.sent_at)}, back over ${canary.returned_by ?? ''}`
  const took = `after ${(seconds ?? 0).toFixed(1)} s`
  if (outcome === 'returned') return `${back} ${took}`
  if (outcome === 'late') return `${back} only ${took}`
  return outcome === 'lost'
    ? `handed over at ${timeOf(canary.handed_over_at)} ("${answer ?? ''}"), and not come back in time`
    : `not handed over to the outgoing server: ${error ?? 'it did not answer in time'}`
}

function timeOf(at: Date | null): string {
  return at === null ? 'no time' : `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

export interface CanaryHealth {
  readonly last: Judged | null
  readonly isAlarm: boolean
  /** Of the last week. */
  readonly failures: number
  /** Of the last one that came back in time or late. */
  readonly lastReturnedAt: Date | null
  readonly lastSeconds: number | null
}

/** Throws when the database does not answer. */
export async function readCanaryHealth(sql: Sql): Promise<CanaryHealth> {
  const [last = null] = await lastJudged(sql)
  const row = await queryOne<Omit<CanaryHealth, 'last'>>(
    sql,
    `select
       exists (select 1 from installation where name = 'canary_alarm') as "isAlarm",
       (select count(*)::int from canaries where outcome <> 'returned') as failures,
       back.returned_at as "lastReturnedAt",
       extract(epoch from back.returned_at - back.sent_at)::float8 as "lastSeconds"
     from (select 1) one
     left join lateral (
       select returned_at, sent_at from canaries where returned_at is not null order by id desc limit 1
     ) back on true`,
    [],
  )
  return { isAlarm: false, failures: 0, lastReturnedAt: null, lastSeconds: null, ...row, last }
}
