// Fetches a message that Mailgun stored (store(notify)): Mailgun keeps it for three days and returns it as `body-mime`
// for message/rfc2822. mailgun.js builds the request and reads the answer; the transport is our own guarded fetch,
// because the bundled one follows redirects and reads without a limit (docs/adr/0011). The answer is JSON: bytes that
// are not UTF-8 do not survive Mailgun's storage.

import { MailError } from '../../errors.ts'
import type { GuardedFetch } from '../../http-client/guarded-fetch.ts'
import { objectOf, optionalText, parseJson, shapeFault, textOf } from '../reading/json.ts'
import type { FetchedMail } from './fetched-mail.ts'

export interface MailgunStorage {
  readonly apiKey: string | undefined
  readonly hosts: readonly string[]
  readonly fetch: GuardedFetch
  /** Of the mail; its JSON may be larger. */
  readonly maxBytes: number
}

// seen: the client has it, its type does not say so.
interface StoredMessages {
  readonly retrieveStoredEmail: (domain: string, key: string) => Promise<unknown>
}

const timeoutMs = 60_000

/** The stored mail of a `message-url`. Throws `MailError`. */
export async function fetchStored(
  pointer: Readonly<Record<string, unknown>>,
  { apiKey, hosts, fetch, maxBytes }: MailgunStorage,
): Promise<FetchedMail> {
  if (apiKey === undefined)
    throw new MailError('misconfigured', 'MAILGUN_INGRESS_API_KEY is not set, so a stored message cannot be fetched')
  const url = textOf(pointer['url'], 'message-url')
  const [, origin = '', domain = '', key = ''] =
    /^(https?:\/\/[^/?#]+)\/v3\/domains\/([^/?#]+)\/messages\/([^/?#]+)$/.exec(url) ?? []
  if (key === '') throw new MailError('forbidden', 'not fetched: message-url is not the address of a stored message')
  const headers = {
    accept: 'message/rfc2822',
    authorization: `Basic ${Buffer.from(`api:${apiKey}`).toString('base64')}`,
  }
  const transport = {
    get: async (path: string) => ({
      status: 200,
      body: objectOf(
        parseJson(
          await fetch(`${origin}${path}`, { maxBytes: 3 * maxBytes, timeoutMs, hosts, headers }),
          'the stored message',
        ),
        'the stored message',
      ),
    }),
  }
  const { default: Mailgun } = await import('mailgun.js')
  const { messages } = new Mailgun(FormData).client({ username: 'api', key: apiKey, url: origin })
  const stored = await (
    Object.assign(messages, { request: transport }) as unknown as StoredMessages
  ).retrieveStoredEmail(domain, key)
  const mime = optionalText(objectOf(stored, 'the stored message')['body-mime'], 'body-mime')
  if (mime === null) throw shapeFault('the stored message has no body-mime')
  const raw = Buffer.from(mime)
  if (raw.length > maxBytes) throw new MailError('too-large', `a mail of ${String(raw.length)} bytes`)
  return { raw, synthesised: false }
}
