// Mailjet Parse API: one mail a request, JSON, only its parts, of which the raw message is built. Basic authentication
// in the URL. 200 accepted, already accepted, or kept for a person because it was unreadable (Mailjet retries after any
// other answer) | 401 credentials | 413 larger than allowed | 503 try later, or the password is not configured:
// retried.

import { type PartFile, synthesise } from '../../mail/synthesise.ts'
import { checkBasicAuth } from '../basic-auth.ts'
import type { ProviderContext } from '../provider.ts'
import { defineProvider } from '../provider.ts'
import { recipientsOf, reversePathOf } from '../reading/addresses.ts'
import { type Fields, fieldsOfMap, firstWord, headerOf } from '../reading/head.ts'
import {
  type Json,
  looseNumber,
  objectOf,
  optionalList,
  optionalObject,
  optionalText,
  shapeFault,
} from '../reading/json.ts'
import { providerPeer } from '../reading/peer.ts'

const settings = {} as const

export const provider = defineProvider({
  service: 'mailjet',
  title: 'Mailjet Parse API',
  settings,
  required: [],
  basic: true,
  answers: {
    accepted: 200,
    duplicate: 200,
    'reject-permanent': 200,
    unread: 413,
    'retry-later': 503,
    unauthenticated: 401,
    forged: 401,
    misconfigured: 503,
  },
  vouching: {
    verifies: false,
    disowns: false,
    by: 'nothing: it documents a spam score alone',
  },
  steps: (url) => [
    'Create a parse route: POST https://api.mailjet.com/v3/REST/parseroute {"Url": ' +
      `"${url.replace('://', '://actionmailbox:PASSWORD@')}", "Email": "YOUR ADDRESS"}, PASSWORD being ` +
      'RAILS_INBOUND_EMAIL_PASSWORD.',
    'Point the MX of the domain at parse.mailjet.com.',
  ],
  create: ({ password }: ProviderContext<typeof settings>) => ({
    bounds: { growth: 2 },
    challenge: 'Basic realm="Action Mailbox"',
    authenticate: ({ headers }) => {
      checkBasicAuth(headers.authorization, password)
    },
    extract: (delivery) => [extractMail(objectOf(delivery.json(), 'the body'))],
  }),
})

function extractMail(payload: Json) {
  const headers = fieldsOfMap(optionalObject(payload['Headers'], 'Headers'))
  if (
    headers.length === 0 &&
    payload['From'] === undefined &&
    payload['Text-part'] === undefined &&
    payload['Html-part'] === undefined
  )
    throw shapeFault('no part of a mail was found')
  const recipient = optionalText(payload['Recipient'], 'Recipient')
  const raw = synthesise({
    headers,
    fallback: [
      ['From', optionalText(payload['From'], 'From')],
      ['Subject', optionalText(payload['Subject'], 'Subject')],
    ],
    text: optionalText(payload['Text-part'], 'Text-part'),
    html: optionalText(payload['Html-part'], 'Html-part'),
    attachments: filesOf(payload),
  })
  const peer = providerPeer('mailjet', {
    synthesised: true,
    spf: firstWord(headerOf(headers, 'received-spf')),
    spamScore: looseNumber(payload['SpamAssassinScore']),
  })
  return {
    ingress: 'mailjet',
    envelope: {
      reversePath: reversePathOf(optionalText(payload['Sender'], 'Sender')),
      recipients: recipientsOf([recipient], 'Recipient'),
    },
    raw,
    peer,
  }
}

// `Parts` has the MIME head of each file, `AttachmentN` and `InlineAttachmentN` their bytes.
function filesOf(payload: Json): PartFile[] {
  return optionalList(payload['Parts'], 'Parts').flatMap((value) => {
    const { ContentRef, Headers } = objectOf(value, 'Parts')
    const reference = typeof ContentRef === 'string' && /^(Inline)?Attachment\d+$/.test(ContentRef) ? ContentRef : null
    const content = reference === null ? null : optionalText(payload[reference], reference)
    if (reference === null || content === null) return []
    return [fileOf(reference, Buffer.from(content, 'base64'), fieldsOfMap(optionalObject(Headers, 'Parts')))]
  })
}

function fileOf(reference: string, bytes: Buffer, head: Fields): PartFile {
  const about = `${headerOf(head, 'content-disposition') ?? ''};${headerOf(head, 'content-type') ?? ''}`
  const filename =
    /\b(?:file)?name="([^"]*)"/i.exec(about)?.[1] ?? /\b(?:file)?name=([^\s;]+)/i.exec(about)?.[1] ?? null
  return {
    filename,
    contentType: headerOf(head, 'content-type'),
    contentId: headerOf(head, 'content-id'),
    inline: reference.startsWith('Inline'),
    bytes,
  }
}
