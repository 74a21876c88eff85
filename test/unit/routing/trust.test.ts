// Trust in senders, and known attacks on helpdesks: in each the mail is kept and no one is impersonated.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { reasons, type Verdict } from '../../../src/contracts/decision.ts'
import { automations, type ParsedMail } from '../../../src/mail/parsed-mail.ts'
import { degradedMail } from '../../../src/mail/parsing/degraded.ts'
import { parseMail } from '../../../src/mail/parsing/parse.ts'
import { route } from '../../../src/routing/route.ts'
import { type Arriving, authservId, createLedger, hex, judge, newTo, replyTo, results } from './ledger-double.ts'

const gus = 'Gus <gus@staff.example>'
const stranger = 'Mallory <mallory@elsewhere.example>'
const pass = results('dmarc=pass header.from=staff.example')
const decide = async (mail: Arriving) => (await judge(createLedger(), mail)).decision
const asAgent = { to: [replyTo('b')], from: gus }

describe('Authentication-Results count', () => {
  test('when the topmost is of AUTHSERV_ID and a trusted relay hands the mail over', async () => {
    expect(await decide({ ...asAgent, fields: [pass] })).toMatchObject({ action: 'append-as-agent' })
  })

  test.each<[when: string, mail: Arriving]>([
    ['from a peer that is not trusted', { fields: [pass], peer: { trusted: false } }],
    ['of another server', { fields: [results('dmarc=pass header.from=staff.example', 'mx.elsewhere.example')] }],
    ['below one of another server', { fields: [results('dmarc=none', 'mx.elsewhere.example'), pass] }],
    ['that the sender wrote below the real one', { fields: [results('dmarc=none header.from=staff.example'), pass] }],
    ['when AUTHSERV_ID is not set', { fields: [pass], authservId: null }],
    ['when there are none', {}],
  ])('not those %s', async (_when, mail) => {
    expect(await decide({ ...asAgent, ...mail })).toMatchObject({ action: 'hold', reason: 'agent-not-verified' })
  })

  test('a fail of an untrusted server changes nothing', async () => {
    const fail = results('dmarc=fail (p=REJECT) header.from=customer.example')
    expect(await decide({ to: [replyTo('a')], fields: [fail], peer: { trusted: false } })).toMatchObject({
      action: 'append',
      reason: 'reply-address',
    })
  })

  test('a mail that does not fail DMARC is appended as unverified', async () => {
    expect(
      await decide({ to: [replyTo('a')], fields: [results('dmarc=fail (p=NONE) header.from=customer.example')] }),
    ).toMatchObject({ action: 'append', marks: { verified: false } })
  })
})

describe('known takeovers', () => {
  test(
    'guessable ticket address and a spoofed From (Zendesk 2024): a stranger in Cc gets no ' + 'identity and no history',
    async () => {
      const decision = await decide({ to: [replyTo('a')], fields: ['Cc: accomplice@elsewhere.example'] })
      expect(decision).toMatchObject({ action: 'append', conversationId: 10, contactId: 100 })
      expect(JSON.stringify(decision)).not.toContain('accomplice')
    },
  )

  test('a number in place of a token leads nowhere', async () => {
    for (const guess of [
      'reply+5@reply.acme.example',
      'reply+10@reply.acme.example',
      `reply+${hex('0')}@reply.acme.example`,
    ]) {
      expect(await decide({ to: [guess], from: stranger })).toMatchObject({
        action: 'hold',
        reason: 'unknown-recipient',
      })
    }
  })

  test(
    'Message-ID of a notification and a spoofed agent (FreeScout 2026): held, nothing goes to the ' + 'customer',
    async () => {
      const ids = [
        'In-Reply-To: <out-900@reply.acme.example>',
        'References: <notice/7/messages/900@reply.acme.example> <out-900@reply.acme.example>',
      ]
      expect(await decide({ to: ['support@acme.example'], from: gus, fields: ids })).toMatchObject({
        action: 'hold',
        reason: 'agent-not-verified',
      })
    },
  )

  test(
    'a forwarded mail lets its recipient write as the contact (Chatwoot): the message has its ' + 'real sender',
    async () => {
      expect(await decide({ to: [replyTo('a')], from: stranger })).toMatchObject({
        reason: 'reply-address-other-sender',
        contactId: null,
        speaker: { address: 'mallory@elsewhere.example' },
      })
    },
  )

  test("a bearer secret in Cc (vm0): an agent's reply address gives a stranger no access", async () => {
    expect(
      await decide({
        to: [replyTo('b')],
        from: stranger,
        fields: [results('dmarc=pass header.from=elsewhere.example')],
      }),
    ).toMatchObject({ action: 'hold', reason: 'agent-not-verified' })
  })

  test('a Message-ID seen in a forwarded copy (alga-psa): a stranger does not get into the conversation', async () => {
    expect(
      await decide({
        to: ['support@acme.example'],
        from: stranger,
        fields: ['In-Reply-To: <out-900@reply.acme.example>'],
      }),
    ).toMatchObject({ action: 'open', reason: 'new-conversation-linked' })
  })

  test("our own headers in a stranger's mail (Zammad's x-headers) are ignored", async () => {
    const forged = ['X-Rethread-Conversation: 10', 'X-Rethread-User: 7', `X-Envelope-To: ${replyTo('b')}`]
    expect(await decide({ to: ['support@acme.example'], from: stranger, fields: forged })).toMatchObject({
      action: 'open',
      reason: 'new-conversation',
    })
  })

  test('two From headers, one for the verifier and one for the reader: held', async () => {
    expect(
      await decide({
        to: [replyTo('b')],
        from: stranger,
        fields: [`From: ${gus}`, results('dmarc=pass header.from=elsewhere.example')],
      }),
    ).toMatchObject({ action: 'hold', reason: 'doubled-header' })
  })

  test("an agent's name with a stranger's address counts as the stranger", async () => {
    expect(
      await decide({ to: [replyTo('b')], from: '"gus@staff.example" <mallory@elsewhere.example>', fields: [pass] }),
    ).toMatchObject({ action: 'hold', reason: 'agent-not-verified' })
  })

  test("an agent cannot write as a customer by another account's token", async () => {
    expect(await decide({ to: [replyTo('2', 'reply.bolt.example')], from: gus, fields: [pass] })).toMatchObject({
      action: 'append',
      reason: 'reply-address-other-sender',
      conversationId: 20,
      contactId: null,
    })
  })
})

