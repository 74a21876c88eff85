// Moments in filters: days of a zone, times of a zone, and times with an offset.

import { dayIn, shiftDay, startOfDay } from '../records/time-zone.ts'
import { type Comparison, type Kind, presence } from './kinds.ts'

/**
 * Compares with a moment. A day is a whole day of the time zone: "greater" begins with the next day. A time without an
 * offset is in the time zone too. `days_before` counts back from today.
 */
export const time: Kind = (comparison) => {
  const { sql, operator, values, now, zone } = comparison
  const [given] = values
  if (operator === 'days_before') {
    const day = daysBefore(given, now, zone)
    return day === null ? null : `${sql} < ${beginning(comparison, day)}`
  }
  if (operator !== 'is_greater_than' && operator !== 'is_less_than') return presence(sql, operator)
  const moment = parseMoment(given)
  return moment === null ? null : compare({ ...comparison, operator }, moment)
}

/** The day so many days before today; null for an invalid number. Never throws. */
export function daysBefore(value: string | undefined, now: Date, zone: string): string | null {
  return value === undefined || !/^\s*\d{1,5}\s*$/.test(value) ? null : shiftDay(dayIn(zone, now), -Number(value))
}

type Moment = { readonly day: string } | { readonly local: string } | { readonly instant: string }
type Order = Comparison & { readonly operator: 'is_greater_than' | 'is_less_than' }

function compare(comparison: Order, moment: Moment): string {
  const { sql, operator, bind } = comparison
  const isGreater = operator === 'is_greater_than'
  const sign = isGreater ? '>' : '<'
  if ('instant' in moment) return `${sql} ${sign} ${bind(moment.instant, 'timestamptz')}`
  if ('local' in moment) return `${sql} ${sign} ${beginning(comparison, moment.local)}`
  if (!isGreater) return `${sql} < ${beginning(comparison, moment.day)}`
  const next = shiftDay(moment.day, 1)
  return next === null ? 'false' : `${sql} >= ${beginning(comparison, next)}`
}

function beginning({ bind, zone }: Comparison, local: string): string {
  return startOfDay(bind(local, 'text'), bind(zone, 'text'))
}

const pattern = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i

function parseMoment(value = ''): Moment | null {
  const [, day, clock, offset] = pattern.exec(value.trim()) ?? []
  if (day === undefined || shiftDay(day, 0) === null) return null
  if (clock === undefined) return { day }
  const local = `${day}T${clock}`
  if (toInstant(`${local}Z`) === null) return null
  if (offset === undefined) return { local }
  const instant = toInstant(`${local}${isoOffset(offset)}`)
  return instant === null ? null : { instant }
}

// "+01" and "+0100" as "+01:00".
function isoOffset(offset: string): string {
  const [, hours, minutes = '00'] = /^([+-]\d{2}):?(\d{2})?$/.exec(offset) ?? []
  return hours === undefined ? 'Z' : `${hours}:${minutes}`
}

function toInstant(text: string): string | null {
  const time = new Date(text)
  const year = time.getUTCFullYear()
  return Number.isNaN(year) || year < 1 || year > 9998 ? null : time.toISOString()
}
