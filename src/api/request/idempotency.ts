// `Idempotency-Key` on a POST: the request is done once in 24 hours for each token; a retry gets the first answer
// again, 409 while the first is running, 422 where it asks for something else. Answers are kept encrypted under the
// token, which is not stored.

import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'

import type express from 'express'

import type { IdempotencyKeys, KeyedRequest } from '../../conversations/retries/idempotency-keys.ts'
import type { RetryGuard } from '../../conversations/retries/retry-guards.ts'
import { ApiFault, unprocessable } from '../input/fault.ts'
import type { Input } from './body.ts'
import { isReading, isSigningIn } from './leaving.ts'

type Send = (response: express.Response) => void
type Answer = object | null | undefined | Send

interface Asked {
  readonly http: express.Request
  readonly input: Input
  /** False where the route reads the body later. */
  readonly bodyIsFields: boolean
  /** The caller that the route identified. */
  readonly who: object
}

interface StoredAnswer {
  readonly status: number
  readonly location?: string
  /** Absent: an empty body. */
  readonly body?: object | null
}

interface Keyed extends KeyedRequest {
  /** Never stored: the client's token, or the visitor's key. */
  readonly secret: string
}

/**
 * Runs `action` once for each Idempotency-Key. Throws 409, 422, or what `action` throws; then the key is free again.
 */
export async function once(
  keys: IdempotencyKeys,
  asked: Asked,
  action: (guard: RetryGuard | null) => Promise<Answer>,
): Promise<Answer> {
  const header = asked.http.headers['idempotency-key']
  // Requests that only read may be repeated, so their answers, often long lists, are not stored. Neither are answers
  // that sign a user in.
  if (asked.http.method !== 'POST' || header === undefined || isReading(asked.http.path)) return action(null)
  if (isSigningIn(asked.http.path)) return action(null)
  const request = keyedOf(asked, String(header))
  const claim = await keys.claim(request)
  if (claim.state === 'running')
    throw new ApiFault(
      'conflict',
      { error: 'The first request with this Idempotency-Key is still running. Try again in a moment.' },
      { 'retry-after': '1' },
    )
  if (claim.state === 'other-request')
    throw unprocessable('This Idempotency-Key was used for another request. Use a new key for a new request.')
  if (claim.state === 'answered') return replay(open(request, claim.answer))
  const answer = await actionOrFree(keys, request, action)
  if (typeof answer === 'function') return keepingWhatIsSent(keys, request, answer as Send)
  await keep(keys, request, { status: 200, ...(answer === undefined ? {} : { body: answer }) })
  return answer
}

async function actionOrFree(
  keys: IdempotencyKeys,
  request: Keyed,
  action: (guard: RetryGuard) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await action(request)
  } catch (error) {
    await keys.free(request)
    throw error
  }
}

// The work is done and the client receives its answer. If the answer cannot be stored, retries find the key in use
// until its lease ends.
async function keep(keys: IdempotencyKeys, request: Keyed, answer: StoredAnswer): Promise<void> {
  const sealed = seal(request, answer)
  await keys.keep(request, sealed).catch(() => keys.keep(request, sealed).catch(() => undefined))
}

// RFC 9110 visible characters, as UUIDs and hashes have them.
const keyPattern = /^[\x21-\x7e]{1,255}$/

function keyedOf(asked: Asked, key: string): Keyed {
  if (!keyPattern.test(key)) throw unprocessable('Idempotency-Key must be 1 to 255 visible ASCII characters')
  const secret = secretOf(asked.http, asked.who)
  // Strangers share an inbox: a key that could be guessed would show one of them the answer of another.
  if (secret.startsWith('stranger:') && key.length < 32)
    throw unprocessable('Idempotency-Key must have at least 32 random characters here')
  return { owner: digest(`idempotency-key:${secret}`), key, fingerprint: fingerprintOf(asked), secret }
}

interface Who {
  readonly caller?: { readonly token: string }
  readonly member?: { readonly token: string }
  readonly visitor?: object
}

function secretOf(http: express.Request, { caller, member, visitor }: Who): string {
  const token = (caller ?? member)?.token
  if (token !== undefined) return `token:${token}`
  const names = JSON.stringify([http.params['inboxIdentifier'], http.params['sourceId']])
  return `${visitor === undefined ? 'stranger' : 'visitor'}:${names}`
}

/** SHA-256 of method, path, fields and files. A body that the route reads later counts by its type and length. */
function fingerprintOf({ http, input: { fields, files }, bodyIsFields }: Asked): Buffer {
  const unread = bodyIsFields ? null : [http.headers['content-type']?.split(';')[0], http.headers['content-length']]
  const path = http.path.replace(/\/+$/, '')
  return digest(JSON.stringify([http.method, path, contentsOf(fields, files), unread]))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]))
}

function replay({ status, location, body }: StoredAnswer): Send {
  return (response) => {
    response.status(status).set('idempotent-replayed', 'true')
    if (location !== undefined) response.location(location)
    if (body === undefined) response.end()
    else response.json(body)
  }
}

// An answer that is not JSON has no body, but perhaps a location; it is recorded once it is sent, even if the client
// left before.
function keepingWhatIsSent(keys: IdempotencyKeys, request: Keyed, send: Send): Send {
  return (response) => {
    send(response)
    const location = response.getHeader('location')
    void keep(keys, request, {
      status: response.statusCode,
      ...(typeof location === 'string' ? { location } : {}),
    })
  }
}

function seal(request: Keyed, answer: StoredAnswer): Buffer {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', cipherKeyOf(request), iv)
  const sealed = Buffer.concat([cipher.update(JSON.stringify(answer), 'utf8'), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), sealed])
}

function open(request: Keyed, sealed: Buffer): StoredAnswer {
  const decipher = createDecipheriv('aes-256-gcm', cipherKeyOf(request), sealed.subarray(0, 12))
  decipher.setAuthTag(sealed.subarray(12, 28))
  const text = Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString('utf8')
  return JSON.parse(text) as StoredAnswer
}

function cipherKeyOf({ secret, key }: Keyed): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, key, 'idempotency-key answer', 32))
}

interface Echoed extends Pick<Input, 'fields' | 'files'> {
  readonly guard: RetryGuard | null
}

/**
 * Keys that identify a retry of this message: its Idempotency-Key, and its echo id if author and contents are the same.
 */
export function messageGuards(
  { guard, fields, files }: Echoed,
  echo: { readonly id: string | undefined; readonly writer: string; readonly conversationId: number },
): RetryGuard[] {
  if (echo.id === undefined) return guard === null ? [] : [guard]
  const owner = digest(JSON.stringify(['echo-id', echo.writer, echo.conversationId]))
  const key = digest(JSON.stringify([echo.id, contentsOf(fields, files)])).toString('hex')
  return [...(guard === null ? [] : [guard]), { owner, key }]
}

function contentsOf(fields: Input['fields'], files: Input['files']): unknown[] {
  const parts = files.map(({ field, filename, contentType, bytes }) => [
    field,
    filename,
    contentType,
    digest(bytes).toString('hex'),
  ])
  return [sorted(fields), parts]
}

function digest(value: string | Buffer): Buffer {
  return createHash('sha256').update(value).digest()
}
