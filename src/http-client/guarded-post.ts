// One POST to an address that a person has set (a webhook): http or https, any port, at public addresses only
// (./reach), without following redirects, with a time limit; only the beginning of the answer is read.

import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'

import { MailError } from '../errors.ts'
import { createReach, hostOf, type Reach, refusal } from './address-policy.ts'

export interface Posting {
  readonly body: string | Buffer
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** Characters of the answer that are kept; default 1,000. */
  readonly maxExcerpt?: number
  /** Called once the connection stands, before a byte of the request leaves. */
  readonly onConnected?: () => void
}

/** The response, whatever its status. */
export interface PostAnswer {
  readonly status: number
  /** Its beginning. */
  readonly excerpt: string
  readonly headers: IncomingHttpHeaders
  /** The delay of Retry-After in seconds; null = none. */
  readonly retryAfter: number | null
}

/** Throws `MailError`: `forbidden` for refused addresses, `unavailable` for no answer in time. */
export type GuardedPost = (url: string, posting: Posting) => Promise<PostAnswer>

const maxExcerpt = 1_000

/** A post for this installation; `allowed` is SAFE_URL_ALLOW. */
export function createGuardedPost(allowed: readonly string[]): GuardedPost {
  const reach = createReach(allowed)
  return async (url, posting) => {
    const target = URL.canParse(url) ? new URL(url) : null
    if (target === null || !['http:', 'https:'].includes(target.protocol)) throw refusal('not an http URL')
    reach.check(hostOf(target))
    return post(target, posting, reach)
  }
}

function post(target: URL, { body, headers, timeoutMs, ...posting }: Posting, reach: Reach): Promise<PostAnswer> {
  const request = target.protocol === 'https:' ? requestHttps : requestHttp
  const signal = AbortSignal.timeout(timeoutMs)
  const bytes = Buffer.from(body)
  const options = {
    method: 'POST',
    lookup: reach.lookup(hostOf(target)),
    signal,
    agent: false,
    headers: { 'user-agent': 'rethread', ...headers, 'content-length': String(bytes.length) },
  } as const
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(
        error instanceof MailError
          ? error
          : new MailError(
              'unavailable',
              `${target.hostname}: ${signal.aborted ? `no answer in ${String(timeoutMs)} ms` : error.message}`,
              { cause: error },
            ),
      )
    }
    const sending = request(target, options, (response) => {
      const { statusCode: status = 0, headers: answered } = response
      readExcerpt(response, posting.maxExcerpt ?? maxExcerpt).then((excerpt) => {
        resolve({ status, excerpt, headers: answered, retryAfter: secondsOf(answered['retry-after']) })
      }, fail)
    })
    sending.on('socket', (socket) => {
      socket.once(target.protocol === 'https:' ? 'secureConnect' : 'connect', () => posting.onConnected?.())
    })
    sending.on('error', fail)
    sending.end(bytes)
  })
}

// The status has arrived: a connection that breaks off later changes nothing.
async function readExcerpt(response: IncomingMessage, most: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      size += chunk.length
      if (size >= 4 * most) break
    }
  } catch {
    // See above.
  }
  response.destroy()
  return Buffer.concat(chunks).toString('utf8').slice(0, most)
}

function secondsOf(retryAfter: string | undefined): number | null {
  return /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : null
}
