// All requests of an ingress to its provider go through here: over https, to the provider's known hosts, at public
// addresses (./reach), with limits of size and time, and without following redirects. SAFE_URL_ALLOW opens private
// hosts and networks, and http to them, for installations with a gateway of their own. Faults: forbidden (never
// allowed) | too-large | unavailable (anything that may pass).

import { get as getHttp, type IncomingMessage } from 'node:http'
import { get as getHttps } from 'node:https'
import type { LookupFunction } from 'node:net'

import { MailError } from '../errors.ts'
import { createReach, hostOf, refusal } from './address-policy.ts'

export interface FetchRule {
  /** Host names; `.example.com` covers every name below it. */
  readonly hosts: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  readonly maxBytes: number
  readonly timeoutMs: number
}

/** The body of a 200. Throws `MailError`. */
export type GuardedFetch = (url: string, rule: FetchRule) => Promise<Buffer>

/** A fetch for this installation; `allowed` is SAFE_URL_ALLOW. */
export function createGuardedFetch(allowed: readonly string[]): GuardedFetch {
  const reach = createReach(allowed)
  return async (url, rule) => {
    const target = URL.canParse(url) ? new URL(url) : null
    if (target === null) throw refusal('not a URL')
    const host = hostOf(target)
    checkTarget(target, rule, { host, isOwn: reach.isOwn(host) })
    reach.check(host)
    return request(target, rule, reach.lookup(host))
  }
}

function checkTarget(target: URL, rule: FetchRule, { host, isOwn }: { host: string; isOwn: boolean }): void {
  if (
    !rule.hosts.some((name) => (name.startsWith('.') ? host.endsWith(name.toLowerCase()) : host === name.toLowerCase()))
  )
    throw refusal(`${host} is not a host of this provider`)
  if (target.protocol !== 'https:' && !(target.protocol === 'http:' && isOwn))
    throw refusal(`${host} is not asked over https`)
  if ((target.port !== '' && !isOwn) || target.username !== '' || target.password !== '')
    throw refusal(`${host} with a port or a password of its own`)
}

function request(target: URL, rule: FetchRule, lookup: LookupFunction): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const get = target.protocol === 'https:' ? getHttps : getHttp
    const signal = AbortSignal.timeout(rule.timeoutMs)
    const options = {
      lookup,
      signal,
      agent: false,
      headers: { 'user-agent': 'rethread', 'accept-encoding': 'identity', ...rule.headers },
    } as const
    get(target, options, (response) => {
      readWhole(response, { host: target.hostname, maxBytes: rule.maxBytes }).then(resolve, reject)
    }).on('error', (error) => {
      reject(
        error instanceof MailError
          ? error
          : new MailError(
              'unavailable',
              `${target.hostname}: ${signal.aborted ? `no answer in ${String(rule.timeoutMs)} ms` : error.message}`,
              { cause: error },
            ),
      )
    })
  })
}

async function readWhole(
  response: IncomingMessage,
  { host, maxBytes }: { host: string; maxBytes: number },
): Promise<Buffer> {
  const { statusCode = 0 } = response
  if (statusCode !== 200) {
    response.destroy()
    throw new MailError(
      'unavailable',
      `${host} answered ` +
        `${String(statusCode)}${statusCode >= 300 && statusCode < 400 ? ', a redirect, which is not followed' : ''}`,
    )
  }
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBytes) throw new MailError('too-large', `${host} sent more than ${String(maxBytes)} bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    response.destroy()
    throw error instanceof MailError
      ? error
      : new MailError('unavailable', `${host}: the answer broke off`, { cause: error })
  }
  return Buffer.concat(chunks)
}
