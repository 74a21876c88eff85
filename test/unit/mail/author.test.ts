import { Buffer } from 'node:buffer'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { readAddress } from '../../../src/mail/address.ts'
import { readAuthor, readMailboxes } from '../../../src/mail/header/address-list.ts'
import { parseMail } from '../../../src/mail/parsing/parse.ts'

const from = async (value: string) => (await parseMail(Buffer.from(`From: ${value}\r\nSubject: x\r\n\r\nwords`))).from

describe('a mail with an ambiguous From has no author', () => {
  test.each([
    '<agent@acme.test> <evil@evil.com>',
    'Agent <agent@acme.test> (x) <evil@evil.com>',
    '<agent@acme.test>, <evil@evil.com>',
    '<agent@acme.test> evil@evil.com',
    'agent@acme.test evil@evil.com',
    '@evil.com:agent@acme.test',
    '<@evil.com:agent@acme.test>',
    'Agent <@evil.com,@two.test:agent@acme.test>',
    'evil@@evil.com, agent@acme.test',
    '<>, agent@acme.test',
    '<agent@acme.test(@evil.com)>',
    '"agent@acme.test <evil@evil.com>',
    '<agent@acme.test, evil@evil.com',
    '<=?utf-8?q?agent?=@acme.test>',
    'agent@=?utf-8?q?acme.test?=',
    '=?utf-8?q?agent=40acme.test?=',
    'agent\0@acme.test',
    '<agent@acme.test\0.evil.com>',
    '<agent@acme.test\x01>',
    '<"agent\x0b"@acme.test>',
    'agent\x7f@acme.test',
    `${'a'.repeat(311)}@acme.test`,
    `<${'a'.repeat(400)}@acme.test>`,
  ])('From: %j', async (value) => {
    expect(await from(value)).toBeNull()
  })

  test('with any text around two angle addresses', () => {
    const noise = fc.stringMatching(/^[ a-z().]{0,8}$/)
    fc.assert(
      fc.property(noise, noise, (one, other) => {
        expect(readAuthor(`${one}<agent@acme.test>${other}<evil@evil.com>`)).toBeNull()
      }),
    )
  })
})

describe('a display name never decides the author of a mail', () => {
  test.each([
    ['agent@acme.test <evil@evil.com>', 'evil@evil.com'],
    ['"agent@acme.test" <evil@evil.com>', 'evil@evil.com'],
    ['"Agent <agent@acme.test>" <evil@evil.com>', 'evil@evil.com'],
    ['=?utf-8?q?Agent_=3Cagent=40acme.test=3E?= <evil@evil.com>', 'evil@evil.com'],
    ['evil@evil.com (agent@acme.test)', 'evil@evil.com'],
    ['"agent@acme.test"@evil.com', '"agent@acme.test"@evil.com'],
    ['Ann Baker ann@customer.example', 'ann@customer.example'],
    ['Ann <ann@customer.example', 'ann@customer.example'],
    [`${'a'.repeat(310)}@acme.test`, `${'a'.repeat(310)}@acme.test`],
  ])('From: %j', async (value, address) => {
    expect((await from(value))?.address).toBe(address)
  })
})

test('recipients are still read tolerantly', () => {
  expect(
    readMailboxes('<a@b.example> <c@d.example>, <@relay.example:e@f.example>').map(({ address }) => address),
  ).toEqual(['a@b.example', 'e@f.example'])
})

test('no address has control characters in it, quoted or not', () => {
  const control = fc.constantFrom('\0', '\x01', '\x0b', '\x1b', '\x7f', '\u0085')
  fc.assert(
    fc.property(control, (character) => {
      for (const text of [
        `a${character}b@c.example`,
        `"a${character}b"@c.example`,
        `"a\\${character}b"@c.example`,
        `a@b${character}c.example`,
        `a@[1${character}2]`,
      ])
        expect(readAddress(text)).toBeNull()
    }),
  )
})

test('no display name and no subject has control characters in it', async () => {
  const mail = await parseMail(
    Buffer.from(
      'From: =?utf-8?q?a=00b=1B?= <a@b.example>\r\nTo: =?utf-8?q?=0D=0ABcc_x?= <c@d.example>\r\nSubject: ' +
        '=?utf-8?q?a=00=1Bb?=\r\n\r\n',
    ),
  )
  expect(mail).toMatchObject({ from: { name: 'a b' }, to: [{ name: 'Bcc x' }], subject: 'a  b' })
})
