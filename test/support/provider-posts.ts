// Requests by which providers post a mail, as their documentation describes them, signed with the keys of the test.

import { createHmac, createSign, generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const key = 'a-key-of-the-provider'
const svixSecret = Buffer.from('a secret of the provider').toString('base64')
const topic = 'arn:aws:sns:eu-west-1:111111111111:mail-in'
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })

export interface Posted {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}
export interface Example {
  /**
   * What the provider sends for this mail to this recipient; `forged` has one thing wrong that only its key could
   * make right.
   */
  readonly make: (mail: Buffer, at: { readonly to: string; readonly path: string; readonly forged?: boolean }) => Posted
  /** Provider keeps octets that are no UTF-8. */
  readonly is8Bit: boolean
  readonly refusal: number
  /** Paths after the service's own. */
  readonly ending?: string
  readonly env: Readonly<Record<string, string>>
}

export const form = (pairs: Readonly<Record<string, string | Buffer>>): Posted => ({
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
export const json = (value: unknown, headers = {}): Posted => ({
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(JSON.stringify(value)),
})
export const basic = (forged: boolean) => ({
  authorization: `Basic ${Buffer.from(`actionmailbox:${forged ? 'wrong' : 'hunter2hunter2'}`).toString('base64')}`,
})
export const from = 'jane@example.com'

const publicUrl = 'https://mail.example.com'
export const examples: Readonly<Record<string, Example>> = {
  mailgun: {
    env: { MAILGUN_INGRESS_SIGNING_KEY: `old, ${key}` },
    is8Bit: true,
    refusal: 401,
    ending: '/mime',
    make: (mail, { to, forged = false }) => {
      const signed = signedByMailgun(forged ? 'x' : key)
      return form({ recipient: to, sender: from, 'body-mime': mail, ...signed })
    },
  },
  sendgrid: {
    env: { SENDGRID_INGRESS_PUBLIC_KEY: ec.publicKey.export({ type: 'spki', format: 'der' }).toString('base64') },
    is8Bit: true,
    refusal: 401,
    make: (mail, { to, forged = false }) => {
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
    make: (mail, { to, path, forged = false }) => {
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
    make: (mail, { to, forged = false }) =>
      json(
        { RawEmail: mail.toString(), OriginalRecipient: to, Headers: [{ Name: 'Return-Path', Value: `<${from}>` }] },
        basic(forged),
      ),
  },
  ses: {
    env: { SES_INGRESS_TOPIC_ARN: topic },
    is8Bit: true,
    refusal: 403,
    make: (mail, { to, forged = false }) =>
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
    make: (mail, { to, forged = false }) =>
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

/** As SNS signs it. */
function sns(message: object, forged = false): Posted {
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

/** A notice of Mailgun's store(notify): the mail is at `url`. */
export function mailgunNotice(url: string, to: string): Posted {
  return form({ ...signedByMailgun(), recipient: to, sender: from, 'message-url': url })
}

/** As Mailgun signs each request. */
export function signedByMailgun(secret = key): { timestamp: string; token: string; signature: string } {
  const [timestamp, token] = [String(Math.floor(Date.now() / 1000)), randomUUID()]
  const signature = createHmac('sha256', secret)
    .update(timestamp + token)
    .digest('hex')
  return { timestamp, token, signature }
}

/** A notice of SES, whose receipt rule has put the mail into S3. */
export function sesNotice(objectKey: string, to: string): Posted {
  return sns({
    notificationType: 'Received',
    mail: { source: from, messageId: `ses-${objectKey}` },
    receipt: { recipients: [to], action: { type: 'S3', bucketName: 'mail-in', objectKey } },
  })
}

/** A notice of Resend; `to` null: without an envelope. */
export function resendNotice(emailId: string, to: string | null): Posted {
  const data = { email_id: emailId, from, ...(to === null ? {} : { to: [to], received_for: [to] }) }
  const { body } = json({ type: 'email.received', data })
  const timestamp = String(Math.floor(Date.now() / 1000))
  return { headers: svixHeaders(body, { id: emailId, timestamp }), body }
}

/** As Svix signs it. */
export function svixHeaders(
  body: Buffer,
  { id, timestamp, secret = svixSecret }: { readonly id: string; readonly timestamp: string; readonly secret?: string },
): Record<string, string> {
  const signature = createHmac('sha256', Buffer.from(secret, 'base64')).update(`${id}.${timestamp}.`).update(body)
  return { 'svix-id': id, 'svix-timestamp': timestamp, 'svix-signature': `v1,${signature.digest('base64')}` }
}

/**
 * The APIs from which mail is fetched that was only announced: each answers what is `kept` under a path. `env` are the
 * settings of a service that takes mail from every provider.
 */
export async function startProviders() {
  const kept = new Map<string, Buffer | object>()
  const server = createServer((request, response) => {
    const answer = kept.get(decodeURIComponent(request.url ?? ''))
    response
      .writeHead(answer === undefined ? 404 : 200)
      .end(Buffer.isBuffer(answer) ? answer : JSON.stringify(answer ?? null))
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  const folder = mkdtempSync(join(tmpdir(), 'sns-'))
  writeFileSync(join(folder, 'key.pem'), rsa.publicKey.export({ type: 'spki', format: 'pem' }))
  return {
    kept,
    origin,
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
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true })
    },
  }
}
