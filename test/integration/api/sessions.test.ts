// Signing in by a link, and the session that a browser has afterwards.

import { afterAll, expect, it } from 'vitest'

import { createPerson } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { listenAt } from '../../support/event-stream.ts'
import { useApi } from '../../support/fixtures.ts'
import { cookieName, cookieOf, loginCode, ownPage, signIn } from '../../support/sign-in.ts'
import { until } from '../../support/until.ts'

describeWithDatabase('sessions', () => {
  const api = useApi({ heartbeatMs: 50 })
  afterAll(async () => {})

  it('a link shows the user whom it signs in, and stays valid', async () => {
    const code = await loginCode(api, api.administrator.token)
    for (let n = 0; n < 3; n++) {
      const { status, body, headers } = await api.ask('GET', `/auth/login_links/${code}`, { token: null })
      expect([status, body]).toEqual([
        200,
        { email: expect.any(String), name: 'Ada Admin', account_name: null, mfa_required: false },
      ])
      expect([headers.getSetCookie(), headers.get('cache-control')]).toEqual([[], 'no-store'])
    }
    expect((await api.ask('POST', '/auth/login_links', { token: null, json: { code } })).status).toBe(200)
  })

  it('a user added in the application is invited, and one added by a program is confirmed', async () => {
    const { id, token } = api.administrator
    await api.pool.query(`update users set type = 'SuperAdmin' where id = $1`, [id])
    const browser = await signIn(api, token)
    const path = `/api/v1/accounts/${String(api.accountId)}/agents`
    const invited = await browser.ask('POST', path, { email: 'invited@people.example', name: 'Ina' })
    expect([invited.status, invited.body.confirmed]).toEqual([200, false])
    const json = { email: 'added@people.example', name: 'Ada' }
    const added = await api.ask('POST', path, { token, json })
    expect([added.status, added.body.confirmed]).toEqual([200, true])
    await api.pool.query('update users set type = null where id = $1', [id])
  })

  it('a link signs in once, with a cookie that is HttpOnly and SameSite', async () => {
    const code = await loginCode(api, api.administrator.token)
    const enter = () => api.ask('POST', '/auth/login_links', { token: null, json: { code }, headers: ownPage })
    const { status, body, headers } = await enter()
    expect([status, body.data.id, body.data.access_token]).toEqual([200, api.administrator.id, ''])
    expect(headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-rethread_session=[\w-]{43}; Max-Age=7776000; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
      ),
    ])
    expect(headers.get('access-token')).toBeNull()
    expect((await enter()).status).toBe(404)
    expect((await api.ask('GET', `/auth/login_links/${code}`, { token: null })).status).toBe(404)
  })

  it("a program that signs in gets the headers of Chatwoot's clients, with the access of the user", async () => {
    const code = await loginCode(api, api.agent.token)
    const { headers } = await api.ask('POST', '/auth/login_links', { token: null, json: { code } })
    const devise = Object.fromEntries(['access-token', 'client', 'uid'].map((name) => [name, headers.get(name) ?? '']))
    expect(headers.get('token-type')).toBe('Bearer')
    expect(Number(headers.get('expiry'))).toBeGreaterThan(Date.now() / 1_000 + 29 * 86_400)
    const ask = (sent: Record<string, string>) => api.ask('GET', '/api/v1/profile', { token: null, headers: sent })
    expect((await ask(devise)).body.id).toBe(api.agent.id)
    expect((await ask({ ...devise, client: 'other' })).status).toBe(401)
    expect((await ask({ ...devise, uid: 'other@acme.example' })).status).toBe(401)
    expect((await ask({ 'access-token': devise['access-token']! })).status).toBe(401)
  })

  it('the cookie gives the access of the user', async () => {
    const browser = await signIn(api, api.agent.token)
    expect((await browser.ask('GET', `${api.path}/conversations`)).status).toBe(200)
    expect((await browser.ask('PUT', '/api/v1/profile', { display_name: 'Gus' })).body.display_name).toBe('Gus')
    expect((await browser.ask('POST', `${api.path}/labels`, { title: 'no' })).status).toBe(401)
  })

  it('the profile never contains the value of the cookie', async () => {
    const browser = await signIn(api, api.administrator.token)
    const { body, text } = await browser.ask('GET', '/api/v1/profile')
    expect(body.access_token).toBe('')
    expect(text).not.toContain(browser.cookie)
  })

  it('an access token has precedence over the cookie', async () => {
    const browser = await signIn(api, api.administrator.token)
    const headers = { api_access_token: api.agent.token }
    expect((await browser.ask('GET', '/api/v1/profile', undefined, headers)).body.id).toBe(api.agent.id)
  })

  it('the list has each session with its browser; ending one ends it, and no other', async () => {
    const person = await createPerson(api.pool, { accountId: api.accountId, name: 'Lia List' })
    const [one, two] = [await signIn(api, person.token), await signIn(api, person.token)]
    const { body } = await one.ask('GET', '/api/v1/profile/sessions', undefined, { 'user-agent': 'Firefox' })
    expect(body.payload.map((row: any) => [row.current, row.ip])).toEqual([
      [false, '127.0.0.1'],
      [true, '127.0.0.1'],
    ])
    const [other] = body.payload.filter((row: any) => !row.current)
    expect((await one.ask('DELETE', `/api/v1/profile/sessions/${String(other.id)}`)).status).toBe(200)
    expect((await two.ask('GET', '/api/v1/profile')).body).toEqual({
      errors: ['You need to sign in or sign up before continuing.'],
    })
    expect((await one.ask('DELETE', `/api/v1/profile/sessions/${String(other.id)}`)).status).toBe(404)
    expect((await one.ask('GET', '/api/v1/profile')).status).toBe(200)
  })

  it('all other sessions can be ended together', async () => {
    const person = await createPerson(api.pool, { accountId: api.accountId, name: 'Otto Others' })
    const browsers = [await signIn(api, person.token), await signIn(api, person.token), await signIn(api, person.token)]
    expect((await browsers[1]!.ask('DELETE', '/api/v1/profile/sessions')).status).toBe(200)
    const statuses = await Promise.all(browsers.map(async (one) => (await one.ask('GET', '/api/v1/profile')).status))
    expect(statuses).toEqual([401, 200, 401])
  })

  it('signing out ends the session and takes the cookie', async () => {
    const browser = await signIn(api, api.agent.token)
    const { status, body, headers } = await browser.ask('DELETE', '/auth/sign_out')
    expect([status, body]).toEqual([200, { success: true }])
    expect(headers.getSetCookie()[0]).toMatch(/^__Host-rethread_session=; Max-Age=0; /)
    expect((await browser.ask('GET', '/api/v1/profile')).status).toBe(401)
    expect((await browser.ask('DELETE', '/auth/sign_out')).status).toBe(404)
  })

  it('a session ends 30 days after it was used, and 90 days after it began', async () => {
    const browser = await signIn(api, api.agent.token)
    const shift = (sql: string) =>
      api.pool.query(`update user_sessions set ${sql} where id = (select max(id) from user_sessions)`)
    const seen = async () => (await browser.ask('GET', '/api/v1/profile/sessions')).body.payload[0]
    await shift(`last_seen_at = now() - interval '20 days', expires_at = now() + interval '10 days'`)
    expect((await browser.ask('GET', '/api/v1/profile')).status).toBe(200)
    expect(Date.parse((await seen()).expires_at)).toBeGreaterThan(Date.now() + 29 * 86_400_000)
    await shift(`created_at = now() - interval '89 days', last_seen_at = now() - interval '2 minutes'`)
    expect((await browser.ask('GET', '/api/v1/profile')).status).toBe(200)
    expect(Date.parse((await seen()).expires_at)).toBeLessThan(Date.now() + 1.1 * 86_400_000)
    await shift(`expires_at = now()`)
    expect((await browser.ask('GET', '/api/v1/profile')).status).toBe(401)
  })

  it('an open stream of events ends when its session is ended', async () => {
    const person = await createPerson(api.pool, { accountId: api.accountId, name: 'Sid Stream' })
    const [one, two] = [await signIn(api, person.token), await signIn(api, person.token)]
    const stream = await listenAt(`${api.origin}${api.path}/events`, { cookie: `${cookieName}=${one.cookie}` })
    await until('a heartbeat', () => stream.beats > 1)
    expect([stream.status, stream.ended]).toEqual([200, false])
    await two.ask('DELETE', '/api/v1/profile/sessions')
    await until('the end of the stream', () => stream.ended)
  })

  it('only an administrator of the installation makes a link for another user', async () => {
    const root = await createPerson(api.pool, { accountId: null, name: 'Rory Root', type: 'SuperAdmin' })
    const { rows } = await api.pool.query<{ email: string }>('select email from users where id = $1', [api.agent.id])
    const ask = (token: string, email?: string) => api.ask('POST', '/api/v1/login_links', { token, json: { email } })
    const made = await ask(root.token, rows[0]!.email.toUpperCase())
    expect(made.body).toEqual({
      url: expect.stringMatching(/^https:\/\/mail\.example\.net\/login\/[\w-]{43}$/),
      email: rows[0]!.email,
      expires_at: expect.any(String),
    })
    expect((await ask(api.administrator.token, rows[0]!.email)).status).toBe(401)
    expect((await ask(api.agent.token, rows[0]!.email)).status).toBe(200)
    expect((await ask(root.token, 'nobody@acme.example')).status).toBe(404)
    const entered = await api.ask('POST', '/auth/login_links', {
      token: null,
      json: { code: made.body.url.split('/login/')[1] },
      headers: ownPage,
    })
    expect([entered.body.data.id, cookieOf(entered).length]).toEqual([api.agent.id, 43])
  })
})
