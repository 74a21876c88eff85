// Our own check of a sender: mails signed here with keys of the test, and a DNS that the test writes.

import { sealMessage } from 'mailauth'
import { describe, expect, test } from 'vitest'

import { type Resolve, withCache, withLimit } from '../../../src/ingress/sender-check/resolver.ts'
import { createSenderCheck } from '../../../src/ingress/sender-check/sender-check.ts'
import { dkimPem, dkimRecord, dkimSigned } from '../../support/dkim-key.ts'

const zone: Record<string, string> = {
  'TXT s1._domainkey.customer.example': dkimRecord,
  'TXT s1._domainkey.other.example': dkimRecord,
  'TXT s1._domainkey.google.com': dkimRecord,
  'TXT s1._domainkey.sealer.example': dkimRecord,
  'TXT customer.example': 'v=spf1 ip4:192.0.2.10 -all',
  'TXT _dmarc.customer.example': 'v=DMARC1; p=reject',
  'TXT lax.example': 'v=spf1 -all',
  'TXT _dmarc.lax.example': 'v=DMARC1; p=none',
}

function absent(name: string): Error {
  return Object.assign(new Error(`no records of ${name}`), { code: 'ENOTFOUND' })
}
function unreachable(): Error {
  return Object.assign(new Error('the server does not answer'), { code: 'ETIMEOUT' })
}

const dns: Resolve = (name, type) => {
  const found = zone[`${type} ${name}`]
  return found === undefined ? Promise.reject(absent(name)) : Promise.resolve([[found]])
}
const check = (resolve: Resolve = dns, timeoutMs = 5_000) =>
  createSenderCheck({ resolve, host: 'mx.desk.example', arcSealers: ['google.com'], timeoutMs })

const mail = (head = '', from = 'Ann <ann@customer.example>') =>
  Buffer.from(
    `${head}From: ${from}\r\nTo: desk@desk.example\r\nSubject: Order\r\nDate: Tue, 17 Nov 2026 09:00:00 +0100\r\n` +
      'Message-ID: <1@customer.example>\r\n\r\nPlease send it.\r\n',
  )

async function seal(raw: Buffer, domain: string, found: string): Promise<Buffer> {
  const head = await sealMessage(raw, {
    signingDomain: domain,
    selector: 's1',
    privateKey: dkimPem,
    i: 1,
    cv: 'none',
    authResults: found,
  } as never)
  return Buffer.concat([head, raw])
}

const sentBy = (raw: Buffer, address = '203.0.113.9', reversePath = 'ann@customer.example') => ({
  raw,
  envelope: { reversePath, recipients: ['desk@desk.example'] },
  address,
  helo: 'mail.customer.example',
})

describe('DMARC', () => {
  test('passes by a signature of the domain in From', async () => {
    expect(await check()(sentBy(await dkimSigned(mail(), 'customer.example')))).toMatchObject({
      by: 'our own check',
      spf: 'fail',
      dkim: 'pass',
      dkimDomains: ['customer.example'],
      dmarc: 'pass',
      dmarcDomain: 'customer.example',
    })
  })

  test('passes by SPF from the address of its record', async () => {
    expect(await check()(sentBy(mail(), '192.0.2.10'))).toMatchObject({ spf: 'pass', dkim: 'none', dmarc: 'pass' })
  })

  test('fails with the policy of the domain', async () => {
    expect(await check()(sentBy(mail()))).toMatchObject({ dmarc: 'fail', dmarcPolicy: 'reject' })
    const lax = mail('', 'Ann <ann@lax.example>')
    expect(await check()(sentBy(lax))).toMatchObject({ dmarc: 'fail', dmarcPolicy: 'none' })
  })

  test('is none without a record', async () => {
    expect(await check()(sentBy(mail('', 'Ann <ann@nothing.example>')))).toMatchObject({ dmarc: 'none' })
  })

  test('does not count a signature of another domain, over changed words, or over another From', async () => {
    const foreign = await dkimSigned(mail(), 'other.example')
    expect(await check()(sentBy(foreign))).toMatchObject({ dmarc: 'fail', dkimDomains: ['other.example'] })
    const changed = Buffer.from(
      (await dkimSigned(mail(), 'customer.example')).toString().replace('send it', 'send two'),
    )
    expect(await check()(sentBy(changed))).toMatchObject({ dmarc: 'fail', dkimDomains: [] })
    const renamed = Buffer.from(
      (await dkimSigned(mail(), 'customer.example')).toString().replace('Ann <ann@', 'Ann <eve@'),
    )
    expect(await check()(sentBy(renamed))).toMatchObject({ dmarc: 'fail', dkimDomains: [] })
  })

  test('does not count a signature over a part of the body', async () => {
    const signed = await dkimSigned(mail(), 'customer.example', { maxBodyLength: 5 })
    expect(signed.toString()).toMatch(/\bl=5\b/)
    expect(await check()(sentBy(signed))).toMatchObject({ dmarc: 'fail', dkimDomains: [] })
  })
})

