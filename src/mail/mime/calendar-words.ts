// An event of a calendar part in words, for a mail that has none of its own: Outlook answers an invitation so.

import type { CalendarEvent, Mailbox } from '../parsed-mail.ts'

const answers: Readonly<Record<string, string>> = {
  accepted: 'Accepted',
  declined: 'Declined',
  delegated: 'Delegated',
  tentative: 'Tentative',
}
const methods: Readonly<Record<string, string>> = {
  add: 'Invitation',
  cancel: 'Canceled',
  counter: 'New time proposed',
  declinecounter: 'Proposed time declined',
  publish: 'Event',
  refresh: 'Update requested',
  reply: 'Answer',
  request: 'Invitation',
}

/** The event as the words of a mail that has no other. Never empty, never throws. */
export function calendarWords(event: CalendarEvent): string {
  const title = answers[event.answer ?? ''] ?? methods[event.method ?? ''] ?? 'Event'
  const when = periodOf(event)
  const first = `${title}: ${event.summary || 'untitled'}${when === '' ? '' : ` – ${when}`}`
  if (event.method === 'reply') return [first, event.comment].filter((text) => text !== '').join('\n\n')
  const lines = [
    first,
    event.location === '' ? '' : `Where: ${event.location}`,
    event.organizer === null ? '' : `Organizer: ${personOf(event.organizer)}`,
  ]
  const head = lines.filter((line) => line !== '').join('\n')
  return [head, event.comment, event.description].filter((text) => text !== '').join('\n\n')
}

// "2026-12-03 10:00–11:00 (Europe/Oslo)". The end of a whole day is the day after it (RFC 5545 §3.6.1): left out.
function periodOf({ method, start, end }: CalendarEvent): string {
  if (start === null) return ''
  const zone = start.zone === null ? '' : ` (${start.zone})`
  const isEndSaid = method !== 'reply' && start.at.includes('T') && end?.zone === start.zone
  return `${minutes(start.at)}${isEndSaid ? `–${endBeside(start.at, end.at)}` : ''}${zone}`
}

const endBeside = (start: string, end: string): string =>
  end.slice(0, 10) === start.slice(0, 10) ? end.slice(11, 16) : minutes(end)

const minutes = (at: string): string => at.slice(0, 16).replace('T', ' ')

function personOf({ name, address }: Mailbox): string {
  if (name === '' || address === '') return name || address
  return name === address ? address : `${name} <${address}>`
}
