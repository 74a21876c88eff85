// Signing in to the service as it is run: the link of the first start, of a command, of a mail that was asked for,
// and of an invitation.

import { expect, test } from 'vitest'

import { describeWithDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { linkTo } from '../support/links.ts'
import { until } from '../support/until.ts'

describeWithDatabase('signing in', () => {
  const service = useService()

  const codeIn = (text: string) => /https?:\/\/\S+\/login\/([\w-]{43})/.exec(text)?.[1] ?? ''
  const enter = async (code: string) => {
    const response = await fetch(`${service.url}/auth/login_links`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: service.url },
      body: JSON.stringify({ code }),
    })
    const [cookie = ''] = response.headers.getSetCookie()
    return {
      status: response.status,
      body: (await response.json()) as any,
      cookie: cookie.split(';')[0] ?? '',
      whole: cookie,
    }
  }
  const profile = async (cookie: string) =>
    (await fetch(`${service.url}/api/v1/profile`, { headers: { cookie } })).json() as Promise<any>

  test(
    'the first start prints a link that signs its administrator in, once; over plain http the cookie is ' +
      'not Secure',
    async () => {
      const code = codeIn(service.stdout())
      expect(service.stdout()).toContain(`Sign in, once, within 24 hours: ${service.url}/login/${code}\n`)
      const { status, cookie, whole } = await enter(code)
      expect(status).toBe(200)
      expect(whole).toMatch(/^rethread_session=[\w-]{43}; Max-Age=7776000; Path=\/; HttpOnly; SameSite=Lax$/)
      expect(await profile(cookie)).toMatchObject({ type: 'SuperAdmin', access_token: '' })
      expect((await enter(code)).status).toBe(404)
    },
  )

  test('`account login-link` prints a link for oneself or another user, and names the user', async () => {
    await service.command(['account', 'add-agent', '1', 'maria@acme.example', '--name', 'Maria'])
    const own = await service.command(['account', 'login-link'])
    expect(own.stdout).toMatch(/\nSigns in as admin@rethread\.invalid, once, within 15 minutes\.\n$/)
    expect((await enter(codeIn(own.stdout))).body.data.type).toBe('SuperAdmin')
    const other = await service.command(['account', 'login-link', 'maria@acme.example', '--json'])
    expect((await enter(codeIn(JSON.parse(other.stdout).url))).body.data).toMatchObject({ name: 'Maria', type: null })
    const nobody = await service.command(['account', 'login-link', 'nobody@acme.example'])
    expect([nobody.status, nobody.stderr]).toEqual([65, expect.stringContaining('There is no such user')])
  })

  test('a link is mailed to its user, a few times an hour, and never for an unknown address', async () => {
    await service.command(['account', 'add-agent', '1', 'lena@acme.example', '--name', 'Lena'])
    const ask = (email: string) =>
      fetch(`${service.url}/auth/login_link`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email }),
      })
    for (const email of ['stranger@acme.example', 'LENA@acme.example']) expect((await ask(email)).status).toBe(200)
    const url = await linkTo(service, 'lena@acme.example')
    const { status, body } = await enter(url.split('/').at(-1) ?? '')
    expect([status, body.data.name]).toEqual([200, 'Lena'])
    for (let n = 0; n < 7; n++) expect((await ask('lena@acme.example')).status).toBe(200)
    await linkTo(service, 'lena@acme.example', 5)
    await until('all work done', async () => {
      const rows = await service.sql(`select 1 from work where kind = 'send-login-link'`)
      return rows.length === 0
    })
    const sent = await service.outbox()
    expect(sent.filter(({ recipients }) => recipients.includes('lena@acme.example'))).toHaveLength(5)
    expect(sent.filter(({ recipients }) => recipients.includes('stranger@acme.example'))).toHaveLength(0)
    expect([(await ask('lena@acme.example')).status, (await ask('lena@acme.example')).status]).toEqual([200, 429])
  })

  test('the link of an invitation accepts it and signs in', async () => {
    const ada = await service.api('POST', '/api/v1/installation/users', { name: 'Ada', email: 'ada@acme.example' })
    await service.api('POST', '/api/v1/installation/accounts/1/account_users', {
      user_id: ada.body.id,
      role: 'administrator',
    })
    const invited = await service.api(
      'POST',
      '/api/v1/accounts/1/agents',
      { email: 'ivo@acme.example', name: 'Ivo' },
      ada.body.access_token,
    )
    expect(invited.body.confirmed).toBe(false)
    const code = (await linkTo(service, 'ivo@acme.example')).split('/').at(-1) ?? ''
    const asked = await fetch(`${service.url}/auth/login_links/${code}`)
    expect(await asked.json()).toEqual({
      email: 'ivo@acme.example',
      name: 'Ivo',
      account_name: 'Acme',
      mfa_required: false,
    })
    const { cookie, body } = await enter(code)
    expect(body.data.accounts).toMatchObject([{ id: 1, role: 'agent' }])
    expect((await profile(cookie)).name).toBe('Ivo')
    expect((await enter(code)).status).toBe(404)
  })
})
