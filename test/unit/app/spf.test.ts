// SPF records as RFC 7208 has them, and names of addresses as RFC 3596 has them.

import { describe, expect, test } from 'vitest'

import { createLookups, reverseName } from '../../../src/app/dns/lookups.ts'
import { readSpf } from '../../../src/app/dns/spf.ts'

const zone: Readonly<Record<string, unknown>> = {
  // RFC 7208 Appendix A, with its hosts
  'TXT example.org': [['v=spf1 include:example.com include:example.net -all']],
  'TXT example.com': [['v=spf1 a mx -all']],
  'TXT example.net': [['v=spf1 ip4:192.0.2.128/28', ' ip6:2001:db8::/32 -all']],
  'A example.com': ['192.0.2.10', '192.0.2.11'],
  'MX example.com': [{ priority: 10, exchange: 'mail-a.example.com' }],
  'A mail-a.example.com': ['192.0.2.129'],
  'TXT loop.example': [['v=spf1 include:loop.example ~all']],
}

const lookups = createLookups((name, type) => {
  if (name === 'dead.example') return Promise.reject(Object.assign(new Error('x'), { code: 'ESERVFAIL' }))
  const answer = zone[`${type} ${name}`]
  return answer === undefined
    ? Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' }))
    : Promise.resolve(answer)
}, 5_000)

const read = (record: string, domain = 'example.com') => readSpf(domain, record, lookups)

describe('an SPF record', () => {
  test('is followed through its includes, and each term that costs a lookup counts', async () => {
    const spf = await read('v=spf1 include:example.com include:example.net -all', 'example.org')
    expect(spf).toMatchObject({ lookups: 4, all: '-', problems: [], isPartial: false })
    const permitted = ['192.0.2.10', '192.0.2.129', '192.0.2.143', '2001:db8::5']
    expect([...permitted, '192.0.2.144', '192.0.2.12', '2001:db9::5'].filter(spf.permits)).toEqual(permitted)
    expect(spf.includes('example.net')).toBe(true)
  })

  test.each([
    ['v=spf1 +all', '+'],
    ['v=spf1 all', '+'],
    ['v=spf1 a ?ALL', '?'],
    ['v=spf1 ip4:192.0.2.1', null],
    ['v=spf1 redirect=example.net', '-'],
    ['v=spf1 ~all redirect=example.net', '~'],
  ])('%s ends in %s', async (record, all) => {
    expect((await read(record)).all).toBe(all)
  })

  test.each([
    ['v=spf1 ip4:192.0.2.300 -all', /"ip4:192\.0\.2\.300" is no address/],
    ['v=spf1 ipv4:192.0.2.3 -all', /"ipv4:192\.0\.2\.3" is no mechanism/],
    ['v=spf1 include:nothing.example -all', /include:nothing\.example has no SPF record/],
  ])('%s is not valid', async (record, problem) => {
    expect((await read(record)).problems).toEqual([expect.stringMatching(problem)])
  })

  test('networks of hosts have the prefix that the record gives (RFC 7208 §5.6)', async () => {
    expect((await read('v=spf1 a/24//64 -all')).permits('192.0.2.200')).toBe(true)
  })

  test('that includes itself ends, over the limit', async () => {
    expect((await read('v=spf1 include:loop.example ~all', 'loop.example')).lookups).toBeGreaterThan(10)
  })

  test('of which a part does not answer is partial, and has no problem', async () => {
    expect(await read('v=spf1 include:dead.example -all')).toMatchObject({ isPartial: true, problems: [] })
  })
})

test('the name of an address is reversed by octets or nibbles (RFC 1035 §3.5, RFC 3596 §2.5)', () => {
  expect(reverseName('10.2.0.52')).toBe('52.0.2.10.in-addr.arpa')
  expect(reverseName('4321:0:1:2:3:4:567:89ab')).toBe(
    'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa',
  )
  expect(reverseName('::1')).toBe(`1.${'0.'.repeat(31)}ip6.arpa`)
})
