// Attacks on Authentication-Results: words of the sender that a field carries along, fields that the sender wrote, and
// verdicts that contradict each other must not verify any sender, and must not hide a failure.

import { beforeAll, describe, expect, test } from 'vitest'

import { addNoticedAgent, type NotifiedAgent } from '../support/agents.ts'
import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'

const relay = 'mx.relay.example'
const own = `from out.evil.example by ${relay}; Mon, 30 Nov 2026 05:32:00 +0000`
const foreign = 'from a.evil.example by b.evil.example; Mon, 30 Nov 2026 05:31:00 +0000'
const pass = 'dkim=pass header.d=agents.example'
const long = 'a'.repeat(5000)
const deep = `${'('.repeat(20_000)}x${')'.repeat(20_000)}`

/** One header field. */
type Line = readonly [name: string, value: string]
const results = (value: string, by = relay): Line => ['Authentication-Results', `${by}; ${value}`]
const received = (value: string): Line => ['Received', value]

/** A mail with these fields on top, in this order. */
function withTop(top: readonly Line[], fields: Readonly<Record<string, string>>): Buffer {
  const head = top.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.concat([Buffer.from(head), mail(fields, freshWords())])
}

const verifyNobody: readonly (readonly [what: string, top: readonly Line[]])[] = [
  [
    'a comment in a comment in a comment',
    [results('spf=fail (a; dmarc=pass header.from=agents.example (b (c))) smtp.mailfrom=evil.example; dkim=none')],
  ],
  [
    'a HELO with parentheses',
    [results(`spf=pass (helo=((x));${pass}(b(c)); envelope-from=x@evil.example) smtp.mailfrom=evil.example`)],
  ],
  [
    'a comment of 5,000 characters',
    [results(`spf=pass (x ${long}; dmarc=pass header.from=agents.example) smtp.mailfrom=evil.example`)],
  ],
  ['comments nested 20,000 deep', [results(`spf=fail (${deep}; ${pass}) smtp.mailfrom=evil.example; dkim=none`)]],
  ['a comment that never ends', [results(`dkim=none; spf=fail (x; ${pass}`)]],
  [
    'a comment that ends before its server thinks',
    [results(`spf=fail (domain of "a); ${pass} (b"@evil.example) smtp.mailfrom=evil.example`)],
  ],
  ['an escaped parenthesis', [results(`spf=fail (x\\) ${pass}; y) smtp.mailfrom=evil.example`)]],
  ['a quoted string that never ends', [results(`${pass} reason="x; dkim=none`)]],
  ['a quoted local-part', [results(`dkim=pass header.i="x; ${pass} y"@evil.example`)]],
  ['a stray parenthesis', [results(`spf=pass x) ; ${pass}`)]],
  ['a word that belongs to nothing', [results(`${pass} and more`)]],
  ['DMARC that names no domain', [results('dmarc=pass')]],
  ['DMARC of another domain', [results('dmarc=pass header.from=evil.example')]],
  ['DKIM that names no domain', [results('dkim=pass header.s=s1')]],
  ['DKIM of two domains in one result', [results('dkim=pass header.d=evil.example header.d=agents.example')]],
  [
    'DKIM whose identity is not below its domain',
    [results('dkim=pass header.d=evil.example header.i=@agents.example')],
  ],
  ['another version of the method', [results('dkim/2=pass header.d=agents.example')]],
  ['none beside pass', [results('dmarc=none header.from=agents.example; dmarc=pass header.from=agents.example')]],
  [
    'none beside pass, in two fields',
    [results('dmarc=none header.from=agents.example'), results('dmarc=pass header.from=agents.example')],
  ],
  ['a signature beside a failure of DMARC', [results(`dmarc=fail (p=none) header.from=agents.example; ${pass}`)]],
  ['another server', [results(pass, 'mx.evil.example'), received(own)]],
  ['a field below the Received line of another server', [received(foreign), results(pass)]],
  [
    'a field below ours and another server’s Received lines',
    [results('dkim=none'), received(own), received(foreign), results(pass)],
  ],
  [
    'a field below our Received line, where the relay writes above it',
    [results('dkim=none; dmarc=none header.from=agents.example'), received(own), results(pass)],
  ],
  [
    'a field behind a Received line too large to keep',
    [results('spf=none'), received(`from x by b.evil.example (${'y'.repeat(300_000)})`), results(pass)],
  ],
  ['a HELO that says by', [received(`from by (by ${relay}) by b.evil.example; now`), results(pass)]],
]

