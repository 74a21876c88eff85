// Where the address is looked for, and in which order it is believed (docs/develop/architecture.md, "Routing and
// trust"); the result of several of our addresses in one mail.

import { describe, expect, test } from 'vitest'

import { type Arriving, bounceTo, createLedger, hex, judge, replyTo, sharedDomain } from './ledger-double.ts'

const stranger = 'Mallory <mallory@elsewhere.example>'
const decide = async (mail: Arriving) => (await judge(createLedger(), mail)).decision
const inConversation = (id: number) => ({ action: 'append', conversationId: id })

describe('a reply address is found', () => {
  test.each<[place: string, mail: Arriving, learnedFrom: string]>([
    ['in the envelope', { to: [replyTo('a')] }, 'envelope'],
    ['in Delivered-To', { fields: [`Delivered-To: ${replyTo('a')}`] }, 'delivered-to'],
    ['in X-Original-To', { fields: [`X-Original-To: <${replyTo('a')}>`] }, 'x-original-to'],
    ['in Envelope-To, among others', { fields: [`Envelope-To: other@x.example, ${replyTo('a')}`] }, 'envelope-to'],
    ['in X-Forwarded-To', { fields: [`X-Forwarded-To: ${replyTo('a')}`] }, 'x-forwarded-to'],
    ['in To', { fields: [`To: Acme <${replyTo('a')}>`] }, 'to'],
    ['in Cc', { fields: ['To: bob@x.example', `Cc: ${replyTo('a')}`] }, 'cc'],
    ['in Bcc', { fields: [`Bcc: ${replyTo('a')}`] }, 'bcc'],
  ])('%s, and the trace says where', async (_place, mail, learnedFrom) => {
    const verdict = await judge(createLedger(), mail)
    expect(verdict.decision).toMatchObject(inConversation(10))
    expect(verdict.learned).toContainEqual({ address: replyTo('a'), learned_from: learnedFrom })
    expect(verdict.trace.find(({ step }) => step === 'recipient')).toMatchObject({ outcome: learnedFrom })
  })

  test('not in the Subject or the text', async () => {
    expect(await decide({ fields: [`Subject: ${replyTo('a')}`], text: replyTo('a') })).toMatchObject({
      action: 'hold',
      reason: 'unknown-recipient',
    })
  })

  test('not behind two hundred strangers', async () => {
    const crowd = Array.from({ length: 200 }, (_, index) => `p${String(index)}@x.example`).join(', ')
    expect(await decide({ fields: [`To: ${crowd}`, `Cc: ${replyTo('a')}`] })).toMatchObject({ action: 'hold' })
  })
})

describe('the more reliable source wins', () => {
  test.each<[sure: string, unsure: string, mail: Arriving]>([
    ['the envelope', 'Delivered-To', { to: [replyTo('a')], fields: [`Delivered-To: ${replyTo('1')}`] }],
    ['Delivered-To', 'X-Original-To', { fields: [`X-Original-To: ${replyTo('1')}`, `Delivered-To: ${replyTo('a')}`] }],
    ['X-Original-To', 'Envelope-To', { fields: [`Envelope-To: ${replyTo('1')}`, `X-Original-To: ${replyTo('a')}`] }],
    ['Envelope-To', 'X-Forwarded-To', { fields: [`X-Forwarded-To: ${replyTo('1')}`, `Envelope-To: ${replyTo('a')}`] }],
    ['X-Forwarded-To', 'To', { fields: [`To: ${replyTo('1')}`, `X-Forwarded-To: ${replyTo('a')}`] }],
    ['To', 'Cc', { fields: [`Cc: ${replyTo('1')}`, `To: ${replyTo('a')}`] }],
    ['Cc', 'Bcc', { fields: [`Bcc: ${replyTo('1')}`, `Cc: ${replyTo('a')}`] }],
    ['a reply address', 'a thread', { to: [replyTo('a')], fields: ['In-Reply-To: <out-950@reply.bolt.example>'] }],
    ['a reply address', 'an inbox beside it', { to: ['support@acme.example', replyTo('a')] }],
  ])('%s over %s', async (_sure, _unsure, mail) => {
    expect(await decide(mail)).toMatchObject(inConversation(10))
  })

  test('the nearest ancestor of a thread over earlier ones', async () => {
    const ledger = createLedger()
    ledger.messages.push({
      id: 901,
      sourceId: 'out-901@reply.acme.example',
      outgoing: true,
      digest: null,
      conversation: ledger.second,
    })
    const mail = {
      to: ['support@acme.example'],
      fields: ['References: <out-900@reply.acme.example> <out-901@reply.acme.example>'],
    }
    expect((await judge(ledger, mail)).decision).toMatchObject(inConversation(11))
  })
})

