// Mail leaves through the API of a provider, and its webhooks bring the life line forward. Webhooks are those of the
// providers' documentation, signed with the keys of the installation.

import { createHmac, createSign, generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { describeWithDatabase } from '../support/database.ts'
import { freshWords } from '../support/mail.ts'
import { messageIdOf, startMailServer } from '../support/mail-server.ts'
import { addConversation } from '../support/people.ts'
import { startProviderApi } from '../support/provider-api.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const signingKey = 'key-of-mailgun'
const topic = 'arn:aws:sns:eu-west-1:111111111111:mail-out'
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })

describeWithDatabase('transports by API', () => {
  let mailgun: Awaited<ReturnType<typeof startProviderApi>>
  let postmark: typeof mailgun
  let ses: typeof mailgun
  let smtp: Awaited<ReturnType<typeof startMailServer>>
  let service: Awaited<ReturnType<typeof startService>>

  beforeAll(async () => {
    mailgun = await startProviderApi({
      status: 200,
      body: { id: '<a@mg.acme.example>', message: 'Queued. Thank you.' },
    })
    postmark = await startProviderApi({ status: 200, body: { ErrorCode: 0, Message: 'OK', MessageID: randomUUID() } })
    ses = await startProviderApi({ status: 200, body: { MessageId: '0102-ses' } })
    smtp = await startMailServer()
    const certificate = join(mkdtempSync(join(tmpdir(), 'sns-')), 'key.pem')
    writeFileSync(certificate, rsa.publicKey.export({ type: 'spki', format: 'pem' }))
    service = await startService({
      env: {
        TRANSPORTS:
          `main=mailgun://key@mg.acme.example?api=${mailgun.url}, second=postmark://token?api=${postmark.url}, ` +
          `third=ses://AKIA:secret@eu-west-1?api=${ses.url}, fourth=${smtp.url}`,
        SAFE_URL_ALLOW: '127.0.0.1',
        RAILS_INBOUND_EMAIL_SERVICE: 'relay,mailgun,postmark,ses',
        MAILGUN_INGRESS_SIGNING_KEY: signingKey,
        SES_INGRESS_TOPIC_ARN: topic,
        SES_INGRESS_CERTIFICATE: certificate,
      },
    })
  })
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
    await Promise.all([mailgun.stop(), postmark.stop(), ses.stop(), smtp.stop()])
  })

  let count = 0
  const write = async () => {
    const email = `jane${String(++count)}@customer.example`
    const conversation = await addConversation(service, email)
    const path = `/api/v1/accounts/1/conversations/${String(conversation.displayId)}/messages`
    const { body } = await service.api('POST', path, { content: freshWords() })
    const show = async () => (await service.messages(conversation.displayId)).find(({ id }) => id === body.id)
    const reaches = (state: string) =>
      until(`message ${String(body.id)} is ${state}`, async () => {
        const message = (await show()) as any
        return message?.content_attributes.delivery?.state === state ? message : null
      })
    return { email, reaches, show, id: Number(body.id) }
  }
  const choose = (transport: string | null) => service.api('PATCH', '/api/v1/accounts/1', { transport })
  const post = async (to: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${service.url}/ingress/${to}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    return response.status
  }
  const isSuppressed = async (email: string) =>
    (await service.sql('select 1 from suppressed_addresses where address = $1', [email])).length > 0

  // https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads
  const mailgunEvent = (data: unknown, key = signingKey) => {
    const [timestamp, token] = [String(Math.floor(Date.now() / 1_000)), randomUUID()]
    const signature = createHmac('sha256', key)
      .update(timestamp + token)
      .digest('hex')
    return post('mailgun', { signature: { timestamp, token, signature }, 'event-data': data })
  }
  const keyOf = (posted: Buffer) => /\d+-[0-9a-f]{32}/.exec(posted.toString('utf8'))?.[0] ?? ''

  test('are listed by name for administrators, without their keys', async () => {
    const { status, body, bytes } = await service.api('GET', '/api/v1/accounts/1/transports')
    expect(status).toBe(200)
    expect(body).toEqual({
      payload: [
        { name: 'main', is_default: true },
        { name: 'second', is_default: false },
        { name: 'third', is_default: false },
        { name: 'fourth', is_default: false },
      ],
    })
    expect(bytes.toString('utf8')).not.toMatch(/key|token|secret/)
  })

  test('Mailgun: delivered, then bounced after all; late and forged events change nothing', async () => {
    const { email, reaches } = await write()
    const message = await reaches('sent')
    expect(message.content_attributes.delivery.history.at(-1)).toMatchObject({ transport: 'main', server: '127.0.0.1' })
    const of = (event: unknown) => ({
      ...(event as object),
      recipient: email,
      'user-variables': { rethread: keyOf(mailgun.posts.at(-1)?.body ?? Buffer.alloc(0)) },
    })
    expect(await mailgunEvent(of({ event: 'failed', severity: 'permanent' }), 'wrong')).toBe(401)
    expect(await mailgunEvent(of({ event: 'delivered', 'delivery-status': { code: 250, message: 'OK' } }))).toBe(200)
    await reaches('delivered')
    const bounce = of({
      event: 'failed',
      severity: 'permanent',
      reason: 'bounce',
      'delivery-status': { code: 550, message: '5.1.1 The email account does not exist', 'enhanced-code': '5.1.1' },
    })
    expect(await mailgunEvent(bounce)).toBe(200)
    const bounced = await reaches('bounced')
    expect(bounced.status).toBe('failed')
    expect(await isSuppressed(email)).toBe(true)
    expect(await mailgunEvent(bounce)).toBe(200)
    expect(await mailgunEvent(of({ event: 'delivered' }))).toBe(200)
    const { history } = (await reaches('bounced')).content_attributes.delivery
    expect(history.map(({ state }: { state: string }) => state)).toEqual([
      'queued',
      'handed_over',
      'delivered',
      'bounced',
    ])
  })

  test('events about other mail are answered 200, counted, and change nothing', async () => {
    const { reaches, id } = await write()
    await reaches('sent')
    const other = { event: 'failed', severity: 'permanent', recipient: 'x@y.example' }
    expect(await mailgunEvent(other)).toBe(200)
    expect(await mailgunEvent({ ...other, 'user-variables': { rethread: `${String(id)}-${'0'.repeat(32)}` } })).toBe(
      200,
    )
    await reaches('sent')
    const metrics = await (await fetch(`${service.url}/metrics`)).text()
    expect(metrics).toContain('rethread_unknown_mail_events{service="mailgun"} 2')
    expect(metrics).toMatch(/rethread_transport_handed_over\{transport="main"\} [1-9]/)
  })

  test('Postmark, chosen by the account: a complaint suppresses the address', async () => {
    expect((await choose('nowhere')).status).toBe(422)
    expect((await choose('second')).body.transport).toBe('second')
    const { email, reaches } = await write()
    await reaches('sent')
    const Metadata = { rethread: keyOf(postmark.posts.at(-1)?.body ?? Buffer.alloc(0)) }
    const authorization = `Basic ${Buffer.from(`actionmailbox:${service.password}`).toString('base64')}`
    const complaint = { RecordType: 'SpamComplaint', Type: 'SpamComplaint', TypeCode: 512, Email: email, Metadata }
    expect(await post('postmark', complaint)).toBe(401)
    expect(await post('postmark', { ...complaint, RecordType: 'Open' }, { authorization })).toBe(200)
    expect(await post('postmark', complaint, { authorization })).toBe(200)
    await reaches('complained')
    expect(await isSuppressed(email)).toBe(true)
  })

  test('Amazon SES: its Message-ID is kept, and a bounce by SNS reaches the message', async () => {
    await choose('third')
    const { email, reaches } = await write()
    const message = await reaches('sent')
    expect(message.content_attributes.delivery.message_id).toBe('0102-ses@eu-west-1.amazonses.com')
    const record = {
      eventType: 'Bounce',
      bounce: {
        bounceType: 'Permanent',
        bounceSubType: 'General',
        bouncedRecipients: [
          { emailAddress: email, action: 'failed', status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 user unknown' },
        ],
      },
      mail: { messageId: '0102-ses', tags: { rethread: [keyOf(ses.posts.at(-1)?.body ?? Buffer.alloc(0))] } },
    }
    const signed = {
      Message: JSON.stringify(record),
      MessageId: randomUUID(),
      Timestamp: new Date().toISOString(),
      TopicArn: topic,
      Type: 'Notification',
    }
    const canonical = Object.entries(signed)
      .map(([name, value]) => `${name}\n${value}\n`)
      .join('')
    const notification = {
      ...signed,
      SignatureVersion: '2',
      SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/key.pem',
      Signature: createSign('RSA-SHA256').update(canonical).sign(rsa.privateKey, 'base64'),
    }
    expect(await post('ses', { ...notification, Signature: 'AAAA' })).toBe(403)
    expect(await post('ses', notification)).toBe(200)
    await reaches('bounced')
    expect(await isSuppressed(email)).toBe(true)
    await choose('')
  })

  test('a mail that the provider may have is tried again there, and a refusal for good is shown', async () => {
    mailgun.script.push('drop')
    const dropped = await write()
    const waiting = await dropped.reaches('retrying')
    expect(waiting.content_attributes.delivery.pending_at).toBe('main')
    mailgun.script.push({ status: 400, body: { message: "'to' parameter is not a valid address" } })
    const refused = await (await write()).reaches('failed')
    expect(refused.content_attributes.external_error).toContain("'to' parameter is not a valid address")
  })

  test('the delay that a provider asks for is kept', async () => {
    mailgun.script.push({ status: 429, headers: { 'retry-after': '1200' }, body: { message: 'Too many requests' } })
    const { delivery } = (await (await write()).reaches('retrying')).content_attributes
    expect(delivery.error).toContain('answered 429: Too many requests')
    expect(delivery.pending_at).toBeUndefined()
    const waits = Date.parse(delivery.next_attempt_at as string) - Date.now()
    expect(waits).toBeGreaterThan(1_100_000)
  })

  test('a name that the settings do not have is refused, with those that they have', async () => {
    for (const path of ['', '/inboxes/1']) {
      const refused = await service.api('PATCH', `/api/v1/accounts/1${path}`, { transport: 'fifth' })
      expect(refused.status).toBe(422)
      expect(refused.bytes.toString()).toContain('is not one of main, second, third, fourth')
    }
  })

  test("an inbox's transport outranks the account's; SMTP cut after the data is tried again there, and nowhere else", async () => {
    await choose('second')
    const chosen = await service.api('PATCH', '/api/v1/accounts/1/inboxes/1', { transport: 'fourth' })
    expect(chosen.body.transport).toBe('fourth')
    const others = () => mailgun.posts.length + postmark.posts.length + ses.posts.length
    const [before, tries] = [others(), smtp.tries.length]
    smtp.replies.push({ at: 'DROP', code: 0 })
    const { reaches, id } = await write()
    const waiting = await reaches('retrying')
    expect(waiting.content_attributes.delivery).toMatchObject({ state: 'retrying', pending_at: 'fourth' })
    // The inbox chooses another one meanwhile.
    await service.api('PATCH', '/api/v1/accounts/1/inboxes/1', { transport: 'main' })
    await service.sql(`update work set run_at = now() where payload ->> 'messageId' = $1`, [String(id)])
    const sent = await reaches('sent')
    expect(sent.content_attributes.delivery.history.at(-1)).toMatchObject({ transport: 'fourth' })
    expect(sent.content_attributes.delivery.pending_at).toBeUndefined()
    const [first, again, ...more] = smtp.tries.slice(tries)
    expect(messageIdOf(again!)).toBe(messageIdOf(first!))
    expect([more.length, others()]).toEqual([0, before])
    await service.api('PATCH', '/api/v1/accounts/1/inboxes/1', { transport: '' })
    const { reaches: bySecond } = await write()
    expect((await bySecond('sent')).content_attributes.delivery.history.at(-1)).toMatchObject({ transport: 'second' })
    await choose('')
  })

  test('doctor logs in to each, and says which one is at fault', async () => {
    mailgun.script.push({ status: 400, body: { message: 'from parameter is missing' } })
    postmark.script.push({ status: 422, body: { ErrorCode: 300, Message: 'Zero recipients specified' } })
    ses.script.push({ status: 403, body: { message: 'The security token included in the request is invalid.' } })
    const { stdout, status } = await service.command(['doctor'])
    const lines = stdout.split('\n').filter((line) => line.includes(' way out '))
    expect(lines.map((line) => line.replace(/:.*/, ''))).toEqual([
      '✓ way out main',
      '✓ way out second',
      '✗ way out third',
      '✓ way out fourth',
    ])
    expect(lines[2]).toMatch(/answered 403: The security token .* Check "third" in TRANSPORTS\.$/)
    expect(status).toBe(1)
    expect(stdout).not.toMatch(/secret|token@|key@/)
  })
})
