// Guesses at the password of an ingress: each address has a few a minute, further ones are not compared, and no address
// locks out another.

import { request } from 'node:http'

import { beforeAll, expect, test } from 'vitest'

import { describeWithDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'

const most = 5

describeWithDatabase('guesses at the ingress password', () => {
  const service = useService({
    env: {
      RATE_LIMIT_PASSWORD: String(most),
      TRUSTED_RELAYS: '127.0.0.1/32',
      RAILS_INBOUND_EMAIL_SERVICE: 'relay,sendgrid,sparkpost',
      SPARKPOST_INGRESS_AUTH_TOKEN: 'a long random token',
    },
  })
  beforeAll(async () => {}, 60_000)

  interface Guess {
    readonly password: string
    /** The client's own, one of loopback. */
    readonly address: string
    readonly path?: string
    readonly headers?: Record<string, string>
  }

  function post({
    password,
    address,
    path = '/ingress/relay',
    headers = {},
  }: Guess): Promise<{ status: number; retryAfter: string | undefined }> {
    return new Promise((resolve, reject) => {
      const asking = request(`${service.url}${path}`, {
        method: 'POST',
        agent: false,
        localAddress: address,
        headers: {
          'content-type': 'message/rfc822',
          authorization: `Basic ${Buffer.from(`actionmailbox:${password}`).toString('base64')}`,
          'x-envelope-to': service.replyAddress,
          ...headers,
        },
      })
      asking.on('error', reject)
      asking.on('response', (response) => {
        response.resume()
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] })
      })
      asking.end(mail({ From: 'jane@example.com', To: service.replyAddress }, freshWords()))
    })
  }
  const guesses = async (count: number, guess: Omit<Guess, 'password'>): Promise<number[]> => {
    const statuses: number[] = []
    for (let n = 0; n < count; n++) statuses.push((await post({ ...guess, password: `guess ${String(n)}` })).status)
    return statuses
  }

  test('beyond the limit even the right password is not compared, and other addresses are not affected', async () => {
    const address = '127.0.0.2'
    expect(await guesses(most + 2, { address })).toEqual([...Array.from({ length: most }, () => 401), 429, 429])
    expect(await post({ password: service.password, address })).toEqual({ status: 429, retryAfter: '30' })
    expect((await post({ password: service.password, address: '127.0.0.3' })).status).toBe(204)
  })

  test('all ingresses share one limit, and each answers with a code that its provider retries', async () => {
    const address = '127.0.0.4'
    await guesses(most - 1, { address, path: '/ingress/sendgrid' })
    const token = { 'x-messagesystems-webhook-token': 'guess' }
    expect((await post({ password: '', address, path: '/ingress/sparkpost', headers: token })).status).toBe(401)
    expect(await guesses(1, { address, path: '/ingress/sendgrid' })).toEqual([503])
    expect((await post({ password: '', address, path: '/ingress/sparkpost', headers: token })).status).toBe(503)
  })

  test('one wrong password, repeated by a misconfigured provider, locks out no one', async () => {
    const address = '127.0.0.5'
    for (let n = 0; n < 3 * most; n++) expect((await post({ password: 'wrong', address })).status).toBe(401)
    expect((await post({ password: service.password, address })).status).toBe(204)
  })

  test('a trusted relay has ten times the limit, and clients of its proxy are counted separately', async () => {
    const address = '127.0.0.1'
    const statuses = await guesses(most + 2, { address, headers: { 'x-forwarded-for': '192.0.2.7' } })
    expect(statuses.slice(-2)).toEqual([429, 429])
    expect((await post({ password: service.password, address })).status).toBe(204)
    expect(await guesses(2 * most, { address })).toEqual(Array.from({ length: 2 * most }, () => 401))
    expect((await post({ password: service.password, address })).status).toBe(204)
  })

  test('a client that is not a trusted proxy cannot set its own address', async () => {
    const address = '127.0.0.6'
    const statuses: number[] = []
    for (let n = 0; n <= most; n++)
      statuses.push(
        (
          await post({
            password: `guess ${String(n)}`,
            address,
            headers: { 'x-forwarded-for': `192.0.2.${String(n)}` },
          })
        ).status,
      )
    expect(statuses.at(-1)).toBe(429)
  })
})