const verify: readonly (readonly [what: string, top: readonly Line[]])[] = [
  ['DMARC', [results('dmarc=pass (p=reject) header.from=agents.example'), received(own)]],
  [
    'DKIM of the domain, comments and all',
    [
      results(
        'spf=fail (a (b (c; d))) smtp.mailfrom=evil.example; dkim=pass (2048-bit key; unprotected) ' +
          'header.d=agents.example header.b="ab/c="',
      ),
      received(own),
    ],
  ],
  ['several fields, one a method', [results('spf=pass smtp.mailfrom=agents.example'), results(pass), received(own)]],
  [
    'four fields, of which the last has the verdict',
    [
      results('x-csa=none; x-ptr=fail'),
      results('bimi=skipped (DMARC did not pass)'),
      results('arc=none (no signatures found)'),
      results('dmarc=pass policy.published-domain-policy=reject header.from=agents.example'),
      received(own),
    ],
  ],
  [
    'fields below our own Received lines',
    [
      received(`by store.relay.example; now`),
      received(own),
      results('dkim / 1 = pass header . d = agents.example'),
      received(foreign),
    ],
  ],
  [
    'a filter behind the relay',
    [received('from localhost by localhost; now'), received(own), results(pass), received(foreign)],
  ],
]

const hide: readonly (readonly [what: string, top: readonly Line[]])[] = [
  ['in one field', [results('dmarc=fail (p=reject) header.from=example.com'), received(own)]],
  [
    'in a field below another',
    [
      results('x-csa=none; x-ptr=fail'),
      results('dkim=none; dmarc=fail policy.published-domain-policy=reject (p=reject) header.from=example.com'),
      received(own),
    ],
  ],
  [
    'beside a pass that the sender wrote',
    [
      results('dmarc=fail (p=reject) header.from=example.com'),
      received(own),
      results('dmarc=pass header.from=example.com'),
    ],
  ],
  ['before what breaks the field', [results('dmarc=fail (p=quarantine) header.from=example.com; spf=fail (helo=(x')]],
]

describeOnEitherDatabase('forged Authentication-Results', (member) => {
  const service = useService({ on: member, env: { AUTHSERV_ID: relay } })
  let ann: NotifiedAgent

  beforeAll(async () => {
    ann = await addNoticedAgent(service)
  })

  const answerAsAgent = (top: readonly Line[]) =>
    service.deliver(withTop(top, { From: `Ann Agent <${ann.agent}>`, To: ann.agentAddress }), {
      from: 'x@evil.example',
      to: ann.agentAddress,
    })

  describe('a sender does not become an agent by', () => {
    test.each(verifyNobody)('%s', async (_what, top) => {
      const email = await answerAsAgent(top)
      expect(email.status).toBe('held')
      expect(email.trace.find(({ step }) => step === 'speaker')?.outcome).toBe('unverified')
    })
  })

  describe('an agent is verified by', () => {
    test.each(verify)('%s', async (_what, top) => {
      expect(await answerAsAgent(top)).toMatchObject({ status: 'delivered', reason: 'agent-reply' })
    })
  })

  describe('a forged customer is held by a failure', () => {
    test.each(hide)('%s', async (_what, top) => {
      const { email, replyAddress } = ann.place
      const held = await service.deliver(withTop(top, { From: email, To: replyAddress }), { to: replyAddress })
      expect(held).toMatchObject({ status: 'held', reason: 'forged-sender' })
    })
  })

  test("doctor reports that the relay does not remove senders' Authentication-Results", async () => {
    const answer = await service.api('GET', '/api/v1/doctor')
    const { checks } = answer.body as { checks: { name: string; ok: boolean; detail: string }[] }
    const senders = checks.find(({ name }) => name === 'sender authentication')
    expect(senders).toMatchObject({ ok: false })
    expect(senders?.detail).toMatch(/has to take out those that come from outside/)
  })
})
