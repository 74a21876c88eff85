import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { parseMail } from '../../../src/mail/parsing/parse.ts'

const megabyte = 1024 * 1024
const head = 'From: Ann <ann@customer.example>\r\nSubject: bomb\r\n'
const filled = (piece: string, bytes: number) => piece.repeat(Math.floor(bytes / Buffer.byteLength(piece)))
const type = (name: string, encoding = '8bit') =>
  `Content-Type: ${name}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`
const multipart = (kind: string, ...parts: string[]) =>
  `Content-Type: multipart/${kind}; boundary=b\r\n\r\n${parts.map((part) => `--b\r\n${part}\r\n`).join('')}--b--\r\n`
const wrapped = (bytes: Buffer) => bytes.toString('base64').replace(/.{76}/g, '$&\r\n')

// Each took 4 to 24 s when all of it was read, and takes under 1.5 s now. Counted in time of the processor: others on
// a busy machine do not matter.
const patience = 5_000
const words = 'the text is longer than 4 MB or 100,000 lines; the rest is in the original'

describe('a mail of 36 MB of any structure is parsed without delay, and lists its omissions', () => {
  test.each<[title: string, rest: () => string, degraded: string | null]>([
    ['list items of no-break spaces', () => type('text/html') + filled('<li>\u00a0 ', 36 * megabyte), words],
    [
      'the same in base64',
      () => type('text/html', 'base64') + wrapped(Buffer.from(filled('<li>\u00a0 ', 26 * megabyte))),
      words,
    ],
    ['bare newlines', () => type('text/plain') + filled('\n', 36 * megabyte), words],
    ['newlines as HTML', () => type('text/html') + filled('\r\n', 36 * megabyte), words],
    ['paragraphs', () => type('text/html') + filled('<p>words <b>x</b></p>\n', 36 * megabyte), words],
    ['soft line breaks', () => type('text/plain', 'quoted-printable') + filled('=41=\r\n', 36 * megabyte), words],
    [
      'text beside HTML',
      () =>
        multipart(
          'mixed',
          type('text/plain') + filled('words\n', 18 * megabyte),
          type('text/html') + filled('<li>\u00a0 ', 18 * megabyte),
        ),
      words,
    ],
    [
      '900 texts of 40 KB of newlines',
      () => multipart('mixed', ...Array.from({ length: 900 }, () => type('text/plain') + filled('\n', megabyte / 26))),
      words,
    ],
    [
      'a file of newlines',
      () => multipart('mixed', type('text/plain') + 'words', type('text/csv') + filled('\n', 36 * megabyte)),
      null,
    ],
    [
      'a preamble of dashes',
      () =>
        'Content-Type: multipart/mixed; boundary=bb\r\n\r\n' +
        filled('--bx\r\n', 36 * megabyte) +
        '--bb\r\n\r\nwords\r\n--bb--\r\n',
      null,
    ],
    [
      'a preamble of near boundaries',
      () =>
        'Content-Type: multipart/mixed; boundary=bb\r\n\r\n' +
        filled('--bb-\r\n', 36 * megabyte) +
        '--bb\r\n\r\nwords\r\n--bb--\r\n',
      null,
    ],
    [
      'an epilogue of newlines',
      () => multipart('mixed', type('text/plain') + 'words') + filled('\r\n', 36 * megabyte),
      null,
    ],
  ])(
    '%s',
    async (_title, rest, degraded) => {
      const raw = Buffer.from(head + rest())
      const before = process.cpuUsage()
      const mail = await parseMail(raw)
      const { user, system } = process.cpuUsage(before)
      expect((user + system) / 1000).toBeLessThan(patience)
      expect(mail.degraded).toBe(degraded)
      expect(mail.text.length).toBeLessThan(9 * megabyte)
      if (degraded === null) expect(mail.text.trim()).toBe('words')
    },
    30_000,
  )
})

test('the beginning of a long text is kept, without cutting characters', async () => {
  const mail = await parseMail(Buffer.from(`${head}${type('text/plain')}first words\n${filled('é', 5 * megabyte)}`))
  expect(mail.text.startsWith('first words\né')).toBe(true)
  expect(mail.text).not.toContain('\ufffd')
  expect(mail.degraded).toBe(words)
})

test('a text beside long HTML is complete, and the mail is not degraded', async () => {
  const html = `<p>words</p><img src="data:image/png;base64,${'A'.repeat(2 * megabyte)}">`
  expect(
    await parseMail(
      Buffer.from(head + multipart('alternative', type('text/plain') + 'words', type('text/html') + html)),
    ),
  ).toMatchObject({ text: 'words', replyText: 'words', html, degraded: null })
})

test('of HTML alone the first megabyte becomes text, and the mail is marked', async () => {
  const mail = await parseMail(
    Buffer.from(`${head}${type('text/html')}<p>first</p>${filled('<p>more words</p>\n', 1.5 * megabyte)}`),
  )
  expect(mail.text).toMatch(/^first\n/)
  expect(mail.html?.length).toBeGreaterThan(1.4 * megabyte)
  expect(mail.degraded).toBe('the text is longer than 1 MB of HTML; the rest is in the original')
})

describe('a file of very many lines is byte for byte, with its name and hash', () => {
  const lines = Buffer.from(filled('a;b\r\n', 1.5 * megabyte))
  test.each([
    ['as it is', 'text/csv', '8bit', lines.toString()],
    ['in base64', 'application/pdf', 'base64', wrapped(filledBytes(18 * megabyte))],
    ['quoted', 'text/csv', 'quoted-printable', lines.toString().replaceAll(';', '=3B')],
    ['a mail inside', 'message/rfc822', '7bit', `Subject: inner\r\n\r\n${lines.toString()}`],
  ])('%s', async (_title, contentType, encoding, body) => {
    const part =
      `Content-Type: ${contentType}\r\nContent-Disposition: attachment; filename="f.x"\r\n` +
      `Content-Transfer-Encoding: ${encoding}\r\n\r\n${body}`
    const mail = await parseMail(
      Buffer.from(
        head + multipart('mixed', type('text/plain') + 'words', part, 'Content-Type: application/zip\r\n\r\nsmall'),
      ),
    )
    const expected = encoding === 'base64' ? filledBytes(18 * megabyte) : Buffer.from(body.replaceAll('=3B', ';'))
    expect(mail.attachments.map(({ filename, size }) => [filename, size])).toEqual([
      ['f.x', expected.length],
      ['attachment-2.zip', 5],
    ])
    expect(mail.attachments[0]?.sha256).toBe(createHash('sha256').update(expected).digest('hex'))
    expect(mail.text).toBe('words')
  })
})

function filledBytes(length: number): Buffer {
  return Buffer.alloc(length, 'any octets \0\xff here', 'latin1')
}
