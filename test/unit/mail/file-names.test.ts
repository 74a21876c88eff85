// Parameters of MIME fields (RFC 2231), as programs write them: the names of files, and what depends on them.

import { Buffer } from 'node:buffer'

import { expect, test } from 'vitest'

import { parseMail } from '../../../src/mail/parsing/parse.ts'

const mixed = (boundary: string, fields: string) =>
  parseMail(
    Buffer.from(
      `From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; ${boundary}\r\n\r\n--ab\r\n` +
        `Content-Type: text/plain\r\n\r\nSee the file.\r\n--ab\r\n${fields}\r\n\r\nx\r\n--ab--\r\n`,
    ),
  )

test.each([
  [`filename*0="Rechnung "; filename*1="ü.pdf"`],
  [`filename*1="ü.pdf"; filename*0="Rechnung "`],
  [`filename*=UTF-8''Rechnung%20%C3%BC.pdf`],
  [`filename*0*=UTF-8''Rechnung%20%C3; filename*1*=%BC; filename*2=".pdf"`],
  [`filename="Rechnung.pdf"; filename*=UTF-8'de'Rechnung%20%C3%BC.pdf`],
  [`filename="=?utf-8?Q?Rechnung_=C3=BC.pdf?="`],
  [`filename="=?utf-8?B?UmVjaG51bmcg?=\r\n =?utf-8?B?w7wucGRm?="`],
  [`filename*=iso-8859-1''Rechnung%20%FC.pdf`],
])('%s is the name of a file, in either field, whatever its type', async (parameters) => {
  const fields = [
    `Content-Type: application/pdf\r\nContent-Disposition: attachment; ${parameters}`,
    `Content-Type: application/pdf; ${parameters.replace(/filename/g, 'name')}`,
    // A text marked inline is a file because it has a name.
    `Content-Type: text/plain\r\nContent-Disposition: inline; ${parameters}`,
  ]
  for (const one of fields) {
    const mail = await mixed('boundary=ab', one)
    expect([mail.text.trim(), mail.attachments.map(({ filename }) => filename)]).toEqual([
      'See the file.',
      ['Rechnung ü.pdf'],
    ])
  }
})

test.each([`boundary*0=a; boundary*1=b`, `boundary*=us-ascii''%61b`])(
  'a boundary in sections is read: %s',
  async (boundary) => {
    const mail = await mixed(boundary, 'Content-Type: application/pdf; name=x.pdf')
    expect([mail.text.trim(), mail.attachments.length, mail.degraded]).toEqual(['See the file.', 1, null])
  },
)
