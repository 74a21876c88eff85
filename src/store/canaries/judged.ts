// Canaries whose outcome is known, and what is said of them: in `doctor`, in alarms and as metrics.

import { type CanaryOutcome, canaryOutcomes } from '../../contracts/canary.ts'
import type { Sql } from '../../db/pool.ts'

export interface Judged {
  readonly transport: string
  readonly outcome: CanaryOutcome
  readonly sent_at: Date | null
  readonly handed_over_at: Date | null
  readonly server: string | null
  readonly answer: string | null
  readonly error: string | null
  readonly returned_by: string | null
  readonly seconds: number | null
}

/** The newest first. */
export async function readLastJudged(sql: Sql, transport: string, limit: number): Promise<Judged[]> {
  const { rows } = await sql.query<Judged>(
    `select
       transport,
       outcome,
       sent_at,
       handed_over_at,
       server,
       answer,
       error,
       returned_by,
       extract(epoch from returned_at - sent_at)::float8 as seconds
     from canaries
     where transport = $1 and outcome is not null
     order by id desc
     limit $2`,
    [transport, limit],
  )
  return rows
}

/** Its row in `installation` while the alarm of a transport is on. Never throws. */
export function alarmName(transport: string): string {
  return `canary_alarm:${transport}`
}

/** The transports whose alarm is on. */
export async function readAlarms(sql: Sql): Promise<string[]> {
  const { rows } = await sql.query<{ name: string }>('select name from installation where starts_with(name, $1)', [
    alarmName(''),
  ])
  return rows.map(({ name }) => name.slice(alarmName('').length))
}

const sentences: Readonly<Record<CanaryOutcome, (canary: Judged) => string>> = {
  returned: (canary) => `${sayBack(canary)} ${sayTime(canary)}`,
  late: (canary) => `${sayBack(canary)} only ${sayTime(canary)}`,
  'other-way': (canary) => `${sayBack(canary)} ${sayTime(canary)}, an ingress that CANARY_INGRESS does not name`,
  refused: ({ server, error }) => `refused by ${server ?? 'the server'}: ${error ?? 'without words'}`,
  'not-sent': ({ server, error }) => `not handed over${sayServer(server)}: ${error ?? 'it did not answer in time'}`,
  lost: ({ server, handed_over_at: at, answer }) =>
    `handed over${sayServer(server)} at ${timeOf(at)} ("${answer ?? ''}"), and did not come back in time`,
}

/** What became of it, and at which hop it was lost. Never throws. */
export function sayCanary(canary: Judged): string {
  return sentences[canary.outcome](canary)
}

function sayBack({ sent_at: at, returned_by: ingress }: Judged): string {
  return `sent at ${timeOf(at)}, back over ${ingress ?? ''}`
}

function sayTime({ seconds }: Judged): string {
  return `after ${(seconds ?? 0).toFixed(1)} s`
}

function sayServer(server: string | null): string {
  return server === null ? '' : ` to ${server}`
}

function timeOf(at: Date | null): string {
  return at === null ? 'no time' : `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

export interface CanaryHealth {
  readonly transport: string
  readonly last: Judged | null
  readonly isAlarm: boolean
  /** Of the last week, by outcome; all that are failures. */
  readonly failures: Readonly<Record<string, number>>
  /** Of the last one that came back in time or late. */
  readonly lastReturnedAt: Date | null
  readonly lastSeconds: number | null
}

interface HealthRow extends Omit<CanaryHealth, 'last' | 'failures'> {
  readonly failures: Readonly<Record<string, number>> | null
}

/** Of each transport, in their order. Throws when the database does not answer. */
export async function readCanaryHealth(sql: Sql, transports: readonly string[]): Promise<CanaryHealth[]> {
  const { rows } = await sql.query<HealthRow>(
    `select
       t.name as transport,
       exists (select 1 from installation where name = $2 || t.name) as "isAlarm",
       (
         select jsonb_object_agg(f.outcome, f.count)
         from (
           select outcome, count(*)::int as count
           from canaries
           where transport = t.name and outcome <> 'returned'
           group by outcome
         ) f
       ) as failures,
       back.returned_at as "lastReturnedAt",
       extract(epoch from back.returned_at - back.sent_at)::float8 as "lastSeconds"
     from unnest($1::text[]) with ordinality as t (name, place)
     left join lateral (
       select returned_at, sent_at
       from canaries
       where transport = t.name and returned_at is not null
       order by id desc
       limit 1
     ) back on true
     order by t.place`,
    [transports, alarmName('')],
  )
  const none = Object.fromEntries(canaryOutcomes.filter((one) => one !== 'returned').map((one) => [one, 0]))
  return Promise.all(
    rows.map(async ({ failures, ...row }) => ({
      ...row,
      failures: { ...none, ...failures },
      last: (await readLastJudged(sql, row.transport, 1))[0] ?? null,
    })),
  )
}
