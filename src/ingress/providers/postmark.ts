// Postmark inbound: one mail a request, JSON. Tick "Include raw email content in JSON payload": then the raw message is
// `RawEmail`; otherwise, or if Postmark replaced bytes that are not UTF-8, the raw message is built from the parts.
// Basic authentication in the URL. 200 accepted, or already accepted | 403 malformed, or larger than allowed: Postmark
// stops at once | 401 credentials: retried for ten hours, time to correct the password | 503 try later, or the password
// is not configured: the same.

import { type PartFile, synthesise } from '../../mail/synthesise.ts'
import { checkBasicAuth } from '../basic-auth.ts'
import { readPostmarkEvents } from '../events/postmark-events.ts'
import type { ProviderContext } from '../provider.ts'
import { defineProvider } from '../provider.ts'
import { recipientsOf, reversePathOf } from '../reading/addresses.ts'
import { type Fields, firstWord, headerOf } from '../reading/head.ts'
import { type Json, objectOf, optionalList, optionalText, shapeFault, textOf } from '../reading/json.ts'
import { providerPeer } from '../reading/peer.ts'

const settings = {
  POSTMARK_SERVER_TOKEN: { kind: 'text', meaning: 'Server API token of Postmark, for `rethread setup postmark` only' },
} as const

export const provider = defineProvider({
  service: 'postmark',
  title: 'Postmark',
  settings,
  required: [],
  basic: true,
  answers: {
    accepted: 200,
    duplicate: 200,
    'reject-permanent': 403,
    unread: 403,
    'retry-later': 503,
    unauthenticated: 401,
    forged: 401,
    misconfigured: 503,
  },
  vouching: {
    verifies: false,
    disowns: false,
    by:
      'nothing: it documents SPF (Received-SPF) and the score of its spam filter, and neither DKIM of a ' +
      'named domain nor DMARC',
  },
  steps: (url) => [
    'In the settings of the inbound stream, set the webhook to ' +
      `${url.replace('://', '://actionmailbox:PASSWORD@')}, PASSWORD being RAILS_INBOUND_EMAIL_PASSWORD.`,
    'Tick "Include raw email content in JSON payload".',
    'Or run `rethread setup postmark` in place of both.',
  ],
  create: ({ password }: ProviderContext<typeof settings>) => ({
    bounds: { growth: 3 },
    challenge: 'Basic realm="Action Mailbox"',
    authenticate: ({ headers }) => {
      checkBasicAuth(headers.authorization, password)
    },
    events: { read: ({ json }) => readPostmarkEvents(json()) },
    extract: (delivery) => [extractMail(objectOf(delivery.json(), 'the body'))],
  }),
})

function extractMail(payload: Json) {
  const raw = optionalText(payload['RawEmail'], 'RawEmail')
  const headers = headersOf(payload)
  const original = optionalText(payload['OriginalRecipient'], 'OriginalRecipient')
  const envelope = {
    reversePath: reversePathOf(headerOf(headers, 'return-path')),
    recipients: recipientsOf([original], 'OriginalRecipient'),
  }
  const isWhole = raw !== null && raw !== '' && !(raw.includes('\ufffd') && hasWholeText(payload))
  if (!isWhole && !hasParts(payload, headers)) throw shapeFault('there is neither RawEmail nor any part of a mail')
  return {
    ingress: 'postmark',
    envelope,
    raw: isWhole ? Buffer.from(raw) : synthesisePayload(payload, headers),
    peer: peerOf(headers, !isWhole),
  }
}

function hasParts(payload: Json, headers: Fields): boolean {
  return headers.length > 0 || ['TextBody', 'HtmlBody', 'From'].some((name) => typeof payload[name] === 'string')
}

// The parts were decoded from the mail as it came, so they may be whole where RawEmail is not.
function hasWholeText(payload: Json): boolean {
  const texts = [payload['TextBody'], payload['HtmlBody']].filter(
    (text) => typeof text === 'string' && text !== '',
  ) as string[]
  return texts.length > 0 && texts.every((text) => !text.includes('\ufffd'))
}

function synthesisePayload(payload: Json, headers: Fields): Buffer {
  return synthesise({
    headers,
    fallback: [
      ['From', optionalText(payload['From'], 'From')],
      ['To', optionalText(payload['To'], 'To')],
      ['Cc', optionalText(payload['Cc'], 'Cc')],
      ['Reply-To', optionalText(payload['ReplyTo'], 'ReplyTo')],
      ['Subject', optionalText(payload['Subject'], 'Subject')],
      ['Date', optionalText(payload['Date'], 'Date')],
    ],
    text: optionalText(payload['TextBody'], 'TextBody'),
    html: optionalText(payload['HtmlBody'], 'HtmlBody'),
    attachments: optionalList(payload['Attachments'], 'Attachments').map(fileOf),
  })
}

function headersOf(payload: Json): Fields {
  return optionalList(payload['Headers'], 'Headers').map((entry) => {
    const { Name, Value } = objectOf(entry, 'Headers')
    return [textOf(Name, 'Headers'), textOf(Value, 'Headers')] as const
  })
}

// seen: the dashboard's test has `Data` in place of `Content`.
function fileOf(value: unknown): PartFile {
  const file = objectOf(value, 'Attachments')
  const contentId = optionalText(file['ContentID'], 'ContentID')
  const bytes = Buffer.from(optionalText(file['Content'] ?? file['Data'], 'Content') ?? '', 'base64')
  return {
    filename: optionalText(file['Name'], 'Name'),
    contentType: optionalText(file['ContentType'], 'ContentType'),
    contentId,
    inline: contentId !== null && contentId !== '',
    bytes,
  }
}

function peerOf(headers: Fields, synthesised: boolean) {
  const score = Number(headerOf(headers, 'x-spam-score') ?? 'none')
  return providerPeer('postmark', {
    synthesised,
    spf: firstWord(headerOf(headers, 'received-spf')),
    spam: firstWord(headerOf(headers, 'x-spam-status')),
    spamScore: Number.isFinite(score) ? score : null,
  })
}
