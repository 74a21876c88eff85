// winmail.dat (MS-OXTNEF): its files are files of the mail, and its words are the words of a mail that has none.

import { Buffer } from 'node:buffer'

import { describe, expect, test } from 'vitest'

import { decompressRtf } from '../../../src/mail/mime/rtf.ts'
import { parseMail } from '../../../src/mail/parsing/parse.ts'
import { attribute, buildTnef, storedRtf, type TnefOptions } from '../../support/tnef.ts'

const ids = { body: 0x1000, html: 0x1013, rtf: 0x1009, data: 0x3701, longName: 0x3707, mimeTag: 0x370e, cid: 0x3712 }

const mailOf = (tnef: Buffer, text = ''): Buffer =>
  Buffer.from(
    'From: Ann <ann@customer.example>\r\nSubject: Order\r\nMIME-Version: 1.0\r\n' +
      'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n' +
      `${text}\r\n--b\r\nContent-Type: application/ms-tnef; name="winmail.dat"\r\n` +
      `Content-Transfer-Encoding: base64\r\n\r\n${tnef.toString('base64').replace(/.{76}/g, '$&\r\n')}\r\n--b--\r\n`,
  )
const read = (options: TnefOptions, text = '') => parseMail(mailOf(buildTnef(options), text))
const filesOf = ({ attachments }: Awaited<ReturnType<typeof read>>) =>
  attachments.map(({ filename, contentType, content }) => [filename, contentType, Buffer.from(content).toString()])

test('the files take the place of winmail.dat, with their long names and types', async () => {
  const mail = await read(
    {
      files: [
        { title: 'PRICES~1.PDF', data: Buffer.from('PDF'), properties: { [ids.longName]: 'Preise für Jörg.pdf' } },
        { title: 'note.txt', data: Buffer.from('a note') },
        { title: 'x', properties: { [ids.data]: Buffer.from('PNG'), [ids.mimeTag]: 'image/png' } },
      ],
    },
    'See the files.',
  )
  expect(mail.text.trim()).toBe('See the files.')
  expect(filesOf(mail)).toEqual([
    ['Preise für Jörg.pdf', 'application/pdf', 'PDF'],
    ['note.txt', 'text/plain', 'a note'],
    ['x', 'image/png', 'PNG'],
  ])
  expect(mail.degraded).toBeNull()
})

test('a mail without words has those of the TNEF; words beside it stay', async () => {
  expect((await read({ body: 'Caf\xe9 at 10?' })).text).toBe('Café at 10?')
  expect((await read({ codePage: 1251, body: '\xc4\xe0' })).text).toBe('Да')
  expect((await read({ body: 'x', properties: { [ids.body]: 'Zażółć' } })).text).toBe('Zażółć')
  expect((await read({ body: 'other words' }, 'Words of the mail.')).replyText).toBe('Words of the mail.')
})

test('HTML is read, and shows the pictures of the TNEF', async () => {
  const mail = await read({
    properties: { [ids.html]: Buffer.from('<p>See <img src="cid:p@x"></p>') },
    files: [{ title: 'p.png', data: Buffer.from('PNG'), properties: { [ids.cid]: 'p@x', [ids.mimeTag]: 'image/png' } }],
  })
  expect([mail.text, mail.html]).toEqual(['See', '<p>See <img src="cid:p@x"></p>'])
  expect(mail.attachments).toMatchObject([{ filename: 'p.png', contentId: 'p@x', inline: true }])
})

