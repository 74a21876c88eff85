// Signing in with a password, as Chatwoot's clients do, and setting one.

import { afterAll, expect, it } from 'vitest'

import { createPerson } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'
import { browserWith, cookieOf, emailOf, keepPassword, loginCode, ownPage, signIn } from '../../support/sign-in.ts'

const longest = Array.from({ length: 200 }, (_none, at) => String.fromCharCode(33 + ((at * 7) % 90))).join('')
const good = 'a long and quiet river'

describeWithDatabase('passwords', () => {
  const api = useApi()
  afterAll(async () => {})

  const post = (path: string, json: object, headers: Record<string, string> = {}) =>
    api.ask('POST', path, { token: null, json, headers })
  const person = async (name: string, password: string | null = good) => {
    const made = await createPerson(api.pool, { accountId: api.accountId, name })
    if (password !== null) await keepPassword(api, made.id, password)
    return { ...made, email: await emailOf(api, made.id) }
  }

  it('the right password signs in: a program gets the headers, a browser the cookie only', async () => {
    const { id, email } = await person('Pia Program')
    const { status, body, headers } = await post('/auth/sign_in', { email: email.toUpperCase(), password: good })
    expect([status, body.data.id, body.data.uid]).toEqual([200, id, email])
    expect(body.data.accounts).toMatchObject([{ id: api.accountId, role: 'agent' }])
    expect([headers.get('uid'), headers.get('token-type')]).toEqual([email, 'Bearer'])
    const sent = Object.fromEntries(['access-token', 'client', 'uid'].map((name) => [name, headers.get(name)!]))
    const valid = await api.ask('GET', '/auth/validate_token', { token: null, headers: sent })
    expect([valid.status, valid.body.payload.success, valid.body.payload.data.id]).toEqual([200, true, id])
    expect(valid.headers.get('client')).toBe(sent['client'])
    expect((await api.ask('DELETE', '/auth/sign_out', { token: null, headers: sent })).body).toEqual({ success: true })
    expect((await api.ask('GET', '/auth/validate_token', { token: null, headers: sent })).body).toEqual({
      success: false,
      errors: ['Invalid login credentials'],
    })
    const page = await post('/auth/sign_in', { email, password: good }, ownPage)
    expect([page.headers.get('access-token'), page.body.data.access_token]).toEqual([null, ''])
    const browser = browserWith(api, cookieOf(page))
    const seen = await browser.ask('GET', '/auth/validate_token')
    expect([seen.body.payload.data.access_token, seen.headers.get('access-token')]).toEqual(['', null])
  })

  it.each([
    ['a wrong password', { password: 'wrong password' }],
    ['a password in another case', { password: good.toUpperCase() }],
    ['no password', {}],
    ['an empty password', { password: '' }],
    ['an unknown address', { email: 'nobody@acme.example', password: good }],
    ['no address', { email: '', password: good }],
    ['an address that is an object', { email: 'x', password: good }],
  ])('%s is refused with the same message', async (_what, given) => {
    const { email } = await person('Will Wrong')
    const { status, body, headers } = await post('/auth/sign_in', { email, ...given })
    expect([status, body]).toEqual([401, { success: false, errors: ['Invalid login credentials. Please try again.'] }])
    expect([headers.getSetCookie(), headers.get('access-token')]).toEqual([[], null])
  })

  it('a user without a password, or only invited, cannot sign in with one', async () => {
    const none = await person('Nora None', null)
    const invited = await person('Ivy Invited')
    await api.pool.query('update users set confirmed_at = null where id = $1', [invited.id])
    for (const { email } of [none, invited])
      expect((await post('/auth/sign_in', { email, password: good })).status).toBe(401)
  })

  it.each([
    ['short77', 'is too short (minimum is 8 characters)'],
    ['1999-'.repeat(41), 'is too long (maximum is 200 characters)'],
    ['Password1!', 'is among the first that anybody would guess, choose another'],
    ['12345678', 'is among the first that anybody would guess, choose another'],
    ['qwertyuiop', 'is among the first that anybody would guess, choose another'],
    ['aaaaaaaaaa', 'is among the first that anybody would guess, choose another'],
    ['abcabcabc', 'is among the first that anybody would guess, choose another'],
  ])('%j is refused at its field', async (password, sentence) => {
    const { status, body } = await api.ask('PUT', '/api/v1/profile/password', { json: { password } })
    expect([status, body]).toEqual([422, { message: `Password ${sentence}`, attributes: ['password'] }])
  })

  it.each(['ヒミツのことばです', '🐎🔋📎🌂🍋🎻🧭🪁', ' spaces count too ', "' or 1=1 --", longest])(
    '%j is an ordinary password',
    async (password) => {
      const { email } = await person('Uma Unicode', password)
      expect((await post('/auth/sign_in', { email, password })).status).toBe(200)
      expect((await post('/auth/sign_in', { email, password: `${password}x` })).status).toBe(401)
    },
  )

  it('the repetition must be the same', async () => {
    const json = { password: good, password_confirmation: 'another' }
    expect((await api.ask('PUT', '/api/v1/profile/password', { json })).body).toEqual({
      message: "Password confirmation doesn't match the password",
      attributes: ['password_confirmation'],
    })
  })

  it('a change requires the old password, and ends the other sessions and pending links', async () => {
    const { email, token } = await person('Cleo Change')
    const enter = async () =>
      browserWith(api, cookieOf(await post('/auth/sign_in', { email, password: good }, ownPage)))
    const [one, two] = [await enter(), await enter()]
    const code = await loginCode(api, token)
    const change = (json: object) => one.ask('PUT', '/api/v1/profile/password', json)
    for (const current_password of [undefined, '', 'wrong'])
      expect((await change({ password: 'another good one', current_password })).body).toEqual({
        message: 'Current password is invalid',
        attributes: ['current_password'],
      })
    expect((await change({ password: 'another good one', current_password: good })).status).toBe(200)
    expect((await one.ask('GET', '/api/v1/profile')).status).toBe(200)
    expect((await two.ask('GET', '/api/v1/profile')).status).toBe(401)
    expect((await post('/auth/login_links', { code })).status).toBe(404)
    expect((await post('/auth/sign_in', { email, password: good })).status).toBe(401)
    expect((await post('/auth/sign_in', { email, password: 'another good one' })).status).toBe(200)
  })

  it('a user who just signed in by a link can set a password without the old one; an hour later not', async () => {
    const { token, email } = await person('Flo Forgot')
    const browser = await signIn(api, token)
    expect((await browser.ask('PUT', '/api/v1/profile/password', { password: 'remembered now' })).status).toBe(200)
    expect((await post('/auth/sign_in', { email, password: 'remembered now' })).status).toBe(200)
    await api.pool.query(`update user_sessions set created_at = now() - interval '61 minutes'`)
    expect((await browser.ask('PUT', '/api/v1/profile/password', { password: 'something else' })).status).toBe(422)
  })

  it('a new password by a link, as Chatwoot’s clients set it', async () => {
    const { email, token } = await person('Rosa Reset')
    const asked = await post('/auth/password', { email })
    expect([asked.status, asked.body]).toEqual([200, { message: expect.stringMatching(/\w/) }])
    expect((await post('/auth/password', { email: 'nobody@acme.example' })).text).toBe(asked.text)
    const code = await loginCode(api, token)
    const put = (json: object) => api.ask('PUT', '/auth/password', { token: null, json })
    expect((await put({ reset_password_token: code, password: 'short' })).body.attributes).toEqual(['password'])
    const unequal = { reset_password_token: code, password: 'quite another', password_confirmation: 'no' }
    expect((await put(unequal)).body.attributes).toEqual(['password_confirmation'])
    const done = await put({ ...unequal, password_confirmation: 'quite another' })
    expect([done.status, done.body.data.email]).toEqual([200, email])
    expect((await put({ reset_password_token: code, password: 'quite another' })).body).toEqual({
      message: 'Invalid token',
      redirect_url: '/',
    })
    expect((await post('/auth/sign_in', { email, password: 'quite another' })).status).toBe(200)
  })

  it('a salted hash with its parameters is stored, never the password', async () => {
    const people = [await person('Sal One', null), await person('Sal Two', null)]
    for (const { token } of people)
      await api.ask('PUT', '/api/v1/profile/password', { token, json: { password: good } })
    const { rows } = await api.pool.query<{ hash: string }>(
      'select password_hash as hash from user_credentials where user_id = any($1)',
      [people.map(({ id }) => id)],
    )
    expect(rows.map(({ hash }) => hash)).toEqual([
      expect.stringMatching(/^scrypt\$17\$8\$1\$[\w-]{22}\$[\w-]{43}$/),
      expect.stringMatching(/^scrypt\$17\$8\$1\$[\w-]{22}\$[\w-]{43}$/),
    ])
    expect(rows[0]!.hash).not.toBe(rows[1]!.hash)
  })
})
