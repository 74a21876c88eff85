// CSRF protection: checks whether a request comes from a page of this installation. A browser sends the cookie with
// requests that other sites cause; those must change nothing. Browsers name the origin of a request in Sec-Fetch-Site
// (Fetch Metadata) and, also over plain http, in Origin (RFC 6454).

import type { IncomingMessage } from 'node:http'

import { ApiFault } from '../input/fault.ts'

const fromElsewhere = (): ApiFault =>
  new ApiFault('forbidden', {
    error:
      'This request comes from another site or does not say where it comes from. Send it from the ' +
      'application, or use an access token.',
  })

/**
 * Throws 403 unless the request only reads or certainly comes from a page of this installation. For requests
 * authenticated by a cookie.
 */
export function requireOwnPage(request: IncomingMessage, publicUrl: string): void {
  if (isSafe(request)) return
  if (findOrigin(request, publicUrl) !== 'ours') throw fromElsewhere()
}

/**
 * Throws 403 for a request from a page of another site; programs, which send neither field, pass. For requests that
 * sign in.
 */
export function refuseOtherSites(request: IncomingMessage, publicUrl: string): void {
  if (!isSafe(request) && findOrigin(request, publicUrl) === 'elsewhere') throw fromElsewhere()
}

function isSafe({ method = 'GET' }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD'
}

function findOrigin({ headers }: IncomingMessage, publicUrl: string): 'ours' | 'elsewhere' | 'unknown' {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' ? 'ours' : 'elsewhere'
  const { origin } = headers
  if (origin === undefined) return 'unknown'
  if (!URL.canParse(origin)) return 'elsewhere'
  const [{ host, protocol }, own] = [new URL(origin), new URL(publicUrl)]
  // Over plain http an attacker on the network can rewrite the page.
  if (host === own.host) return own.protocol === 'https:' && protocol !== 'https:' ? 'elsewhere' : 'ours'
  return host !== '' && host === headers.host ? 'ours' : 'elsewhere'
}
