// Where the head of a mail ends: what stands after it are the sender's words, and two mails that differ in them are
// never one.

import { describe, expect, test } from 'vitest'

import { idempotencyKey } from '../../../src/store/acceptance/idempotency-key.ts'

const key = (raw: string, recipients: readonly string[] = ['support@acme.example']): string =>
  idempotencyKey({
    ingress: 'relay',
    envelope: { reversePath: null, recipients },
    raw: Buffer.from(raw),
    peer: { address: null, helo: null, trusted: true },
  }).toString('hex')

const traces = [
  'Received: from one by two',
  'Delivered-To: a@x.example',
  'Return-Path: <a@x.example>',
  'X-Original-To: a@x.example',
  'Authentication-Results: mx; none',
  'ARC-Seal: i=1',
]
const heads = [
  ['a head of LF lines with an empty CRLF line', 'From: a@x.example\nSubject: s\n\r\n'],
  ['a head of CRLF lines with an empty LF line', 'From: a@x.example\r\nSubject: s\r\n\n'],
  ['a head of LF lines', 'From: a@x.example\nSubject: s\n\n'],
  ['a head of CRLF lines', 'From: a@x.example\r\nSubject: s\r\n\r\n'],
  ['an empty head of CRLF', '\r\n'],
  ['an empty head of LF', '\n'],
  ['no empty line, but a line that is no field', 'From: a@x.example\r\nSubject: s\r\nHello Carla,\r\n'],
  ['no head at all', 'Hello Carla,\r\n'],
  ['a folded field before the empty line', 'From: a@x.example\r\nSubject: a\r\n long one\r\n\r\n'],
  ['an empty line of white space only', 'From: a@x.example\r\nSubject: s\r\n \t\r\n'],
] as const

describe.each(heads)('after %s', (_what, head) => {
  test.each(traces)('two mails that differ in the line "%s" are different', (line) => {
    const plain = key(`${head}Hello\r\nBye\r\n`)
    expect(key(`${head}${line}\r\nHello\r\nBye\r\n`)).not.toBe(plain)
    expect(key(`${head}Hello\r\n${line}\r\nBye\r\n`)).not.toBe(plain)
    expect(key(`${head}Hello\r\nBye\r\n${line}`)).not.toBe(plain)
    expect(key(`${head}Hello\r\n${line}\r\nBye\r\n`)).not.toBe(key(`${head}Hello\r\n${line} 2\r\nBye\r\n`))
  })
})

describe('in the head', () => {
  const mail = (lines: readonly string[], end = '\r\n') =>
    [...lines, 'From: a@x.example', 'Subject: s', '', 'Hello', ''].join(end)

  test.each(['\r\n', '\n'])('fields of a hop are ignored when the envelope names the recipients (%j)', (end) => {
    for (const line of traces) expect(key(mail([line], end))).toBe(key(mail([], end)))
  })

  test.each(['\r\n', '\n'])('a folded field of a hop is ignored completely (%j)', (end) => {
    expect(key(mail([`Received: from one${end}\tby two;${end} Mon, 1 Jan 2026 00:00:00 +0000`], end))).toBe(
      key(mail(['Received: x'], end)),
    )
  })

  test("a continuation line belongs to the sender's field, whatever it looks like", () => {
    const folded = (line: string) => `From: a@x.example\r\nSubject: s\r\n ${line}\r\n\r\nHello\r\n`
    expect(key(folded('Received: one'))).not.toBe(key(folded('Received: two')))
    expect(key(folded('Received: one'))).not.toBe(key(mail([])))
  })

  test('without an envelope Delivered-To names the recipient of a copy, and Received is ignored', () => {
    expect(key(mail(['Received: one', 'Delivered-To: a@x.example']), [])).toBe(
      key(mail(['Delivered-To: A@x.example', 'Received: two']), []),
    )
    expect(key(mail(['Delivered-To: a@x.example']), [])).not.toBe(key(mail(['Delivered-To: b@x.example']), []))
  })
})
