// Canaries: mails that the installation sends to itself through each transport, to see that mail leaves and comes back.
// A row each, kept for a week; until then one that comes back is recognised, however late. Each outcome is judged in
// the transaction that writes it (alarm.ts).

import { createHmac } from 'node:crypto'

import { toText } from '../../db/json.ts'
import { inTransaction, type Pool, queryOne, type Sql } from '../../db/pool.ts'
import { enqueue } from '../../queue/work.ts'
import { endAlarmsBut, reviewTransport } from './alarm.ts'

const keptDays = 7

/** What is kept of a token, and what the mail bears besides: logs show addresses, but no heads. Never throws. */
export function canaryKeys(secretKey: Buffer, token: string): { readonly hash: Buffer; readonly proof: string } {
  const keyed = (use: string) => createHmac('sha256', secretKey).update(`canary-${use}\0${token}`)
  return { hash: keyed('hash').digest(), proof: keyed('proof').digest('hex') }
}

/** Queues the next canary of each transport whose last one is so many minutes old; of several processes one does. */
export async function queueCanaries(
  pool: Pool,
  { transports, everyMinutes }: { readonly transports: readonly string[]; readonly everyMinutes: number },
): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    const lock = await queryOne<{ locked: boolean }>(
      tx,
      `select pg_try_advisory_xact_lock(hashtext('rethread.canary')) as locked`,
    )
    if (lock?.locked !== true) return false
    const { rows } = await tx.query<{ id: string }>(
      `insert into canaries (transport, created_at)
       select t.name, clock_timestamp()
       from unnest($2::text[]) with ordinality as t (name, place)
       where not exists (
         select 1
         from canaries c
         where c.transport = t.name and c.created_at > clock_timestamp() - $1 * interval '1 minute'
       )
       order by t.place
       returning id::text`,
      [everyMinutes, transports],
    )
    await enqueue(
      tx,
      rows.map(({ id }) => ({ kind: 'send-canary', key: null, payload: { canaryId: id } })),
    )
    return rows.length > 0
  })
}

/** Gives it a token before it leaves; its transport, or null when it was sent already or is judged. */
export async function prepareCanary(sql: Sql, id: string, hash: Buffer): Promise<string | null> {
  const row = await queryOne<{ transport: string }>(
    sql,
    `update canaries set token_hash = $2, sent_at = clock_timestamp()
     where id = $1::bigint and handed_over_at is null and returned_at is null and outcome is null
     returning transport`,
    [id, hash],
  )
  return row?.transport ?? null
}

/** The transport has it. */
export async function noteHandedOver(
  sql: Sql,
  id: string,
  { server, answer }: { readonly server: string | null; readonly answer: string },
): Promise<void> {
  await sql.query(
    `update canaries set handed_over_at = clock_timestamp(), server = $3, answer = left($2, 500)
     where id = $1::bigint`,
    [id, toText(answer), server],
  )
}

/** The transport did not take it; outcome null: it may have it, and the canary is waited for. */
export async function noteNotSent(
  pool: Pool,
  id: string,
  fault: {
    readonly outcome: 'refused' | 'not-sent' | null
    readonly server: string | null
    readonly error: string
  },
): Promise<void> {
  await inTransaction(pool, async (tx) => {
    const row = await queryOne<{ transport: string }>(
      tx,
      `update canaries set outcome = $2, server = $3, error = left($4, 500)
       where id = $1::bigint and outcome is null
       returning transport`,
      [id, fault.outcome, fault.server, toText(fault.error)],
    )
    if (row !== null && fault.outcome !== null) await reviewTransport(tx, row.transport)
  })
}

/** waited-for: not back yet. returned: back already. unknown: there is no such canary. */
export type CanaryState = 'waited-for' | 'returned' | 'unknown'

export async function findCanary(sql: Sql, hash: Buffer): Promise<CanaryState> {
  const row = await queryOne<{ returned: boolean }>(
    sql,
    'select returned_at is not null as returned from canaries where token_hash = $1',
    [hash],
  )
  if (row === null) return 'unknown'
  return row.returned ? 'returned' : 'waited-for'
}

interface Return {
  readonly hash: Buffer
  readonly ingress: string
  readonly lateSeconds: number
  /** CANARY_INGRESS; empty: any. */
  readonly waysIn: readonly string[]
}

/** Its transport and the seconds that it took, once for each canary; null for one that is not waited for. */
export async function noteReturned(
  pool: Pool,
  { hash, ingress, lateSeconds, waysIn }: Return,
): Promise<{ readonly transport: string; readonly seconds: number } | null> {
  return inTransaction(pool, async (tx) => {
    const row = await queryOne<{ transport: string; seconds: number }>(
      tx,
      `update canaries set
         returned_at = clock_timestamp(),
         returned_by = $2,
         outcome = case
           when $4 and clock_timestamp() <= sent_at + $3 * interval '1 second' then 'returned'
           when $4 then 'late'
           else 'other-way'
         end
       where token_hash = $1 and returned_at is null
       returning transport, extract(epoch from returned_at - sent_at)::float8 as seconds`,
      [hash, ingress, lateSeconds, waysIn.length === 0 || waysIn.includes(ingress)],
    )
    if (row === null) return null
    await reviewTransport(tx, row.transport)
    return { ...row, seconds: Math.max(0, row.seconds) }
  })
}

/** Gives up those that are late, ends the alarms of transports that are gone, and forgets old canaries. */
export async function judgeCanaries(
  pool: Pool,
  { transports, lateSeconds }: { readonly transports: readonly string[]; readonly lateSeconds: number },
): Promise<void> {
  await inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ transport: string }>(
      `update canaries set outcome = case when handed_over_at is null then 'not-sent' else 'lost' end
       where outcome is null and coalesce(sent_at, created_at) < clock_timestamp() - $1 * interval '1 second'
       returning transport`,
      [lateSeconds],
    )
    for (const transport of new Set(rows.map((row) => row.transport))) await reviewTransport(tx, transport)
  })
  await pool.query(`delete from canaries where created_at < now() - $1 * interval '1 day'`, [keptDays])
  await endAlarmsBut(pool, transports)
}
