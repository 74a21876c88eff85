// Ignored mail of the last day beside the week before it: a jump says that mail of customers is taken for a loop or a
// list, as after a change of a group or a form.

import type { Sql } from '../db/pool.ts'

interface Share {
  readonly accepted: number
  readonly ignored: number
}

export interface IgnoredMail {
  readonly lastDay: Share
  /** The seven days before. */
  readonly weekBefore: Share
  /** Of the last day, the most frequent first. */
  readonly reasons: readonly (readonly [reason: string, count: number])[]
}

/** Only the latest mails are counted, so that the count takes no longer in a large installation. */
const maxCounted = 200_000

/** What a person has ignored, by discarding or blocking, does not count. */
export async function readIgnoredMail(sql: Sql): Promise<IgnoredMail> {
  const { rows } = await sql.query<{ is_last_day: boolean; reason: string | null; count: number }>(
    `
      select
        received_at > now() - interval '1 day' as is_last_day,
        case when status = 'ignored' and reason not in ('discarded', 'blocked-sender') then reason end as reason,
        count(*)::int as count
      from (
        select received_at, status, reason
        from inbound_emails
        order by id desc
        limit $1
      ) latest
      where received_at > now() - interval '8 days'
      group by 1, 2
      order by 3 desc
    `,
    [maxCounted],
  )
  const shareOf = (isLastDay: boolean): Share => {
    const own = rows.filter((row) => row.is_last_day === isLastDay)
    const sum = (some: typeof own): number => some.reduce((total, { count }) => total + count, 0)
    return { accepted: sum(own), ignored: sum(own.filter(({ reason }) => reason !== null)) }
  }
  return {
    lastDay: shareOf(true),
    weekBefore: shareOf(false),
    reasons: rows.flatMap(({ is_last_day: isLastDay, reason, count }) =>
      isLastDay && reason !== null ? [[reason, count] as const] : [],
    ),
  }
}
