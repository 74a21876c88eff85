// A browser as far as signing in goes: it keeps the cookie, and says where its requests come from.

import { createHmac, scryptSync } from 'node:crypto'

import type { Answer, TestApi } from './api.ts'

export const cookieName = '__Host-rethread_session'
/** What a browser sends with a request of our own page. */
export const ownPage = { 'sec-fetch-site': 'same-origin' } as const

/** The code of a new login link of the person whose token it is. */
export async function loginCode(api: TestApi, token: string): Promise<string> {
  const { body } = await api.ask('POST', '/api/v1/login_links', { token })
  return String(body.url).split('/login/')[1] ?? ''
}

/** The session's token, as the browser keeps it. */
export function cookieOf({ headers }: Answer): string {
  return new RegExp(`^${cookieName}=([^;]*)`).exec(headers.getSetCookie().join('\n'))?.[1] ?? ''
}

/** A browser of the person, signed in by a link. */
export async function signIn(api: TestApi, token: string) {
  const code = await loginCode(api, token)
  const answer = await api.ask('POST', '/auth/login_links', { token: null, json: { code }, headers: ownPage })
  return browserWith(api, cookieOf(answer))
}

/** Asks with a cookie. */
export function browserWith(api: TestApi, cookie: string) {
  return {
    cookie,
    ask: (method: string, path: string, json?: unknown, headers: Record<string, string> = ownPage) =>
      api.ask(method, path, {
        token: null,
        ...(json === undefined ? {} : { json }),
        headers: { cookie: `theme=dark; ${cookieName}=${cookie}`, ...headers },
      }),
  }
}

export async function emailOf(api: TestApi, userId: number): Promise<string> {
  const { rows } = await api.pool.query<{ email: string }>('select email from users where id = $1', [userId])
  return rows[0]?.email ?? ''
}

/**
 * The code that an authenticator app shows for a secret, some half minutes from now (RFC 6238); not by our own code.
 */
export function codeNow(secret: string, later = 0): string {
  const bits = [...secret].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  )
  const key = Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeUInt32BE(Math.floor(Date.now() / 30_000) + later, 4)
  const mac = createHmac('sha1', key).update(counter).digest()
  return String((mac.readUInt32BE(mac[19]! & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** Switches the second factor of the person on. */
export async function switchOn(api: TestApi, token: string) {
  const { secret } = (await api.ask('POST', '/api/v1/profile/two_factor', { token })).body
  const json = { otp_code: codeNow(String(secret)) }
  const { body } = await api.ask('POST', '/api/v1/profile/two_factor/confirm', { token, json })
  return { secret: String(secret), recovery: body.recovery_codes as string[] }
}

/** Keeps a password as the person's, under parameters that cost less than those of new ones. */
export async function keepPassword(api: TestApi, userId: number, password: string): Promise<void> {
  const salt = Buffer.from('0123456789abcdef')
  const hash = scryptSync(password.normalize('NFKC'), salt, 32, { N: 2 ** 10, r: 8, p: 1 })
  await api.pool.query('insert into user_credentials (user_id, password_hash) values ($1, $2)', [
    userId,
    `scrypt$10$8$1$${salt.toString('base64url')}$${hash.toString('base64url')}`,
  ])
}
