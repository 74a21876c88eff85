// Amazon SES receiving, through an SNS topic: the mail is in the notification (action SNS, best with Base64), or is in
// S3 (action S3 with a topic) and is fetched from there, pending meanwhile. Only topics of SES_INGRESS_TOPIC_ARN count,
// whose subscription is confirmed automatically; AWS signs every message. 200 accepted, already accepted, not for this
// service, or kept for a person because it was unreadable | 401 only if SES_INGRESS_BASIC is yes: SNS then sends the
// password | 403 signature, or another topic: SNS stops | 413 too large: stops | 503 try later, or the topic is not
// configured: SNS tries three times, so give the subscription a dead-letter queue.

import { readFileSync } from 'node:fs'

import type { MailEvent } from '../../contracts/mail-event.ts'
import { MailError } from '../../errors.ts'
import { checkBasicAuth } from '../basic-auth.ts'
import type { Delivery } from '../delivery.ts'
import { readSesEvents } from '../events/ses-events.ts'
import { fetchObject } from '../fetching/s3-object.ts'
import type { Provider, ProviderContext } from '../provider.ts'
import { defineProvider } from '../provider.ts'
import { type Json, objectOf, textOf } from '../reading/json.ts'
import { neededKeys } from '../signatures/hmac.ts'
import type { ReadCertificate } from '../signatures/sns.ts'
import { checkSns, createCertificateReader, snsHostOf } from '../signatures/sns.ts'
import { mailOfNotification } from './ses-notification.ts'

const settings = {
  SES_INGRESS_TOPIC_ARN: {
    kind: 'list',
    meaning: 'ARNs of the SNS topics of SES mail, comma-separated',
  },
  SES_INGRESS_BASIC: {
    kind: 'text',
    meaning: 'yes = SNS must send the Basic password as well, in the URL of the subscription',
  },
  SES_INGRESS_CERTIFICATE: {
    kind: 'text',
    meaning: 'File with the signing certificate of SNS, for machines that cannot fetch it from AWS',
  },
  SES_INGRESS_ACCESS_KEY_ID: {
    kind: 'text',
    meaning: 'Access key that may read (s3:GetObject) the mail that SES puts into S3',
  },
  SES_INGRESS_SECRET_ACCESS_KEY: { kind: 'text', meaning: 'Secret access key for it' },
  SES_INGRESS_S3_REGION: { kind: 'text', meaning: 'Region of the bucket. Default: that of the topic' },
  SES_INGRESS_S3_ENDPOINT: { kind: 'url', meaning: 'URL of S3, if not AWS' },
} as const

type Context = ProviderContext<typeof settings>

export const provider: Provider = defineProvider({
  service: 'ses',
  title: 'Amazon SES',
  settings,
  required: ['SES_INGRESS_TOPIC_ARN'],
  basic: false,
  answers: {
    accepted: 200,
    duplicate: 200,
    'reject-permanent': 200,
    unread: 413,
    'retry-later': 503,
    unauthenticated: 401,
    forged: 403,
    misconfigured: 503,
  },
  vouching: {
    verifies: true,
    disowns: true,
    by: '`dmarcVerdict` and `dmarcPolicy` of the notification',
  },
  steps: (url) => [
    'Create an SNS topic, put its ARN into SES_INGRESS_TOPIC_ARN, and restart Rethread.',
    `Subscribe ${url} to it (protocol HTTPS, raw message delivery off, a dead-letter queue). Rethread confirms it.`,
    'Create a receipt rule of SES with the action SNS (encoding Base64; mails up to 150 KB, larger ones ' +
      'bounce), or with the action S3 and that topic (up to 40 MB): then put an access key for the bucket ' +
      'into SES_INGRESS_ACCESS_KEY_ID and SES_INGRESS_SECRET_ACCESS_KEY. Do not tick "Encrypt message".',
  ],
  create: (parts) => {
    const readCertificate = certificateReader(parts)
    return {
      bounds: { growth: 2, maxBytes: 1024 * 1024, json: { maxDepth: 16, maxValues: 20_000 } },
      challenge: 'Basic realm="Action Mailbox"',
      authenticate: ({ headers }) => {
        if (parts.settings.SES_INGRESS_BASIC === 'yes') checkBasicAuth(headers.authorization, parts.password)
      },
      verify: (delivery) => checkMessage(delivery, parts, readCertificate),
      events: { read: ({ json }) => eventsOf(objectOf(json(), 'the body'), parts) },
      extract: async (delivery) => extractMails(objectOf(delivery.json(), 'the body'), parts),
      fetchMail: async ({ bucket, key, region }) => ({
        raw: await fetchObject(
          { bucket: textOf(bucket, 'bucketName'), key: textOf(key, 'objectKey') },
          s3Access(parts, textOf(region, 'region')),
          parts.fetch,
        ),
        synthesised: false,
      }),
    }
  },
})

