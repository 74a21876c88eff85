// A mail made of its parts: a parser finds the parts again, and no part can become more than it is.

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseMail } from '../../../src/mail/parsing/parse.ts'
import { type MailParts, synthesise } from '../../../src/mail/synthesise.ts'

const blank: MailParts = { headers: [], text: null, html: null, attachments: [] }
const file = (bytes: string, more: object = {}) => ({
  filename: 'a.bin',
  contentType: 'application/octet-stream',
  contentId: null,
  inline: false,
  bytes: Buffer.from(bytes, 'latin1'),
  ...more,
})

test('text, HTML and files of any bytes are unchanged', async () => {
  const parts: MailParts = {
    headers: [
      ['From', 'Zoë <zoe@x.example>'],
      ['Subject', 'Größe 尺寸'],
      ['Message-ID', '<a@x>'],
      ['Date', 'Wed, 7 Jan 2026 16:28:37 +0200'],
      ['Content-Type', 'text/plain; charset=utf-7'],
      ['Content-Transfer-Encoding', 'x'],
    ],
    text: 'Grüße\nzwei',
    html: '<p>尺寸 <img src="cid:pic@x"></p>',
    attachments: [
      file('\0\xff\r\n--=_whole', { filename: 'täst "x".bin' }),
      file('PNG', { filename: null, contentType: 'image/png', contentId: '<pic@x>', inline: true }),
      file('From: a\n\nb', { contentType: 'message/rfc822', filename: 'mail.eml' }),
    ],
  }
  const mail = await parseMail(synthesise(parts))
  expect(mail).toMatchObject({
    from: { name: 'Zoë', address: 'zoe@x.example' },
    subject: 'Größe 尺寸',
    messageId: 'a@x',
    date: '2026-01-07T14:28:37.000Z',
    text: parts.text,
    degraded: null,
  })
  expect(mail.html).toContain('尺寸')
  expect(mail.attachments.map(({ filename, content }) => [filename, Buffer.from(content).toString('latin1')])).toEqual([
    ['täst "x".bin', '\0\xff\r\n--=_whole'],
    [expect.any(String), 'PNG'],
    ['mail.eml', 'From: a\n\nb'],
  ])
  expect(mail.attachments[1]).toMatchObject({ contentId: 'pic@x', contentType: 'image/png' })
})

test('the same parts give the same bytes, others give different bytes', () => {
  const parts = { ...blank, headers: [['From', 'a@x']] as const, text: 'x', html: 'y' }
  expect(synthesise(parts).equals(synthesise({ ...parts }))).toBe(true)
  expect(synthesise(parts).equals(synthesise({ ...parts, text: 'z' }))).toBe(false)
})

test('a fallback replaces a missing field only, in any case', async () => {
  const fallback = [
    ['From', 'b@x.example'],
    ['Subject', 'theirs'],
    ['Cc', null],
    ['To', ''],
  ] as const
  const mail = await parseMail(synthesise({ ...blank, headers: [['FROM', 'a@x.example']], fallback }))
  expect(mail).toMatchObject({ from: { address: 'a@x.example' }, subject: 'theirs', cc: [], to: [] })
  expect(mail.headers.map(({ name }) => name)).toEqual([
    'from',
    'subject',
    'x-rethread-synthesised',
    'mime-version',
    'content-type',
    'content-transfer-encoding',
  ])
})

test('the content of parts adds no field, header end or boundary', async () => {
  const nasty = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'x\r\nFrom: evil@x.example',
      'x\n\nbody',
      '\r\n\r\n',
      'x\r\n \r\nFrom: evil@x.example',
      '\0',
      '--=_words',
      'a"; filename="b',
      'a\r\rb',
    ),
  )
  const some = fc.record<MailParts>({
    headers: fc.array(
      fc.tuple(fc.oneof(fc.constantFrom('From', 'X-A', 'X:B', 'X C', 'Content-Type', ''), nasty), nasty),
      { maxLength: 4 },
    ),
    text: fc.option(nasty),
    html: fc.option(nasty),
    attachments: fc.array(
      fc.record({
        filename: fc.option(nasty),
        contentType: fc.option(nasty),
        contentId: fc.option(nasty),
        inline: fc.boolean(),
        bytes: nasty.map((text) => Buffer.from(text)),
      }),
      { maxLength: 2 },
    ),
  })
  await fc.assert(
    fc.asyncProperty(some, async (parts) => {
      const mail = await parseMail(
        synthesise({
          ...parts,
          headers: [...parts.headers.filter(([name]) => name.toLowerCase() !== 'subject'), ['Subject', 'last']],
        }),
      )
      expect(mail.subject).toBe('last')
      expect(mail.headers.length).toBeLessThanOrEqual(parts.headers.length + 5)
      expect(
        mail.attachments.filter(({ content }) => !parts.attachments.some(({ bytes }) => bytes.equals(content))),
      ).toEqual([])
    }),
    { numRuns: 300 },
  )
})
