// When a conversation comes back: fixed choices, and what people write, "tomorrow 9", "in 3 days", "Friday 14:30".

import { addDays, addHours, addMinutes, addMonths, addWeeks } from 'date-fns'

const hourOfDay = 9
const laterHours = 3

/** A choice of the menu. */
export interface SnoozeChoice {
  readonly id: 'later' | 'tomorrow' | 'week' | 'month'
  readonly at: Date
}

export function snoozeChoices(now: Date): readonly SnoozeChoice[] {
  const nextMonday = addDays(now, (8 - now.getDay()) % 7 || 7)
  return [
    { id: 'later', at: addHours(now, laterHours) },
    { id: 'tomorrow', at: atTime(addDays(now, 1), hourOfDay, 0) },
    { id: 'week', at: atTime(nextMonday, hourOfDay, 0) },
    { id: 'month', at: atTime(addMonths(now, 1), hourOfDay, 0) },
  ]
}

/** What was written as a time in the future; null: it names none. Knows English and German. Never throws. */
export function parseTime(text: string, now: Date): Date | null {
  const words = text.trim().toLocaleLowerCase().replace(/\s+/g, ' ')
  const span = parseSpan(words, now)
  if (span !== null) return span
  const { rest, hour, minute } = takeClock(words)
  const day = parseDay(rest, now)
  if (day === null) return null
  const at = atTime(day, hour ?? hourOfDay, minute)
  // "9" after nine o'clock is tomorrow's.
  const isPast = at.getTime() <= now.getTime()
  if (isPast && rest !== '') return null
  return isPast ? addDays(at, 1) : at
}

const units: readonly (readonly [RegExp, (from: Date, count: number) => Date])[] = [
  [/^min(ute)?[sn]?$/, addMinutes],
  [/^(h|hours?|stunden?|std)$/, addHours],
  [/^(days?|tage?n?)$/, addDays],
  [/^(weeks?|wochen?)$/, addWeeks],
  [/^(months?|monate?n?)$/, addMonths],
]

function parseSpan(words: string, now: Date): Date | null {
  const [, number = '', unit = ''] = /^in (an?|eine[rnm]?|\d{1,4}) ?(\p{L}+)$/u.exec(words) ?? []
  const add = units.find(([pattern]) => pattern.test(unit))?.[1]
  if (add === undefined) return null
  return add(now, /\d/.test(number) ? Number(number) : 1)
}

// "9", "9:30", "14.30", "9 am", "um 9 uhr" at the end.
function takeClock(words: string): { readonly rest: string; readonly hour: number | null; readonly minute: number } {
  const found = /(?:^| )(?:at |um )?(\d{1,2})(?:[:.](\d{2}))? ?(am|pm|uhr)?$/.exec(words)
  if (found === null) return { rest: words, hour: null, minute: 0 }
  const [whole, hours = '', minutes = '0', half] = found
  const hour = (Number(hours) % (half === undefined || half === 'uhr' ? 24 : 12)) + (half === 'pm' ? 12 : 0)
  if (Number(hours) > 24 || Number(minutes) > 59) return { rest: words, hour: null, minute: 0 }
  return { rest: words.slice(0, words.length - whole.length).trim(), hour, minute: Number(minutes) }
}

const weekdays = [
  ['sunday', 'sonntag'],
  ['monday', 'montag'],
  ['tuesday', 'dienstag'],
  ['wednesday', 'mittwoch'],
  ['thursday', 'donnerstag'],
  ['friday', 'freitag'],
  ['saturday', 'samstag'],
]
const minLetters = 2

function parseDay(words: string, now: Date): Date | null {
  if (words === '' || words === 'today' || words === 'heute') return now
  if (words === 'tomorrow' || words === 'morgen') return addDays(now, 1)
  if (words === 'übermorgen' || words === 'day after tomorrow') return addDays(now, 2)
  if (words === 'next week' || words === 'nächste woche') return addDays(now, (8 - now.getDay()) % 7 || 7)
  const name = words.replace(/^(on|next|am|nächsten) /, '')
  const weekday =
    name.length < minLetters ? -1 : weekdays.findIndex((names) => names.some((one) => one.startsWith(name)))
  return weekday < 0 ? null : addDays(now, (weekday - now.getDay() + 7) % 7 || 7)
}

function atTime(day: Date, hour: number, minute: number): Date {
  const at = new Date(day)
  at.setHours(hour, minute, 0, 0)
  return at
}
