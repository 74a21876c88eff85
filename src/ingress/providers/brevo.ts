// Brevo inbound parsing: a list of mails a request, JSON, only their parts and no envelope: the raw message is built
// from them, and routing finds its recipients in Delivered-To and To. Files are fetched with BREVO_INGRESS_API_KEY; a
// mail that has some is pending meanwhile. Basic authentication in the URL, or the password as a bearer token. 200
// accepted, already accepted, or an item kept for a person because it was unreadable | 422 malformed, 413 larger than
// allowed, 401 credentials: **each of these deletes the mail at Brevo**, as does any 5xx | 429 try later, or the key is
// not configured: retried for eleven hours.

import { MailError } from '../../errors.ts'
import type { MailNotice, Submission } from '../../mail/envelope.ts'
import { type PartFile, synthesise } from '../../mail/synthesise.ts'
import { checkBasicAuth } from '../basic-auth.ts'
import type { FetchedMail } from '../fetching/fetched-mail.ts'
import type { Provider, ProviderContext } from '../provider.ts'
import { defineProvider } from '../provider.ts'
import { readBatch } from '../quarantine.ts'
import { reversePathOf } from '../reading/addresses.ts'
import { fieldsOfMap, firstWord, headerOf } from '../reading/head.ts'
import {
  type Json,
  listOf,
  looseNumber,
  objectOf,
  optionalList,
  optionalObject,
  optionalText,
  shapeFault,
  textOf,
} from '../reading/json.ts'
import { providerPeer } from '../reading/peer.ts'
import { isSameSecret } from '../signatures/hmac.ts'

const settings = {
  BREVO_INGRESS_API_KEY: { kind: 'text', meaning: 'API key of Brevo, to fetch attachments' },
  BREVO_INGRESS_API_URL: { kind: 'url', default: 'https://api.brevo.com', meaning: 'URL of Brevo’s API' },
} as const

type Context = ProviderContext<typeof settings>

export const provider: Provider = defineProvider({
  service: 'brevo',
  title: 'Brevo',
  settings,
  required: ['BREVO_INGRESS_API_KEY'],
  basic: true,
  answers: {
    accepted: 200,
    duplicate: 200,
    'reject-permanent': 422,
    unread: 413,
    'retry-later': 429,
    unauthenticated: 401,
    forged: 401,
    misconfigured: 429,
  },
  vouching: {
    verifies: false,
    disowns: false,
    by: 'nothing: it documents a spam score alone',
  },
  steps: (url) => [
    'Create the webhook: POST https://api.brevo.com/v3/webhooks {"type": "inbound", "events": ' +
      '["inboundEmailProcessed"], "domain": "YOUR DOMAIN", "url": ' +
      `"${url.replace('://', '://actionmailbox:PASSWORD@')}"}, PASSWORD being RAILS_INBOUND_EMAIL_PASSWORD.`,
    'Put an API key into BREVO_INGRESS_API_KEY.',
    'Point the MX of the domain at inbound1.sendinblue.com and inbound2.sendinblue.com.',
  ],
  create: (parts) => ({
    bounds: { growth: 2 },
    challenge: 'Basic realm="Action Mailbox"',
    authenticate: ({ headers }) => {
      const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
      if (bearer !== undefined && parts.password !== null && isSameSecret(bearer, parts.password)) return
      checkBasicAuth(headers.authorization, parts.password)
    },
    extract: (delivery) =>
      readBatch<Submission | MailNotice>(
        'brevo',
        listOf(objectOf(delivery.json(), 'the body')['items'], 'items'),
        (item) => [extractItem(objectOf(item, 'an item'), parts)],
      ),
    fetchMail: (pointer) => fetchMail(objectOf(pointer['item'], 'an item'), parts),
  }),
})

