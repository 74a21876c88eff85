// The moment at which a conversation wakes, from a time as an agent writes it. Days are those of the inbox's zone, if
// it has set one, and else of the account's.

import { queryOne, type Sql } from '../../db/pool.ts'
import type { SnoozeTime } from '../../mail/commands/command.ts'
import type { Json } from '../records/rows.ts'
import { dayIn, isTimezone, shiftDay, zoneOfAccount } from '../records/time-zone.ts'

/** Null: it is over. */
export async function snoozedUntil(
  sql: Sql,
  until: SnoozeTime,
  { inbox, settings }: { readonly inbox: string; readonly settings: Json },
): Promise<Date | null> {
  const now = new Date()
  if (until.kind === 'after') return new Date(now.getTime() + until.minutes * 60_000)
  const zone = inbox !== 'UTC' && isTimezone(inbox) ? inbox : zoneOfAccount(settings)
  const day = dayOf(until.day, dayIn(zone, now))
  if (day === null) return null
  const row = await queryOne<{ at: Date }>(sql, 'select ($1::timestamp at time zone $2) as at', [
    `${day} ${until.time}`,
    zone,
  ])
  return row !== null && row.at > now ? row.at : null
}

function dayOf(day: Extract<SnoozeTime, { kind: 'day' }>['day'], today: string): string | null {
  if (typeof day === 'string') return day
  if ('inDays' in day) return shiftDay(today, day.inDays)
  const weekday = new Date(`${today}T00:00:00Z`).getUTCDay()
  return shiftDay(today, ((day.weekday - weekday + 6) % 7) + 1)
}
