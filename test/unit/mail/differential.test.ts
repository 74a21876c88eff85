// Our readers beside other programs': nodemailer's address parser, libmime and libqp, on random and mutated values.

import fc from 'fast-check'
import { Libmime } from 'libmime'
import libqp from 'libqp'
import addressparser from 'nodemailer/lib/addressparser'
import { describe, expect, test } from 'vitest'

import { decodeQuotedPrintable } from '../../../src/mail/encoding/transfer-encoding.ts'
import { readAuthor, readMailboxes } from '../../../src/mail/header/address-list.ts'
import { decodeEncodedWords } from '../../../src/mail/header/encoded-words.ts'
import { parseMail } from '../../../src/mail/parsing/parse.ts'

// A fixed seed: the same values on every machine.
fc.configureGlobal({ seed: 20_261_130 })

const libmime = new Libmime()
const runs = { numRuns: 2_000 }

const word = fc.stringMatching(/^[A-Za-zäöüßéñçžłøåÆŚ0-9]{1,10}$/u)
const phrase = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '))
const address = fc
  .tuple(fc.stringMatching(/^[a-z0-9](?:[a-z0-9_+-]{0,10}[a-z0-9])?(?:\.[a-z0-9]{1,5})?$/), fc.domain())
  .map(([local, domain]) => `${local}@${domain.toLowerCase()}`)

const mailbox = fc.tuple(phrase, address, fc.constantFrom('bare', 'angle', 'named', 'quoted', 'comment')).map(
  ([name, addr, form]) =>
    ({
      bare: { text: addr, name: '', address: addr },
      angle: { text: `<${addr}>`, name: '', address: addr },
      named: { text: `${name} <${addr}>`, name, address: addr },
      quoted: { text: `"${name}, PhD" <${addr}>`, name: `${name}, PhD`, address: addr },
      comment: { text: `${addr} (${name})`, name, address: addr },
    })[form],
)

const addressesOf = (value: string): string[] =>
  addressparser(value, { flatten: true }).map((found) => found.address ?? '')

/** A value with one to three characters removed, doubled, swapped or inserted. */
function mutated(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const change = fc.tuple(
    fc.nat(),
    fc.constantFrom('cut', 'double', 'swap', '<', '>', '"', ',', ';', ':', '(', ')', '@', '\\'),
  )
  return fc.tuple(value, fc.array(change, { minLength: 1, maxLength: 3 })).map(([text, changes]) =>
    changes.reduce((before, [place, kind]) => {
      const at = place % (before.length + 1)
      const [left, right] = [before.slice(0, at), before.slice(at)]
      if (kind === 'cut') return left + right.slice(1)
      if (kind === 'double') return left + right.slice(0, 1) + right
      if (kind === 'swap') return left + right.slice(1, 2) + right.slice(0, 1) + right.slice(2)
      return left + kind + right
    }, text),
  )
}

describe('addresses, beside the address parser of nodemailer', () => {
  test('a list of mailboxes has the same names and addresses', () => {
    fc.assert(
      fc.property(fc.array(mailbox, { minLength: 1, maxLength: 5 }), (list) => {
        const value = list.map(({ text }) => text).join(', ')
        const wanted = list.map(({ name, address: of }) => ({ name, address: of }))
        expect(readMailboxes(value)).toEqual(wanted)
        expect(addressparser(value, { flatten: true })).toEqual(wanted)
      }),
      runs,
    )
  })

  test('the members of a group are read like its own', () => {
    fc.assert(
      fc.property(word, fc.array(mailbox, { minLength: 1, maxLength: 4 }), (name, list) => {
        const value = `${name}: ${list.map(({ text }) => text).join(', ')};`
        expect(readMailboxes(value).map((found) => found.address)).toEqual(addressesOf(value))
      }),
      runs,
    )
  })

  test('the author of a mutated From is never another than the one it reads', () => {
    let read = 0
    fc.assert(
      fc.property(mutated(mailbox.map(({ text }) => text)), (value) => {
        const author = readAuthor(value)
        // the other program cuts a sign in front of the local part
        if (author === null || /^[^a-z0-9]/i.test(author.address)) return
        read++
        const others = addressesOf(value)
          .filter((found) => /^[^\s<>"]+@[^\s<>"]+$/.test(found))
          .map(lowerDomain)
        expect(others.filter((found) => found !== author.address)).toEqual([])
      }),
      { numRuns: 5_000 },
    )
    expect(read).toBeGreaterThan(1_000)
  })
})

function lowerDomain(of: string): string {
  const at = of.lastIndexOf('@')
  return of.slice(0, at) + of.slice(at).toLowerCase().replace(/\.$/, '')
}

describe('encoded words, beside libmime', () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 80 })
    .filter((value) => /^[^\p{Cc}\p{Cs}]+$/u.test(value))

  test.each(['Q', 'B'] as const)('what it encodes in %s is read back', (encoding) => {
    fc.assert(
      fc.property(text, (value) => {
        const encoded = libmime.encodeWord(value, encoding, 52)
        expect(decodeEncodedWords(encoded)).toBe(value)
      }),
      runs,
    )
  })

  test('a mutated value never throws', () => {
    fc.assert(
      fc.property(mutated(text.map((value) => libmime.encodeWord(value, 'Q', 30))), (value) => {
        expect(typeof decodeEncodedWords(value)).toBe('string')
      }),
      runs,
    )
  })
})

describe('quoted-printable, beside libqp', () => {
  test('what it encodes is read back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const encoded = libqp.wrap(libqp.encode(Buffer.from(bytes)))
        expect(decodeQuotedPrintable(encoded)).toEqual(Buffer.from(bytes))
      }),
      runs,
    )
  })

  test('malformed escapes are read alike', () => {
    const piece = fc.constantFrom('=.', '=4.', '=41', '=e9', '=G1', '==.', '=\r\n', '= \r\n', 'a', ' ', '_', '.')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const value = `${pieces.join('')}.`
        expect(decodeQuotedPrintable(value).toString('latin1')).toBe(libqp.decode(value).toString('latin1'))
      }),
      runs,
    )
  })
})

describe('file names, beside libmime', () => {
  test('a name that it writes in the form of RFC 2231 is read back', async () => {
    const name = fc
      .stringMatching(/^[A-Za-zäöüßéñçžłøåÆŚ0-9 ()'%*;"=,_-]{1,60}$/u)
      .filter((value) => value.trim() === value && !value.includes('  '))
    await fc.assert(
      fc.asyncProperty(name, async (value) => {
        const filename = `${value}.pdf`
        const disposition = libmime.buildHeaderValue({ value: 'attachment', params: { filename } })
        const raw = [
          'From: ann@customer.example',
          'Content-Type: application/pdf',
          `Content-Disposition: ${disposition.replace(/; /g, ';\r\n ')}`,
          '',
          'x',
        ]
        const mail = await parseMail(Buffer.from(raw.join('\r\n')))
        expect(mail.attachments.map((file) => file.filename)).toEqual([filename])
      }),
      { numRuns: 300 },
    )
  })
})
