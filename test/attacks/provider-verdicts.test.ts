// What providers find out about a sender, posted as they document it and signed with their keys: an agent whom the
// provider verified is accepted, mail that it found forged is held, and neither a field that the sender wrote
// nor a provider that says nothing verifies anybody.

import { createHmac, randomUUID } from 'node:crypto'

import { beforeAll, expect, test } from 'vitest'

import { addNoticedAgent, type NotifiedAgent } from '../support/agents.ts'
import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'
import { until } from '../support/until.ts'

const key = 'a-key-of-the-provider'
const publicUrl = 'https://mail.example.com'
const password = 'hunter2hunter2'

interface Posted {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}
interface Arriving {
  readonly from: string
  readonly to: string
  /** Field lines on top of the mail, as the provider or the sender wrote them. */
  readonly top?: readonly string[]
}
type Post = (arriving: Arriving) => Posted

const rawOf = ({ from, to, top = [] }: Arriving): string =>
  top.map((line) => `${line}\r\n`).join('') +
  mail({ From: from, To: to, Subject: 'Re: Order' }, freshWords()).toString()
const form = (path: string, pairs: Readonly<Record<string, string>>, headers = {}): Posted => ({
  path,
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  body: new URLSearchParams(pairs).toString(),
})
const json = (path: string, value: unknown, headers = {}): Posted => ({
  path,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
})
const basic = { authorization: `Basic ${Buffer.from(`actionmailbox:${password}`).toString('base64')}` }

const signed = (): Record<string, string> => {
  const [timestamp, token] = [String(Math.floor(Date.now() / 1000)), randomUUID()]
  return {
    timestamp,
    token,
    signature: createHmac('sha256', key)
      .update(timestamp + token)
      .digest('hex'),
  }
}
const mailgun: Post = (arriving) =>
  form('/ingress/mailgun/mime', {
    recipient: arriving.to,
    sender: 'x@example.net',
    'body-mime': rawOf(arriving),
    ...signed(),
  })
const mailgunParsed: Post = ({ from, to, top = [] }) =>
  form('/ingress/mailgun', {
    recipient: to,
    sender: 'x@example.net',
    'body-plain': freshWords(),
    'message-headers': JSON.stringify([
      ...top.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      ['From', from],
      ['To', to],
      ['Subject', 'Re: Order'],
      ['Message-Id', `<${randomUUID()}@mua.example>`],
    ]),
    ...signed(),
  })
const mandrill =
  (dkim: object): Post =>
  (arriving) => {
    const events = JSON.stringify([
      {
        event: 'inbound',
        ts: 1,
        msg: { raw_msg: rawOf(arriving), email: arriving.to, spf: { result: 'pass' }, dkim, headers: {} },
      },
    ])
    const path = '/ingress/mandrill'
    const signature = createHmac('sha1', key).update(`${publicUrl}${path}mandrill_events${events}`).digest('base64')
    return form(path, { mandrill_events: events }, { 'x-mandrill-signature': signature })
  }
const postmark: Post = (arriving) =>
  json(
    '/ingress/postmark',
    {
      OriginalRecipient: arriving.to,
      RawEmail: rawOf(arriving),
      Headers: [{ Name: 'X-Spam-Tests', Value: 'DKIM_VALID_AU,SPF_PASS' }],
    },
    basic,
  )
const sparkpost: Post = (arriving) =>
  json(
    '/ingress/sparkpost',
    [
      {
        msys: {
          relay_message: {
            content: { email_rfc822: rawOf(arriving), email_rfc822_is_base64: false },
            msg_from: 'x@example.net',
            rcpt_to: arriving.to,
          },
        },
      },
    ],
    { 'x-messagesystems-webhook-token': key },
  )
const headersOf = ({ from, to, top = [] }: Arriving) => ({
  From: from,
  To: to,
  'Message-ID': `<${randomUUID()}@mua.example>`,
  ...Object.fromEntries(top.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])),
})
const brevo: Post = (arriving) =>
  json(
    '/ingress/brevo',
    {
      items: [
        {
          Uuid: [randomUUID()],
          Headers: { ...headersOf(arriving), 'Delivered-To': arriving.to },
          RawTextBody: freshWords(),
        },
      ],
    },
    basic,
  )
const mailjet: Post = (arriving) =>
  json(
    '/ingress/mailjet',
    { Sender: 'x@example.net', Recipient: arriving.to, Headers: headersOf(arriving), 'Text-part': freshWords() },
    basic,
  )

const signature = 'DKIM-Signature: v=1; a=rsa-sha256; d=agents.example; s=s1; h=from:to; bh=x; b=y'
const byMailgun = (results: string, host = 'mxa.mailgun.org') => [
  'Received: from out.example by mxa.mailgun.org with ESMTP id 1; Mon, 30 Nov 2026 05:00:00 +0000',
  `Authentication-Results: ${host}; ${results}`,
]
const genuine =
  'dkim=pass header.d=agents.example; spf=pass smtp.mailfrom=agents.example; dmarc=pass (p=reject) ' +
  'header.from=agents.example'
const nothing = 'dkim=none; spf=fail smtp.mailfrom=example.net; dmarc=none header.from=agents.example'
const anyones = [
  `Authentication-Results: mx.relay.example; ${genuine}`,
  'Received-SPF: pass (x)',
  'X-Mailgun-Dkim-Check-Result: Pass',
  'X-Mailgun-Spf: Pass',
  signature,
]