function extractItem(item: Json, { settings: { BREVO_INGRESS_API_KEY: apiKey } }: Context) {
  const headers = fieldsOfMap(optionalObject(item['Headers'], 'Headers'))
  if (
    headers.length === 0 &&
    item['From'] === undefined &&
    item['RawTextBody'] === undefined &&
    item['RawHtmlBody'] === undefined
  )
    throw shapeFault('an item has no part of a mail')
  const envelope = { reversePath: reversePathOf(headerOf(headers, 'return-path')), recipients: [] }
  const peer = providerPeer('brevo', {
    synthesised: true,
    spf: firstWord(headerOf(headers, 'received-spf')),
    spamScore: looseNumber(item['SpamScore']),
  })
  const tokens = optionalList(item['Attachments'], 'Attachments').map((file) =>
    textOf(objectOf(file, 'Attachments')['DownloadToken'], 'DownloadToken'),
  )
  if (tokens.length === 0) return { ingress: 'brevo', envelope, raw: synthesiseItem(item, []), peer }
  if (apiKey === undefined)
    throw new MailError('misconfigured', 'BREVO_INGRESS_API_KEY is not set, so attachments could not be fetched', {
      publicMessage: 'This ingress has no API key yet, try again later',
    })
  return { ingress: 'brevo', envelope, peer, key: keyOf(item, tokens), pointer: { item } }
}

function keyOf(item: Json, tokens: readonly string[]): string {
  const ids = optionalList(item['Uuid'], 'Uuid').filter((id) => typeof id === 'string')
  return ids.length > 0 ? ids.join(' ') : `${optionalText(item['MessageId'], 'MessageId') ?? ''} ${tokens.join(' ')}`
}

function synthesiseItem(item: Json, attachments: readonly PartFile[]): Buffer {
  const id = optionalText(item['MessageId'], 'MessageId')
  const fallback = [
    ['From', mailboxes([item['From']])],
    ['To', mailboxes(optionalList(item['To'], 'To'))],
    ['Cc', mailboxes(optionalList(item['Cc'], 'Cc'))],
    ['Subject', optionalText(item['Subject'], 'Subject')],
    ['Date', optionalText(item['SentAtDate'], 'SentAtDate')],
    ['Message-ID', id],
    ['In-Reply-To', optionalText(item['InReplyTo'], 'InReplyTo')],
  ] as const
  return synthesise({
    headers: fieldsOfMap(optionalObject(item['Headers'], 'Headers')),
    fallback,
    text: optionalText(item['RawTextBody'], 'RawTextBody'),
    html: optionalText(item['RawHtmlBody'], 'RawHtmlBody'),
    attachments,
  })
}

function mailboxes(values: readonly unknown[]): string {
  const known = values
    .filter((value) => value !== null && value !== undefined)
    .map((value) => objectOf(value, 'a mailbox'))
  return known
    .map(
      ({ Name, Address }) =>
        `${typeof Name === 'string' && Name !== '' ? `"${Name.replace(/["\\]/g, '')}" ` : ''}<${textOf(Address, 'Address')}>`,
    )
    .join(', ')
}

async function fetchMail(item: Json, parts: Context): Promise<FetchedMail> {
  const files: PartFile[] = []
  let left = parts.maxBytes
  // One after another: they are in memory together at the end, not twice, and all of them are no more than a mail may
  // be.
  for (const file of optionalList(item['Attachments'], 'Attachments')) {
    const fetched = await fetchFile(objectOf(file, 'Attachments'), { ...parts, maxBytes: left })
    left -= fetched.bytes.length
    files.push(fetched)
  }
  return { raw: synthesiseItem(item, files), synthesised: true }
}

async function fetchFile(
  file: Json,
  { settings: { BREVO_INGRESS_API_KEY: apiKey, BREVO_INGRESS_API_URL: apiUrl = '' }, fetch, maxBytes }: Context,
): Promise<PartFile> {
  if (apiKey === undefined) throw new MailError('misconfigured', 'BREVO_INGRESS_API_KEY is not set')
  const url = `${apiUrl.replace(/\/$/, '')}/v3/inbound/attachments/${encodeURIComponent(textOf(file['DownloadToken'], 'DownloadToken'))}`
  const bytes = await fetch(url, {
    hosts: [new URL(apiUrl).hostname],
    headers: { 'api-key': apiKey },
    maxBytes,
    timeoutMs: 60_000,
  })
  const contentId = optionalText(file['ContentID'], 'ContentID')
  return {
    filename: optionalText(file['Name'], 'Name'),
    contentType: optionalText(file['ContentType'], 'ContentType'),
    contentId,
    inline: contentId !== null,
    bytes,
  }
}
