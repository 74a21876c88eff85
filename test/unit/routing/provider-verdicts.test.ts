// A provider's findings in the table of trust: they verify and disown as a trusted relay's do, and nothing inside the
// mail does.

import { describe, expect, test } from 'vitest'

import type { Peer, ProviderVerdicts } from '../../../src/mail/envelope.ts'
import { createLedger, judge, replyTo, results } from './ledger-double.ts'

const gus = 'Gus <gus@staff.example>'
const none = {
  by: 'ses',
  spf: null,
  dkim: null,
  dkimDomains: [],
  dmarc: null,
  dmarcPolicy: null,
  spam: null,
  spamScore: null,
  virus: null,
}
const peer = (verdicts: Partial<ProviderVerdicts>): Partial<Peer> => ({
  trusted: false,
  verdicts: { ...none, ...verdicts },
})
const decide = async (verdicts: Partial<ProviderVerdicts>, more: object = {}) =>
  (await judge(createLedger(), { to: [replyTo('b')], from: gus, peer: peer(verdicts), ...more })).decision

describe('an agent is verified', () => {
  test.each<Partial<ProviderVerdicts>>([
    { dmarc: 'pass' },
    { dkim: 'pass', dkimDomains: ['other.example', 'mail.staff.example'] },
    { dmarc: 'none', dkimDomains: ['staff.example'] },
    { dmarc: 'pass', dmarcDomain: 'staff.example' },
  ])('by %j', async (verdicts) => {
    expect(await decide(verdicts)).toMatchObject({ action: 'append-as-agent', reason: 'agent-reply' })
  })

  test.each<Partial<ProviderVerdicts>>([
    {},
    { spf: 'pass' },
    { dkim: 'pass' },
    { dkim: 'pass', dkimDomains: ['elsewhere.example'] },
    { dmarc: 'gray' },
    { spf: 'pass', dkim: 'pass', spam: 'pass' },
    { dmarc: 'fail', dmarcPolicy: 'none' },
    { dmarc: 'fail', dmarcPolicy: 'none', dkim: 'pass', dkimDomains: ['staff.example'] },
    { dmarc: 'pass', dmarcDomain: 'elsewhere.example' },
  ])('not by %j', async (verdicts) => {
    expect(await decide(verdicts)).toMatchObject({ action: 'hold', reason: 'agent-not-verified' })
  })
})

test.each<Partial<ProviderVerdicts>>([
  { dmarc: 'fail', dmarcPolicy: 'reject' },
  { dmarc: 'fail', dmarcPolicy: 'quarantine' },
  { dmarc: 'fail', dkimDomains: ['customer.example'] },
])('a mail that fails DMARC is held: %j', async (verdicts) => {
  expect(await decide(verdicts, { to: [replyTo('a')], from: 'jane@customer.example' })).toMatchObject({
    action: 'hold',
    reason: 'forged-sender',
  })
})

test("Authentication-Results inside a provider's mail never count, under any name", async () => {
  const pass = results('dmarc=pass header.from=staff.example')
  expect(await decide({ spf: 'pass' }, { fields: [pass] })).toMatchObject({
    action: 'hold',
    reason: 'agent-not-verified',
  })
  expect(
    (await judge(createLedger(), { to: [replyTo('b')], from: gus, peer: { trusted: false }, fields: [pass] })).decision,
  ).toMatchObject({ action: 'hold', reason: 'agent-not-verified' })
})

test('the trace names the source of a result', async () => {
  const { trace } = await judge(createLedger(), { to: [replyTo('b')], from: gus, peer: peer({ dmarc: 'pass' }) })
  expect(trace).toContainEqual({
    step: 'speaker',
    outcome: 'verified',
    detail: 'gus@staff.example: ses says dmarc=pass',
  })
})