describe('a reply address is recognised after changes on the way', () => {
  const uuid = hex('a').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  test.each([
    ['upper case', replyTo('a').toUpperCase()],
    ['the dashes of a UUID', `reply+${uuid}@reply.acme.example`],
    ['SRS', `SRS0=HHH=TT=reply.acme.example=reply+${hex('a')}@forwarder.example`],
    ['SRS twice', `SRS1=HHH=one.example==HHH=TT=reply.acme.example=reply+${hex('a')}@two.example`],
    ['BATV', `prvs=1234567890=reply+${hex('a')}@reply.acme.example`],
    ['a mangled plus', `reply=${hex('a')}@reply.acme.example`],
    ['a dot after the domain', `${replyTo('a')}.`],
    ['the domain that all accounts share', replyTo('a', sharedDomain)],
  ])('%s', async (_what, address) => {
    expect(await decide({ to: [address] })).toMatchObject(inConversation(10))
  })
})

describe('a valid token is ignored', () => {
  test('at a foreign domain', async () => {
    expect(await decide({ to: [replyTo('a', 'elsewhere.example')] })).toMatchObject({
      action: 'hold',
      reason: 'unknown-recipient',
    })
  })

  test('at the domain of another account', async () => {
    expect(await decide({ to: [replyTo('a', 'reply.bolt.example')] })).toMatchObject({
      action: 'hold',
      reason: 'unknown-recipient',
    })
  })

  test('with one digit changed; and the trace says that it has the form of one', async () => {
    const verdict = await judge(createLedger(), { to: [`reply+${hex('a').slice(1)}b@reply.acme.example`] })
    expect(verdict.decision).toMatchObject({ action: 'hold', reason: 'unknown-recipient' })
    expect(verdict.trace).toContainEqual(expect.objectContaining({ step: 'recipient', outcome: 'unknown-token' }))
  })
})

describe('an inbox is found', () => {
  test.each([
    ['whatever the case', 'SUPPORT@Acme.Example', 30],
    ['with a tag', 'support+order-12@acme.example', 30],
    ['as the first of two of one account', 'sales@acme.example', 31],
  ])('%s', async (_what, address, inboxId) => {
    expect(await decide({ to: [address], from: stranger })).toMatchObject({ action: 'open', inboxId })
  })
})

