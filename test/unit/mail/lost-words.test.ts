// Mail whose structure is broken in ways that other programs produce: the words are there, or `degraded` says what is
// missing. A mail that has words is never empty without a reason.

import { Buffer } from 'node:buffer'
import { readdirSync, readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { parseMail } from '../../../src/mail/parsing/parse.ts'

const head = 'From: Ann <ann@customer.example>\r\nSubject: Order\r\nMIME-Version: 1.0\r\n'
const read = (rest: string) => parseMail(Buffer.from(head + rest, 'latin1'))
const multipart = (body: string, type = 'multipart/mixed; boundary="b"') => read(`Content-Type: ${type}\r\n\r\n${body}`)
const part = (words: string) => `--b\r\nContent-Type: text/plain\r\n\r\n${words}\r\n`

test.each([
  ['the head of the mail', 'Please cancel it.\r\n\r\nThank you.\r\n'],
  ['the head of the mail, with a line like a field', 'Please cancel it.\r\nNote: at once\r\n\r\nThank you.\r\n'],
  [
    'the head of a part',
    'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\nPlease cancel it.\r\n\r\n' +
      'Thank you.\r\n--b--\r\n',
  ],
  [
    'a part without any field',
    'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nPlease cancel it.\r\n\r\nThank you.\r\n--b--\r\n',
  ],
])('a missing blank line takes no paragraph away: %s', async (_what, rest) => {
  const mail = await read(rest)
  expect(mail.text).toContain('Please cancel it.')
  expect(mail.text).toContain('Thank you.')
  expect(mail.degraded).toBeNull()
})

test('a broken line amid the fields is no text', async () => {
  const mail = await parseMail(
    Buffer.from('From: Ann <ann@customer.example>\r\nsome broken line\r\nSubject: Order\r\n\r\nPlease.\r\n'),
  )
  expect([mail.subject, mail.text.trim()]).toEqual(['Order', 'Please.'])
})

test('a part whose only line is like a field keeps it', async () => {
  expect((await multipart('--b\r\nNote: please cancel it.\r\n--b--\r\n')).text).toBe('Note: please cancel it.')
})

test.each([
  ['of the mail', `Content-Type: multipart/mixed;\r\nboundary="b"\r\n\r\n${part('Please.')}--b--\r\n`],
  [
    'of a part',
    'Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: multipart/alternative;\r\n' +
      `boundary="b"\r\n\r\n${part('Please.')}--b\r\nContent-Type: text/html;\r\ncharset=utf-8\r\n\r\n` +
      '<p>Please.</p>\r\n' +
      '--b--\r\n--o--\r\n',
  ],
])('a boundary parameter that is not folded is read: %s', async (_what, rest) => {
  expect(await read(rest)).toMatchObject({ text: 'Please.', degraded: null })
})

test('a digest has its messages as files, and their words as its text', async () => {
  const message = (from: string, words: string) => `--b\r\n\r\nFrom: ${from}\r\nSubject: one\r\n\r\n${words}\r\n`
  const mail = await multipart(
    `${message('bo@list.example', 'First.')}${message('cy@list.example', 'Second.')}--b--\r\n`,
    'multipart/digest; boundary=b',
  )
  expect(mail.attachments.map(({ contentType }) => contentType)).toEqual(['message/rfc822', 'message/rfc822'])
  expect(mail.text).toBe(
    'From: bo@list.example\nSubject: one\n\nFirst.\n\nFrom: cy@list.example\nSubject: one\n\nSecond.',
  )
})

test.each([
  ['an early terminator', `${part('')}--b--\r\n${part('Please cancel it.')}--b--\r\n`],
  ['only in front of the parts', `Please cancel it.\r\n${part('')}--b--\r\n`],
  ['only behind the parts', `${part('')}--b--\r\nPlease cancel it.\r\n`],
  ['beside a file', 'Please cancel it.\r\n--b\r\nContent-Type: application/pdf\r\n\r\nx\r\n--b--\r\n'],
  [
    'below an inner boundary in other letters',
    '--b\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n--IN\r\nContent-Type: text/plain\r\n\r\n' +
      'Please cancel it.\r\n--IN--\r\n--b\r\nContent-Type: application/pdf\r\n\r\nx\r\n--b--\r\n',
  ],
])('words outside the parts are given, and degraded says so: %s', async (_what, body) => {
  const mail = await multipart(body)
  expect(mail.text).toBe('Please cancel it.')
  expect(mail.degraded).toContain('outside the parts')
})

test('the note for old mail programs is no text', async () => {
  const mail = await multipart(`This is a multi-part message in MIME format.\r\n${part('')}--b--\r\n`)
  expect([mail.text.trim(), mail.degraded]).toEqual(['', null])
})

test.each([
  ['text/enriched', 'Content-Type: text/enriched\r\n\r\nPlease <bold>cancel</bold> it.\r\n'],
  ['a broken type', 'Content-Type: text/ plain\r\n\r\nPlease cancel it.\r\n'],
  ['a type without its subtype', 'Content-Type: text\r\n\r\nPlease cancel it.\r\n'],
  ['a nameless attachment', 'Content-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nPlease cancel it.\r\n'],
  [
    'words in the clear under base64',
    'Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nPlease cancel it.\r\n',
  ],
])('text of an odd kind is the text of a mail that has no other: %s', async (_what, rest) => {
  expect(await read(rest)).toMatchObject({ replyText: 'Please cancel it.', degraded: null })
})

test.each([
  '<html><head><p>Please cancel it.</p></html>',
  '<title>Please cancel it.',
  '<div style="display:none">Please cancel it.</div>',
])('HTML that shows nothing gives the text between its tags: %s', async (html) => {
  const mail = await read(`Content-Type: text/html\r\n\r\n${html}`)
  expect([mail.text, mail.degraded]).toEqual(['Please cancel it.', expect.stringContaining('HTML')])
})

test.each([1_500, 6_000])('%i parts cost the files, not the words', async (count) => {
  const file = '--b\r\nContent-Type: text/plain; name=f\r\nContent-Disposition: attachment\r\n\r\nf\r\n'
  const mail = await multipart(`${part('Please cancel it.')}${file.repeat(count)}--b--\r\n`)
  expect(mail.text).toContain('Please cancel it.')
  expect(mail.degraded).not.toBeNull()
})

// A generator of its own, so that each run sees the same mails.
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function mutate(raw: Buffer, pick: (below: number) => number): Buffer {
  const lines = raw.toString('latin1').split('\n')
  for (let n = 1 + pick(3); n > 0 && lines.length > 2; n--) {
    const [one, other] = [pick(lines.length), pick(lines.length)]
    const line = lines[one] ?? ''
    const at = pick(line.length + 1)
    const changes = [
      () => lines.splice(one, 1 + pick(4)),
      () => lines.splice(one, 0, lines[other] ?? ''),
      () => lines.splice(one, 1, `${line.slice(0, at)}${String.fromCharCode(pick(256))}${line.slice(at + 1)}`),
      () => lines.splice(one, 1, line.slice(0, at), line.slice(at)),
      () => lines.splice(Math.max(one, 1)),
      () => lines.splice(lines.findIndex((text, index) => index >= one && /^\r?$/.test(text)) || 1, 1),
    ]
    changes[pick(changes.length)]?.()
  }
  return Buffer.from(lines.join('\n'), 'latin1')
}

test('no mutation of a fixture is empty without a reason while a line of words is in its body', async () => {
  const fixtures = new URL('../../../fixtures/inbound/', import.meta.url)
  const mails = readdirSync(fixtures).map((name) => readFileSync(new URL(name, fixtures)))
  const marker = 'Kindly cancel my whole order.'
  const empty: string[] = []
  const pick = random(20_261_201)
  for (let n = 0; n < 1_500; n++) {
    // The words stand in the first text part, where no mutation of the head can hide them from a reader.
    const raw = mails[pick(mails.length)]?.toString('latin1') ?? ''
    const [, lead, text] = /^([^]*?content-type: text\/plain[^]*?\r?\n\r?\n)([^]*)$/i.exec(raw) ?? []
    if (lead === undefined || /base64/i.test(lead)) continue
    const mutated = mutate(Buffer.from(lead, 'latin1'), pick)
    const whole = Buffer.concat([mutated, Buffer.from(`\r\n${marker}\r\n${text ?? ''}`, 'latin1')])
    const mail = await parseMail(whole)
    const isEmpty = mail.text.trim() === '' && mail.degraded === null && mail.attachments.length === 0
    if (isEmpty) empty.push(whole.toString('latin1'))
  }
  expect(empty).toEqual([])
}, 60_000)