describe('any mail gets a verdict', () => {
  const known = Object.values(reasons).flat() as readonly string[]
  const sound = ({ decision, trace }: Verdict): void => {
    expect(known).toContain(decision.reason)
    expect(trace.at(0)?.step).toBe('parse')
    expect(trace.at(-1)).toEqual({ step: 'decision', outcome: decision.action, detail: decision.reason })
    for (const { outcome, detail } of trace) {
      expect(outcome).toMatch(/^[a-z]+(-[a-z]+)*$/)
      expect(detail).not.toBe('')
    }
  }
  const peer = { address: null, helo: null, trusted: true }
  const policy = { authservId }
  const { lookup } = createLedger()
  const piece = fc.constantFrom(
    '\r\n',
    '\n',
    'From: ',
    'From: jane@customer.example',
    'To: ',
    'Cc: ',
    'Delivered-To: ',
    'Message-ID: ',
    'In-Reply-To: <out-900@reply.acme.example>',
    'References: ',
    replyTo('a'),
    replyTo('b'),
    replyTo('d'),
    'support@acme.example',
    '<',
    '>',
    ',',
    ';',
    '"',
    '@',
    '\0',
    'Auto-Submitted: auto-replied',
    'List-Id: <x>',
    pass,
    results('dmarc=fail header.from=customer.example'),
    'Content-Type: multipart/report; boundary=b',
    '--b',
  )
  const address = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.constantFrom(
      replyTo('a'),
      replyTo('b'),
      replyTo('1'),
      newTo('7'),
      'support@acme.example',
      'help@bolt.example',
      '',
    ),
  )

  test('for any bytes in any envelope', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(piece, fc.string({ maxLength: 12 })), { maxLength: 30 }),
        fc.array(address, { maxLength: 4 }),
        async (pieces, recipients) => {
          sound(
            await route(
              {
                envelope: { reversePath: null, recipients },
                peer,
                readMail: parseMail,
                mail: await parseMail(Buffer.from(pieces.join(''))),
              },
              lookup,
              policy,
            ),
          )
        },
      ),
      { numRuns: 400 },
    )
  })

  test('for any parsed mail', async () => {
    const text = fc.string({ maxLength: 30 })
    const mailbox = fc.record({ name: text, address })
    const id = fc.oneof(text, fc.constantFrom('out-900@reply.acme.example', 'jane-1@customer.example'))
    const blank = degradedMail(new Uint8Array(), 'nothing')
    const mails = fc.record<Partial<ParsedMail>>({
      headers: fc.array(
        fc.record({
          name: fc.constantFrom('received', 'delivered-to', 'list-id', 'authentication-results', 'x'),
          value: fc.oneof(text, address),
        }),
        { maxLength: 5 },
      ),
      messageId: fc.option(id),
      inReplyTo: fc.array(id, { maxLength: 3 }),
      references: fc.array(id, { maxLength: 3 }),
      from: fc.option(mailbox),
      doubledHeaders: fc.subarray(['from', 'sender', 'message-id', 'to']),
      to: fc.array(mailbox, { maxLength: 3 }),
      cc: fc.array(mailbox, { maxLength: 3 }),
      bcc: fc.array(mailbox, { maxLength: 3 }),
      text,
      replyText: text,
      automation: fc.constantFrom(...automations),
      automationEvidence: text,
      degraded: fc.option(fc.string({ minLength: 1 })),
      deliveries: fc.array(
        fc.record({ recipient: text, action: text, status: text, diagnosticCode: text, originalMessageId: id }),
        { maxLength: 2 },
      ),
    })
    await fc.assert(
      fc.asyncProperty(mails, fc.array(address, { maxLength: 4 }), async (mail, recipients) => {
        const input = { envelope: { reversePath: '', recipients }, peer, readMail: parseMail }
        sound(await route({ ...input, mail: { ...blank, ...mail } }, lookup, policy))
      }),
      { numRuns: 400 },
    )
  })

  test('the same one each time', async () => {
    const mail = { to: [replyTo('a'), 'help@bolt.example'], fields: ['References: <out-900@reply.acme.example>', pass] }
    expect(await judge(createLedger(), mail)).toEqual(await judge(createLedger(), mail))
  })
})

test('an error of a lookup is thrown: a lost database must not lead to a decision', async () => {
  const { lookup } = createLedger()
  const away = { ...lookup, findTokens: () => Promise.reject(new Error('away')) }
  const mail = await parseMail(Buffer.from(`To: ${replyTo('a')}\r\n\r\n`))
  await expect(
    route(
      {
        envelope: { reversePath: null, recipients: [] },
        peer: { address: null, helo: null, trusted: false },
        readMail: parseMail,
        mail,
      },
      away,
      { authservId: null },
    ),
  ).rejects.toThrow('away')
})
