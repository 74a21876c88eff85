// Mailgun Routes. With a path that ends in `/mime`, `forward()` sends the raw message byte for byte (recommended).
// Otherwise Mailgun sends parts, of which the raw message is built. `store(notify=…)` only announces the mail, which is
// fetched with MAILGUN_INGRESS_API_KEY, pending meanwhile. Signed by HMAC-SHA256 over timestamp and token, not over the
// mail: each token is valid for one mail, and consumed in the commit that stores it. 200 accepted, or already accepted
// (a repeated token is a retry) | 406 malformed, or larger than MAX_MESSAGE_BYTES: Mailgun stops | 401 signature or
// clock: Mailgun tries for 8 hours | 503 try later, or the key is not configured: Mailgun tries for 8 hours.

import { MailError } from '../../errors.ts'
import type { Submission } from '../../mail/envelope.ts'
import { readFieldValue } from '../../mail/header/split-head.ts'
import type { HeaderField } from '../../mail/parsed-mail.ts'
import { readMailgunEvents } from '../events/mailgun-events.ts'
import { fetchStored } from '../fetching/mailgun-storage.ts'
import type { ProviderContext } from '../provider.ts'
import { defineProvider } from '../provider.ts'
import { recipientsOf, reversePathOf } from '../reading/addresses.ts'
import type { Form } from '../reading/form.ts'
import { firstWord } from '../reading/head.ts'
import { type Json, objectOf, optionalObject, optionalText, shapeFault } from '../reading/json.ts'
import { headersOf, headersOfFields, providerPeer, readResultsField, verdictsOf } from '../reading/peer.ts'
import { checkFreshness, isSigned, neededKeys } from '../signatures/hmac.ts'
import { isParsed, messageHeaders, synthesiseParsed } from './mailgun-parsed.ts'

const settings = {
  MAILGUN_INGRESS_SIGNING_KEY: {
    kind: 'list',
    meaning: 'HTTP webhook signing key of Mailgun; two, separated by a comma, during a change',
  },
  MAILGUN_INGRESS_WINDOW_SECONDS: {
    kind: 'seconds',
    default: '32400',
    meaning: 'Maximum age of a signature of Mailgun, in seconds. Mailgun repeats the same one for 8 hours',
  },
  MAILGUN_INGRESS_API_KEY: {
    kind: 'text',
    meaning: 'API key of Mailgun, to fetch mail of store(notify) and for `rethread setup mailgun`',
  },
  MAILGUN_INGRESS_API_HOSTS: {
    kind: 'list',
    default: '.mailgun.net',
    meaning: 'Hosts from which stored messages of Mailgun are fetched',
  },
} as const

export const provider = defineProvider({
  service: 'mailgun',
  title: 'Mailgun',
  settings,
  required: ['MAILGUN_INGRESS_SIGNING_KEY'],
  basic: false,
  endings: ['/mime'],
  answers: {
    accepted: 200,
    duplicate: 200,
    'reject-permanent': 406,
    unread: 406,
    'retry-later': 503,
    unauthenticated: 401,
    forged: 401,
    misconfigured: 503,
  },
  vouching: {
    verifies: true,
    disowns: true,
    by: 'the topmost Authentication-Results of mxa or mxb (.eu) .mailgun.org: DMARC, and DKIM of an aligned domain',
  },
  steps: (url) => [
    `Under Send → Receiving, create a route: match_recipient(".*@YOUR.DOMAIN"), action forward("${url}/mime").`,
    'Put the HTTP webhook signing key (Account settings → API security) into MAILGUN_INGRESS_SIGNING_KEY.',
    'Or run `rethread setup mailgun` in place of the first.',
  ],
  create: (parts) => ({
    bounds: { growth: 1.5 },
    authenticate: () => {
      neededKeys(parts.settings.MAILGUN_INGRESS_SIGNING_KEY, 'MAILGUN_INGRESS_SIGNING_KEY')
    },
    verify: async ({ form }) => {
      checkSignature(await form(), parts)
    },
    extract: async ({ form }) => [extractMail(await form(), parts)],
    events: {
      verify: ({ json }) => {
        checkEventSignature(objectOf(json(), 'the body'), parts)
      },
      read: ({ json }) => readMailgunEvents(json()),
    },
    fetchMail: async (pointer) => {
      const fetched = await fetchStored(pointer, {
        apiKey: parts.settings.MAILGUN_INGRESS_API_KEY,
        hosts: parts.settings.MAILGUN_INGRESS_API_HOSTS,
        fetch: parts.fetch,
        maxBytes: parts.maxBytes,
      })
      const verdicts = verdictsOf('mailgun', findingsOf(headersOf(fetched.raw)))
      return verdicts === null ? fetched : { ...fetched, verdicts }
    },
  }),
})

