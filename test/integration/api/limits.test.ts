// Who asks too much is told to wait, in Chatwoot's way: 429 with an error and Retry-After.

import { afterAll, beforeAll, expect, it } from 'vitest'

import { createRates } from '../../../src/queue/rates.ts'
import { createPerson, startApi, type TestApi } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'

describeWithDatabase('limits', () => {
  let api: TestApi
  beforeAll(async () => {
    const { perMinute } = createRates(undefined)
    api = await startApi({ limits: { token: perMinute('token', 3), contact: perMinute('contact', 3), stranger: perMinute('stranger', 2), isProxy: () => true } })
  })
  afterAll(async () => {
    await api.stop()
    expect(api.faults).toEqual([])
  })

  it('a token may ask so often a minute; others are not concerned', async () => {
    const person = await createPerson(api.pool, { accountId: api.accountId, name: 'Eve Eager' })
    const ask = () => api.ask('GET', `${api.path}/labels`, { token: person.token })
    for (let n = 0; n < 3; n++) expect((await ask()).status).toBe(200)
    const { status, body, headers } = await ask()
    expect([status, body]).toEqual([429, { error: expect.stringMatching(/\w/) }])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await api.ask('GET', `${api.path}/labels`, { token: api.agent.token })).status).toBe(200)
  })

  it('an address may guess so many tokens; one that knows its token is heard all the same', async () => {
    const guess = (from: string) => api.ask('GET', `${api.path}/labels`, { token: Math.random().toString(36), headers: { 'x-forwarded-for': `10.0.0.1, ${from}` } })
    expect((await guess('192.0.2.1')).status).toBe(401)
    expect((await guess('192.0.2.1')).status).toBe(401)
    expect((await guess('192.0.2.1')).status).toBe(429)
    expect((await guess('192.0.2.2')).status).toBe(401)
    const person = await createPerson(api.pool, { accountId: api.accountId, name: 'Kim Knows' })
    expect((await api.ask('GET', `${api.path}/labels`, { token: person.token, headers: { 'x-forwarded-for': '192.0.2.1' } })).status).toBe(200)
  })
})
