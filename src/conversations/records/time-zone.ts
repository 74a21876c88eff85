// Days and hours of an account: those of its `reporting_timezone`, in filters as in reports.

import type { Json } from './rows.ts'

// Abbreviations that Node accepts, and PostgreSQL does not accept or understands differently (BST).
const notZones = /^(?!UTC$|GMT$)[^/]*$|^SystemV\/|^US\/Pacific-New$/i

/** True if a name is a zone of the tz database, of a place or UTC. Never throws. */
export function isTimezone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(name) || notZones.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** The zone in which an account counts its days. Never throws. */
export function zoneOfAccount(settings: Json): string {
  const zone = settings['reporting_timezone']
  return typeof zone === 'string' && isTimezone(zone) ? zone : 'UTC'
}

/** The day of a moment in a zone, as YYYY-MM-DD. Throws `RangeError` for a zone that is none. */
export function dayIn(zone: string, at: Date): string {
  const parts = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(at)
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? ''
  return `${of('year')}-${of('month')}-${of('day')}`
}

/** A day so many days later; negative is earlier. Null for an invalid date. Never throws. */
export function shiftDay(day: string, days: number): string | null {
  const time = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(time.getTime()) || time.toISOString().slice(0, 10) !== day) return null
  time.setUTCDate(time.getUTCDate() + days)
  const year = time.getUTCFullYear()
  return Number.isNaN(year) || year < 1 || year > 9998 ? null : time.toISOString().slice(0, 10)
}

/**
 * As SQL: the moment at which a day of a zone begins. A day without midnight, because of a clock change, begins at the
 * change.
 */
export function startOfDay(day: string, zone: string): string {
  return `(${day}::timestamp at time zone ${zone})`
}
