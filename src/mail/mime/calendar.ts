// The calendar part of a mail (iMIP, RFC 6047): what an invitation, an answer or a cancellation says (RFC 5545, RFC
// 5546). One event is read; its repetition is never expanded. The only file that uses ical.js.

import ICAL from 'ical.js'

import { decodeText } from '../encoding/charset.ts'
import type { CalendarEvent, CalendarTime, Mailbox } from '../parsed-mail.ts'
import type { RawAttachment } from './attachments.ts'

const maxBytes = 1024 * 1024
const maxLines = 20_000
const maxLineLength = 32_000
const maxText = 1_000
const maxDescription = 20_000
const maxAttendees = 100

const types = new Set(['text/calendar', 'application/ics', 'text/x-vcalendar'])
const eventProperties = new Set([
  'attendee',
  'comment',
  'description',
  'dtend',
  'dtstart',
  'duration',
  'location',
  'organizer',
  'summary',
  'uid',
])

/** The event of the first calendar part, or null when there is none that can be read. Never throws. */
export function readCalendar(parts: readonly RawAttachment[]): CalendarEvent | null {
  for (const part of parts.filter(({ contentType }) => types.has(contentType)).slice(0, 3)) {
    const event = readEvent(decodeText(part.content.subarray(0, maxBytes), part.charset))
    if (event !== null) return event
  }
  return null
}

type Values = Map<string, ICAL.Property[]>

function readEvent(text: string): CalendarEvent | null {
  const values: Values = new Map()
  // the components that are open, the innermost last
  const open: string[] = []
  for (const line of unfold(text)) {
    const name = /^[a-z0-9-]{1,40}(?=[;:])/i.exec(line)?.[0].toLowerCase() ?? ''
    if (name === 'begin') open.push(line.slice(6).trim().toLowerCase())
    else if (name !== 'end') keep(values, name, { line, component: open.at(-1) })
    else if (open.pop() === 'vevent') break
  }
  return ['dtstart', 'summary', 'uid'].some((name) => values.has(name)) ? eventOf(values) : null
}

function keep(
  values: Values,
  name: string,
  { line, component }: { readonly line: string; readonly component: string | undefined },
): void {
  const isWanted = component === 'vevent' ? eventProperties.has(name) : component === 'vcalendar' && name === 'method'
  const known = values.get(name) ?? []
  if (!isWanted || known.length >= (name === 'attendee' ? maxAttendees : 1)) return
  const property = readProperty(line)
  if (property !== null) values.set(name, [...known, property])
}

// RFC 5545 §3.1
function unfold(text: string): string[] {
  const lines: string[] = []
  let current: string[] = []
  let length = 0
  for (const line of text.split(/\r\n?|\n/, maxLines)) {
    if (/^[ \t]/.test(line)) {
      length += line.length
      if (length < maxLineLength) current.push(line.slice(1))
    } else {
      lines.push(current.join(''))
      current = [line.slice(0, maxLineLength)]
      length = line.length
    }
  }
  return [...lines, current.join('')]
}

// A line that cannot be read must not take the others with it.
function readProperty(line: string): ICAL.Property | null {
  try {
    const property = ICAL.Property.fromString(line)
    // values are read late, and throw then
    property.getFirstValue()
    return property
  } catch {
    return null
  }
}

function eventOf(values: Values): CalendarEvent {
  const method = textOf(values, 'method', 40).toLowerCase()
  const attendees = (values.get('attendee') ?? []).map((property) => ({
    ...mailboxOf(property),
    answer: parameterOf(property, 'partstat').toLowerCase(),
  }))
  const organizer = values.get('organizer')?.[0]
  return {
    method: method === '' ? null : method,
    uid: textOf(values, 'uid'),
    summary: textOf(values, 'summary'),
    start: timeOf(values, 'dtstart'),
    end: timeOf(values, 'dtend') ?? endByDuration(values),
    location: textOf(values, 'location'),
    description: textOf(values, 'description', maxDescription),
    comment: textOf(values, 'comment', maxDescription),
    organizer: organizer === undefined ? null : mailboxOf(organizer),
    attendees,
    // only an answer says what its author answers (RFC 5546 §3.2.3)
    answer: method === 'reply' ? (attendees[0]?.answer ?? null) : null,
  }
}

function textOf(values: Values, name: string, max = maxText): string {
  const value: unknown = values.get(name)?.[0]?.getFirstValue()
  return clean(typeof value === 'string' ? value : '', max)
}

function clean(text: string, max: number): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .slice(0, max)
    .toWellFormed()
    .trim()
}

function parameterOf(property: ICAL.Property, name: string): string {
  const value: unknown = property.getParameter(name)
  return typeof value === 'string' ? clean(value, 200).replace(/^"|"$/g, '') : ''
}

function mailboxOf(property: ICAL.Property): Mailbox {
  const value: unknown = property.getFirstValue()
  const address = typeof value === 'string' ? clean(value, 320).replace(/^mailto:/i, '') : ''
  return { name: parameterOf(property, 'cn'), address: address.includes('@') ? address.toLowerCase() : '' }
}

// As the calendar says it: "2026-12-03T10:00:00" in its zone, or "2026-12-03" for a whole day.
function timeOf(values: Values, name: string): CalendarTime | null {
  const property = values.get(name)?.[0]
  const value: unknown = property?.getFirstValue()
  if (property === undefined || !(value instanceof ICAL.Time)) return null
  const at = value.toString()
  if (!/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ?)?$/.test(at)) return null
  const zone = parameterOf(property, 'tzid')
  return { at: at.replace('Z', ''), zone: at.endsWith('Z') ? 'UTC' : zone || null }
}

function endByDuration(values: Values): CalendarTime | null {
  const start = timeOf(values, 'dtstart')
  const from: unknown = values.get('dtstart')?.[0]?.getFirstValue()
  const duration: unknown = values.get('duration')?.[0]?.getFirstValue()
  if (start === null || !(from instanceof ICAL.Time) || !(duration instanceof ICAL.Duration)) return null
  if (Math.abs(duration.toSeconds()) > 366 * 86_400) return null
  const end = from.clone()
  end.addDuration(duration)
  return { ...start, at: end.toString().replace('Z', '') }
}
