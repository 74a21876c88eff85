// Attacks on our own check of a sender: ways in which a forged mail would pass, or would not be known for forged, and
// mail that would cost too much.

import { sealMessage } from 'mailauth'
import { describe, expect, test, vi } from 'vitest'

import { type Resolve, withCache } from '../../src/ingress/sender-check/resolver.ts'
import { createSenderCheck } from '../../src/ingress/sender-check/sender-check.ts'
import { dkimPem, dkimRecord, dkimSigned } from '../support/dkim-key.ts'

const zone: Record<string, string> = {
  'TXT s1._domainkey.victim.example': dkimRecord,
  'TXT s1._domainkey.strict.example': dkimRecord,
  'TXT s1._domainkey.blog.strict.example': dkimRecord,
  'TXT s1._domainkey.google.com': dkimRecord,
  'TXT _dmarc.victim.example': 'v=DMARC1; p=reject',
  'TXT _dmarc.strict.example': 'v=DMARC1; p=reject; adkim=s',
}

const dns: Resolve = (name, type) => {
  const found = zone[`${type} ${name}`]
  if (found !== undefined) return Promise.resolve([[found]])
  // The attacker's servers never answer.
  if (name.endsWith('attacker.test')) return new Promise(() => undefined)
  return Promise.reject(Object.assign(new Error(`no records of ${name}`), { code: 'ENOTFOUND' }))
}

const mail = (from = 'Vic <vic@victim.example>', head = '', body = 'Pay to the new account.\r\n') =>
  Buffer.from(`${head}From: ${from}\r\nTo: desk@desk.example\r\nSubject: Order\r\n\r\n${body}`)

const verdictOn = (raw: Buffer, reversePath = 'eve@evil.test') =>
  createSenderCheck({ resolve: dns, host: 'mx.desk.example', arcSealers: ['google.com'], timeoutMs: 4_000 })({
    raw,
    envelope: { reversePath, recipients: ['desk@desk.example'] },
    address: '203.0.113.9',
    helo: 'mail.evil.test',
  })

const signature = (domain: string, selector = 's1') =>
  `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=${domain}; s=${selector}; h=from; ` +
  // the hash of the body above
  `bh=${bodyHash}; b=AAAA\r\n`
const bodyHash =
  /bh=([^;]+);/.exec((await dkimSigned(mail(), 'victim.example')).toString())?.[1]?.replace(/\s/g, '') ?? ''

describe('a forged mail is known for forged', () => {
  const forged = { dmarc: 'fail', dmarcPolicy: 'reject', dkimDomains: [] }
  test('with many signatures', async () => {
    const raw = mail(undefined, signature('evil.test').repeat(20))
    expect(await verdictOn(raw)).toMatchObject(forged)
  })

  test("when the attacker's own DNS does not answer, for SPF, a key or an older seal", async () => {
    expect(await verdictOn(mail(), 'eve@attacker.test')).toMatchObject(forged)
    expect(await verdictOn(mail(undefined, signature('attacker.test')))).toMatchObject(forged)
    const sealed = await sealMessage(mail(), {
      signingDomain: 'google.com',
      selector: 's1',
      privateKey: dkimPem,
      i: 1,
      cv: 'none',
      authResults: 'mx.google.com; dmarc=fail header.from=victim.example',
    } as never)
    const raw = Buffer.from(sealed.toString().replace('d=google.com', 'd=attacker.test') + mail().toString())
    expect(await verdictOn(raw)).toMatchObject(forged)
  }, 15_000)

  test('with a selector that cannot be asked for', async () => {
    for (const selector of ['s'.repeat(300), 'a\\000', 'ü'])
      expect(await verdictOn(mail(undefined, signature('victim.example', selector)))).toMatchObject(forged)
  })

  test('with an author in a group, or spelled so that programs disagree', async () => {
    for (const from of [
      'Board: vic@victim.example;',
      'VIC@VICTIM.EXAMPLE',
      '(x) vic@victim.example',
      '"a, b" <vic@victim.example>',
    ])
      expect(await verdictOn(mail(from))).not.toMatchObject({ dmarc: 'pass' })
    expect(await verdictOn(mail('Board: vic@victim.example;'))).not.toMatchObject({ dmarcDomain: 'evil.test' })
  })

  test('by a subdomain where the record is strict', async () => {
    const raw = mail('Vic <vic@strict.example>')
    expect(await verdictOn(await dkimSigned(raw, 'blog.strict.example'))).toMatchObject({ dmarc: 'fail' })
    expect(await verdictOn(await dkimSigned(raw, 'strict.example'))).toMatchObject({ dmarc: 'pass' })
  })

  test('with words added below a signature of a part, however its field is folded', async () => {
    const raw = await dkimSigned(mail(undefined, '', 'Hello'), 'victim.example', { maxBodyLength: 5 })
    expect(raw.toString()).toMatch(/\bl=5\b/)
    for (const gap of [' ', ' '.repeat(300), `\r\n${' '.repeat(900)}`.repeat(12), '\r\n \v', '\r\n\u00a0'])
      for (const added of [
        raw.toString().replace(/;\s*l=5/, `;${gap}l=5`),
        raw.toString().replace(/;\s*l=5/, `;${gap}l = 5`),
      ])
        expect(await verdictOn(Buffer.from(`${added} and pay to 123.\r\n`))).toMatchObject({ dmarc: 'fail' })
  })

  test('with a second ARC-Authentication-Results that the seal does not cover', async () => {
    const seal = await sealMessage(mail(), {
      signingDomain: 'google.com',
      selector: 's1',
      privateKey: dkimPem,
      i: 1,
      cv: 'none',
      authResults: 'mx.google.com; dmarc=fail header.from=victim.example',
    } as never)
    const field = 'ARC-Authentication-Results: i=1; mx.google.com; dmarc=pass header.from=victim.example'
    for (const more of ['; i=0', '; i=x', '; i=9999999999999999999', ''])
      expect(await verdictOn(Buffer.concat([Buffer.from(`${field}${more}\r\n`), seal, mail()]))).toMatchObject({
        by: 'our own check',
        dmarc: 'fail',
      })
  })
})

