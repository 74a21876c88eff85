// Until when a conversation sleeps, as an agent writes it: 2d, 4h, tomorrow, next week, friday, 2026-12-24 14:30.

import type { CommandRequest, Refusal, SnoozeTime } from './command.ts'

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const minutesIn: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1_440, w: 10_080 }

/** Further away than this is a mistake in the year. */
const maxMinutes = 5 * 366 * 1_440
/** When a day is given without a time. */
const morning = '09:00'

const instead = 'Write #snooze 4h, 2d, 1w, tomorrow, friday, next week, 2026-12-24 or 2026-12-24 14:30.'

/** Never throws. */
export function readSnooze(given: string): CommandRequest | Refusal {
  if (given === '') return { why: 'it does not say until when', instead }
  const until = readSpan(given) ?? readDay(given)
  if (until === null) return { why: `“${given}” is not a time that is understood`, instead }
  return 'why' in until ? until : { kind: 'snooze', until }
}

function readSpan(given: string): SnoozeTime | Refusal | null {
  const match = /^(\d{1,9}) ?(m|min|minutes?|h|hours?|d|days?|w|weeks?)$/i.exec(given)
  if (match === null) return null
  const minutes = Number(match[1]) * (minutesIn[match[2]?.[0]?.toLowerCase() ?? ''] ?? 0)
  if (minutes === 0) return { why: `“${given}” is no time at all`, instead }
  if (minutes > maxMinutes) return { why: `“${given}” is more than five years away`, instead }
  return { kind: 'after', minutes }
}

function readDay(given: string): SnoozeTime | Refusal | null {
  const timed = /^(.+?)(?: |(?<=\d)t)(?:at )?(\d{1,2}):(\d{2})$/i.exec(given)
  const [name = given, hour, minute = '00'] = timed?.slice(1) ?? []
  const day = dayOf(name.toLowerCase(), hour !== undefined)
  if (day === null || hour === undefined) return day === null ? null : { kind: 'day', day, time: morning }
  const isTime = Number(hour) < 24 && Number(minute) < 60
  return isTime
    ? { kind: 'day', day, time: `${hour.padStart(2, '0')}:${minute}` }
    : { why: `${hour}:${minute} is no time of day`, instead }
}

function dayOf(name: string, hasTime: boolean): Extract<SnoozeTime, { kind: 'day' }>['day'] | null {
  if (/^\d{4}-\d{2}-\d{2}$/.test(name)) return isDate(name) ? name : null
  if (name === 'tomorrow') return { inDays: 1 }
  if (name === 'today') return hasTime ? { inDays: 0 } : null
  if (name === 'next week') return { weekday: 1 }
  const word = name.replace(/^next /, '')
  const weekday = weekdays.findIndex((full) => full === word || full.slice(0, 3) === word)
  return weekday === -1 ? null : { weekday }
}

function isDate(day: string): boolean {
  const time = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(time.getTime()) && time.toISOString().slice(0, 10) === day
}