describe('one mail for several', () => {
  test('two conversations in one envelope: the first gets this mail, the second a copy', async () => {
    const verdict = await judge(createLedger(), { to: [replyTo('a'), replyTo('1')] })
    expect(verdict.decision).toMatchObject(inConversation(10))
    expect(verdict.siblings).toEqual([[replyTo('1')]])
    expect(verdict.trace).toContainEqual(expect.objectContaining({ step: 'recipient', outcome: 'shared' }))
  })

  test('two accounts: a conversation here, an inbox there', async () => {
    const verdict = await judge(createLedger(), { to: [replyTo('a'), 'help@bolt.example'] })
    expect(verdict).toMatchObject({ accountId: 1, siblings: [['help@bolt.example']] })
  })

  test('two accounts: an inbox each', async () => {
    const verdict = await judge(createLedger(), { to: ['support@acme.example', 'help@bolt.example'], from: stranger })
    expect(verdict.decision).toMatchObject({ action: 'open', accountId: 1 })
    expect(verdict.siblings).toEqual([['help@bolt.example']])
  })

  test('two inboxes of one account: a conversation in each', async () => {
    const verdict = await judge(createLedger(), { to: ['sales@acme.example', 'support@acme.example'], from: stranger })
    expect(verdict.decision).toMatchObject({ action: 'open', inboxId: 31 })
    expect(verdict.siblings).toEqual([['support@acme.example']])
  })

  test('two inboxes of one account, in answer to a conversation: that conversation, and the trace says so', async () => {
    const verdict = await judge(createLedger(), {
      to: ['sales@acme.example', 'support@acme.example'],
      fields: ['In-Reply-To: <out-900@reply.acme.example>'],
    })
    expect(verdict.decision).toMatchObject(inConversation(10))
    expect(verdict.siblings).toEqual([])
    expect(verdict.trace).toContainEqual(expect.objectContaining({ step: 'recipient', outcome: 'covered' }))
  })

  test('a recipient that is nothing here is named in the trace', async () => {
    const verdict = await judge(createLedger(), {
      to: ['support+a@acme.example', 'support@acme.example', 'other@elsewhere.example'],
      from: stranger,
    })
    expect(verdict.siblings).toEqual([])
    expect(verdict.trace.filter(({ outcome }) => outcome === 'others')).toEqual([
      { step: 'recipient', outcome: 'others', detail: 'not for us: other@elsewhere.example' },
    ])
  })

  test('two tokens of one conversation are one mail', async () => {
    expect((await judge(createLedger(), { to: [replyTo('a'), bounceTo('c')] })).siblings).toEqual([])
  })

  test('a copy is delivered by its own envelope, and creates no further copies', async () => {
    const verdict = await judge(createLedger(), {
      to: [replyTo('1')],
      fields: [`To: ${replyTo('a')}, ${replyTo('1')}`],
    })
    expect(verdict.decision).toMatchObject(inConversation(11))
    expect(verdict.siblings).toEqual([])
  })

  test('recipients of the header only get no copy: others have received it', async () => {
    expect((await judge(createLedger(), { fields: [`To: ${replyTo('a')}, ${replyTo('1')}`] })).siblings).toEqual([])
  })

  test('a reply address in the header does not move a mail from the account of the envelope', async () => {
    const verdict = await judge(createLedger(), {
      to: ['help@bolt.example'],
      from: stranger,
      fields: [`To: ${replyTo('a')}`],
    })
    expect(verdict.decision).toMatchObject({ action: 'open', accountId: 2, inboxId: 40 })
  })
})

describe('a thread counts only in the account that the mail is addressed to', () => {
  test("an id of another account's mail is ignored", async () => {
    expect(
      await decide({
        to: ['support@acme.example'],
        from: 'bob@customer.example',
        fields: ['In-Reply-To: <out-950@reply.bolt.example>'],
      }),
    ).toMatchObject({ action: 'open', reason: 'new-conversation', accountId: 1 })
  })

  test('an id of another account with its reply address in the header is ignored: the envelope decides', async () => {
    const verdict = await judge(createLedger(), {
      to: ['support@acme.example'],
      from: 'bob@customer.example',
      fields: ['To: someone@reply.bolt.example', 'In-Reply-To: <out-950@reply.bolt.example>'],
    })
    expect(verdict).toMatchObject({ accountId: 1, decision: { action: 'open', reason: 'new-conversation' } })
  })

  test('the same holds for an inbox at the shared domain', async () => {
    const ledger = createLedger()
    const address = `support@${sharedDomain}`
    ledger.inboxes.push({ id: 32, name: 'Shared', address, ownAddresses: [address], account: ledger.acme })
    const verdict = await judge(ledger, {
      to: [`support@${sharedDomain}`],
      from: 'bob@customer.example',
      fields: ['In-Reply-To: <out-950@reply.bolt.example>'],
    })
    expect(verdict).toMatchObject({ accountId: 1, decision: { action: 'open', reason: 'new-conversation' } })
  })
})
