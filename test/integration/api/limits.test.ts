// Clients above a limit get Chatwoot's answer: 429 with an error and Retry-After.

import { afterAll, beforeAll, expect, it } from 'vitest'

import { createRates } from '../../../src/queue/rates.ts'
import { createPerson, startApi, type TestApi } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'

describeWithDatabase('limits', () => {
  let api: TestApi
  beforeAll(async () => {
    const { perMinute, perHour } = createRates(undefined)
    api = await startApi({
      limits: {
        token: perMinute('token', 3),
        contact: perMinute('contact', 3),
        address: perMinute('address', 12),
        stranger: perMinute('stranger', 2),
        signIn: perMinute('sign-in', 3),
        signInFrom: perMinute('sign-in-from', 9),
        secondFactor: perHour('second-factor', 3),
        linkMail: perHour('link-mail', 3),
        isProxy: () => true,
      },
    })
  })
  afterAll(async () => {
    await api.stop()
    expect(api.faults).toEqual([])
  })

  it('a token has a number of requests a minute; other tokens are not affected', async () => {
    const person = await createPerson(api.pool, { accountId: api.accountId, name: 'Eve Eager' })
    const ask = () => api.ask('GET', `${api.path}/labels`, { token: person.token })
    for (let n = 0; n < 3; n++) expect((await ask()).status).toBe(200)
    const { status, body, headers } = await ask()
    expect([status, body]).toEqual([429, { error: expect.stringMatching(/\w/) }])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await api.ask('GET', `${api.path}/labels`, { token: api.agent.token })).status).toBe(200)
  })

  it('an address may try a number of wrong tokens; a valid token still works', async () => {
    const guess = (from: string) =>
      api.ask('GET', `${api.path}/labels`, {
        token: Math.random().toString(36),
        headers: { 'x-forwarded-for': `10.0.0.1, ${from}` },
      })
    expect((await guess('192.0.2.1')).status).toBe(401)
    expect((await guess('192.0.2.1')).status).toBe(401)
    expect((await guess('192.0.2.1')).status).toBe(429)
    expect((await guess('192.0.2.2')).status).toBe(401)
    const person = await createPerson(api.pool, { accountId: api.accountId, name: 'Kim Knows' })
    expect(
      (await api.ask('GET', `${api.path}/labels`, { token: person.token, headers: { 'x-forwarded-for': '192.0.2.1' } }))
        .status,
    ).toBe(200)
  })

  it("a visitor has a number of requests a minute; unknown source ids count for the client's address", async () => {
    const inbox = (await api.ask('POST', `${api.path}/inboxes`, { json: { name: 'App', channel: { type: 'api' } } }))
      .body
    const contacts = `/public/api/v1/inboxes/${String(inbox.inbox_identifier)}/contacts`
    const from = (address: string) => ({ token: null, headers: { 'x-forwarded-for': address } })
    const visitors = await Promise.all(
      [1, 2].map(async () => (await api.ask('POST', contacts, from('192.0.2.8'))).body.source_id),
    )
    const look = async (sourceId: string, address: string) =>
      (await api.ask('GET', `${contacts}/${sourceId}`, from(address))).status
    for (let n = 0; n < 3; n++) expect(await look(visitors[0], '192.0.2.9')).toBe(200)
    expect([await look(visitors[0], '192.0.2.10'), await look(visitors[1], '192.0.2.9')]).toEqual([429, 200])
    for (let n = 0; n < 8; n++) expect(await look(`invented-${String(n)}`, '192.0.2.9')).toBe(404)
    expect(await look('invented-8', '192.0.2.9')).toBe(429)
    expect(await look(visitors[1], '192.0.2.10')).toBe(200)
  })
})