describe('a mail costs no more than an ordinary one', () => {
  const counted = 'DKIM-Signature: a=rsa-sha256; d=victim.example; s=s1;'
  const heads = {
    'a head of continued lines': `X: y\r\n${' a\r\n'.repeat(300_000)}`,
    'a head that does not end': 'X: y\r\n'.repeat(2_000_000),
    'a run of CR': `X: ${'\r'.repeat(120_000)}x\r\n`,
    'a thousand seals': Array.from(
      { length: 1_000 },
      (_, at) =>
        `ARC-Seal: i=${String(at + 1)}; a=rsa-sha256; cv=${at === 0 ? 'none' : 'pass'}; d=google.com; s=s1; b=AA\r\n` +
        `ARC-Message-Signature: i=${String(at + 1)}; a=rsa-sha256; d=google.com; s=s1; h=from; bh=AA; b=AA\r\n` +
        `ARC-Authentication-Results: i=${String(at + 1)}; google.com; dmarc=pass header.from=victim.example\r\n`,
    ).join(''),
    'a signature over ten thousand names': `${counted} h=${'x:'.repeat(10_000)}from; bh=AA; b=AA\r\n`.repeat(5),
    'a long run of spaces': `${counted} h=from; bh=AA;${' '.repeat(100_000)}b=AA\r\n`,
    'a long run of quotes': `Content-Type: text/plain; x="${'\\"'.repeat(50_000)}\r\n`,
    'a long From': `Resent-From: ${'<'.repeat(100_000)}\r\n`,
  }
  for (const [name, head] of Object.entries(heads))
    test(
      name,
      async () => {
        const before = process.cpuUsage()
        expect((await verdictOn(mail(undefined, head))).dmarc).not.toBe('pass')
        expect(process.cpuUsage(before).user / 1_000).toBeLessThan(800)
      },
      120_000,
    )

  test('nothing is written to the log beside our own lines', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
    try {
      await verdictOn(await dkimSigned(mail(undefined, '', 'Hello, you'), 'victim.example', { maxBodyLength: 500 }))
      await verdictOn(
        mail(
          undefined,
          'ARC-Seal: i=1; a=rsa-sha256; cv=none; d=google.com; s=s1; b=AA\r\n' +
            'ARC-Message-Signature: i=1; a=rsa-sha256; d=google.com; s=s1; h=from; l=900; bh=AA; b=AA\r\n' +
            'ARC-Authentication-Results: i=1; google.com; dmarc=pass\r\n',
        ),
      )
      expect(log).not.toHaveBeenCalled()
    } finally {
      log.mockRestore()
    }
  })

  test('large answers of the DNS are not kept without bound', async () => {
    const before = process.memoryUsage().rss
    const cached = withCache(() => Promise.resolve([[Buffer.alloc(64_000, 'x').toString('latin1')]]))
    for (let at = 0; at < 1_000; at++) await cached(`${String(at)}.attacker.test`, 'TXT')
    expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000)
  })
})
