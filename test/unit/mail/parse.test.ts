import { Buffer } from 'node:buffer'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { parseMail } from '../../../src/mail/parsing/parse.ts'

const head =
  'From: Ann <ann@customer.example>\r\nTo: desk@desk.example\r\nSubject: bomb\r\nMessage-ID: <1@customer.example>\r\n'
const mail = (rest: string) => parseMail(Buffer.from(head + rest))

describe('any bytes become a mail', () => {
  const inner = fc.constantFrom(
    '\r\n',
    '\n',
    '\r',
    '--b',
    '--b--',
    'Content-Type: multipart/mixed; boundary=b',
    'Content-Type: text/html',
    'Content-Type: message/rfc822',
    'Content-Transfer-Encoding: base64',
    '=?utf-8?Q?',
    '?=',
    '<',
    '>',
    '"',
    '(',
    '\0',
    '\x1b$B',
    '<blockquote type="cite">',
    '&#',
    'On 1.1.2024 Ann wrote:',
    ' ',
  )

  test('random bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (raw) => {
        expect(typeof (await parseMail(raw)).text).toBe('string')
      }),
      { numRuns: 300 },
    )
  })

  test('random pieces of mail', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(inner, fc.string({ maxLength: 10 })), { maxLength: 40 }), async (pieces) => {
        const parsed = await parseMail(Buffer.from(pieces.join('')))
        expect(parsed.degraded ?? '').not.toContain('could not be read:')
        expect(`${parsed.text}${parsed.html ?? ''}${parsed.subject}${parsed.replyText}`).not.toContain('\0')
      }),
      { numRuns: 500 },
    )
  })

  test('no bytes at all', async () => {
    expect(await parseMail(new Uint8Array())).toMatchObject({
      messageId: null,
      from: null,
      text: '',
      attachments: [],
      degraded: null,
    })
  })

  test('a mail without a header is all text', async () => {
    expect(await parseMail(Buffer.from('just some words\nand more'))).toMatchObject({
      headers: [],
      text: 'just some words\nand more',
    })
  })
})

describe('a MIME bomb becomes a mail in bounded time', () => {
  test.each<[title: string, rest: string, expected: object]>([
    [
      'a header of 1 MB folded over many lines',
      `X-A: ${'a\r\n b'.repeat(200_000)}\r\n\r\nwords`,
      { text: 'words', subject: 'bomb' },
    ],
    ['200,000 header fields', `${'X-A: b\r\n'.repeat(200_000)}\r\nwords`, { text: 'words', subject: 'bomb' }],
    [
      'one line of 10 MB',
      `\r\n${'a'.repeat(10_000_000)}`,
      { degraded: 'the text is longer than 4 MB or 100,000 lines; the rest is in the original' },
    ],
    [
      '5,000 nested tags',
      `Content-Type: text/html\r\n\r\n${'<div>'.repeat(5000)}words`,
      { text: 'words', degraded: null },
    ],
    [
      '100,000 nested citations',
      `Content-Type: text/html\r\n\r\n${'<blockquote type=cite>'.repeat(100_000)}words`,
      { degraded: 'the text is longer than 1 MB of HTML; the rest is in the original' },
    ],
    ['1 MB of "<"', `Content-Type: text/html\r\n\r\n${'<'.repeat(1_000_000)}`, { degraded: null }],
    ['tags whose quotes never close', `Content-Type: text/html\r\n\r\n${'<a x="'.repeat(150_000)}>"`, {}],
    ['100 KB of address groups', `Cc: ${'g:a@b.example;,'.repeat(7000)}\r\n\r\nwords`, { text: 'words' }],
    [
      '250 KB of open brackets in an address',
      `Cc: ${'('.repeat(125_000)}${'<'.repeat(120_000)}\r\n\r\nwords`,
      { text: 'words', cc: [] },
    ],
    ['250 KB of colons behind an address', `Cc: ${'@a:'.repeat(85_000)}\r\n\r\nwords`, { text: 'words', cc: [] }],
    ['20,000 header blocks', `\r\nwords\r\n${'From: a\r\nSent: b\r\n'.repeat(20_000)}`, {}],
  ])(
    '%s',
    async (_title, rest, expected) => {
      const started = performance.now()
      expect(await mail(rest)).toMatchObject(expected)
      expect(performance.now() - started).toBeLessThan(5000)
    },
    20_000,
  )

  test('more than 1,000 parts: headers and text, marked as degraded', async () => {
    const parts = '--b\r\nContent-Type: application/pdf\r\n\r\nx\r\n'.repeat(1500)
    const parsed = await mail(
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nwords\r\n` +
        `${parts}--b--\r\n`,
    )
    expect(parsed).toMatchObject({ text: 'words', attachments: [] })
    expect(parsed.degraded).toMatch(/^only headers and text could be read/)
  })

  test('a header above 256 KB keeps the small fields around the large one, marked as degraded', async () => {
    const parsed = await mail(`X-A: ${'a'.repeat(300_000)}\r\nReply-To: two@customer.example\r\n\r\nwords`)
    expect(parsed.replyTo).toEqual([{ name: '', address: 'two@customer.example' }])
    expect(parsed.degraded).toMatch(/256 KB/)
  })
})

test('header fields keep their order and are unfolded, not decoded', async () => {
  const parsed = await parseMail(
    Buffer.from('Received: two\r\n\tby b\r\nreceived: one\r\nSubject: =?utf-8?Q?x?=\r\n\r\n'),
  )
  expect(parsed.headers).toEqual([
    { name: 'received', value: 'two\tby b' },
    { name: 'received', value: 'one' },
    { name: 'subject', value: '=?utf-8?Q?x?=' },
  ])
})

test('the reverse-path of the ingress has precedence over the Return-Path field', async () => {
  const raw = Buffer.from(`${head}Return-Path: <>\r\n\r\nwords`)
  expect((await parseMail(raw)).automation).toBe('auto-reply')
  expect((await parseMail(raw, { reversePath: 'ann@customer.example' })).automation).toBe('person')
  expect((await parseMail(Buffer.from(`${head}\r\nwords`), { reversePath: '' })).automation).toBe('auto-reply')
})

test('the parsed mail crosses a thread unchanged', async () => {
  const parsed = await mail('Content-Type: application/pdf\r\n\r\nx')
  expect(structuredClone(parsed)).toEqual({
    ...parsed,
    attachments: parsed.attachments.map((part) => ({ ...part, content: new Uint8Array(part.content) })),
  })
})

test('the same bytes give the same mail', async () => {
  const raw = Buffer.from(`${head}Date: nonsense\r\n\r\nwords`)
  expect(await parseMail(raw)).toEqual(await parseMail(raw))
})
