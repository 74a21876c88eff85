// Working hours of an inbox, by day of the week, in its own zone. Only days that were set are stored; the others are as
// usual: nine to five, closed on Saturday and Sunday.

import type { Problem } from './problem.ts'
import type { WorkingDay } from './rows.ts'

type Json = Readonly<Record<string, unknown>>

function usualDay(dayOfWeek: number): WorkingDay {
  const closedAllDay = dayOfWeek === 0 || dayOfWeek === 6
  const hours = closedAllDay
    ? { openHour: null, openMinutes: null, closeHour: null, closeMinutes: null }
    : { openHour: 9, openMinutes: 0, closeHour: 17, closeMinutes: 0 }
  return { dayOfWeek, closedAllDay, openAllDay: false, ...hours }
}

/** The whole week out of what a column keeps. Never throws. */
export function weekOf(kept: unknown): WorkingDay[] {
  const days = (Array.isArray(kept) ? kept : []).map((day) => readDay(day as Json)).filter((day) => day !== null)
  return [0, 1, 2, 3, 4, 5, 6].map((number) => days.find((day) => day.dayOfWeek === number) ?? usualDay(number))
}

/** As a column keeps it, and as clients read it. */
export function storedDay(day: WorkingDay) {
  return {
    day_of_week: day.dayOfWeek,
    closed_all_day: day.closedAllDay,
    open_hour: day.openHour,
    open_minutes: day.openMinutes,
    close_hour: day.closeHour,
    close_minutes: day.closeMinutes,
    open_all_day: day.openAllDay,
  }
}

/** The week with the given days replaced, or their problems. */
export function changeWeek(
  week: readonly WorkingDay[],
  given: readonly Json[],
): { readonly week: WorkingDay[] } | { readonly problems: Problem[] } {
  const days = given.map(readDay)
  if (days.includes(null)) return { problems: [{ attribute: 'working_hours', message: 'are invalid' }] }
  const wrong = days.find((day) => day !== null && isBackwards(day))
  if (wrong !== undefined)
    return { problems: [{ attribute: 'working_hours', message: 'Closing time cannot be before opening time' }] }
  return { week: week.map((day) => days.findLast((other) => other?.dayOfWeek === day.dayOfWeek) ?? day) }
}

function isBackwards(day: WorkingDay): boolean {
  if (day.closedAllDay || day.openAllDay) return false
  return (day.openHour ?? 0) * 60 + (day.openMinutes ?? 0) >= (day.closeHour ?? 0) * 60 + (day.closeMinutes ?? 0)
}

function readDay(day: Json): WorkingDay | null {
  const dayOfWeek = wholeOf(day['day_of_week'], 6)
  const closedAllDay = isSet(day['closed_all_day'])
  const openAllDay = isSet(day['open_all_day'])
  if (dayOfWeek === null || (closedAllDay && openAllDay)) return null
  if (closedAllDay)
    return {
      dayOfWeek,
      closedAllDay,
      openAllDay,
      openHour: null,
      openMinutes: null,
      closeHour: null,
      closeMinutes: null,
    }
  if (openAllDay)
    return { dayOfWeek, closedAllDay, openAllDay, openHour: 0, openMinutes: 0, closeHour: 23, closeMinutes: 59 }
  const [openHour, closeHour] = [wholeOf(day['open_hour'], 23), wholeOf(day['close_hour'], 23)]
  const [openMinutes, closeMinutes] = [wholeOf(day['open_minutes'], 59), wholeOf(day['close_minutes'], 59)]
  if (openHour === null || closeHour === null || openMinutes === null || closeMinutes === null) return null
  return { dayOfWeek, closedAllDay, openAllDay, openHour, openMinutes, closeHour, closeMinutes }
}

function wholeOf(value: unknown, most: number): number | null {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : ''
  const number = /^\d{1,2}$/.test(text) ? Number(text) : -1
  return number >= 0 && number <= most ? number : null
}

function isSet(value: unknown): boolean {
  return value === true || value === 1 || value === 'true' || value === '1'
}

/** True if two moments are on one day in that zone. */
export function isSameDay(one: Date, other: Date, timeZone: string): boolean {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone })
  return day.format(one) === day.format(other)
}

const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** True if the inbox is open at a moment; `timeZone` is an IANA name. The minute of closing is closed. */
export function isOpenAt(week: readonly WorkingDay[], at: Date, timeZone: string): boolean {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: 'numeric',
    minute: 'numeric',
    hourCycle: 'h23',
  }).formatToParts(at)
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((one) => one.type === type)?.value ?? ''
  const day = week.find(({ dayOfWeek }) => dayNames[dayOfWeek] === part('weekday'))
  if (day === undefined || day.closedAllDay) return false
  if (day.openAllDay) return true
  const minute = Number(part('hour')) * 60 + Number(part('minute'))
  return (
    minute >= (day.openHour ?? 0) * 60 + (day.openMinutes ?? 0) &&
    minute < (day.closeHour ?? 0) * 60 + (day.closeMinutes ?? 0)
  )
}
