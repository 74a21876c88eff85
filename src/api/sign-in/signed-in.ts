// The answer to a sign-in: the person, in Chatwoot's shape, the cookie, and for programs the headers that Chatwoot's
// clients send back. A browser gets only the cookie, so that no script can read a credential.

import type express from 'express'
import { z } from 'zod'

import type { UserRow } from '../../conversations/people/access-tokens.ts'
import type { Device, NewSession } from '../../conversations/sign-in/sessions.ts'
import type { Ledger } from '../../ledger.ts'
import type { Caller, Gate } from '../access/auth.ts'
import { cookieName, readCookie, setCookie } from '../access/cookie.ts'
import { found } from '../input/fault.ts'
import { type Limits, strangerOf } from '../input/limits.ts'
import { presentProfile, profileShape } from '../present/profile.ts'
import type { Send } from '../request/route.ts'

export interface SignInDeps {
  readonly ledger: Pick<Ledger, 'sessions' | 'loginLinks' | 'pendingSignIns' | 'passwords' | 'secondFactors' | 'users'>
  readonly gate: Gate
  readonly limits: Limits
  readonly publicUrl: string
}

export const signedInShape = z.object({ data: profileShape })

/** Starts a session; the browser's former session ends. */
export function deviceOf(http: express.Request, { limits, publicUrl }: SignInDeps): Device {
  return {
    ip: strangerOf(http, limits),
    userAgent: http.headers['user-agent'] ?? '',
    replaces: readCookie(http, cookieName(publicUrl)),
  }
}

/** Answers a new session. */
export async function signedIn(
  { ledger, publicUrl }: SignInDeps,
  http: express.Request,
  session: NewSession,
): Promise<Send> {
  const live = found(await ledger.sessions.findSession(session.token, ''))
  const token = isBrowser(http) ? null : session.token
  const data = await present(ledger, live.user, token ?? '')
  return (response) => {
    setCookie(response, publicUrl, session.token)
    if (token !== null) response.set(deviseHeaders(token, live))
    response.set('cache-control', 'no-store').json({ data })
  }
}

async function present(ledger: Pick<Ledger, 'users'>, user: UserRow, token: string) {
  return presentProfile(user, token, await ledger.users.listMemberships(user.id))
}

/** The caller, as /auth/validate_token answers. */
export async function answerPerson({ ledger }: SignInDeps, caller: Caller): Promise<Send> {
  const { session, user, token } = caller
  const isShown = session?.by !== 'cookie'
  const data = await present(ledger, user, isShown ? token : '')
  return (response) => {
    if (session !== null && isShown) response.set(deviseHeaders(token, { ...session, user }))
    response.json({ payload: { success: true, data } })
  }
}

// The tokens that Chatwoot's clients store and send with each request.
function deviseHeaders(
  token: string,
  { client, expiresAt, user }: { readonly client: string; readonly expiresAt: Date } & Pick<Caller, 'user'>,
): Record<string, string> {
  return {
    'access-token': token,
    'token-type': 'Bearer',
    client,
    expiry: String(Math.floor(expiresAt.getTime() / 1_000)),
    uid: user.email,
  }
}

// Every browser sends Sec-Fetch fields; a program does not. Over plain http, browsers send Origin with a POST.
function isBrowser({ headers }: express.Request): boolean {
  return headers['sec-fetch-site'] !== undefined || headers.origin !== undefined
}
