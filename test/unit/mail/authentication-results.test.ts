import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { isAligned } from '../../../src/mail/authentication/alignment.ts'
import { signingDomainOf } from '../../../src/mail/authentication/dkim-signature.ts'
import { isHostOf, readReceivedBy } from '../../../src/mail/authentication/received.ts'
import { parseAuthenticationResults } from '../../../src/mail/authentication/results.ts'
import { hasStrayResults, readTrustedResults } from '../../../src/mail/authentication/trusted-results.ts'

const field = (value: string) => ({ name: 'authentication-results', value })
const received = (value: string) => ({ name: 'received', value })
const server = { authservIds: ['mx.desk.example'] }
const read = (...values: string[]) => readTrustedResults(values.map(field), server).results
const pass =
  'mx.desk.example; dmarc=pass (p=REJECT sp=NONE dis=NONE) header.from=customer.example; dkim=pass ' +
  'header.d=customer.example header.s=s1; spf=pass smtp.mailfrom=bounce@mail.customer.example'

describe('a field is parsed', () => {
  test('comments and quotes included', () => {
    expect(
      parseAuthenticationResults(
        'MX.Desk.example 1; dkim / 1=fail (bad (nested (deep)) body) reason="no; key" header . i="a ' +
          'b"@customer.example header.b=AbC=; spf=none',
      ),
    ).toEqual({
      authservId: 'mx.desk.example',
      isComplete: true,
      results: [
        {
          method: 'dkim',
          result: 'fail',
          reason: 'no; key',
          properties: { 'header.i': 'a b@customer.example', 'header.b': 'AbC=' },
          comment: 'bad  body',
        },
        { method: 'spf', result: 'none', reason: '', properties: {}, comment: '' },
      ],
    })
  })

  test('as Amazon SES writes it: properties without a type, a ";" at the end', () => {
    const value =
      'amazonses.com; spf=pass (spfCheck: domain of _spf.example designates 192.0.2.1 as permitted sender) ' +
      'client-ip=192.0.2.1; envelope-from=a@customer.example; helo=out.customer.example; dkim=pass ' +
      'header.i=@customer.example; dmarc=pass header.from=customer.example;'
    const read = parseAuthenticationResults(value)
    expect(read).toMatchObject({ authservId: 'amazonses.com', isComplete: true })
    expect(read.results.map(({ method, result }) => `${method}=${result}`)).toEqual([
      'spf=pass',
      'envelope-from=a@customer.example',
      'helo=out.customer.example',
      'dkim=pass',
      'dmarc=pass',
    ])
  })

  test.each(['mx.desk.example; none', 'mx.desk.example 1; none', '"mx.desk.example"; none'])(
    '%s: nothing found',
    (value) => {
      expect(parseAuthenticationResults(value)).toEqual({
        authservId: 'mx.desk.example',
        results: [],
        isComplete: true,
      })
    },
  )

  test.each([
    ['mx.desk.example; dkim=pass (x', []],
    ['mx.desk.example; spf=none; dkim="pass', ['spf']],
    ['mx.desk.example; spf=none) ; dkim=pass', []],
    ['mx.desk.example; spf=none; dkim', ['spf']],
    ['mx.desk.example; spf=none; none', ['spf']],
    ['mx.desk.example; spf=none (a"b); dkim=pass', []],
    ['mx.desk.example; dkim="pass"', []],
    ['mx.desk.example; dkim=pass \\', []],
    ['mx.desk.example two; dkim=pass', ['dkim']],
  ])('%s is incomplete', (value, methods) => {
    const { authservId, results, isComplete } = parseAuthenticationResults(value)
    expect({ authservId, isComplete, methods: results.map(({ method }) => method) }).toEqual({
      authservId: 'mx.desk.example',
      isComplete: false,
      methods,
    })
  })

  test('a million parentheses take no longer than other text, and do not overflow the stack', () => {
    const value = `mx.desk.example; spf=none ${'('.repeat(500_000)}${')'.repeat(500_000)}`
    const started = performance.now()
    expect(parseAuthenticationResults(value).isComplete).toBe(true)
    expect(parseAuthenticationResults(value.slice(0, -1)).isComplete).toBe(false)
    expect(performance.now() - started).toBeLessThan(3000)
  })
})

test('the fields of the configured server count', () => {
  expect(read(pass)).toEqual({
    dmarc: 'pass',
    dmarcPolicy: null,
    dmarcDomain: 'customer.example',
    dkimDomains: ['customer.example'],
    dkim: 'pass',
    spf: 'pass',
    unreadable: 0,
  })
})

