// Each provider's documented request, signed by its own key, posted to a running service under both URL families:
// appended once, byte for byte; a forged one is refused. Requests are those of fixtures/ingress, made out to the
// reply address of this installation.

import { execFileSync } from 'node:child_process'
import { createHmac, createSign, generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { freshId, freshWords } from '../support/mail.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const key = 'a-key-of-the-provider'
const svixSecret = Buffer.from('a secret of the provider').toString('base64')
const topic = 'arn:aws:sns:eu-west-1:111111111111:mail-in'
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })

interface Posted {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}
interface Example {
  /**
   * What the provider sends for this mail to this recipient; `forged` has one thing wrong that only its key could
   * make right.
   */
  readonly make: (mail: Buffer, to: string, forged: boolean) => Posted
  /** Provider keeps octets that are no UTF-8. */
  readonly is8Bit: boolean
  readonly refusal: number
  /** Paths after the service's own. */
  readonly ending?: string
  readonly env: Readonly<Record<string, string>>
}

const form = (pairs: Readonly<Record<string, string | Buffer>>): Posted => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: Buffer.from(
    Object.entries(pairs)
      .map(
        ([name, value]) =>
          `${name}=${[...Buffer.from(value)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')}`,
      )
      .join('&'),
  ),
})
const multipart = (pairs: Readonly<Record<string, string | Buffer>>): Posted => ({
  headers: { 'content-type': 'multipart/form-data; boundary=xYzZY' },
  body: Buffer.concat([
    ...Object.entries(pairs).flatMap(([name, value]) => [
      Buffer.from(`--xYzZY\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n`),
      Buffer.from(value),
      Buffer.from('\r\n'),
    ]),
    Buffer.from('--xYzZY--\r\n'),
  ]),
})
const json = (value: unknown, headers = {}): Posted => ({
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(JSON.stringify(value)),
})
const basic = (forged: boolean) => ({
  authorization: `Basic ${Buffer.from(`actionmailbox:${forged ? 'wrong' : 'hunter2hunter2'}`).toString('base64')}`,
})
const from = 'jane@example.com'

const publicUrl = 'https://mail.example.com'
let path = ''

const examples: Readonly<Record<string, Example>> = {
  mailgun: {
    env: { MAILGUN_INGRESS_SIGNING_KEY: `old, ${key}` },
    is8Bit: true,
    refusal: 401,
    ending: '/mime',
    make: (mail, to, forged) => {
      const [timestamp, token] = [String(Math.floor(Date.now() / 1000)), randomUUID()]
      return form({
        recipient: to,
        sender: from,
        'body-mime': mail,
        timestamp,
        token,
        signature: createHmac('sha256', forged ? 'x' : key)
          .update(timestamp + token)
          .digest('hex'),
      })
    },
  },
  sendgrid: {
    env: { SENDGRID_INGRESS_PUBLIC_KEY: ec.publicKey.export({ type: 'spki', format: 'der' }).toString('base64') },
    is8Bit: true,
    refusal: 401,
    make: (mail, to, forged) => {
      const { headers, body } = multipart({
        email: mail,
        envelope: JSON.stringify({ to: [to], from }),
        SPF: 'pass',
        dkim: '{@example.com : pass}',
        charsets: '{"to":"UTF-8"}',
      })
      const timestamp = String(Math.floor(Date.now() / 1000))
      const signature = createSign('sha256').update(timestamp).update(body).sign(ec.privateKey, 'base64')
      return {
        headers: {
          ...headers,
          'x-twilio-email-event-webhook-timestamp': forged ? '1' : timestamp,
          'x-twilio-email-event-webhook-signature': signature,
        },
        body,
      }
    },
  },
  mandrill: {
    env: { MANDRILL_INGRESS_API_KEY: key },
    is8Bit: false,
    refusal: 401,
    make: (mail, to, forged) => {
      const events = JSON.stringify([
        { event: 'inbound', ts: 1, msg: { raw_msg: mail.toString(), email: to, headers: {}, spf: { result: 'pass' } } },
      ]).replaceAll('/', '\\/')
      const signature = createHmac('sha1', forged ? 'x' : key)
        .update(`${publicUrl}${path}mandrill_events${events}`)
        .digest('base64')
      const { headers, body } = form({ mandrill_events: events })
      return { headers: { ...headers, 'x-mandrill-signature': signature }, body }
    },
  },
  postmark: {
    env: {},
    is8Bit: false,
    refusal: 401,
    make: (mail, to, forged) =>
      json(
        { RawEmail: mail.toString(), OriginalRecipient: to, Headers: [{ Name: 'Return-Path', Value: `<${from}>` }] },
        basic(forged),
      ),
  },
  ses: {
    env: { SES_INGRESS_TOPIC_ARN: topic },
    is8Bit: true,
    refusal: 403,
    make: (mail, to, forged) =>
      sns(
        {
          notificationType: 'Received',
          mail: { source: from, messageId: randomUUID() },
          receipt: {
            recipients: [to],
            spfVerdict: { status: 'PASS' },
            dmarcVerdict: { status: 'PASS' },
            action: { type: 'SNS', encoding: 'BASE64' },
          },
          content: mail.toString('base64'),
        },
        forged,
      ),
  },
  sparkpost: {
    env: { SPARKPOST_INGRESS_AUTH_TOKEN: key },
    is8Bit: true,
    refusal: 401,
    make: (mail, to, forged) =>
      json(
        [
          {
            msys: {
              relay_message: {
                content: { email_rfc822: mail.toString('base64'), email_rfc822_is_base64: true },
                msg_from: from,
                rcpt_to: to,
              },
            },
          },
        ],
        { 'x-messagesystems-webhook-token': forged ? 'x' : key },
      ),
  },
}