describe('RTF', () => {
  const text = (rtf: string) => read({ properties: { [ids.rtf]: storedRtf(rtf) } })

  test('is text without its formatting', async () => {
    const mail = await text(
      `{\\rtf1\\ansi\\ansicpg1251{\\fonttbl{\\f0 Arial;}}{\\*\\generator Msftedit;}` +
        `\\pard\\b Please\\b0  cancel:\\par\r\n` +
        `\\'c4\\'e0, \\u322?\\'f3d\\'9f \\{4711\\}\\tab \\ldblquote now\\rdblquote\\par}`,
    )
    expect(mail.text.trim()).toBe('Please cancel:\nДа, łуdџ {4711}\t“now”')
  })

  test('that was made from HTML is that HTML', async () => {
    const mail = await text(
      `{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 {\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 Please {\\*\\htmltag84 <b>}` +
        `\\htmlrtf {\\b\\htmlrtf0 cancel{\\*\\htmltag92 </b>}\\htmlrtf }\\htmlrtf0  it.\\htmlrtf\\par}\\htmlrtf0` +
        `{\\*\\htmltag72 </p>}}`,
    )
    expect([mail.html, mail.text]).toEqual(['<p>Please <b>cancel</b> it.</p>', 'Please cancel it.'])
  })

  // MS-OXRTFCP §3.1: the two examples of the specification.
  test.each([
    [
      '2d0000002b0000004c5a4675f1c5c7a703000a0072637067313235 42320af32068656c090020627705b06c647d0a800fa0',
      '{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n',
    ],
    ['1a0000001c0000004c5a4675e2d44b5141000420575859 5a0d6e7d010eb0', '{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}'],
  ])('is decompressed as the specification shows: %s', (hex, rtf) => {
    expect(decompressRtf(Buffer.from(hex.replace(/ /g, ''), 'hex'))).toBe(rtf)
  })
})

test('a message inside is its words and its files', async () => {
  const inner = buildTnef({ body: 'The first order.', files: [{ title: 'a.txt', data: Buffer.from('A') }] })
  const mail = await read(
    { files: [{ title: 'FW order', properties: { [ids.data]: { message: inner } } }] },
    'See below.',
  )
  expect(filesOf(mail)).toEqual([
    ['FW order.txt', 'text/plain', 'The first order.'],
    ['a.txt', 'text/plain', 'A'],
  ])
})

test('one that is cut keeps what stood before the cut, the file itself, and says so', async () => {
  const whole = buildTnef({ body: 'Hello', files: [{ title: 'a.txt', data: Buffer.from('A') }] })
  const cut = Buffer.concat([whole, attribute(2, 0x00018010, Buffer.from('b.txt')).subarray(0, 12)])
  const mail = await parseMail(mailOf(cut))
  expect(mail.text).toBe('Hello')
  expect(mail.attachments.map(({ filename }) => filename)).toEqual(['a.txt', 'winmail.dat'])
  expect(mail.degraded).toContain('winmail.dat')
  const none = await parseMail(mailOf(Buffer.from('no TNEF at all')))
  expect([none.attachments.length, none.degraded]).toEqual([1, expect.stringContaining('winmail.dat')])
})

const size = 1024 * 1024
const list = (count: number) => {
  const bytes = Buffer.alloc(size, 0xff)
  bytes.writeUInt32LE(count)
  return bytes
}
test.each([
  ['empty attributes', Buffer.concat([buildTnef({}), Buffer.alloc(size)])],
  [
    'files',
    Buffer.concat([buildTnef({}), ...Array.from({ length: 40_000 }, () => attribute(2, 0x00069002, Buffer.alloc(14)))]),
  ],
  ['properties', Buffer.concat([buildTnef({}), attribute(1, 0x00069003, list(0xffffffff))])],
  ['open groups of RTF', buildTnef({ properties: { [ids.rtf]: storedRtf(`{\\rtf1${'{'.repeat(size / 2)}`) } })],
  ['control words of RTF', buildTnef({ properties: { [ids.rtf]: storedRtf(`{\\rtf1${'\\b'.repeat(size / 3)}`) } })],
  ['escapes of RTF', buildTnef({ properties: { [ids.rtf]: storedRtf(`{\\rtf1 ${"\\'e9".repeat(size / 6)}`) } })],
])('1 MB of %s is read in linear time', async (_what, tnef) => {
  const raw = mailOf(tnef.subarray(0, size))
  await parseMail(mailOf(buildTnef({ properties: { [ids.rtf]: storedRtf('{\\rtf1 a}') } })))
  const start = process.cpuUsage()
  await parseMail(raw)
  const { user, system } = process.cpuUsage(start)
  // work that grows with the square would take minutes
  expect((user + system) / 1000).toBeLessThan(5_000)
})
