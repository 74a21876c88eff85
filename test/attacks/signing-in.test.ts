// Attacks on passwords and on the second factor: guesses, timing, codes that are used again, many at once.

import { afterAll, beforeAll, expect, it } from 'vitest'

import { createRates } from '../../src/queue/rates.ts'
import { createPerson, startApi, type TestApi, unlimited } from '../support/api.ts'
import { describeWithDatabase } from '../support/database.ts'
import { codeNow, cookieOf, emailOf, keepPassword, loginCode, switchOn } from '../support/sign-in.ts'

const password = 'a long and quiet river'

describeWithDatabase('attacks on signing in', () => {
  let api: TestApi
  let limited: TestApi
  beforeAll(async () => {
    api = await startApi()
    const { perMinute, perHour } = createRates(undefined)
    limited = await startApi({
      beside: { database: api.database, seeded: api.seeded },
      limits: {
        ...unlimited,
        signIn: perMinute('sign-in', 3),
        signInFrom: perMinute('sign-in-from', 9),
        secondFactor: perHour('second-factor', 3),
        isProxy: () => true,
      },
    })
  })
  afterAll(async () => {
    await limited.stop()
    await api.stop()
    expect([...api.faults, ...limited.faults]).toEqual([])
  })

  const post = (where: string, json: object, on = api, from = '192.0.2.1') =>
    on.ask('POST', where, { token: null, json, headers: { 'x-forwarded-for': from } })
  const person = async (name: string) => {
    const made = await createPerson(api.pool, { accountId: api.accountId, name })
    await keepPassword(api, made.id, password)
    return { ...made, email: await emailOf(api, made.id) }
  }

  it('an unknown address is answered as slowly as a wrong password, in the same words', async () => {
    const { email, token } = await person('Tia Timing')
    await api.ask('PUT', '/api/v1/profile/password', {
      token,
      json: { current_password: password, password: 'quite a new one' },
    })
    const measure = async (given: object) => {
      const begun = performance.now()
      const { status, text, headers } = await post('/auth/sign_in', given)
      const names = [...headers.keys()].filter((name) => name !== 'date').sort()
      return { ms: performance.now() - begun, said: JSON.stringify([status, text, names]) }
    }
    const known: Awaited<ReturnType<typeof measure>>[] = []
    const unknown: typeof known = []
    for (let n = 0; n < 4; n++) {
      known.push(await measure({ email, password: 'wrong password' }))
      unknown.push(await measure({ email: `nobody${String(n)}@acme.example`, password }))
    }
    expect(new Set([...known, ...unknown].map(({ said }) => said)).size).toBe(1)
    const least = (all: typeof known) => Math.min(...all.map(({ ms }) => ms))
    expect(least(unknown)).toBeGreaterThan(least(known) / 2)
    expect(least(known)).toBeGreaterThan(least(unknown) / 2)
  })

  it(
    'guesses at one user are limited from all addresses together; other users and login links ' + 'still work',
    async () => {
      const [victim, other] = [await person('Vic Victim'), await person('Otis Other')]
      const guess = (n: number, email = victim.email) =>
        post('/auth/sign_in', { email, password: `guess number ${String(n)}` }, limited, `198.51.100.${String(n)}`)
      const statuses: number[] = []
      for (let n = 1; n <= 4; n++) statuses.push((await guess(n)).status)
      expect(statuses).toEqual([401, 401, 401, 429])
      expect((await guess(5, victim.email.toUpperCase())).headers.get('retry-after')).toMatch(/^\d+$/)
      expect((await post('/auth/sign_in', { email: other.email, password }, limited)).status).toBe(200)
      const code = await loginCode(api, victim.token)
      expect((await post('/auth/login_links', { code }, limited)).status).toBe(200)
    },
  )

  it('guesses from one address are limited, over all users', async () => {
    const statuses: number[] = []
    for (let n = 0; n < 10; n++)
      statuses.push(
        (await post('/auth/sign_in', { email: `p${String(n)}@acme.example`, password }, limited, '203.0.113.9')).status,
      )
    expect(statuses).toEqual([...Array.from({ length: 9 }, () => 401), 429])
  })

  it('codes can be tried a few times an hour; beyond that even the right one is refused', async () => {
    const { token, email } = await person('Cody Codes')
    const { secret } = await switchOn(api, token)
    const { mfa_token } = (await post('/auth/sign_in', { email, password }, limited)).body
    const attempt = (otp_code: string) => post('/auth/sign_in', { mfa_token, otp_code }, limited, '203.0.113.10')
    const statuses: number[] = []
    for (const code of ['000000', '000001', '000002']) statuses.push((await attempt(code)).status)
    expect([...statuses, (await attempt(codeNow(secret, 1))).status]).toEqual([401, 401, 401, 429])
  })

  it('a code works once, also in simultaneous requests, and an earlier code is refused after it', async () => {
    const { token, email } = await person('Rex Replay')
    const { secret } = await switchOn(api, token)
    const enter = (otp_code: string) => post('/auth/sign_in', { email, password, otp_code })
    const codes = [-1, 0, 1].map((later) => codeNow(secret, later))
    const answers = await Promise.all(Array.from({ length: 5 }, () => enter(codes[2]!)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401])
    for (const code of codes) expect((await enter(code)).status).toBe(401)
  }, 30_000)

  it('the code that enabled the second factor cannot sign in', async () => {
    const { token, email } = await person('Ada Again')
    const { secret } = await switchOn(api, token)
    expect((await post('/auth/sign_in', { email, password, otp_code: codeNow(secret) })).status).toBe(401)
  })

  it('one recovery code that comes many times at the same moment signs in once', async () => {
    const { token, email } = await person('Roy Race')
    const { recovery } = await switchOn(api, token)
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => post('/auth/sign_in', { email, password, backup_code: recovery[0] })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401])
  }, 30_000)

  it(
    'the token of an unfinished sign-in gives no access, and expires after five minutes or a ' + 'password change',
    async () => {
      const { token, email } = await person('Hal Half')
      const { secret } = await switchOn(api, token)
      const half = async () => String((await post('/auth/sign_in', { email, password })).body.mfa_token)
      const [one, two, three] = [await half(), await half(), await half()]
      expect((await api.ask('GET', '/api/v1/profile', { token: one })).status).toBe(401)
      for (const [where, json] of [
        ['/auth/login_links', { code: one }],
        ['/auth/login_links', { code: one, otp_code: codeNow(secret, 1) }],
        [`/confirm/${one}`, {}],
      ] as const)
        expect((await post(where, json)).status).toBe(404)
      await api.pool.query(
        `
          update one_time_links
          set expires_at = now()
          where code_hash = sha256($1::bytea) and purpose = 'second-factor'
        `,
        [two],
      )
      expect((await post('/auth/sign_in', { mfa_token: two, otp_code: codeNow(secret, 1) })).status).toBe(401)
      const changed = { current_password: password, password: 'quite another one' }
      expect((await api.ask('PUT', '/api/v1/profile/password', { token, json: changed })).status).toBe(200)
      for (const mfa_token of [one, three])
        expect((await post('/auth/sign_in', { mfa_token, otp_code: codeNow(secret, 1) })).status).toBe(401)
    },
  )

  it('the stored second factor reveals no secret and works for no other user', async () => {
    const [one, two] = [await person('Sid Sealed'), await person('Tim Thief')]
    const { secret, recovery } = await switchOn(api, one.token)
    const { rows } = await api.pool.query<{ whole: string }>(
      `select c::text || (select string_agg(r::text, ' ') from recovery_codes r where r.user_id = c.user_id) as whole
       from user_credentials c where user_id = $1`,
      [one.id],
    )
    for (const known of [secret, recovery[0]!, recovery[0]!.replaceAll('-', '')])
      expect(rows[0]!.whole).not.toContain(known)
    await switchOn(api, two.token)
    await api.pool.query(
      `
        update user_credentials
        set otp_secret = (select otp_secret from user_credentials where user_id = $1), otp_last_step = null
        where user_id = $2
      `,
      [one.id, two.id],
    )
    const answer = await post('/auth/sign_in', { email: two.email, password, otp_code: codeNow(secret, 1) })
    expect([answer.status, cookieOf(answer)]).toEqual([500, ''])
    expect(api.faults.splice(0)).toHaveLength(1)
  })

  it('while many passwords are compared, the others are answered', async () => {
    const begun = performance.now()
    const guesses = Promise.all(
      Array.from({ length: 12 }, (_none, n) =>
        post('/auth/sign_in', { email: `n${String(n)}@acme.example`, password }),
      ),
    )
    const waits: number[] = []
    for (let n = 0; n < 20; n++) {
      const asked = performance.now()
      expect((await api.ask('GET', '/api/v1/profile')).status).toBe(200)
      waits.push(performance.now() - asked)
    }
    const answers = await guesses
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]))
    expect(Math.max(...waits)).toBeLessThan((performance.now() - begun) / 2)
  }, 60_000)
})