function sns(message: object, forged: boolean): Posted {
  const signed = {
    Message: JSON.stringify(message),
    MessageId: randomUUID(),
    Timestamp: 't',
    TopicArn: topic,
    Type: 'Notification',
  }
  const text = Object.entries(signed)
    .map(([name, value]) => `${name}\n${value}\n`)
    .join('')
  const more = {
    SignatureVersion: '2',
    SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/x.pem',
    Signature: createSign('RSA-SHA256').update(text).sign(rsa.privateKey, 'base64'),
  }
  return {
    ...json({ ...signed, ...more, ...(forged ? { Message: signed.Message.replace('PASS', 'FAIL') } : {}) }),
    headers: { 'content-type': 'text/plain; charset=UTF-8' },
  }
}

const mailOf = (is8Bit: boolean, to: string) =>
  Buffer.from(
    `From: Jane <${from}>\r\nTo: ${to}\r\nMessage-ID: <${freshId()}>\r\nSubject: hello\r\nContent-Type: ` +
      `text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${freshWords()} ` +
      `${is8Bit ? 'Gr\xfc\xdfe \xff' : 'Gruesse'}\r\n`,
    'latin1',
  )

describeOnEitherDatabase('providers', (member) => {
  const folder = mkdtempSync(join(tmpdir(), 'ways-'))
  const kept = new Map<string, Buffer | object>()
  let service: Awaited<ReturnType<typeof startService>>
  let elsewhere: Server
  let origin = ''

  beforeAll(async () => {
    elsewhere = createServer((request, response) => {
      const answer = kept.get(decodeURIComponent(request.url ?? ''))
      response
        .writeHead(answer === undefined ? 404 : 200)
        .end(Buffer.isBuffer(answer) ? answer : JSON.stringify(answer ?? null))
    })
    elsewhere.listen(0, '127.0.0.1')
    await new Promise((resolve) => elsewhere.once('listening', resolve))
    origin = `http://127.0.0.1:${String((elsewhere.address() as AddressInfo).port)}`
    writeFileSync(join(folder, 'key.pem'), rsa.publicKey.export({ type: 'spki', format: 'pem' }))
    service = await startService({
      on: member,
      env: {
        ...(Object.assign({}, ...Object.values(examples).map(({ env }) => env)) as Record<string, string>),
        RAILS_INBOUND_EMAIL_SERVICE: [...Object.keys(examples), 'resend', 'brevo', 'mailjet', 'relay'].join(','),
        RAILS_INBOUND_EMAIL_PASSWORD: 'hunter2hunter2',
        PUBLIC_URL: publicUrl,
        SAFE_URL_ALLOW: '127.0.0.1',
        SES_INGRESS_CERTIFICATE: join(folder, 'key.pem'),
        SES_INGRESS_ACCESS_KEY_ID: 'a',
        SES_INGRESS_SECRET_ACCESS_KEY: 'b',
        SES_INGRESS_S3_ENDPOINT: origin,
        RESEND_INGRESS_SIGNING_SECRET: svixSecret,
        RESEND_INGRESS_API_KEY: 're_1',
        RESEND_INGRESS_API_URL: origin,
        RESEND_INGRESS_DOWNLOAD_HOSTS: '127.0.0.1',
        BREVO_INGRESS_API_KEY: 'k',
        BREVO_INGRESS_API_URL: origin,
        MAILGUN_INGRESS_API_KEY: 'k',
        MAILGUN_INGRESS_API_HOSTS: '127.0.0.1',
      },
    })
  })
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
    elsewhere.closeAllConnections()
    await new Promise((resolve) => elsewhere.close(resolve))
    rmSync(folder, { recursive: true })
  })

  const curl = (to: string, { headers, body }: Posted): { status: number; ids: number[]; duplicate: boolean } => {
    const file = join(folder, randomUUID())
    writeFileSync(file, body)
    const args = [
      '-sS',
      '-X',
      'POST',
      '--data-binary',
      `@${file}`,
      '-w',
      '\n%{http_code}',
      ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
      `${service.url}${to}`,
    ]
    const [text = '', status = ''] = execFileSync('curl', args, { encoding: 'utf8' }).split(/\n(?=\d+$)/)
    const answer = JSON.parse(text) as { ids?: number[]; duplicate?: boolean }
    return { status: Number(status), ids: answer.ids ?? [], duplicate: answer.duplicate ?? false }
  }
  const post = async (to: string, { headers, body }: Posted) => {
    const response = await fetch(`${service.url}${to}`, { method: 'POST', headers, body: body as never })
    const answer = (await response.json()) as { ids?: number[]; duplicate?: boolean }
    return { status: response.status, ids: answer.ids ?? [], duplicate: answer.duplicate ?? false }
  }
  const send =
    member.name === 'server' && hasCurl() ? (to: string, posted: Posted) => Promise.resolve(curl(to, posted)) : post
  const settled = (id: number) =>
    until('settled', async () => {
      const { body } = await service.api('GET', `/api/v1/inbound_emails/${String(id)}`)
      return ['pending', 'processing'].includes(body.status as string) ? null : body
    })
  const rawOf = async (id: number) => (await service.api('GET', `/api/v1/inbound_emails/${String(id)}/raw`)).bytes

  describe.each(Object.entries(examples))('%s', (name, { make, is8Bit, refusal, ending = '' }) => {
    test('is appended once, byte for byte, under both paths, and a forged one is not', async () => {
      const to = service.replyAddress
      for (const family of [`/ingress/${name}${ending}`, `/rails/action_mailbox/${name}/inbound_emails${ending}`]) {
        path = family
        const mail = mailOf(is8Bit, to)
        expect(await send(family, make(mail, to, true))).toEqual({ status: refusal, ids: [], duplicate: false })
        const posted = make(mail, to, false)
        const first = await send(family, posted)
        expect(first).toMatchObject({ status: 200, duplicate: false })
        const [id = 0] = first.ids
        expect(await settled(id)).toMatchObject({
          status: 'delivered',
          reason: 'reply-address',
          ingress: name,
          conversation_id: 1,
          size: mail.length,
          recipients: [{ address: 'reply+…@reply.localhost', learned_from: 'envelope' }],
          synthesised: false,
        })
        expect((await rawOf(id)).equals(mail)).toBe(true)
        expect(await send(family, posted)).toEqual({ status: 200, ids: [id], duplicate: true })
        expect(await send(family, make(mail, to, false))).toEqual({ status: 200, ids: [id], duplicate: true })
        expect(await service.sql('select 1 as one from messages where inbound_email_id = $1', [id])).toHaveLength(1)
      }
    })
  })

  test("a provider's verdict on the sender is stored, and shown", async () => {
    const {
      ids: [id = 0],
    } = await post(
      '/ingress/ses',
      examples['ses']!.make(mailOf(true, service.replyAddress), service.replyAddress, false),
    )
    const shown = await settled(id)
    expect(shown.verdicts).toMatchObject({ by: 'ses', spf: 'pass', dmarc: 'pass', dkim: null })
    expect(shown.trace).toContainEqual({ step: 'speaker', outcome: 'verified', detail: `${from}: ses says dmarc=pass` })
  })

  describe('mail stored at a provider is fetched, once', () => {
    test('SES in S3', async () => {
      const mail = mailOf(true, service.replyAddress)
      kept.set('/mail-in/in/1', mail)
      const posted = sns(
        {
          notificationType: 'Received',
          mail: { source: from, messageId: 'ses-1' },
          receipt: {
            recipients: [service.replyAddress],
            action: { type: 'S3', bucketName: 'mail-in', objectKey: 'in/1' },
          },
        },
        false,
      )
      const {
        status,
        ids: [id = 0],
      } = await post('/ingress/ses', posted)
      expect(status).toBe(200)
      expect(await settled(id)).toMatchObject({ status: 'delivered', conversation_id: 1, size: mail.length })
      expect((await rawOf(id)).equals(mail)).toBe(true)
      expect(await post('/ingress/ses', posted)).toEqual({ status: 200, ids: [id], duplicate: true })
    })

    test('Resend', async () => {
      const mail = mailOf(true, service.replyAddress)
      kept.set('/raw/e-1', mail).set('/emails/receiving/e-1', { raw: { download_url: `${origin}/raw/e-1` } })
      const { body } = json({
        type: 'email.received',
        data: { email_id: 'e-1', from, to: [service.replyAddress], received_for: [service.replyAddress] },
      })
      const timestamp = String(Math.floor(Date.now() / 1000))
      const sign = (secret: string) => ({
        'svix-id': 'm',
        'svix-timestamp': timestamp,
        'svix-signature':
          'v1,' +
          createHmac('sha256', Buffer.from(secret, 'base64')).update(`m.${timestamp}.`).update(body).digest('base64'),
      })
      expect((await post('/ingress/resend', { headers: sign('AAAA'), body })).status).toBe(401)
      const {
        ids: [id = 0],
      } = await post('/rails/action_mailbox/resend/inbound_emails', { headers: sign(svixSecret), body })
      expect(await settled(id)).toMatchObject({ status: 'delivered', conversation_id: 1 })
      expect((await rawOf(id)).equals(mail)).toBe(true)
    })

    test(
      'a message stored at Mailgun that is unavailable stays pending, then fails, and a replay ' + 'delivers it',
      async () => {
        const url = `${origin}/v3/domains/reply.example/messages/K1`
        const [timestamp, token] = [String(Math.floor(Date.now() / 1000)), randomUUID()]
        const {
          ids: [id = 0],
        } = await post(
          '/ingress/mailgun',
          form({
            recipient: service.replyAddress,
            sender: from,
            'message-url': url,
            timestamp,
            token,
            signature: createHmac('sha256', key)
              .update(timestamp + token)
              .digest('hex'),
          }),
        )
        const show = async () => (await service.api('GET', `/api/v1/inbound_emails/${String(id)}`)).body
        await until('tried once', async () => (await show()).attempts === 1)
        expect(await show()).toMatchObject({
          status: 'pending',
          size: 0,
          trace: [{ step: 'fetch', outcome: 'retry', detail: expect.stringContaining('404') }],
        })
        // An answer that has no mail in it is the end.
        kept.set('/v3/domains/reply.example/messages/K1', { subject: 'x' })
        await service.sql(`update work set run_at = now() where kind = 'fetch-mail'`)
        await until('given up', async () => (await show()).status === 'failed')
        const mail = mailOf(false, service.replyAddress)
        kept.set('/v3/domains/reply.example/messages/K1', { 'body-mime': mail.toString() })
        expect((await service.api('POST', `/api/v1/inbound_emails/${String(id)}/replay`)).status).toBe(200)
        expect(await settled(id)).toMatchObject({ status: 'delivered', conversation_id: 1 })
        expect((await rawOf(id)).equals(mail)).toBe(true)
      },
    )

    test('files of Brevo', async () => {
      kept.set('/v3/inbound/attachments/t1', Buffer.from('\0\xff', 'latin1'))
      const item = {
        Uuid: [randomUUID()],
        Headers: { From: from, To: service.replyAddress, 'Message-ID': `<${freshId()}>`, Subject: 'file' },
        RawTextBody: freshWords(),
        Attachments: [{ Name: 'a.bin', ContentType: 'application/octet-stream', DownloadToken: 't1' }],
      }
      const {
        ids: [id = 0],
      } = await post('/ingress/brevo', json({ items: [item] }, basic(false)))
      expect(await settled(id)).toMatchObject({
        status: 'delivered',
        conversation_id: 1,
        synthesised: true,
        recipients: [{ address: 'reply+…@reply.localhost', learned_from: 'to' }],
      })
      expect(
        await service.sql(
          `
            select file_name, byte_size
            from attachments a
            join messages m on m.id = a.message_id
            where m.inbound_email_id = $1
          `,
          [id],
        ),
      ).toEqual([{ file_name: 'a.bin', byte_size: 2 }])
    })
  })

  test("Mailjet's mail is built from its parts, appended, and marked as synthesised", async () => {
    const payload = {
      Sender: from,
      Recipient: service.replyAddress,
      From: `Jane <${from}>`,
      Subject: 'Größe',
      Headers: { 'Message-ID': `<${freshId()}>` },
      'Text-part': freshWords(),
    }
    expect((await post('/ingress/mailjet', json(payload, basic(true)))).status).toBe(401)
    const {
      ids: [id = 0],
    } = await post('/ingress/mailjet', json(payload, basic(false)))
    expect(await settled(id)).toMatchObject({
      status: 'delivered',
      reason: 'reply-address',
      synthesised: true,
      subject: 'Größe',
    })
    expect(await post('/rails/action_mailbox/mailjet/inbound_emails', json(payload, basic(false)))).toEqual({
      status: 200,
      ids: [id],
      duplicate: true,
    })
  })

  test('unreadable requests of an authenticated provider are held', async () => {
    const {
      status,
      ids: [id = 0],
    } = await post('/ingress/mailjet', json(['?'], basic(false)))
    expect(status).toBe(200)
    expect(await settled(id)).toMatchObject({
      status: 'held',
      reason: 'from-missing',
      subject: expect.stringContaining('mailjet'),
    })
  })

  test(
    'doctor shows the last request of each service and the reason of its last refusal, with both ' +
      'URLs for Mandrill',
    async () => {
      await post('/ingress/mandrill', {
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-mandrill-signature': 'x' },
        body: Buffer.from(`mandrill_events=${encodeURIComponent('[{"event":"inbound"}]')}`),
      })
      const line = await until('said', async () => {
        const { checks } = (await service.api('GET', '/api/v1/doctor')).body as {
          checks: { name: string; ok: boolean; detail: string }[]
        }
        return checks.find(
          ({ name, ok, detail }) =>
            name === 'ingress mandrill' && !ok && detail.includes('last request') && detail.includes('key or URL'),
        )
      })
      expect(line.detail).toContain('its key is set; ')
      expect(line.detail).toContain('https://mail.example.com/ingress/mandrill; the request came to http://127.0.0.1')
      const { checks } = (await service.api('GET', '/api/v1/doctor')).body as {
        checks: { name: string; ok: boolean; detail: string }[]
      }
      expect(checks.find(({ name }) => name === 'ingress brevo')).toMatchObject({
        ok: true,
        detail: expect.stringMatching(/^its key is set; last request .+ ago; nothing refused$/),
      })
      expect(checks.find(({ name }) => name === 'ingress relay')).toMatchObject({
        ok: true,
        detail: 'its password is set; no request yet; nothing refused',
      })
    },
  )
})

function hasCurl(): boolean {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
