// The cookie of a session (RFC 6265bis): scripts cannot read it, forms of other sites do not send it, and under https
// it has the prefix that no subdomain can set. The browser keeps it as long as a session can last; the server decides
// when the session ends.

import type { IncomingMessage } from 'node:http'

import type express from 'express'

const longestSeconds = 90 * 86_400

/** The name of the cookie, by the address under which browsers reach us. */
export function cookieName(publicUrl: string): string {
  return isSecure(publicUrl) ? '__Host-rethread_session' : 'rethread_session'
}

/** The session's token as the browser sent it; null = there is none. Never throws. */
export function readCookie({ headers }: IncomingMessage, name: string): string | null {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (at !== -1 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim() || null
  }
  return null
}

/** Gives the browser its session. */
export function setCookie(response: express.Response, publicUrl: string, token: string): void {
  put(response, publicUrl, `${token}; Max-Age=${String(longestSeconds)}`)
}

/** Takes the session from the browser. */
export function clearCookie(response: express.Response, publicUrl: string): void {
  put(response, publicUrl, '; Max-Age=0')
}

function put(response: express.Response, publicUrl: string, value: string): void {
  const secure = isSecure(publicUrl) ? '; Secure' : ''
  response.append('set-cookie', `${cookieName(publicUrl)}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}`)
}

function isSecure(publicUrl: string): boolean {
  return publicUrl.startsWith('https:')
}