type Context = ProviderContext<typeof settings>

function checkSignature(form: Form, parts: Context): void {
  checkSigned([form.text('timestamp'), form.text('token'), form.text('signature')], parts)
}

function checkEventSignature(body: Json, parts: Context): void {
  const signed = optionalObject(body['signature'], 'signature')
  const text = (name: string): string | null => optionalText(signed[name], name)
  checkSigned([text('timestamp'), text('token'), text('signature')], parts)
}

function checkSigned(
  [timestamp, token, signature]: readonly [string | null, string | null, string | null],
  { settings: { MAILGUN_INGRESS_SIGNING_KEY: keys, MAILGUN_INGRESS_WINDOW_SECONDS: windowSeconds }, now }: Context,
): void {
  if (timestamp === null || token === null || signature === null)
    throw new MailError('unauthenticated', 'timestamp, token or signature is missing')
  if (!isSigned(signature, { algorithm: 'sha256', keys, message: [timestamp, token], encoding: 'hex' }))
    throw new MailError('unauthenticated', 'key: the signature fits no key of MAILGUN_INGRESS_SIGNING_KEY')
  checkFreshness(timestamp, { nowMs: now(), windowSeconds, name: 'MAILGUN_INGRESS_WINDOW_SECONDS' })
}

function extractMail(form: Form, parts: Context) {
  const raw = form.last('body-mime')
  if (raw !== null && raw.length > 0) return { ...envelopeOf(form, parts), raw, peer: peerOf(headersOf(raw), false) }
  const stored = form.text('message-url')
  if (stored !== null && stored !== '') return noticeOf(form, parts, stored)
  if (!isParsed(form)) throw shapeFault('there is neither body-mime nor body-plain nor message-url')
  return {
    ...envelopeOf(form, parts),
    raw: synthesiseParsed(form),
    peer: peerOf(headersOfFields(messageHeaders(form)), true),
  }
}

function noticeOf(form: Form, parts: Context, url: string) {
  if (parts.settings.MAILGUN_INGRESS_API_KEY === undefined)
    throw new MailError('misconfigured', 'store(notify) needs MAILGUN_INGRESS_API_KEY, which is not set', {
      publicMessage: 'This ingress has no API key yet, try again later',
    })
  return {
    ...envelopeOf(form, parts),
    peer: peerOf(headersOfFields(messageHeaders(form)), false),
    key: url,
    pointer: { url },
  }
}

// A field of the mail called `recipient` would come beside Mailgun's own: no recipient is lost, whichever it is.
function envelopeOf(
  form: Form,
  { settings: { MAILGUN_INGRESS_WINDOW_SECONDS: window } }: Context,
): Pick<Submission, 'ingress' | 'envelope' | 'once'> {
  const recipients = recipientsOf(
    form.all('recipient').map((value) => value.toString('utf8')),
    'recipient',
  )
  const [sender = null] = form.all('sender').map((value) => value.toString('utf8'))
  return {
    ingress: 'mailgun',
    envelope: { reversePath: reversePathOf(sender), recipients },
    once: { token: form.text('token') ?? '', keepSeconds: window + 86_400 },
  }
}

const server = { authservIds: ['mxa.mailgun.org', 'mxb.mailgun.org', 'mxa.eu.mailgun.org', 'mxb.eu.mailgun.org'] }

function peerOf(headers: readonly HeaderField[], synthesised: boolean) {
  return providerPeer('mailgun', { synthesised, ...findingsOf(headers) })
}

// Mailgun's hosts write what they found into Authentication-Results. The X-Mailgun-* fields come with its spam filter
// alone, and name no domain: they are shown to users where the results say nothing, and never verify a sender.
function findingsOf(headers: readonly HeaderField[]) {
  const field = (name: string): string | null => readFieldValue(headers, name)
  const score = Number(field('x-mailgun-sscore') ?? 'none')
  const found = readResultsField(headers, server)
  return {
    ...found,
    spf: found.spf ?? firstWord(field('x-mailgun-spf')),
    dkim: found.dkim ?? firstWord(field('x-mailgun-dkim-check-result')),
    spam: firstWord(field('x-mailgun-sflag')),
    spamScore: Number.isFinite(score) ? score : null,
  }
}