function certificateReader({ settings: { SES_INGRESS_CERTIFICATE: file }, fetch }: Context): ReadCertificate {
  return file === undefined ? createCertificateReader(fetch) : () => Promise.resolve(readFileSync(file))
}

// SNS posts JSON as text/plain; raw delivery carries no signature.
async function checkMessage(
  { request, json }: Delivery,
  { settings: { SES_INGRESS_TOPIC_ARN: topics } }: Context,
  readCertificate: ReadCertificate,
): Promise<void> {
  neededKeys(topics, 'SES_INGRESS_TOPIC_ARN')
  if (request.headers['x-amz-sns-rawdelivery'] === 'true')
    throw new MailError('forbidden', 'signature: raw message delivery has none; switch it off in the subscription')
  const message = objectOf(json(), 'the body')
  for (const [header, field] of [
    ['x-amz-sns-message-type', 'Type'],
    ['x-amz-sns-topic-arn', 'TopicArn'],
  ] as const) {
    if (request.headers[header] !== undefined && request.headers[header] !== message[field])
      throw new MailError('forbidden', `signature: ${header} is not what was signed`)
  }
  await checkSns(message, readCertificate)
  const topic = textOf(message['TopicArn'], 'TopicArn')
  if (!topics.includes(topic)) throw new MailError('forbidden', `topic: ${topic} is not in SES_INGRESS_TOPIC_ARN`)
}

async function extractMails(message: Json, parts: Context) {
  const type = textOf(message['Type'], 'Type')
  if (type === 'SubscriptionConfirmation') await confirm(textOf(message['SubscribeURL'], 'SubscribeURL'), parts)
  if (type !== 'Notification') return []
  const mail = mailOfNotification(textOf(message['Message'], 'Message'), textOf(message['TopicArn'], 'TopicArn'))
  if (mail !== null && 'pointer' in mail) s3Access(parts, '')
  return mail === null ? [] : [mail]
}

async function eventsOf(message: Json, parts: Context): Promise<MailEvent[]> {
  const type = textOf(message['Type'], 'Type')
  if (type === 'SubscriptionConfirmation') await confirm(textOf(message['SubscribeURL'], 'SubscribeURL'), parts)
  return type === 'Notification' ? readSesEvents(textOf(message['Message'], 'Message')) : []
}

async function confirm(url: string, { fetch }: Context): Promise<void> {
  const host = snsHostOf(url)
  if (host === null) throw new MailError('forbidden', 'SubscribeURL is not an address of AWS')
  await fetch(url, { hosts: [host], maxBytes: 64 * 1024, timeoutMs: 10_000 })
}

function s3Access({ settings, maxBytes }: Context, topicRegion: string) {
  const {
    SES_INGRESS_ACCESS_KEY_ID: accessKeyId,
    SES_INGRESS_SECRET_ACCESS_KEY: secretAccessKey,
    SES_INGRESS_S3_REGION: region = topicRegion,
    SES_INGRESS_S3_ENDPOINT: endpoint = null,
  } = settings
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new MailError(
      'misconfigured',
      'the mail is in S3, and SES_INGRESS_ACCESS_KEY_ID or SES_INGRESS_SECRET_ACCESS_KEY is not set',
      { publicMessage: 'This ingress has no access key yet, try again later' },
    )
  return { accessKeyId, secretAccessKey, region, endpoint, maxBytes }
}
