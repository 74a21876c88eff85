// Fetches a remote picture of a mail for its reader: without cookies and referrer, from public addresses only
// (./address-policy.ts), with a few redirects, bounded in time and size. The content is recognised by its bytes as one
// of the plain picture types, which run nothing. Faults: forbidden (never allowed) | unsupported-media (not a picture)
// | too-large | unavailable.

import { get as getHttp, type IncomingMessage } from 'node:http'
import { get as getHttps } from 'node:https'

import { MailError } from '../errors.ts'
import { createReach, hostOf, type Reach, refusal } from './address-policy.ts'

export interface Picture {
  readonly contentType: string
  readonly bytes: Buffer
}
export type FetchPicture = (url: URL) => Promise<Picture>

const maxBytes = 10 * 1024 * 1024
const timeoutMs = 10_000
const maxRedirects = 3
const maxAtOnce = 32

/** A fetch for this installation; `allowed` is SAFE_URL_ALLOW. */
export function createFetchPicture(allowed: readonly string[]): FetchPicture {
  const reach = createReach(allowed)
  let running = 0
  return async (url) => {
    if (running >= maxAtOnce) throw new MailError('unavailable', 'too many pictures are being fetched')
    running++
    try {
      return await follow(url, reach)
    } finally {
      running--
    }
  }
}

async function follow(first: URL, reach: Reach): Promise<Picture> {
  const signal = AbortSignal.timeout(timeoutMs)
  let target = first
  for (let hop = 0; hop <= maxRedirects; hop++) {
    check(target, reach)
    const answer = await ask(target, reach, signal)
    const { statusCode = 0, headers } = answer
    if (statusCode === 200) return readPicture(await readWhole(answer, target.hostname), target.hostname)
    answer.destroy()
    const onward = statusCode >= 300 && statusCode < 400 ? headers.location : undefined
    if (onward === undefined || !URL.canParse(onward, target.href))
      throw new MailError('unavailable', `${target.hostname} answered ${String(statusCode)}`)
    target = new URL(onward, target.href)
  }
  throw new MailError('unavailable', `${first.hostname} redirects without end`)
}

function check(target: URL, reach: Reach): void {
  const host = hostOf(target)
  if (target.protocol !== 'https:' && target.protocol !== 'http:') throw refusal('an address that is not on the web')
  if (target.username !== '' || target.password !== '') throw refusal(`${host} with a password of its own`)
  if (target.port !== '' && !reach.isOwn(host)) throw refusal(`${host} with a port of its own`)
  reach.check(host)
}

function ask(target: URL, reach: Reach, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const get = target.protocol === 'https:' ? getHttps : getHttp
    const headers = { 'user-agent': 'rethread', accept: 'image/*', 'accept-encoding': 'identity' }
    get(target, { lookup: reach.lookup(hostOf(target)), signal, agent: false, headers }, resolve).on(
      'error',
      (error) => {
        reject(asFault(error, target.hostname))
      },
    )
  })
}

async function readWhole(answer: IncomingMessage, host: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBytes) throw new MailError('too-large', `${host} sent more than ${String(maxBytes)} bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    answer.destroy()
    throw asFault(error, host)
  }
  return Buffer.concat(chunks)
}

function asFault(error: unknown, host: string): MailError {
  if (error instanceof MailError) return error
  return new MailError('unavailable', `${host}: ${error instanceof Error ? error.message : 'no answer'}`, {
    cause: error,
  })
}

// By their first bytes: a server's content type proves nothing.
const kinds: readonly (readonly [type: string, begins: RegExp])[] = [
  ['image/png', /^\x89PNG\r\n\x1a\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[^]{4}WEBP/],
  ['image/avif', /^[^]{4}ftypavi[fs]/],
  ['image/bmp', /^BM[^]{4}\0\0\0\0/],
]

function readPicture(bytes: Buffer, host: string): Picture {
  const head = bytes.subarray(0, 16).toString('latin1')
  const kind = kinds.find(([, begins]) => begins.test(head))
  if (kind === undefined) throw new MailError('unsupported-media', `the answer of ${host} is not a picture`)
  return { contentType: kind[0], bytes }
}
