// Webhooks of SendGrid and Resend about mail that they sent: payloads and signatures as their documentation describes
// them. Forged, changed and stale ones are refused; a repetition changes nothing.

import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { describeWithDatabase } from '../support/database.ts'
import { freshWords } from '../support/mail.ts'
import { addConversation } from '../support/people.ts'
import { startProviderApi } from '../support/provider-api.ts'
import { svixHeaders } from '../support/provider-posts.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const svixSecret = Buffer.from('a secret of Resend').toString('base64')
const now = (): number => Math.floor(Date.now() / 1_000)

describeWithDatabase('events of providers', () => {
  let sendgrid: Awaited<ReturnType<typeof startProviderApi>>
  let resend: typeof sendgrid
  let service: Awaited<ReturnType<typeof startService>>

  beforeAll(async () => {
    sendgrid = await startProviderApi({ status: 202, headers: { 'x-message-id': '14c5d75ce93.dfd.64b469' } })
    resend = await startProviderApi({ status: 200, body: { id: '56761188-7520-42d8-8898-ff6fc54ce618' } })
    service = await startService({
      env: {
        TRANSPORTS: `sg=sendgrid://SG.key?api=${sendgrid.url}, rs=resend://re_1?api=${resend.url}`,
        SAFE_URL_ALLOW: '127.0.0.1',
        RAILS_INBOUND_EMAIL_SERVICE: 'relay,sendgrid,resend',
        SENDGRID_INGRESS_PUBLIC_KEY: ec.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
        SENDGRID_INGRESS_WINDOW_SECONDS: '600',
        RESEND_INGRESS_SIGNING_SECRET: `whsec_${svixSecret}`,
      },
    })
  })
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
    await Promise.all([sendgrid.stop(), resend.stop()])
  })

  let count = 0
  /** A message that a provider has taken, with its key there. */
  const send = async (transport: 'sg' | 'rs') => {
    await service.api('PATCH', '/api/v1/accounts/1', { transport })
    const email = `jane${String(++count)}@customer.example`
    const { displayId } = await addConversation(service, email)
    const path = `/api/v1/accounts/1/conversations/${String(displayId)}/messages`
    const { id } = (await service.api('POST', path, { content: freshWords() })).body
    const show = async (): Promise<any> => (await service.messages(displayId)).find((one) => one.id === id)
    const reaches = (state: string) =>
      until(`message ${String(id)} is ${state}`, async () => {
        const message = await show()
        return message?.content_attributes.delivery?.state === state ? message : null
      })
    await reaches('sent')
    const { posts } = transport === 'sg' ? sendgrid : resend
    const key = /\d+-[0-9a-f]{32}/.exec(posts.at(-1)?.body.toString('utf8') ?? '')?.[0] ?? ''
    return { email, key, show, reaches, state: async () => (await show()).content_attributes.delivery.state as string }
  }
  const isSuppressed = async (email: string): Promise<boolean> =>
    (await service.sql('select 1 from suppressed_addresses where address = $1', [email])).length > 0
  const post = async (to: string, body: string, headers: Record<string, string>): Promise<number> => {
    const response = await fetch(`${service.url}/ingress/${to}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
    return response.status
  }

  // https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
  const signedBySendgrid = (body: string, { at = now(), key = ec.privateKey } = {}): Record<string, string> => ({
    'x-twilio-email-event-webhook-timestamp': String(at),
    'x-twilio-email-event-webhook-signature': createSign('sha256').update(String(at)).update(body).sign(key, 'base64'),
  })
  const sendgridEvent = (email: string, key: string, event: object): string =>
    JSON.stringify([
      {
        email,
        timestamp: now(),
        'smtp-id': '<14c5d75ce93.dfd.64b469@ismtpd-555>',
        category: ['cat facts'],
        sg_event_id: randomUUID(),
        sg_message_id: '14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0',
        rethread: key,
        ...event,
      },
    ])

  test.each([
    [{ event: 'processed' }, 'sent', false],
    [{ event: 'open', useragent: 'Mozilla/4.0', ip: '192.0.2.1' }, 'sent', false],
    [{ event: 'deferred', response: '400 try again later', attempt: '5' }, 'delayed', false],
    [{ event: 'delivered', response: '250 OK' }, 'delivered', false],
    [{ event: 'bounce', reason: '550 5.1.1 unknown recipient', status: '5.1.1', type: 'bounce' }, 'bounced', true],
    [{ event: 'bounce', reason: '550 5.7.1 blocked by policy', status: '5.7.1', type: 'blocked' }, 'bounced', false],
    [{ event: 'dropped', reason: 'Bounced Address', status: '5.0.0' }, 'bounced', false],
    [{ event: 'spamreport' }, 'complained', true],
  ])('SendGrid: %j makes the message %s (suppressed: %s)', async (event, state, suppressed) => {
    const { email, key, reaches } = await send('sg')
    const body = sendgridEvent(email, key, event)
    expect(await post('sendgrid', body, signedBySendgrid(body))).toBe(200)
    await reaches(state)
    expect(await isSuppressed(email)).toBe(suppressed)
  })

  test('SendGrid: forged, changed, unsigned and stale events are refused; a repetition changes nothing', async () => {
    const { email, key, show, reaches, state } = await send('sg')
    const body = sendgridEvent(email, key, { event: 'bounce', reason: '550 5.1.1 no', status: '5.1.1', type: 'bounce' })
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const basic = `Basic ${Buffer.from(`actionmailbox:${service.password}`).toString('base64')}`
    for (const [sent, headers] of [
      [body, {}],
      [body, { authorization: basic }],
      [body, signedBySendgrid(body, { key: other })],
      [body.replace('5.1.1', '5.1.2'), signedBySendgrid(body)],
      [body, { ...signedBySendgrid(body), 'x-twilio-email-event-webhook-timestamp': String(now() - 1) }],
      [body, signedBySendgrid(body, { at: now() - 601 })],
      [body, signedBySendgrid(body, { at: now() + 3_600 })],
    ] as [string, Record<string, string>][])
      expect(await post('sendgrid', sent, headers)).toBe(401)
    expect(await state()).toBe('sent')
    const headers = signedBySendgrid(body)
    expect(await post('sendgrid', body, headers)).toBe(200)
    await reaches('bounced')
    const { history } = (await show()).content_attributes.delivery
    expect(await post('sendgrid', body, headers)).toBe(200)
    expect((await show()).content_attributes.delivery.history).toEqual(history)
  })

  // https://resend.com/docs/webhooks/event-types
  const resendEvent = (email: string, key: string, { type, ...more }: { readonly type: string }): string =>
    JSON.stringify({
      type,
      created_at: '2024-11-22T23:41:12.126Z',
      data: {
        created_at: '2024-11-22T23:41:11.894719+00:00',
        email_id: '56761188-7520-42d8-8898-ff6fc54ce618',
        from: 'Acme <onboarding@resend.dev>',
        to: [email],
        subject: 'Sending this example',
        tags: { rethread: key },
        ...more,
      },
    })
  const signedByResend = (body: string, { at = now(), secret = svixSecret } = {}): Record<string, string> =>
    svixHeaders(Buffer.from(body), { id: `msg_${randomUUID()}`, timestamp: String(at), secret })
  const suppressedSentence =
    "The recipient's email address is on the suppression list because it has a recent history of producing hard " +
    'bounces.'

  test.each([
    [{ type: 'email.sent' }, 'sent', false],
    [{ type: 'email.delivery_delayed' }, 'delayed', false],
    [{ type: 'email.delivered' }, 'delivered', false],
    [
      { type: 'email.bounced', bounce: { message: suppressedSentence, subType: 'Suppressed', type: 'Permanent' } },
      'bounced',
      true,
    ],
    [
      {
        type: 'email.bounced',
        bounce: {
          diagnosticCode: ['smtp; 550 5.7.1 Requested action not taken'],
          message: 'It was rejected.',
          subType: 'General',
          type: 'Permanent',
        },
      },
      'bounced',
      false,
    ],
    [
      { type: 'email.bounced', bounce: { message: 'It may be an answer.', subType: 'General', type: 'Transient' } },
      'delayed',
      false,
    ],
    [{ type: 'email.failed', failed: { reason: 'reached_daily_quota' } }, 'bounced', false],
    [{ type: 'email.complained' }, 'complained', true],
  ])('Resend: %j makes the message %s (suppressed: %s)', async (event, state, suppressed) => {
    const { email, key, reaches } = await send('rs')
    const body = resendEvent(email, key, event)
    expect(await post('resend', body, signedByResend(body))).toBe(200)
    await reaches(state)
    expect(await isSuppressed(email)).toBe(suppressed)
  })

  test('Resend: forged, changed, unsigned and stale events are refused; a repetition changes nothing', async () => {
    const { email, key, show, reaches, state } = await send('rs')
    const body = resendEvent(email, key, { type: 'email.complained' })
    const good = signedByResend(body)
    for (const [sent, headers] of [
      [body, {}],
      [body, signedByResend(body, { secret: Buffer.from('another').toString('base64') })],
      [body.replace('complained', 'delivered'), good],
      [body, { ...good, 'svix-id': 'msg_other' }],
      [body, { ...good, 'svix-timestamp': String(now() - 1) }],
      [body, { ...good, 'svix-signature': good['svix-signature']!.replace('v1,', 'v2,') }],
      [body, signedByResend(body, { at: now() - 301 })],
      [body, signedByResend(body, { at: now() + 3_600 })],
    ] as [string, Record<string, string>][])
      expect(await post('resend', sent, headers)).toBe(401)
    expect(await state()).toBe('sent')
    expect(await post('resend', body, good)).toBe(200)
    await reaches('complained')
    const { history } = (await show()).content_attributes.delivery
    expect(await post('resend', body, good)).toBe(200)
    expect((await show()).content_attributes.delivery.history).toEqual(history)
  })

  test('what is signed and cannot be read changes nothing, and what names another installation is counted', async () => {
    const { email, state } = await send('rs')
    for (const body of ['{', '[]', '{"type":7}', '{"type":"email.bounced"}'])
      expect(await post('resend', body, signedByResend(body))).toBe(406)
    for (const body of ['{', '{}', '[7]', '[{"event":"bounce","email":{}}]'])
      expect(await post('sendgrid', body, signedBySendgrid(body))).toBe(406)
    const foreign = resendEvent(email, `1-${'0'.repeat(32)}`, { type: 'email.bounced' })
    expect(await post('resend', foreign, signedByResend(foreign))).toBe(200)
    expect(await state()).toBe('sent')
    const metrics = await (await fetch(`${service.url}/metrics`)).text()
    expect(metrics).toContain('rethread_unknown_mail_events{service="resend"} 1')
  })
})
