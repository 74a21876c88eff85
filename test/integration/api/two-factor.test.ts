// The second factor: switched on with a code, asked for at every sign-in, switched off with a code or the password.

import { afterAll, expect, it } from 'vitest'

import { createPerson } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'
import { codeNow, emailOf, keepPassword, loginCode, switchOn } from '../../support/sign-in.ts'

const password = 'a long and quiet river'
const path = '/api/v1/profile/two_factor'

describeWithDatabase('the second factor', () => {
  const api = useApi()
  afterAll(async () => {})

  const post = (where: string, json: object) => api.ask('POST', where, { token: null, json })
  const person = async (name: string) => {
    const made = await createPerson(api.pool, { accountId: api.accountId, name })
    await keepPassword(api, made.id, password)
    return { ...made, email: await emailOf(api, made.id) }
  }

  it('is enabled by a valid code; the recovery codes are shown once', async () => {
    const { token, email } = await person('Ona On')
    const { body } = await api.ask('POST', path, { token })
    expect(body).toEqual({ secret: expect.stringMatching(/^[A-Z2-7]{32}$/), otpauth_url: expect.any(String) })
    expect(new URL(body.otpauth_url).searchParams.get('secret')).toBe(body.secret)
    expect((await post('/auth/sign_in', { email, password })).status).toBe(200)
    const confirm = (otp_code: string) => api.ask('POST', `${path}/confirm`, { token, json: { otp_code } })
    expect((await confirm('000000')).body.attributes).toEqual(['otp_code'])
    const confirmed = await confirm(codeNow(body.secret))
    expect(confirmed.body.recovery_codes).toHaveLength(10)
    expect(new Set(confirmed.body.recovery_codes).size).toBe(10)
    expect((await api.ask('GET', path, { token })).body).toEqual({
      enabled: true,
      recovery_codes_left: 10,
      password_set: true,
    })
    expect((await api.ask('POST', path, { token })).body.attributes).toEqual(['two_factor'])
  })

  it('the password alone is answered 206 with a token, which signs in with a code, once', async () => {
    const { token, email, id } = await person('Paul Partial')
    const { secret } = await switchOn(api, token)
    const { status, body, headers } = await post('/auth/sign_in', { email, password })
    expect([status, body]).toEqual([206, { mfa_required: true, mfa_token: expect.stringMatching(/^[\w-]{43}$/) }])
    expect(headers.getSetCookie()).toEqual([])
    const { mfa_token } = body
    expect((await post('/auth/sign_in', { mfa_token })).status).toBe(206)
    expect((await post('/auth/sign_in', { mfa_token, otp_code: '000000' })).status).toBe(401)
    const done = await post('/auth/sign_in', { mfa_token, otp_code: codeNow(secret, 1) })
    expect([done.status, done.body.data.id]).toEqual([200, id])
    expect((await post('/auth/sign_in', { mfa_token, otp_code: codeNow(secret, 1) })).status).toBe(401)
  })

  it('password and code may come together', async () => {
    const { token, email } = await person('Tom Together')
    const { secret } = await switchOn(api, token)
    const both = { email, password, otp_code: codeNow(secret, 1) }
    expect((await post('/auth/sign_in', { ...both, password: 'wrong password' })).status).toBe(401)
    expect((await post('/auth/sign_in', both)).status).toBe(200)
  })

  it('a link requires a code as well, and stays valid until the code is right', async () => {
    const { token } = await person('Lin Link')
    const { secret } = await switchOn(api, token)
    const code = await loginCode(api, token)
    expect((await api.ask('GET', `/auth/login_links/${code}`, { token: null })).body.mfa_required).toBe(true)
    expect((await post('/auth/login_links', { code })).body).toEqual({ mfa_required: true, mfa_token: null })
    expect((await post('/auth/login_links', { code, otp_code: '000000' })).status).toBe(401)
    expect((await post('/auth/login_links', { code, otp_code: codeNow(secret, 1) })).status).toBe(200)
  })

  it('a link cannot set a new password without a code', async () => {
    const { token, email } = await person('Nick New')
    const { secret } = await switchOn(api, token)
    const json = { reset_password_token: await loginCode(api, token), password: 'quite another' }
    const put = (more: object) => api.ask('PUT', '/auth/password', { token: null, json: { ...json, ...more } })
    expect((await put({})).status).toBe(206)
    expect((await post('/auth/sign_in', { email, password: 'quite another' })).status).toBe(401)
    expect((await put({ otp_code: codeNow(secret, 1) })).status).toBe(200)
  })

  it('a recovery code signs in once, in any spelling', async () => {
    const { token, email } = await person('Rae Recovery')
    const { recovery } = await switchOn(api, token)
    const enter = (backup_code: string) => post('/auth/sign_in', { email, password, backup_code })
    expect((await enter(recovery[0]!.toUpperCase().replaceAll('-', ' '))).status).toBe(200)
    expect((await enter(recovery[0]!)).status).toBe(401)
    expect((await enter(recovery[1]!)).status).toBe(200)
    expect((await api.ask('GET', path, { token })).body.recovery_codes_left).toBe(8)
  })

  it('is disabled with a code or the password, not without', async () => {
    const { token, email } = await person('Odo Off')
    const off = (json: object) => api.ask('DELETE', path, { token, json })
    const { secret } = await switchOn(api, token)
    for (const json of [{}, { password: '' }, { password: 'wrong password' }, { otp_code: '000000' }])
      expect((await off(json)).body.attributes).toEqual(['otp_code'])
    expect((await off({ password })).status).toBe(200)
    expect((await post('/auth/sign_in', { email, password })).status).toBe(200)
    const again = await switchOn(api, token)
    expect(again.secret).not.toBe(secret)
    expect((await off({ otp_code: codeNow(again.secret, 1) })).status).toBe(200)
  })

  it('an administrator of the installation can disable it for a user', async () => {
    const { token, email, id } = await person('Lou Lost')
    await switchOn(api, token)
    const root = await createPerson(api.pool, { accountId: null, name: 'Rory Root', type: 'SuperAdmin' })
    const url = `/api/v1/installation/users/${String(id)}/two_factor`
    expect((await api.ask('DELETE', url)).status).toBe(401)
    expect((await api.ask('DELETE', url, { token: root.token })).status).toBe(200)
    expect((await post('/auth/sign_in', { email, password })).status).toBe(200)
  })
})
