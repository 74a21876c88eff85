// One label, and some attributes, written without losing those that another client writes at the same moment.

import { beforeAll, expect, it } from 'vitest'

import { createAccount, createConversation, createPerson } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

describeWithDatabase('one label or attribute at a time', () => {
  const api = useApi()
  let paths: Readonly<Record<'conversation' | 'contact', string>>
  beforeAll(async () => {
    const there = await createConversation(api.pool, api)
    paths = {
      conversation: `${api.path}/conversations/${String(there.displayId)}`,
      contact: `${api.path}/contacts/${String(there.contactId)}`,
    }
  })

  const labelsOf = async (path: string) => (await api.ask('GET', `${path}/labels`)).body.payload as string[]
  const kinds = ['conversation', 'contact'] as const

  it.each(kinds)('labels of a %s are added and removed one by one; repeating has no effect', async (kind) => {
    const path = paths[kind]
    await api.ask('POST', `${path}/labels`, { json: { labels: ['kept'] } })
    for (const label of ['VIP', 'vip', '%20Vip%20'])
      expect((await api.ask('PUT', `${path}/labels/${label}`)).body).toEqual({ payload: ['kept', 'vip'] })
    const spaced = await api.ask('PUT', `${path}/labels/${encodeURIComponent('größe / 1')}`)
    expect(spaced.body).toEqual({ payload: ['kept', 'vip', 'größe / 1'] })
    await api.ask('DELETE', `${path}/labels/${encodeURIComponent('GRÖSSE / 1'.replace('SS', 'ß'))}`)
    for (let time = 0; time < 2; time++)
      expect((await api.ask('DELETE', `${path}/labels/vip`)).body).toEqual({ payload: ['kept'] })
    expect(await labelsOf(path)).toEqual(['kept'])
  })

  it.each(kinds)('thirty simultaneous writers lose no label of a %s', async (kind) => {
    const path = paths[kind]
    await api.ask('POST', `${path}/labels`, { json: { labels: ['old'] } })
    const labels = Array.from({ length: 30 }, (_, n) => `l${String(n)}`)
    const answers = await Promise.all([
      ...labels.map((label) => api.ask('PUT', `${path}/labels/${label}`)),
      api.ask('DELETE', `${path}/labels/old`),
    ])
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect((await labelsOf(path)).toSorted()).toEqual(labels.toSorted())
  })

  it.each(kinds)('a blank label of a %s, and one above the limit, are refused with a message', async (kind) => {
    const path = paths[kind]
    expect(await api.ask('PUT', `${path}/labels/%20`)).toMatchObject({
      status: 422,
      body: { error: 'Label is blank' },
    })
    await api.ask('POST', `${path}/labels`, {
      json: { labels: Array.from({ length: 100 }, (_, n) => `n${String(n)}`) },
    })
    expect((await api.ask('PUT', `${path}/labels/more`)).status).toBe(422)
    expect((await api.ask('PUT', `${path}/labels/n7`)).status).toBe(200)
    expect(await labelsOf(path)).toHaveLength(100)
  })

  it("labels of another account's records cannot be changed", async () => {
    const accountId = await createAccount(api.pool, 'Elsewhere')
    const { token } = await createPerson(api.pool, { accountId, name: 'Far', role: 'administrator' })
    for (const path of Object.values(paths)) {
      const elsewhere = path.replace(api.path, `/api/v1/accounts/${String(accountId)}`)
      expect((await api.ask('PUT', `${elsewhere}/labels/x`, { token })).status).toBe(404)
      expect((await api.ask('DELETE', `${elsewhere}/labels/x`, { token })).status).toBe(404)
    }
  })

  it('an added or removed label is one activity', async () => {
    const { displayId } = await createConversation(api.pool, api)
    const path = `${api.path}/conversations/${String(displayId)}`
    for (const method of ['PUT', 'PUT', 'DELETE', 'DELETE']) await api.ask(method, `${path}/labels/vip`)
    const { payload } = (await api.ask('GET', `${path}/messages`)).body
    expect(payload.map(({ content }: { content: string }) => content)).toEqual([
      'Ada Admin added vip',
      'Ada Admin removed vip',
    ])
  })

  it('attributes are merged on request, and replaced otherwise', async () => {
    const write = async (json: object) =>
      (await api.ask('POST', `${paths.conversation}/custom_attributes`, { json })).body.custom_attributes
    await write({ custom_attributes: { order: '17' } })
    expect(await write({ custom_attributes: { stage: 'paid' }, merge: true })).toEqual({ order: '17', stage: 'paid' })
    expect(await write({ custom_attributes: { stage: 'sent' }, merge: 'true' })).toEqual({ order: '17', stage: 'sent' })
    expect(await write({ custom_attributes: { only: 1 }, merge: false })).toEqual({ only: 1 })
    expect(await write({ custom_attributes: { order: '18' } })).toEqual({ order: '18' })
    const refused = await api.ask('POST', `${paths.conversation}/custom_attributes`, {
      json: { custom_attributes: { x: 1 }, merge: { no: 'flag' } },
    })
    expect(refused.status).toBe(422)
  })

  it('thirty simultaneous writers lose no attribute, of a conversation or a contact', async () => {
    const names = Array.from({ length: 30 }, (_, n) => `a${String(n)}`)
    await Promise.all(
      names.flatMap((name) => [
        api.ask('POST', `${paths.conversation}/custom_attributes`, {
          json: { custom_attributes: { [name]: 1 }, merge: true },
        }),
        api.ask('PATCH', paths.contact, { json: { custom_attributes: { [name]: 1 } } }),
      ]),
    )
    const all = Object.fromEntries(names.map((name) => [name, 1]))
    expect((await api.ask('GET', paths.conversation)).body.custom_attributes).toMatchObject(all)
    expect((await api.ask('GET', paths.contact)).body.payload.custom_attributes).toMatchObject(all)
  })

  it('attributes that exceed the limit together are refused, and existing ones stay', async () => {
    const big = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`b${String(n)}`, 'x'.repeat(1_400)]))
    const path = `${paths.conversation}/custom_attributes`
    await api.ask('POST', path, { json: { custom_attributes: big } })
    const more = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`m${String(n)}`, 'x'.repeat(1_400)]))
    expect((await api.ask('POST', path, { json: { custom_attributes: more, merge: true } })).status).toBe(422)
    expect((await api.ask('GET', paths.conversation)).body.custom_attributes).toEqual(big)
  })
})
