import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAligned, parseAuthenticationResults, readTrustedResults } from '../../../src/mail/authentication-results.ts'

const field = (value: string) => ({ name: 'authentication-results', value })
const pass = 'mx.desk.example; dmarc=pass (p=REJECT sp=NONE dis=NONE) header.from=customer.example; dkim=pass header.d=customer.example header.s=s1; spf=pass smtp.mailfrom=bounce@mail.customer.example'

test('a field is read in its parts, comments and quotes included', () => {
  expect(parseAuthenticationResults('MX.Desk.example 1; dkim/1=fail (bad (nested) body) reason="no; key" header.i="@customer.example" header.b=AbC=; spf=none; none')).toEqual({
    authservId: 'mx.desk.example',
    results: [
      { method: 'dkim', result: 'fail', reason: 'no; key', properties: { 'header.i': '@customer.example', 'header.b': 'AbC=' }, comment: 'bad (nested) body' },
      { method: 'spf', result: 'none', reason: '', properties: {}, comment: '' },
    ],
  })
})

test('the topmost field of the configured server is believed', () => {
  expect(readTrustedResults([field(pass)], 'MX.desk.example')).toEqual({
    dmarc: 'pass',
    dmarcPolicy: 'reject',
    dmarcDomain: 'customer.example',
    dkimPassDomains: ['customer.example'],
    spfPassDomain: 'mail.customer.example',
  })
})

describe('nothing else is believed', () => {
  test('a field of another server', () => {
    expect(readTrustedResults([field(pass)], 'mx.other.example')).toBeNull()
  })
  test('a field of the configured server below that of another', () => {
    expect(readTrustedResults([field('mx.outside.example; none'), field(pass)], 'mx.desk.example')).toBeNull()
  })
  test('a forged field below the real one', () => {
    const forged = field('mx.desk.example; dmarc=pass header.from=victim.example')
    expect(readTrustedResults([field('mx.desk.example; dmarc=fail (p=quarantine) header.from=victim.example'), forged], 'mx.desk.example')?.dmarc).toBe('fail')
  })
  test('no field, or no configured name', () => {
    expect(readTrustedResults([], 'mx.desk.example')).toBeNull()
    expect(readTrustedResults([field('; dmarc=pass header.from=a.example')], '')).toBeNull()
  })
})

test('of several DMARC results the worst counts', () => {
  expect(readTrustedResults([field('a; dmarc=pass header.from=x.example; dmarc=fail header.from=y.example')], 'a')).toMatchObject({ dmarc: 'fail', dmarcDomain: 'y.example' })
})

test('a policy may stand in a property', () => {
  expect(readTrustedResults([field('a; dmarc=fail policy.published-domain-policy=quarantine header.from=x.example')], 'a')?.dmarcPolicy).toBe('quarantine')
  expect(readTrustedResults([field('a; dmarc=temperror header.from=x.example')], 'a')).toMatchObject({ dmarc: 'none', dmarcPolicy: null })
})

test.each([
  ['customer.example', 'mail.customer.example', true],
  ['a.customer.co.uk', 'b.customer.co.uk', true],
  ['one.co.uk', 'two.co.uk', false],
  ['one.github.io', 'two.github.io', false],
  ['customer.example', 'notcustomer.example', false],
  ['bücher.example', 'mail.xn--bcher-kva.example', true],
  ['', '', false],
])('%s and %s: aligned is %s', (one, other, aligned) => {
  expect(isAligned(one, other)).toBe(aligned)
})

test('any text is answered', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, id) => void [parseAuthenticationResults(text), readTrustedResults([field(text)], id), isAligned(text, id)]))
})
