// Resend: the webhook `email.received` only announces a mail, which is fetched with RESEND_INGRESS_API_KEY, pending
// meanwhile: first its record at Resend, then its raw bytes. Other events are ignored. Signed as Svix does, anew at
// each try. 200 announcement stored, already accepted, or kept for a person because it was unreadable | 401 secret or
// clock: retried for a day | 413 larger than allowed | 503 try later, or the key is not configured: retried for a day.

import { MailError } from '../../errors.ts'
import { synthesise } from '../../mail/synthesise.ts'
import { readResendEvents } from '../events/resend-events.ts'
import type { FetchedMail } from '../fetching/fetched-mail.ts'
import type { Provider, ProviderContext } from '../provider.ts'
import { defineProvider } from '../provider.ts'
import { recipientsOf } from '../reading/addresses.ts'
import {
  type Json,
  objectOf,
  optionalList,
  optionalObject,
  optionalText,
  parseJson,
  shapeFault,
  textOf,
} from '../reading/json.ts'
import { headersOf, providerPeer, readResultsField, verdictsOf } from '../reading/peer.ts'
import { checkSvix } from '../signatures/svix.ts'

const settings = {
  RESEND_INGRESS_SIGNING_SECRET: {
    kind: 'list',
    meaning: 'Signing secret of the webhook of Resend (whsec_…); two, separated by a comma, during a change',
  },
  RESEND_INGRESS_WINDOW_SECONDS: {
    kind: 'seconds',
    default: '300',
    meaning: 'Maximum age of a signature of Resend, in seconds. Resend signs every attempt anew',
  },
  RESEND_INGRESS_API_KEY: { kind: 'text', meaning: 'API key of Resend, to fetch the mails' },
  RESEND_INGRESS_API_URL: { kind: 'url', default: 'https://api.resend.com', meaning: 'URL of Resend’s API' },
  RESEND_INGRESS_DOWNLOAD_HOSTS: {
    kind: 'list',
    default: '.resend.com, .amazonaws.com',
    meaning: 'Hosts from which raw mails of Resend are fetched',
  },
} as const

type Context = ProviderContext<typeof settings>

export const provider: Provider = defineProvider({
  service: 'resend',
  title: 'Resend',
  settings,
  required: ['RESEND_INGRESS_SIGNING_SECRET', 'RESEND_INGRESS_API_KEY'],
  basic: false,
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
    verifies: true,
    disowns: true,
    by:
      'the topmost Authentication-Results of amazonses.com in the raw mail, as Resend receives through ' +
      'Amazon SES: DMARC, and DKIM of an aligned domain; a mail without its raw message is not ' +
      'verified',
  },
  steps: (url) => [
    `Under Webhooks, add ${url} for the event email.received.`,
    'Put its signing secret into RESEND_INGRESS_SIGNING_SECRET and an API key that may read mail into ' +
      'RESEND_INGRESS_API_KEY.',
    'Under Domains, switch on receiving, and set the MX record that it shows.',
  ],
  create: (parts) => ({
    bounds: { growth: 1, maxBytes: 1024 * 1024, json: { maxDepth: 16, maxValues: 20_000 } },
    authenticate: () => undefined,
    verify: ({ body, request }) => {
      const { RESEND_INGRESS_SIGNING_SECRET: secrets, RESEND_INGRESS_WINDOW_SECONDS: windowSeconds } = parts.settings
      checkSvix(body, request.headers, {
        secrets,
        name: 'RESEND_INGRESS_SIGNING_SECRET',
        windowName: 'RESEND_INGRESS_WINDOW_SECONDS',
        windowSeconds,
        nowMs: parts.now(),
      })
    },
    events: { read: ({ json }) => readResendEvents(json()) },
    extract: (delivery) => extractNotices(objectOf(delivery.json(), 'the body'), parts),
    fetchMail: (pointer) => fetchMail(textOf(pointer['emailId'], 'email_id'), parts),
  }),
})

function extractNotices(event: Json, { settings: { RESEND_INGRESS_API_KEY: apiKey } }: Context) {
  if (textOf(event['type'], 'type') !== 'email.received') return []
  const data = objectOf(event['data'], 'data')
  const emailId = textOf(data['email_id'], 'email_id')
  if (!/^[\w-]{1,100}$/.test(emailId)) throw shapeFault('email_id is not an id')
  // `from` and `to` are what the mail says of itself: where there is no envelope, routing reads them in the mail.
  const envelope = {
    reversePath: null,
    recipients: recipientsOf(optionalList(data['received_for'], 'received_for'), 'received_for'),
  }
  if (apiKey === undefined)
    throw new MailError('misconfigured', 'RESEND_INGRESS_API_KEY is not set, so the mail could not be fetched', {
      publicMessage: 'This ingress has no API key yet, try again later',
    })
  return [{ ingress: 'resend', envelope, peer: providerPeer('resend', {}), key: emailId, pointer: { emailId } }]
}

// Resend's MX is inbound-smtp.<region>.amazonaws.com; SES writes its findings below its own Received line.
const server = { authservIds: ['amazonses.com'], receivedHosts: /^inbound-smtp\.[a-z0-9-]+\.amazonaws\.com$/ }
const timeoutMs = 60_000

async function fetchMail(emailId: string, { settings, fetch, maxBytes }: Context): Promise<FetchedMail> {
  const {
    RESEND_INGRESS_API_KEY: apiKey,
    RESEND_INGRESS_API_URL: apiUrl = '',
    RESEND_INGRESS_DOWNLOAD_HOSTS: hosts,
  } = settings
  if (apiKey === undefined) throw new MailError('misconfigured', 'RESEND_INGRESS_API_KEY is not set')
  const headers = { authorization: `Bearer ${apiKey}`, accept: 'application/json' }
  const answer = await fetch(`${apiUrl.replace(/\/$/, '')}/emails/receiving/${emailId}`, {
    hosts: [new URL(apiUrl).hostname],
    headers,
    maxBytes: 3 * maxBytes,
    timeoutMs,
  })
  const email = objectOf(parseJson(answer, 'the email'), 'the email')
  const download = optionalText(optionalObject(email['raw'], 'raw')['download_url'], 'download_url')
  if (download !== null) {
    const raw = await fetch(download, { hosts, maxBytes, timeoutMs })
    const verdicts = verdictsOf('resend', readResultsField(headersOf(raw), server))
    return { raw, synthesised: false, ...(verdicts === null ? {} : { verdicts }) }
  }
  if (optionalList(email['attachments'], 'attachments').length > 0)
    throw new MailError('unavailable', 'Resend has no raw mail yet, and its attachments would be lost')
  return { raw: synthesiseEmail(email), synthesised: true }
}

function synthesiseEmail(email: Json): Buffer {
  const headers = Object.entries(optionalObject(email['headers'], 'headers')).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  )
  return synthesise({
    headers,
    fallback: [
      ['From', optionalText(email['from'], 'from')],
      ['To', optionalList(email['to'], 'to').join(', ')],
      ['Subject', optionalText(email['subject'], 'subject')],
      ['Message-ID', optionalText(email['message_id'], 'message_id')],
    ],
    text: optionalText(email['text'], 'text'),
    html: optionalText(email['html'], 'html'),
    attachments: [],
  })
}