describeOnEitherDatabase('verdicts of providers', (member) => {
  const service = useService({
    on: member,
    env: {
      AUTHSERV_ID: 'mx.relay.example',
      PUBLIC_URL: publicUrl,
      RAILS_INBOUND_EMAIL_SERVICE: 'relay,mailgun,mandrill,postmark,brevo,mailjet,sparkpost',
      RAILS_INBOUND_EMAIL_PASSWORD: password,
      MAILGUN_INGRESS_SIGNING_KEY: key,
      MANDRILL_INGRESS_API_KEY: key,
      SPARKPOST_INGRESS_AUTH_TOKEN: key,
      BREVO_INGRESS_API_KEY: key,
    },
  })
  let ann: NotifiedAgent

  beforeAll(async () => {
    ann = await addNoticedAgent(service)
  })

  const send = async ({ path, headers, body }: Posted) => {
    const latest = async () =>
      (await service.sql<{ id: number }>('select coalesce(max(id), 0) as id from inbound_emails'))[0]?.id ?? 0
    const before = await latest()
    const { status } = await fetch(`${service.url}${path}`, { method: 'POST', headers, body })
    expect(status).toBe(200)
    const id = await until('the mail', async () => ((await latest()) > before ? latest() : null))
    return service.settled(Number(id))
  }
  const asAgent = (post: Post, top: readonly string[]) =>
    send(post({ from: `Ann <${ann.agent}>`, to: ann.agentAddress, top }))
  const asCustomer = (post: Post, top: readonly string[]) =>
    send(post({ from: ann.place.email, to: ann.place.replyAddress, top }))

  test.each<[provider: string, post: Post, top: readonly string[]]>([
    ['Mailgun, raw', mailgun, byMailgun(genuine)],
    ['Mailgun, parsed', mailgunParsed, byMailgun(genuine, 'mxb.eu.mailgun.org')],
    ['Mailgun, by DKIM alone', mailgun, byMailgun('dkim=pass header.d=agents.example')],
    ['Mandrill', mandrill({ signed: true, valid: true }), [signature]],
  ])('an agent whom %s verified is accepted', async (_provider, post, top) => {
    expect(await asAgent(post, top)).toMatchObject({ status: 'delivered', reason: 'agent-reply' })
  })

  test.each<[provider: string, post: Post]>([
    ['Mailgun, raw', mailgun],
    ['Mailgun, parsed', mailgunParsed],
  ])('mail that %s found forged is held', async (_provider, post) => {
    const held = await asCustomer(post, byMailgun('dkim=none; dmarc=fail (p=reject) header.from=example.com'))
    expect(held).toMatchObject({ status: 'held', reason: 'forged-sender' })
  })

  test.each<[what: string, post: Post, top: readonly string[]]>([
    [
      'a field below Mailgun’s own',
      mailgun,
      [...byMailgun(nothing), `Authentication-Results: mxa.mailgun.org; ${genuine}`],
    ],
    [
      'a field below a Received line that is not Mailgun’s',
      mailgun,
      ['Received: from a.example by b.example; now', `Authentication-Results: mxa.mailgun.org; ${genuine}`],
    ],
    [
      'a field of a server that Mailgun is not',
      mailgun,
      [`Authentication-Results: mailgun.org.evil.example; ${genuine}`],
    ],
    ['fields of anyone, over Mailgun', mailgun, anyones],
    [
      'a comment in Mailgun’s field',
      mailgun,
      byMailgun(`spf=fail (helo=((x));${genuine}(b(c))) smtp.mailfrom=x.example; dkim=none`),
    ],
    [
      'two signatures, over Mandrill',
      mandrill({ signed: true, valid: true }),
      [signature, 'DKIM-Signature: v=1; d=evil.example'],
    ],
    [
      'a signature of another domain, over Mandrill',
      mandrill({ signed: true, valid: true }),
      ['DKIM-Signature: v=1; d=evil.example'],
    ],
    ['a signature that is not good, over Mandrill', mandrill({ signed: true, valid: false }), [signature]],
    ['Mandrill that says nothing', mandrill({}), anyones],
    ['Postmark', postmark, anyones],
    ['Brevo', brevo, anyones],
    ['Mailjet', mailjet, anyones],
    ['SparkPost', sparkpost, anyones],
  ])('a sender does not become an agent by %s', async (_what, post, top) => {
    expect(await asAgent(post, top)).toMatchObject({ status: 'held', reason: 'agent-not-verified' })
  })

  test.each<[provider: string, post: Post]>([
    ['postmark', postmark],
    ['brevo', brevo],
    ['mailjet', mailjet],
    ['sparkpost', sparkpost],
  ])('the trace and doctor say that %s verifies no senders', async (name, post) => {
    const { trace } = await asAgent(post, [])
    expect(trace.find(({ step }) => step === 'speaker')?.detail).toMatch(
      `${name} says nothing of DKIM and DMARC, so it authenticates no sender`,
    )
    const { checks } = (await service.api('GET', '/api/v1/doctor')).body as {
      checks: { name: string; attention?: boolean; detail: string }[]
    }
    const check = checks.find((one) => one.name === `senders over ${name}`)
    expect(check).toMatchObject({ attention: true })
    expect(check?.detail).toMatch(`${name} verifies no senders`)
  })
})
