// One-time passwords by time, held to the vectors of RFC 6238 (appendix B, SHA-1) and RFC 4648.

import { describe, expect, it } from 'vitest'

import { base32, codeOf, findStep, otpauthUrl, stepAt } from '../../../src/conversations/sign-in/totp.ts'

const secret = Buffer.from('12345678901234567890')

describe('one-time passwords by time', () => {
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('RFC 6238: at second %d the code is %s', (second, code) => {
    expect(codeOf(secret, stepAt(second * 1_000), 8)).toBe(code)
  })

  it('a code is accepted half a minute early or late, and no earlier or later', () => {
    const now = 1_700_000_000_000
    const taken = [-2, -1, 0, 1, 2].map((distance) => findStep(secret, codeOf(secret, stepAt(now) + distance), now))
    expect(taken).toEqual([null, stepAt(now) - 1, stepAt(now), stepAt(now) + 1, null])
  })

  it.each(['', '12345', '1234567', 'abcdef', '１２３４５６', '-12345', '12345\n'])('%j is not a code', (code) => {
    expect(findStep(secret, code, 1_700_000_000_000)).toBeNull()
  })

  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('RFC 4648: %j in base32 is %j', (bytes, letters) => {
    expect(base32(Buffer.from(bytes))).toBe(letters)
  })

  it('the address for an app names the service, the person and the secret', () => {
    const url = new URL(otpauthUrl(secret, 'ada+x@acme.example'))
    expect([url.protocol, url.host, decodeURIComponent(url.pathname)]).toEqual([
      'otpauth:',
      'totp',
      '/Rethread:ada+x@acme.example',
    ])
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ secret: base32(secret), issuer: 'Rethread' })
  })
})
