import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  addressKey,
  asciiDomain,
  formatAddress,
  isSameAddress,
  readAddress,
  stripTag,
} from '../../../src/mail/address.ts'
import { readMailboxes } from '../../../src/mail/header/address-list.ts'

describe('readAddress', () => {
  test.each([
    ['ann@customer.example', 'ann', 'customer.example'],
    [' <Ann.Baker@Customer.EXAMPLE.> ', 'Ann.Baker', 'customer.example'],
    ['"ann baker"@customer.example', 'ann baker', 'customer.example'],
    ['"a@b"@customer.example', 'a@b', 'customer.example'],
    ['@relay.example,@two.example:ann@customer.example', 'ann', 'customer.example'],
    ['mailto:ann@customer.example', 'ann', 'customer.example'],
    ['ann@[192.0.2.1]', 'ann', '[192.0.2.1]'],
    ['änn@bücher.example', 'änn', 'bücher.example'],
  ])('%s is split into local part and domain', (text, localPart, domain) => {
    expect(readAddress(text)).toEqual({ localPart, domain })
  })

  test.each([
    '',
    'ann',
    '@customer.example',
    'ann@',
    'a@b@customer.example',
    'ann baker@customer.example',
    'ann@cus tomer',
    'ann@a..b',
    `${'a'.repeat(2000)}@b.example`,
  ])('%s is not an address', (text) => {
    expect(readAddress(text)).toBeNull()
  })

  test('a written value is read back', () => {
    const localPart = fc.string({ minLength: 1, maxLength: 60 }).filter((text) => !/[\r\n\0]/.test(text))
    fc.assert(
      fc.property(localPart, fc.domain(), (local, domain) => {
        expect(readAddress(formatAddress({ localPart: local, domain }))).toEqual({
          localPart: local,
          domain: domain.toLowerCase(),
        })
      }),
    )
  })

  test('any text has a result', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => void [readAddress(text), addressKey(text), stripTag(text), asciiDomain(text), readMailboxes(text)],
      ),
    )
  })
})

test('case and punycode do not change the mailbox', () => {
  expect(isSameAddress('Ann@Bücher.example', 'ann@xn--bcher-kva.example')).toBe(true)
  expect(isSameAddress('ann@a.example', 'ann@b.example')).toBe(false)
})

test('a tag is removed, an address without one is unchanged', () => {
  expect(stripTag('ann+invoices@customer.example')).toBe('ann@customer.example')
  expect(stripTag('ann@customer.example')).toBe('ann@customer.example')
  expect(stripTag('+ann@customer.example')).toBe('+ann@customer.example')
})

describe('readMailboxes', () => {
  test.each([
    ['Ann Baker ann@customer.example', [{ name: 'Ann Baker', address: 'ann@customer.example' }]],
    ['"Baker, Ann" <ann@customer.example>', [{ name: 'Baker, Ann', address: 'ann@customer.example' }]],
    ['ann@customer.example (Ann)', [{ name: 'Ann', address: 'ann@customer.example' }]],
    [
      'a@b.example; c@d.example',
      [
        { name: '', address: 'a@b.example' },
        { name: '', address: 'c@d.example' },
      ],
    ],
    ['undisclosed-recipients:;', []],
    ['"unclosed <ann@customer.example>', [{ name: 'unclosed', address: 'ann@customer.example' }]],
    ['Ann <ann@customer.example', [{ name: 'Ann', address: 'ann@customer.example' }]],
    ['=?utf-8?Q?J=C3=BCrgen?= <j@customer.example>', [{ name: 'Jürgen', address: 'j@customer.example' }]],
    ['ann@customer.example <ann@customer.example>', [{ name: '', address: 'ann@customer.example' }]],
    ['eve@evil.example <ann@customer.example>', [{ name: 'eve@evil.example', address: 'ann@customer.example' }]],
  ])('%s', (value, expected) => {
    expect(readMailboxes(value)).toEqual(expected)
  })
})
