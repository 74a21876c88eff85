// Whatever is posted to whichever provider, with the right key or a wrong one: an answer of its row, never one of a
// fault, and nothing in flight after it.

import { createHmac, createSign, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { providers } from '../../../src/ingress/providers.ts'
import { createHttpStage, credentials, type HttpStage } from './http-support.ts'

// Here these only need to pass authentication: whether signatures are judged rightly is for literals from
// outside to say.
const svixSecret = Buffer.from('a secret').toString('base64')
const svixHmac = (signed: string) => hmac('sha256', Buffer.from(svixSecret, 'base64'), signed, 'base64')
const topic = 'arn:aws:sns:x:1:y'
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const folder = mkdtempSync(join(tmpdir(), 'ways-'))
const certificate = join(folder, 'key.pem')

let stage: HttpStage
beforeAll(async () => {
  writeFileSync(certificate, publicKey.export({ type: 'spki', format: 'pem' }))
  stage = await createHttpStage({
    RAILS_INBOUND_EMAIL_SERVICE: providers.map(({ service }) => service).join(','),
    ...{
      MAILGUN_INGRESS_SIGNING_KEY: 'k',
      MANDRILL_INGRESS_API_KEY: 'k',
      SES_INGRESS_TOPIC_ARN: topic,
      SES_INGRESS_CERTIFICATE: certificate,
      RESEND_INGRESS_SIGNING_SECRET: svixSecret,
      RESEND_INGRESS_API_KEY: 'k',
      MAILGUN_INGRESS_API_KEY: 'k',
      SES_INGRESS_ACCESS_KEY_ID: 'k',
      SES_INGRESS_SECRET_ACCESS_KEY: 'k',
      MANDRILL_INGRESS_URL: 'https://m.example',
      SPARKPOST_INGRESS_AUTH_TOKEN: 'token',
      BREVO_INGRESS_API_KEY: 'k',
    },
  })
})
afterAll(async () => {
  await stage.close()
  rmSync(folder, { recursive: true })
})

const names = [
  'email',
  'envelope',
  'charsets',
  'attachment-info',
  'attachment1',
  'headers',
  'mandrill_events',
  'body-mime',
  'recipient',
  'timestamp',
  'token',
  'signature',
  'message-headers',
  'RawEmail',
  'Headers',
  'Attachments',
  'OriginalRecipient',
  'items',
  'From',
  'To',
  'Parts',
  'Recipient',
  'Type',
  'SignatureVersion',
  'SigningCertURL',
  'Message',
  'type',
  'data',
  'email_id',
  'msys',
  'relay_message',
  'content',
  'email_rfc822',
  '__proto__',
  'constructor',
  'toString',
]
const name = fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 8 }))
const value = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom('null', '[]', '{}', '{"to":[]}', '[null]', '[{"event":"inbound"}]', '{"to":[1]}'),
)
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string({ maxLength: 20 }),
    fc.constant(null),
    fc.integer(),
    fc.boolean(),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(name, tie('json'), { maxKeys: 6 }),
  ),
}))
const body = fc.oneof(
  json.map((made) => ({ type: 'application/json', bytes: Buffer.from(JSON.stringify(made)) })),
  fc.array(fc.tuple(name, value), { maxLength: 8 }).map((pairs) => ({
    type: 'application/x-www-form-urlencoded',
    bytes: Buffer.from(
      pairs
        .map(([key, text]) => `${encodeURIComponent(key.toWellFormed())}=${encodeURIComponent(text.toWellFormed())}`)
        .join('&'),
    ),
  })),
  fc.array(fc.tuple(name, value), { maxLength: 8 }).map((pairs) => ({
    type: 'multipart/form-data; boundary=b',
    bytes: Buffer.from(
      pairs
        .map(([key, text]) => `--b\r\nContent-Disposition: form-data; name="${key}"\r\n\r\n${text}\r\n`)
        .concat('--b--\r\n')
        .join(''),
    ),
  })),
  fc
    .tuple(
      fc.constantFrom(
        'application/json',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=b',
        'multipart/form-data',
        'text/plain',
        'x',
      ),
      fc.uint8Array({ maxLength: 300 }),
    )
    .map(([type, bytes]) => ({ type, bytes: Buffer.from(bytes) })),
)
const signed = {
  'x-messagesystems-webhook-token': 'token',
  'svix-id': 'a',
  'svix-timestamp': '1',
  'svix-signature': 'v1,x',
  'x-mandrill-signature': 'x',
}

describe.each(providers.map(({ service, answers }) => ({ service, answers })))('$service', ({ service, answers }) => {
  test('gets for any request an answer of its row', async () => {
    const allowed = new Set(
      [...Object.values(answers), 404].filter(
        (status) => status !== answers['retry-later'] && status !== answers.misconfigured,
      ),
    )
    await fc.assert(
      fc.asyncProperty(body, fc.boolean(), async ({ type, bytes }, isAuthenticated) => {
        const headers = { 'content-type': type, ...(isAuthenticated ? { authorization: credentials, ...signed } : {}) }
        const response = await fetch(`http://127.0.0.1:${String(stage.port)}/ingress/${service}`, {
          method: 'POST',
          headers,
          body: bytes as never,
        })
        await response.arrayBuffer()
        expect([...allowed]).toContain(response.status)
        expect(stage.budget.used()).toBe(0)
      }),
      { numRuns: 150 },
    )
  })
})

