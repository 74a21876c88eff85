// The same action on several conversations, each for itself; counts of the tabs.

import { beforeAll, expect, it } from 'vitest'

import { createConversation, createInbox, createPerson } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

describeWithDatabase('actions on several conversations', () => {
  const api = useApi()
  beforeAll(async () => {
    await api.pool.query('update inboxes set enable_auto_assignment = false')
  })

  const open = async (inboxId = api.inboxId) =>
    (await createConversation(api.pool, { accountId: api.accountId, inboxId })).displayId
  const action = (json: object, token = api.administrator.token) =>
    api.ask('POST', `${api.path}/bulk_actions`, { json: { type: 'Conversation', ...json }, token })
  const get = async (id: number) => (await api.ask('GET', `${api.path}/conversations/${String(id)}`)).body

  it('status, assignee, priority and labels change in one request', async () => {
    const ids = [await open(), await open(), await open()]
    await api.ask('POST', `${api.path}/conversations/${String(ids[0])}/labels`, { json: { labels: ['old', 'keep'] } })
    const until = Math.floor(Date.now() / 1000) + 3_600
    const { status, body } = await action({
      ids: [...ids, ids[0]],
      fields: { status: 'snoozed', assignee_id: api.agent.id, priority: 'high' },
      labels: { add: ['New'], remove: ['old'] },
      snoozed_until: until,
    })
    expect([status, body]).toEqual([200, { updated: ids, failed: [] }])
    for (const id of ids)
      expect(await get(id)).toMatchObject({
        status: 'snoozed',
        priority: 'high',
        meta: { assignee: { id: api.agent.id } },
        snoozed_until: new Date(until * 1000).toISOString(),
      })
    expect((await get(ids[0]!)).labels).toEqual(['keep', 'new'])
    await action({ ids, fields: { assignee_id: null, priority: null, status: 'open' } })
    expect(await get(ids[1]!)).toMatchObject({ status: 'open', priority: null, labels: ['new'] })
  })

  it('conversations without access and merged ones are left unchanged, and the others are done', async () => {
    const [one, two, target] = [await open(), await open(), await open()]
    const hidden = await open(
      await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Email', name: 'Board' }),
    )
    await api.ask('POST', `${api.path}/conversations/${String(target)}/merge`, { json: { conversation_id: two } })
    const { body } = await action({ ids: [one, hidden, 4711, two], fields: { status: 'resolved' } }, api.agent.token)
    expect(body).toEqual({
      updated: [one],
      failed: [
        { id: hidden, error: 'Resource could not be found' },
        { id: 4711, error: 'Resource could not be found' },
        { id: two, error: `This conversation was merged into #${String(target)}` },
      ],
    })
    expect([(await get(one)).status, (await get(hidden)).status]).toEqual(['resolved', 'open'])
  })

  it.each([
    [{ type: 'Contact', ids: [1], fields: { status: 'open' } }],
    [{ ids: [], fields: { status: 'open' } }],
    [{ ids: [1] }],
    [{ ids: [1], fields: { status: 'eaten' } }],
    [{ ids: [1], fields: { priority: 'eaten' } }],
    [{ ids: [1], labels: { add: { a: 1 } } }],
    [{ ids: [1], fields: { status: 'snoozed' }, snoozed_until: 'soon' }],
    [{ ids: Array.from({ length: 101 }, (_, n) => n + 1), fields: { status: 'open' } }],
  ])('an unknown action is refused with a message: %j', async (json) => {
    const { status, body } = await action(json)
    expect([status, typeof (body.error ?? body.message)]).toEqual([422, 'string'])
  })

  it('an unknown assignee is refused for each', async () => {
    const id = await open()
    expect((await action({ ids: [id], fields: { assignee_id: 4711 } })).body.failed).toEqual([
      { id, error: 'Resource could not be found' },
    ])
  })

  it('the tabs are counted exactly, for the person who asks', async () => {
    const mate = await createPerson(api.pool, { accountId: api.accountId, name: 'Mia', role: 'administrator' })
    const id = await open()
    const counts = async (query = '&tabs=true') =>
      (await api.ask('GET', `${api.path}/conversations/meta?status=open${query}`, { token: mate.token })).body.meta
    const before = await counts()
    expect(await counts('')).not.toHaveProperty('mentions_count')
    await api.ask('POST', `${api.path}/conversations/${String(id)}/messages`, {
      json: { content: `[@Mia](mention://user/${String(mate.id)}/Mia)`, private: true },
    })
    expect(await counts()).toEqual({ ...before, mentions_count: 1, participating_count: 1 })
    await api.ask('POST', `${api.path}/conversations/${String(id)}/messages`, { json: { content: 'answered' } })
    expect((await counts()).unattended_count).toBe(before.unattended_count - 1)
  })
})