describe('an ARC seal', () => {
  const found = (domain: string, result = 'pass') => `mx.google.com; dmarc=${result} header.from=${domain}`

  test('of a listed domain that saw DMARC pass replaces the failure', async () => {
    const sealed = await seal(mail(), 'google.com', found('customer.example'))
    expect(await check()(sentBy(sealed))).toMatchObject({
      by: 'our own check (ARC seal of google.com)',
      dmarc: 'pass',
      dmarcDomain: 'customer.example',
    })
  })

  test('of another domain, about another domain, of a failure, or over changed words replaces nothing', async () => {
    const sealed = await seal(mail(), 'google.com', found('customer.example'))
    for (const raw of [
      await seal(mail(), 'sealer.example', found('customer.example')),
      await seal(mail(), 'google.com', found('other.example')),
      await seal(mail(), 'google.com', found('customer.example', 'fail')),
      await seal(mail(), 'google.com', 'mx.google.com; spf=pass smtp.mailfrom=customer.example'),
      Buffer.from(sealed.toString().replace('send it', 'send two')),
      Buffer.from(sealed.toString().replace('mx.google.com', 'mx.google.org')),
    ])
      expect(await check()(sentBy(raw))).toMatchObject({ by: 'our own check', dmarc: 'fail' })
  })
})

describe('trouble of the DNS is no answer', () => {
  test('a failure is temperror where a lookup was not answered', async () => {
    const raw = await dkimSigned(mail(), 'customer.example')
    for (const lost of ['TXT s1._domainkey.customer.example', 'TXT _dmarc.customer.example']) {
      const some: Resolve = (name, type) =>
        `${type} ${name}` === lost ? Promise.reject(unreachable()) : dns(name, type)
      expect((await check(some)(sentBy(raw))).dmarc).toBe('temperror')
    }
  })

  test('a server that never answers ends after the time given', async () => {
    const silent: Resolve = () => new Promise(() => undefined)
    const verdict = await check(silent, 50)(sentBy(await dkimSigned(mail(), 'customer.example')))
    expect(verdict).toMatchObject({ dmarc: 'temperror', dkim: 'temperror', dkimDomains: [] })
  })
})

describe('work is limited', () => {
  test('of many signatures eight are looked at, those of the domain in From first', async () => {
    const one = (await dkimSigned(mail(), 'other.example')).toString().split('From:')[0] ?? ''
    let lookups = 0
    const counting: Resolve = (name, type) => {
      lookups++
      return dns(name, type)
    }
    const raw = Buffer.concat([Buffer.from(one.repeat(200)), await dkimSigned(mail(), 'customer.example')])
    expect(await check(counting)(sentBy(raw))).toMatchObject({ dmarc: 'pass' })
    // and one each of SPF and DMARC
    expect(lookups).toBe(10)
  })

  test('one mail makes at most so many lookups', async () => {
    const { resolve, hadTrouble } = withLimit(() => Promise.resolve([['x']]), 2)
    await resolve('a.example', 'TXT')
    await resolve('b.example', 'TXT')
    expect(hadTrouble()).toBe(false)
    await expect(resolve('c.example', 'TXT')).rejects.toThrow('too many lookups')
    expect(hadTrouble()).toBe(true)
  })

  test('an answer, also that there are no records, is asked for once; trouble is asked again', async () => {
    const asked: string[] = []
    const cached = withCache((name) => {
      asked.push(name)
      if (name === 'none.example') return Promise.reject(absent(name))
      return name === 'down.example' ? Promise.reject(unreachable()) : Promise.resolve([['x']])
    })
    for (const name of ['a.example', 'A.example', 'none.example', 'none.example', 'down.example', 'down.example'])
      await cached(name, 'TXT').catch(() => undefined)
    expect(asked).toEqual(['a.example', 'none.example', 'down.example', 'down.example'])
  })
})

test.each(['v=spf1 exists:%{', 'v=spf1 ip4:999.1.1.1/99 -all', 'v=spf1 redirect=', 'v=spf1 exists:%{d999999999r}.x'])(
  'a record of the MAIL FROM domain that cannot be read hides no failure: %s',
  async (record) => {
    const broken: Resolve = (name, type) =>
      name === 'evil.example' && type === 'TXT' ? Promise.resolve([[record]]) : dns(name, type)
    for (const path of ['eve@evil.example', '"a@b"@evil.example', '%{@evil.example', '@evil.example'])
      expect(await check(broken)(sentBy(mail(), '203.0.113.9', path))).toMatchObject({
        dmarc: 'fail',
        dmarcPolicy: 'reject',
      })
  },
)

test('any bytes have a verdict', async () => {
  for (const raw of [
    '',
    '\r\n\r\n',
    'From',
    'DKIM-Signature: v=1\r\n\r\nx',
    'ARC-Seal: i=x\r\nFrom: a@b\r\n\r\n',
    '\0\xff',
  ])
    expect((await check()(sentBy(Buffer.from(raw, 'latin1')))).dmarc).not.toBe('pass')
})
