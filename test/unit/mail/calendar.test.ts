// Calendar parts (RFC 5545, RFC 6047): the words for a mail that has none, and what hostile calendars cost.

import { Buffer } from 'node:buffer'

import { expect, test } from 'vitest'

import { parseMail } from '../../../src/mail/parsing/parse.ts'

const head = 'From: Ann <ann@customer.example>\r\nSubject: Meeting\r\nMIME-Version: 1.0\r\n'
const read = (lines: readonly string[], type = 'text/calendar; charset=utf-8') =>
  parseMail(Buffer.from(`${head}Content-Type: ${type}\r\n\r\n${lines.join('\r\n')}\r\n`))
const event = (method: string, ...lines: string[]): string[] => [
  'BEGIN:VCALENDAR',
  `METHOD:${method}`,
  'BEGIN:VEVENT',
  'SUMMARY:Sprint review',
  ...lines,
  'END:VEVENT',
  'END:VCALENDAR',
]

test.each([
  [
    'REPLY',
    ['ATTENDEE;PARTSTAT=DECLINED:mailto:a@b.example', 'COMMENT:I am ill.'],
    'Declined: Sprint review\n\nI am ill.',
  ],
  ['REPLY', ['ATTENDEE;PARTSTAT=TENTATIVE:mailto:a@b.example'], 'Tentative: Sprint review'],
  ['CANCEL', ['DTSTART;VALUE=DATE:20261203', 'DTEND;VALUE=DATE:20261204'], 'Canceled: Sprint review – 2026-12-03'],
  [
    'REQUEST',
    [
      'DTSTART;TZID="W. Europe Standard Time":20261203T100000',
      'DTEND;TZID="W. Europe Standard Time":20261203T113000',
      'ORGANIZER;CN=Ann Baker:MAILTO:ann@customer.example',
      'LOCATION:Room 4',
      'DESCRIPTION:Agenda:\\n1. demo\\, 2. cake',
    ],
    'Invitation: Sprint review – 2026-12-03 10:00–11:30 (W. Europe Standard Time)\nWhere: Room 4\n' +
      'Organizer: Ann Baker <ann@customer.example>\n\nAgenda:\n1. demo, 2. cake',
  ],
  [
    'COUNTER',
    ['DTSTART:20261203T230000Z', 'DTEND:20261204T010000Z'],
    'New time proposed: Sprint review – 2026-12-03 23:00–2026-12-04 01:00 (UTC)',
  ],
])('%s without a text has the words of its event', async (method, lines, words) => {
  const mail = await read(event(method, ...lines))
  expect([mail.text, mail.replyText, mail.degraded]).toEqual([words, words, null])
  expect(mail.attachments.map(({ contentType }) => contentType)).toEqual(['text/calendar'])
})

test('a line that cannot be read takes no other with it; the charset of the part counts', async () => {
  const lines = event('REQUEST', 'DTSTART:yesterday', 'DTEND;X="', 'LOCATION:K\u00f6ln')
  const raw = Buffer.from(
    `${head}Content-Type: text/calendar; charset=iso-8859-1\r\n\r\n${lines.join('\r\n')}`,
    'latin1',
  )
  expect((await parseMail(raw)).text).toBe('Invitation: Sprint review\nWhere: Köln')
})

test('a calendar without an event is a file', async () => {
  const mail = await read(['BEGIN:VCALENDAR', 'BEGIN:VTIMEZONE', 'TZID:X', 'END:VTIMEZONE', 'END:VCALENDAR'])
  expect([mail.text, mail.calendar, mail.attachments.length]).toEqual(['', undefined, 1])
})

const size = 1024 * 1024
test.each([
  ['components', 'BEGIN:VEVENT\r\n'.repeat(size / 14)],
  ['attendees', 'ATTENDEE;CN=A;PARTSTAT=X:mailto:a@b.example\r\n'.repeat(size / 45)],
  ['parameters', `SUMMARY${';A=B'.repeat(size / 4)}:x`],
  ['quoted parameters', `SUMMARY;A=${'"a",'.repeat(size / 4)}"b":x`],
  ['open quotes', `SUMMARY${';A="'.repeat(size / 4)}:x`],
  ['folds', `SUMMARY:a${'\r\n b'.repeat(size / 4)}`],
  ['escapes', `SUMMARY:${'\\,'.repeat(size / 2)}`],
  ['lines', 'SUMMARY:\r\n'.repeat(size / 10)],
  ['repetitions', `RRULE:FREQ=SECONDLY;BYDAY=${'MO,'.repeat(size / 3)}`],
])('1 MB of %s is read in linear time', async (_what, text) => {
  const raw = Buffer.from(
    `${head}Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n${text}\r\nUID:1\r\n`,
  )
  await parseMail(raw.subarray(0, 4096))
  const start = process.cpuUsage()
  await parseMail(raw)
  const { user, system } = process.cpuUsage(start)
  // work that grows with the square would take minutes
  expect((user + system) / 1000).toBeLessThan(5_000)
})