describe('nothing else counts', () => {
  test('a field of another server', () => {
    expect(read(pass.replace('desk', 'other'))).toBeNull()
  })
  test('a field of the configured server below that of another', () => {
    expect(read('mx.outside.example; none', pass)).toBeNull()
  })
  test('a forged field below the real one', () => {
    const real = 'mx.desk.example; dmarc=fail (p=quarantine) header.from=victim.example'
    expect(read(real, 'mx.desk.example; dmarc=pass header.from=victim.example')).toMatchObject({ dmarc: 'fail' })
  })
  test('a field below the Received line of another server', () => {
    const headers = [received('from a.example by b.example; now'), field(pass)]
    expect(readTrustedResults(headers, server)).toEqual({ results: null, endedBy: 'a Received line of b.example' })
    expect(hasStrayResults(headers, server)).toBe(true)
  })
  test('no field at all', () => {
    expect(readTrustedResults([], server)).toEqual({ results: null, endedBy: null })
  })
  test('more than the topmost field of a server that writes one', () => {
    const { results } = readTrustedResults([field('mx.desk.example; dkim=none'), field(pass)], {
      ...server,
      writesOne: true,
    })
    expect(results).toMatchObject({ dmarc: 'none', dkimDomains: [] })
  })
})

test('an unreadable field counts as no result, and makes a pass beside it uncertain', () => {
  expect(read(pass, 'mx.desk.example; spf=none (')).toMatchObject({
    dmarc: 'none',
    dkimDomains: ['customer.example'],
    unreadable: 1,
  })
})

test('the worst of several DMARC results counts', () => {
  expect(read('mx.desk.example; dmarc=pass header.from=x.example; dmarc=fail header.from=y.example')).toMatchObject({
    dmarc: 'fail',
  })
  expect(read('mx.desk.example; dmarc=none; dmarc=pass header.from=x.example')).toMatchObject({ dmarc: 'none' })
  expect(read('mx.desk.example; dmarc=pass header.from=x.example; dmarc=pass header.from=y.example')).toMatchObject({
    dmarc: 'none',
  })
})

test.each([
  ['dmarc=fail policy.published-domain-policy=quarantine header.from=x.example', 'quarantine'],
  ['dmarc=fail header.from=x.example policy.applied-disposition=none policy.published-domain-policy=reject', 'reject'],
  ['dmarc=fail (policy=reject) header.from=x.example', 'reject'],
  ['dmarc=fail (p=NONE sp=REJECT) header.from=x.example', 'none'],
  ['dmarc=fail (p=none) header.from=x.example; dmarc=fail (p=reject) header.from=x.example', 'reject'],
  ['dmarc=fail (p=none) header.from=x.example; dmarc=fail header.from=x.example', null],
])('%s: the policy is %s', (value, policy) => {
  expect(read(`mx.desk.example; ${value}`)?.dmarcPolicy).toBe(policy)
})

test.each([
  ['from a by mx.desk.example; now', 'mx.desk.example'],
  ['from by by MX.Desk.example. (Postfix) with ESMTP; now', 'mx.desk.example'],
  ['by [192.0.2.1] (x (y)) with HTTP', '192.0.2.1'],
  ['from a (by x', null],
  ['from a with SMTP', null],
])('Received: %s names %s', (value, host) => {
  expect(readReceivedBy(value)).toBe(host)
})

test.each([
  ['mx.desk.example', true],
  ['store7.desk.example', true],
  ['localhost', true],
  ['10.1.2.3', true],
  ['filter.internal', true],
  ['mx.evil.example', false],
  ['192.0.2.1', false],
])('%s is a host of mx.desk.example: %s', (host, own) => {
  expect(isHostOf(host, 'mx.desk.example')).toBe(own)
})

test.each([
  ['v=1; a=rsa-sha256; d=Customer.example; s=s1; h=from', 'customer.example'],
  ['v=1; d=customer.example; d=evil.example', null],
  ['v=1; d=customer.example; l=10', null],
  ['v=1; s=s1', null],
])('the only signature %s is of %s', (value, domain) => {
  const signature = { name: 'dkim-signature', value }
  expect(signingDomainOf([signature])).toBe(domain)
  expect(signingDomainOf([signature, signature])).toBeNull()
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

test('any text has a result', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, id) => {
      const headers = [field(text), received(text)]
      return void [
        parseAuthenticationResults(text),
        readTrustedResults(headers, { authservIds: [id] }),
        isAligned(text, id),
      ]
    }),
  )
})

test('the text of a comment is never a result, at any nesting', () => {
  const nested = fc.letrec<{ comment: string }>((tie) => ({
    comment: fc
      .tuple(
        fc.constantFrom('x; dkim=pass header.d=victim.example', 'helo=x;', '\\)', '\\(', ' '),
        fc.option(tie('comment'), { maxDepth: 30 }),
      )
      .map(([words, inner]) => `(${words}${inner ?? ''}${words})`),
  })).comment
  fc.assert(
    fc.property(nested, (comment) => {
      const { results, isComplete } = parseAuthenticationResults(
        `mx.desk.example; spf=fail ${comment} smtp.mailfrom=x.example; dkim=none`,
      )
      expect(isComplete).toBe(true)
      expect(results.map(({ method, result }) => `${method}=${result}`)).toEqual(['spf=fail', 'dkim=none'])
    }),
  )
})
