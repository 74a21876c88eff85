// The balance of all accepted mail (conservation) and other signs of the store's health.

import { queryOne, type Sql } from '../db/pool.ts'

export type Balance = Readonly<
  Record<'accepted' | 'delivered' | 'held' | 'ignored' | 'failed' | 'pending' | 'processing' | 'unaccounted', number>
>

/** Counts by state; `accepted` is their sum and `unaccounted` is 0, unless mail was lost. */
export async function readBalance(sql: Sql): Promise<Balance> {
  const row = await queryOne<Balance>(sql, 'select * from conservation')
  if (row === null) throw new Error('the conservation view is empty')
  return row
}

/** True if every accepted mail has a visible state. */
export function isBalanced(balance: Balance): boolean {
  const { accepted, unaccounted, ...states } = balance
  return unaccounted === 0 && accepted === Object.values(states).reduce((sum, count) => sum + count, 0)
}

/** Age in seconds of the oldest mail that should have been taken up; 0 when there is none. */
export async function readBacklogAge(sql: Sql): Promise<number> {
  const row = await queryOne<{ age: number | null }>(
    sql,
    `
      select extract(epoch from now() - min(run_at))::float8 as age
      from inbound_emails
      where status in ('pending', 'processing') and run_at < now()
    `,
  )
  return row?.age ?? 0
}

export async function readWork(sql: Sql): Promise<{ waiting: number; failed: number }> {
  const row = await queryOne<{ waiting: number; failed: number }>(
    sql,
    `
      select
        count(*) filter (where failed_at is null) as waiting,
        count(*) filter (where failed_at is not null) as failed
      from work
      where kind <> 'fetch-mail'
    `,
  )
  return row ?? { waiting: 0, failed: 0 }
}

export interface Delayed {
  readonly count: number
  /** Since the oldest was written. */
  readonly seconds: number
  readonly error: string
}

/**
 * Outgoing mail that was tried and waits for its next attempt; null for none. `tell-…` are kinds of earlier versions
 * (queue/work.ts).
 */
export async function readDelayedMail(sql: Sql): Promise<Delayed | null> {
  const row = await queryOne<Delayed>(
    sql,
    `select
       count(*)::int as count,
       coalesce(extract(epoch from now() - min(created_at)), 0)::int as seconds,
       coalesce((array_agg(last_error order by id))[1], '') as error
     from work
     where failed_at is null
       and last_error is not null
       and (kind like 'send-%' or kind like 'notify-%' or kind like 'tell-%')`,
  )
  return row === null || row.count === 0 ? null : row
}

/** The oldest alarm of the last week that could not be posted, yet or at all; null for none. */
export async function readWaitingPost(sql: Sql): Promise<Omit<Delayed, 'count'> | null> {
  return queryOne<Omit<Delayed, 'count'>>(
    sql,
    `select
       extract(epoch from now() - created_at)::int as seconds,
       coalesce(last_error, 'no attempt yet') as error
     from work
     where kind = 'post-alert'
       and (last_error is not null or failed_at is not null)
       and created_at > now() - interval '7 days'
     order by id
     limit 1`,
  )
}
