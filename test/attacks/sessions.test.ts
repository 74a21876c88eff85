// Attacks on sessions and on signing in: forged requests of other sites, forged and stolen cookies, links opened twice.

import { afterAll, expect, it } from 'vitest'

import { createPerson } from '../support/api.ts'
import { describeWithDatabase } from '../support/database.ts'
import { useApi } from '../support/fixtures.ts'
import { browserWith, cookieName, cookieOf, loginCode, ownPage, signIn } from '../support/sign-in.ts'

describeWithDatabase('attacks on sessions', () => {
  const api = useApi()
  afterAll(async () => {})

  it.each<[string, Record<string, string>]>([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a subdomain', { 'sec-fetch-site': 'same-site' }],
    [
      'another site that also claims our Origin',
      { 'sec-fetch-site': 'cross-site', origin: 'https://mail.example.net' },
    ],
    ['the address bar', { 'sec-fetch-site': 'none' }],
    ['another Origin', { origin: 'https://evil.example' }],
    ['our name in another Origin', { origin: 'https://mail.example.net.evil.example' }],
    ['our name as a user of another Origin', { origin: 'https://mail.example.net@evil.example' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['an Origin that is none', { origin: 'mail.example.net' }],
    ['nowhere', {}],
  ])('a form from %s changes nothing, in any encoding', async (_from, headers) => {
    const browser = await signIn(api, api.agent.token)
    const cookie = { cookie: `${cookieName}=${browser.cookie}`, ...headers }
    const name = 'Renamed by another site'
    const questions = [
      { form: { name } },
      { raw: { body: JSON.stringify({ name }), type: 'text/plain' } },
      { json: { name } },
    ]
    for (const method of ['PUT', 'PATCH'])
      for (const question of questions) {
        const { status, body } = await api.ask(method, '/api/v1/profile', { token: null, ...question, headers: cookie })
        expect([status, body.error]).toEqual([403, expect.stringMatching(/another site/)])
      }
    expect((await api.ask('DELETE', '/auth/sign_out', { token: null, headers: cookie })).status).toBe(403)
    expect((await browser.ask('GET', '/api/v1/profile')).body.name).toBe('Gus Agent')
  })

  it.each<[string, (origin: string) => Record<string, string>]>([
    ['Sec-Fetch-Site', () => ownPage],
    ['Origin of PUBLIC_URL', () => ({ origin: 'https://mail.example.net' })],
    ['Origin of the address that was asked', (origin) => ({ origin })],
  ])('our own page is recognised by %s', async (_by, headers) => {
    const browser = await signIn(api, api.agent.token)
    expect((await browser.ask('DELETE', '/api/v1/profile/sessions', undefined, headers(api.origin))).status).toBe(200)
  })

  it("a request from another site cannot sign a user in to the attacker's account", async () => {
    const code = await loginCode(api, api.agent.token)
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }]) {
      const answer = await api.ask('POST', '/auth/login_links', { token: null, form: { code }, headers })
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []])
    }
    expect((await api.ask('GET', `/auth/login_links/${code}`, { token: null })).status).toBe(200)
  })

  it.each([['', 'x', 'ü', 'session:1', '1', 'a'.repeat(6_000), 'undefined', "' or 1=1 --", '%00']])(
    'forged cookies open nothing',
    async (...forged) => {
      for (const value of forged) {
        const { status } = await browserWith(api, encodeURI(value)).ask('GET', '/api/v1/profile')
        expect([value, status]).toEqual([value, 401])
      }
    },
  )

  it('neither a stored hash nor an access token works as a cookie', async () => {
    const browser = await signIn(api, api.agent.token)
    const { rows } = await api.pool.query<{ hash: string; client: string; whole: string }>(
      `
        select encode(token_hash, 'base64') as hash, client, s::text as whole
        from user_sessions s
        order by id desc
        limit 1
      `,
    )
    expect(rows[0]!.whole).not.toContain(browser.cookie)
    for (const value of [rows[0]!.hash, rows[0]!.client, api.agent.token])
      expect((await browserWith(api, value).ask('GET', '/api/v1/profile')).status).toBe(401)
    expect((await api.ask('GET', '/api/v1/profile', { token: browser.cookie })).status).toBe(401)
  })

  it('a cookie without the name prefix, which a subdomain could set, is ignored', async () => {
    const browser = await signIn(api, api.agent.token)
    const headers = { cookie: `rethread_session=${browser.cookie}` }
    expect((await api.ask('GET', '/api/v1/profile', { token: null, headers })).status).toBe(401)
  })

  it('a cookie is ignored under /platform and /public', async () => {
    const root = await createPerson(api.pool, { accountId: null, name: 'Rory Root', type: 'SuperAdmin' })
    const browser = await signIn(api, root.token)
    expect((await browser.ask('GET', '/api/v1/installation/users')).status).toBe(200)
    for (const path of ['/platform/api/v1/users/1', '/PLATFORM/api/v1/users/1'])
      expect((await browser.ask('GET', path)).status).toBe(401)
    const inbox = await api.ask('POST', `${api.path}/inboxes`, { json: { name: 'App', channel: { type: 'api' } } })
    const contacts = `/public/api/v1/inboxes/${String(inbox.body.inbox_identifier)}/contacts`
    const { status } = await browser.ask('POST', contacts, { name: 'A visitor' }, { 'sec-fetch-site': 'cross-site' })
    expect(status).toBe(200)
  })

  it('signing in creates a new session, so that a planted cookie is useless', async () => {
    const planted = 'p'.repeat(43)
    const enter = async (cookie: string) => {
      const code = await loginCode(api, api.agent.token)
      return cookieOf(await browserWith(api, cookie).ask('POST', '/auth/login_links', { code }))
    }
    const first = await enter(planted)
    expect(first).not.toBe(planted)
    expect((await browserWith(api, planted).ask('GET', '/api/v1/profile')).status).toBe(401)
    const second = await enter(first)
    expect((await browserWith(api, first).ask('GET', '/api/v1/profile')).status).toBe(401)
    expect((await browserWith(api, second).ask('GET', '/api/v1/profile')).status).toBe(200)
  })

  it('a link that is opened twenty times at the same moment signs in once', async () => {
    const code = await loginCode(api, api.agent.token)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => api.ask('POST', '/auth/login_links', { token: null, json: { code } })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 404)])
  })

  it('the page that confirms addresses neither consumes a login link nor accepts it', async () => {
    const code = await loginCode(api, api.agent.token)
    expect((await api.ask('POST', `/confirm/${code}`, { token: null })).status).toBe(404)
    expect((await api.ask('POST', '/auth/login_links', { token: null, json: { code } })).status).toBe(200)
  })

  it('an expired link, and a link to a former address, are refused', async () => {
    const person = await createPerson(api.pool, { accountId: api.accountId, name: 'Mo Moved' })
    const codes = [await loginCode(api, person.token), await loginCode(api, person.token)]
    await api.pool.query(
      `update one_time_links set expires_at = now() where ctid = (select max(ctid) from one_time_links)`,
    )
    await api.pool.query(`update users set email = 'moved@acme.example' where id = $1`, [person.id])
    for (const code of [...codes, '', 'x', 'a'.repeat(5_000)])
      expect((await api.ask('POST', '/auth/login_links', { token: null, json: { code } })).status).toBe(404)
  })

  it('the cookie of a deleted or removed user is refused', async () => {
    const [gone, out] = [
      await createPerson(api.pool, { accountId: api.accountId, name: 'Gwen Gone' }),
      await createPerson(api.pool, { accountId: api.accountId, name: 'Olaf Out' }),
    ]
    const browsers = [await signIn(api, gone.token), await signIn(api, out.token)]
    await api.pool.query('delete from users where id = $1', [gone.id])
    await api.pool.query('delete from account_users where user_id = $1', [out.id])
    expect((await browsers[0]!.ask('GET', '/api/v1/profile')).status).toBe(401)
    expect((await browsers[1]!.ask('GET', `${api.path}/conversations`)).status).toBe(401)
  })

  it('a request for a login link is answered the same for an unknown address', async () => {
    const { rows } = await api.pool.query<{ email: string }>('select email from users where id = $1', [api.agent.id])
    const ask = (email: string) => api.ask('POST', '/auth/login_link', { token: null, json: { email } })
    const [known, unknown] = [await ask(rows[0]!.email), await ask('nobody@acme.example')]
    expect([known.status, known.body]).toEqual([200, { message: expect.stringMatching(/\w/) }])
    expect([unknown.status, unknown.text]).toEqual([known.status, known.text])
    expect((await ask('no address')).body).toEqual({ message: 'Email is invalid', attributes: ['email'] })
  })
})
