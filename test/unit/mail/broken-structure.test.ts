// Mail that breaks RFC 2046 or mislabels its bytes, as seen in the field: the words are there, or `degraded` says what
// is missing.

import { Buffer } from 'node:buffer'

import { expect, test } from 'vitest'

import { parseMail } from '../../../src/mail/parsing/parse.ts'

const head = 'From: Ann Example <ann@customer.example>\r\nSubject: Re: Order 12\r\nMIME-Version: 1.0\r\n'
const read = (rest: string, encoding: BufferEncoding = 'utf8') => parseMail(Buffer.from(`${head}${rest}`, encoding))

test('a byte order mark before the header is removed', async () => {
  const mail = await parseMail(Buffer.from(`\ufeff${head}\r\nIs it in stock?\r\n`))
  expect(mail.from?.address).toBe('ann@customer.example')
  expect(mail.text.trim()).toBe('Is it in stock?')
})

test.each([
  ['another boundary than the declared one', 'multipart/mixed; boundary="one"', '--two'],
  ['a boundary parameter without its semicolon', 'multipart/mixed boundary="one"', '--one'],
])('%s: the text is kept, and degraded names the uncertain structure', async (_what, type, line) => {
  const body = `${line}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPlease cancel it.\r\n${line}--\r\n`
  const mail = await read(`Content-Type: ${type}\r\n\r\n${body}`)
  expect(mail.text.trim()).toBe('Please cancel it.')
  expect(mail.degraded).toContain('boundary')
})

test('a multipart without any boundary line is read as text, and marked as degraded', async () => {
  const mail = await read('Content-Type: multipart/alternative; boundary=x\r\n\r\nPlease cancel it.\r\n')
  expect(mail.text.trim()).toBe('Please cancel it.')
  expect(mail.degraded).toContain('boundary')
})

test('an empty multipart is empty, not degraded', async () => {
  expect(await read('Content-Type: multipart/mixed; boundary=x\r\n\r\n\r\n')).toMatchObject({
    text: '',
    degraded: null,
  })
})

test('an HTML file marked inline beside the text is a file, and the text stays', async () => {
  const mail = await read(
    'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nThe price is wrong.\r\n' +
      '--b\r\nContent-Type: text/html; name="page.html"\r\nContent-Disposition: inline; filename="page.html"\r\n\r\n' +
      '<p>Price: 10</p>\r\n--b--\r\n',
  )
  expect(mail.text.trim()).toBe('The price is wrong.')
  expect(mail.attachments.map(({ filename }) => filename)).toEqual(['page.html'])
})

test.each(['iso-8859-1', 'iso-8859-2', 'iso-8859-15', 'windows-1250', 'windows-1251', 'windows-1252', 'koi8-r'])(
  'UTF-8 under the label %s is read as UTF-8, in the body and in the subject',
  async (charset) => {
    const words = 'Größe, Café, Żółć, Добрый день'
    const subject = `=?${charset}?B?${Buffer.from(words).toString('base64')}?=`
    const rest = `Subject: ${subject}\r\nContent-Type: text/plain; charset=${charset}\r\n\r\n${words}\r\n`
    const mail = await parseMail(Buffer.from(`From: Ann <ann@customer.example>\r\n${rest}`))
    expect([mail.text.trim(), mail.subject]).toEqual([words, words])
  },
)

test.each([
  ['iso-8859-2', [0xb3, 0x6f, 0x64, 0x7a], 'łodz'],
  ['iso-8859-1', [0x63, 0x61, 0x66, 0xe9], 'café'],
  ['windows-1251', [0xc4, 0xe0], 'Да'],
])('bytes of %s that are not UTF-8 keep their label', async (charset, bytes, words) => {
  const start = Buffer.from(`${head}Content-Type: text/plain; charset=${charset}\r\n\r\n`)
  expect((await parseMail(Buffer.concat([start, Buffer.from(bytes)]))).text.trim()).toBe(words)
})

test.each([
  ['Joe Foo, PhD <joe@customer.example>', 'Joe Foo, PhD'],
  ['Berg, Kari T - Oslo, NO <kari@customer.example>', 'Berg, Kari T - Oslo, NO'],
  ['"Foo, Joe" <joe@customer.example>', 'Foo, Joe'],
])('a comma in an unquoted name belongs to the name: %s', async (from, name) => {
  expect((await parseMail(Buffer.from(`From: ${from}\r\n\r\nHello`))).from?.name).toBe(name)
})

test('text before a bare address is not a name', async () => {
  const mail = await parseMail(
    Buffer.from('From: a@b.example\r\nTo: undisclosed, ann@c.example, Bo, X <bo@c.example>\r\n\r\nHi'),
  )
  expect(mail.to).toEqual([
    { name: '', address: 'ann@c.example' },
    { name: 'Bo, X', address: 'bo@c.example' },
  ])
})

test('an S/MIME envelope that cannot be opened is among the files, and degraded says so', async () => {
  const mail = await read(
    'Content-Type: application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"\r\n' +
      'Content-Transfer-Encoding: base64\r\n\r\nMAMCAQE=\r\n',
  )
  expect(mail.degraded).toContain('S/MIME')
  expect(mail.attachments).toHaveLength(1)
})

test('a photo marked inline in a mail without HTML is an ordinary attachment', async () => {
  const mail = await read(
    'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nThe damage:\r\n' +
      '--b\r\nContent-Type: image/jpeg; name="damage.jpg"\r\nContent-Disposition: inline; filename="damage.jpg"\r\n' +
      'Content-Transfer-Encoding: base64\r\n\r\n/9j/4A==\r\n--b--\r\n',
  )
  expect(mail.attachments.map(({ filename, inline }) => ({ filename, inline }))).toEqual([
    { filename: 'damage.jpg', inline: false },
  ])
})

test('PGP/MIME says that it is encrypted; words beside the encrypted part are never hidden', async () => {
  const parts = (first: string) =>
    `Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\r\n\r\n--b\r\n${first}` +
    '--b\r\nContent-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n--b--\r\n'
  const closed = await read(parts('Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n'))
  expect([closed.text, closed.degraded]).toEqual(['[This mail is encrypted.]', expect.stringContaining('encrypted')])
  expect((await read(parts('Content-Type: text/plain\r\n\r\nCall me instead.\r\n'))).text).toContain('Call me')
})
