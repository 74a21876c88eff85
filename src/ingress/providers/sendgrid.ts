// SendGrid Inbound Parse. Tick "POST the raw, full MIME message": then the raw message arrives byte for byte. Otherwise
// SendGrid sends parts, each in its own charset, of which the raw message is built. Basic authentication in the URL,
// or, once SENDGRID_INGRESS_PUBLIC_KEY is set, the signature of a security policy (ECDSA over timestamp and body), and
// nothing else. 200 accepted, already accepted, or kept for a person because it was unreadable (a 4xx would delete it
// silently) | 413 larger than MAX_MESSAGE_BYTES: dropped by SendGrid | 401 credentials: dropped by SendGrid | 503 try
// later, or the key is not configured: SendGrid tries for 72 hours.

import { checkBasicAuth } from '../basic-auth.ts'
import { readSendgridEvents } from '../events/sendgrid-events.ts'
import type { ProviderContext } from '../provider.ts'
import { defineProvider } from '../provider.ts'
import { recipientsOf, reversePathOf } from '../reading/addresses.ts'
import type { Form } from '../reading/form.ts'
import { looseNumber, looseWord, objectOf, optionalList, optionalText, parseJson, shapeFault } from '../reading/json.ts'
import { providerPeer } from '../reading/peer.ts'
import { checkEcdsa } from '../signatures/ecdsa.ts'
import { synthesiseFields } from './sendgrid-fields.ts'

const settings = {
  SENDGRID_INGRESS_PUBLIC_KEY: {
    kind: 'list',
    meaning:
      'Public key of the security policy of SendGrid, base64; two, separated by a comma, during a change. ' +
      'Default: Basic authentication',
  },
  SENDGRID_INGRESS_WINDOW_SECONDS: {
    kind: 'seconds',
    default: '0',
    meaning:
      'Maximum age of a SendGrid signature, in seconds; 0 = any. SendGrid retries for 72 hours and may not sign anew',
  },
  SENDGRID_INGRESS_API_KEY: { kind: 'text', meaning: 'API key of SendGrid, for `rethread setup sendgrid` only' },
} as const

export const provider = defineProvider({
  service: 'sendgrid',
  title: 'SendGrid Inbound Parse',
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
    verifies: true,
    disowns: false,
    by: 'the field `dkim`, which names each signing domain; DMARC is not reported, so forgeries are not recognised',
  },
  steps: (url) => [
    'Under Settings → Inbound Parse, add your host with the URL ' +
      `${url.replace('://', '://actionmailbox:PASSWORD@')}, PASSWORD being RAILS_INBOUND_EMAIL_PASSWORD.`,
    'Tick "POST the raw, full MIME message".',
    'Point the MX of the host at mx.sendgrid.net.',
    'Or run `rethread setup sendgrid` in place of the first two.',
  ],
  create: (parts) => ({
    bounds: { growth: 1.5 },
    challenge: 'Basic realm="Action Mailbox"',
    authenticate: ({ headers }) => {
      if (parts.settings.SENDGRID_INGRESS_PUBLIC_KEY.length === 0) checkBasicAuth(headers.authorization, parts.password)
    },
    verify: ({ body, request }) => checkPolicy(parts, body, request.headers),
    events: { read: ({ json }) => readSendgridEvents(json()) },
    extract: async ({ form }) => [await extractMail(await form())],
  }),
})

const header = 'x-twilio-email-event-webhook-'

async function checkPolicy(
  {
    settings: { SENDGRID_INGRESS_PUBLIC_KEY: keys, SENDGRID_INGRESS_WINDOW_SECONDS: windowSeconds },
    now,
  }: ProviderContext<typeof settings>,
  body: Buffer,
  headers: NodeJS.Dict<string | string[]>,
): Promise<void> {
  if (keys.length === 0) return
  const [signature, timestamp] = [headers[`${header}signature`], headers[`${header}timestamp`]]
  await checkEcdsa(
    { keys, signature, timestamp, body },
    { name: 'SENDGRID_INGRESS_PUBLIC_KEY', windowName: 'SENDGRID_INGRESS_WINDOW_SECONDS', windowSeconds, nowMs: now() },
  )
}

async function extractMail(form: Form) {
  const raw = form.last('email')
  const envelope = envelopeOf(form)
  const peer = peerOf(form, raw === null)
  if (raw !== null && raw.length > 0) return { ingress: 'sendgrid', envelope, raw, peer }
  return { ingress: 'sendgrid', envelope, raw: await synthesiseFields(form), peer }
}

function envelopeOf(form: Form) {
  const text = form.text('envelope')
  if (text === null) return { reversePath: null, recipients: [] }
  const { to, from } = objectOf(parseJson(text, 'envelope'), 'envelope')
  if (to === undefined) throw shapeFault('envelope has no to')
  return {
    reversePath: reversePathOf(optionalText(from, 'envelope.from')),
    recipients: recipientsOf(typeof to === 'string' ? [to] : optionalList(to, 'envelope.to'), 'envelope.to'),
  }
}

// seen: `dkim` is not JSON: `{@example.com : pass, @other.example : fail}`.
function peerOf(form: Form, synthesised: boolean) {
  const signers = [...(form.text('dkim') ?? '').slice(0, 10_000).matchAll(/@([^\s:,{}]+)\s*:\s*([a-z]+)/gi)].map(
    ([, domain = '', result = '']) => ({ domain: domain.toLowerCase(), result: result.toLowerCase() }),
  )
  const good = signers.filter(({ result }) => result === 'pass').map(({ domain }) => domain)
  return providerPeer('sendgrid', {
    synthesised,
    address: form.text('sender_ip'),
    spf: looseWord(form.text('SPF')),
    dkim: good.length > 0 ? 'pass' : (signers[0]?.result ?? null),
    dkimDomains: good,
    spamScore: looseNumber(form.text('spam_score')),
  })
}
