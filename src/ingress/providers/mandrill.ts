// Mandrill (Mailchimp Transactional) inbound routes: up to 1,000 events in one form field; other events than `inbound`
// are ignored. Signed by HMAC-SHA1 over the form and the URL as Mandrill has it: PUBLIC_URL and the path, or
// MANDRILL_INGRESS_URL. Answered unsigned: GET, HEAD, a test without mails, and one signed with `test-webhook`. 200 the
// whole batch is stored, or was already; an event that cannot be read is kept for a person | 401 key or URL | 413
// larger than allowed | 503 try again later, or no key is set: Mandrill sends the whole batch again.

import type { Request } from 'express'

import { MailError } from '../../errors.ts'
import { linkTo } from '../../links.ts'
import type { Delivery } from '../delivery.ts'
import type { ProviderContext } from '../provider.ts'
import { defineProvider } from '../provider.ts'
import { listOf, parseJson, shapeFault } from '../reading/json.ts'
import { isLargeSigned, neededKeys } from '../signatures/hmac.ts'
import { mailsOfEvents } from './mandrill-event.ts'

const settings = {
  MANDRILL_INGRESS_API_KEY: {
    kind: 'list',
    meaning:
      'Webhook key of Mandrill, not its API key (the name is from Rails); two, separated by a comma, during a change',
  },
  MANDRILL_INGRESS_URL: {
    kind: 'list',
    meaning: 'The exact URL in Mandrill, with its credentials. Default: PUBLIC_URL and the path of the request',
  },
  MANDRILL_API_KEY: { kind: 'text', meaning: 'API key of Mandrill, for `rethread setup mandrill` only' },
} as const

// A thousand events, each with the header fields of a mail.
const batchJson = { maxDepth: 16, maxValues: 500_000 }

export const provider = defineProvider({
  service: 'mandrill',
  title: 'Mandrill (Mailchimp Transactional)',
  settings,
  required: ['MANDRILL_INGRESS_API_KEY'],
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
    disowns: false,
    by:
      '`dkim.valid` of the event, where the mail has exactly one DKIM-Signature, of an aligned domain; ' +
      'DMARC is not reported, so forgeries are not recognised',
  },
  steps: (url) => [
    `Under Inbound → Domains, add your domain, and to it a route: * to ${url}.`,
    'Put the key of the new webhook (the API’s inbound/routes and webhooks/list show it) into ' +
      'MANDRILL_INGRESS_API_KEY.',
    'Or run `rethread setup mandrill` in place of the first.',
  ],
  create: (parts) => ({
    bounds: { growth: 2, json: batchJson },
    isProbed: true,
    authenticate: () => undefined,
    verify: (delivery) => checkSignature(delivery, parts),
    extract: async (delivery) => ((await isExample(delivery, parts)) ? [] : mailsOfEvents(await readEvents(delivery))),
  }),
})

type Context = ProviderContext<typeof settings>

async function readEvents({ form }: Delivery): Promise<readonly unknown[]> {
  const text = (await form()).text('mandrill_events')
  if (text === null) throw shapeFault('mandrill_events is missing')
  return listOf(parseJson(text, 'mandrill_events', batchJson), 'mandrill_events')
}

async function checkSignature(delivery: Delivery, parts: Context): Promise<void> {
  if (await isExample(delivery, parts)) return
  const keys = neededKeys(parts.settings.MANDRILL_INGRESS_API_KEY, 'MANDRILL_INGRESS_API_KEY')
  const { request } = delivery
  if (request.headers['x-mandrill-signature'] === undefined)
    throw new MailError('unauthenticated', 'X-Mandrill-Signature is missing')
  if (await isSignedWith(keys, delivery, parts)) return
  const urls = urlsOf(request, parts).map(withoutCredentials)
  throw new MailError(
    'unauthenticated',
    `key or URL: no key of MANDRILL_INGRESS_API_KEY gives this signature for ${urls.join(' or ')}; the ` +
      `request came to ${request.protocol}://${request.headers.host ?? ''}${request.originalUrl}. Set ` +
      'PUBLIC_URL or MANDRILL_INGRESS_URL to what stands in Mandrill',
  )
}

// Nothing in it, or examples: it may come before there is a key, and nothing of it is kept.
async function isExample(delivery: Delivery, parts: Context): Promise<boolean> {
  if (await isEmpty(delivery)) return true
  return delivery.body.length <= maxExampleBytes && isSignedWith(['test-webhook'], delivery, parts)
}

// The key of the examples is public.
const maxExampleBytes = 1024 * 1024

// Not authenticated yet: only an empty list is read as JSON.
async function isEmpty({ form }: Delivery): Promise<boolean> {
  const text = await form().then(
    ({ last }) => last('mandrill_events'),
    () => null,
  )
  return text !== null && text.length < 20 && /^\s*\[\s*\]\s*$/.test(text.toString('latin1'))
}

async function isSignedWith(keys: readonly string[], { request, form }: Delivery, parts: Context): Promise<boolean> {
  const signature = request.headers['x-mandrill-signature']
  if (typeof signature !== 'string') return false
  const fields = (await form()).parts
    .map(({ name, bytes }) => ({ name: Buffer.from(name), bytes }))
    .sort((one, other) => Buffer.compare(one.name, other.name))
  const signedFields = fields.flatMap(({ name, bytes }) => [name, bytes])
  const results: boolean[] = []
  for (const url of urlsOf(request, parts))
    results.push(
      await isLargeSigned(signature, { algorithm: 'sha1', keys, message: [url, ...signedFields], encoding: 'base64' }),
    )
  return results.includes(true)
}

function urlsOf(
  request: Request,
  { settings: { MANDRILL_INGRESS_URL: given }, publicUrl }: Context,
): readonly string[] {
  return given.length > 0 ? given : [linkTo(publicUrl, request.originalUrl)]
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//***@')
}
