// One request to the API of a provider that sends mail: bounded in time and size, at the provider's fixed address or
// the one of `api`, without redirects. What its failure says about the mail is decided here for all of them.

import { MailError } from '../../errors.ts'
import type { GuardedPost } from '../../http-client/guarded-post.ts'
import { oneLine } from '../../mail/compose.ts'
import { TransportError } from '../transport.ts'

export interface ApiRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
  /** True for a 4xx about our account or settings: the mail waits until it is corrected. */
  readonly isAccountFault?: (status: number, answer: Json) => boolean
  readonly timeoutMs?: number
}

export type Json = Readonly<Record<string, unknown>>

export interface ApiAnswer {
  readonly answer: Json
  readonly header: (name: string) => string | null
}

const timeoutMs = 30_000
const maxAnswer = 16_000

/** The answer of a 2xx. Throws `TransportError`: final for a 4xx about the mail itself, else of a retrying kind. */
export async function requestApi(post: GuardedPost, request: ApiRequest): Promise<ApiAnswer> {
  const { hostname } = new URL(request.url)
  const { status, excerpt, headers, retryAfter: retryAfterSeconds } = await reach(post, request)
  const answer = readJson(excerpt)
  if (status >= 200 && status < 300)
    return {
      answer,
      header: (name) => {
        const value = headers[name]
        return typeof value === 'string' ? value : null
      },
    }
  const message = `${hostname} answered ${String(status)}: ${wordsOf(answer, excerpt)}`
  if ([401, 403].includes(status)) throw new TransportError('unavailable', message, { reach: 'unreached' })
  // A gateway's 5xx may hide that the mail was taken.
  if (status >= 500 || status < 400)
    throw new TransportError('unavailable', message, { reach: 'unknown', retryAfterSeconds })
  const isAccountFault =
    [402, 404, 405, 408, 409, 425, 429].includes(status) || request.isAccountFault?.(status, answer) === true
  throw new TransportError(isAccountFault ? 'unavailable' : 'forbidden', message, {
    reach: 'answered',
    retryAfterSeconds,
  })
}

async function reach(post: GuardedPost, request: ApiRequest) {
  const seen = { isConnected: false }
  try {
    return await post(request.url, {
      body: request.body,
      headers: { accept: 'application/json', ...request.headers },
      timeoutMs: request.timeoutMs ?? timeoutMs,
      maxExcerpt: maxAnswer,
      onConnected: () => {
        seen.isConnected = true
      },
    })
  } catch (error) {
    const message = error instanceof MailError ? error.message : String(error)
    throw new TransportError('unavailable', message, {
      reach: seen.isConnected ? 'unknown' : 'unreached',
      cause: error,
    })
  }
}

function readJson(text: string): Json {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
  } catch {
    return {}
  }
}

// Mailgun, SES and Resend: message; Postmark: Message; SendGrid: a list of errors.
function wordsOf(answer: Json, excerpt: string): string {
  const { errors } = answer
  const listed: unknown = Array.isArray(errors) ? (errors[0] as Json | null)?.['message'] : undefined
  const said = [answer['message'], answer['Message'], listed].find((one) => typeof one === 'string')
  return oneLine(typeof said === 'string' ? said : excerpt).slice(0, 400)
}

/** A text of the answer; null if it has none. Never throws. */
export function textAt(answer: Json, name: string): string | null {
  const value = answer[name]
  return typeof value === 'string' && value !== '' ? oneLine(value).slice(0, 300) : null
}