const form = 'application/x-www-form-urlencoded'
const hmac = (hash: string, key: Buffer | string, text: string, encoding: 'hex' | 'base64') =>
  createHmac(hash, key).update(text).digest(encoding)
const fields = fc.array(fc.tuple(name, value), { maxLength: 8 })

/** What comes of a signed request in which everything that is not the signature is made up. */
const signedRequests: Readonly<Record<string, fc.Arbitrary<{ headers: Record<string, string>; bytes: string }>>> = {
  mailgun: fields.map((pairs) => {
    const timestamp = String(Math.floor(Date.now() / 1000))
    const all = [
      ...pairs,
      ['timestamp', timestamp],
      ['token', 't'],
      ['signature', hmac('sha256', 'k', `${timestamp}t`, 'hex')],
    ]
    return {
      headers: { 'content-type': form },
      bytes: all
        .map(
          ([key = '', text = '']) =>
            `${encodeURIComponent(key.toWellFormed())}=${encodeURIComponent(text.toWellFormed())}`,
        )
        .join('&'),
    }
  }),
  mandrill: fc
    .oneof(
      json,
      fc.array(
        fc.record({
          event: fc.constant('inbound'),
          msg: fc.dictionary(
            fc.oneof(
              fc.constantFrom(
                'raw_msg',
                'email',
                'headers',
                'text',
                'html',
                'attachments',
                'images',
                'spf',
                'dkim',
                'spam_report',
              ),
              name,
            ),
            json,
          ),
        }),
        { maxLength: 3 },
      ),
    )
    .map((made) => {
      const text = JSON.stringify(made)
      return {
        headers: {
          'content-type': form,
          'x-mandrill-signature': hmac('sha1', 'k', `https://m.examplemandrill_events${text}`, 'base64'),
        },
        bytes: `mandrill_events=${encodeURIComponent(text)}`,
      }
    }),
  resend: fc
    .oneof(
      json,
      fc.record({
        type: fc.constant('email.received'),
        data: fc.oneof(
          json,
          fc.dictionary(fc.oneof(fc.constantFrom('email_id', 'received_for', 'to', 'from'), name), json),
        ),
      }),
    )
    .map((made) => {
      const [bytes, timestamp] = [JSON.stringify(made), String(Math.floor(Date.now() / 1000))]
      return {
        headers: {
          'content-type': 'application/json',
          'svix-id': 'i',
          'svix-timestamp': timestamp,
          'svix-signature': `v1,${svixHmac(`i.${timestamp}.${bytes}`)}`,
        },
        bytes,
      }
    }),
  ses: fc
    .oneof(
      fc.string(),
      json.map((made) => JSON.stringify(made)),
      fc
        .dictionary(
          fc.constantFrom('mail', 'receipt', 'content'),
          fc.oneof(
            json,
            fc.dictionary(
              fc.constantFrom('recipients', 'action', 'source', 'messageId', 'spfVerdict', 'dmarcPolicy'),
              json,
            ),
          ),
        )
        .map((made) => JSON.stringify({ ...made, notificationType: 'Received' })),
    )
    .map((text) => {
      const Message = text.toWellFormed()
      const message = {
        Type: 'Notification',
        MessageId: 'm',
        TopicArn: topic,
        Message,
        Timestamp: 't',
        SignatureVersion: '2',
        SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/x.pem',
      }
      const Signature = createSign('RSA-SHA256')
        .update(`Message\n${Message}\nMessageId\nm\nTimestamp\nt\nTopicArn\n${topic}\nType\nNotification\n`)
        .sign(privateKey, 'base64')
      return { headers: { 'content-type': 'text/plain' }, bytes: JSON.stringify({ ...message, Signature }) }
    }),
}

test.each(Object.entries(signedRequests))(
  '%s is authenticated by its signature, and gets for any signed body an answer of its row',
  async (service, requests) => {
    const { answers } = providers.find((provider) => provider.service === service)!
    const before = stage.door.submissions.length + stage.notices.length
    await fc.assert(
      fc.asyncProperty(requests, async ({ headers, bytes }) => {
        const response = await fetch(`http://127.0.0.1:${String(stage.port)}/ingress/${service}`, {
          method: 'POST',
          headers,
          body: bytes,
        })
        await response.arrayBuffer()
        expect([answers.accepted, answers.duplicate, answers['reject-permanent']]).toContain(response.status)
        expect(stage.budget.used()).toBe(0)
      }),
      { numRuns: 150 },
    )
    // Otherwise nothing of this would have come past the signature.
    expect(stage.door.submissions.length + stage.notices.length).toBeGreaterThan(before)
  },
)

test('no request caused an unexpected error', () => {
  expect(stage.lines.filter(({ level, facts }) => level === 'error' || 'error' in facts)).toEqual([])
})
