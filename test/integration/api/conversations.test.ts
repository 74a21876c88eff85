import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'

import {
  createAccount,
  createConversation,
  createInbox,
  createPerson,
  startApi,
  type TestApi,
} from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'

const keys = [
  'account_id',
  'additional_attributes',
  'agent_last_seen_at',
  'assignee_last_seen_at',
  'can_reply',
  'contact_last_seen_at',
  'created_at',
  'custom_attributes',
  'first_reply_created_at',
  'id',
  'inbox_id',
  'labels',
  'last_activity_at',
  'last_non_activity_message',
  'linked_conversations',
  'messages',
  'meta',
  'muted',
  'priority',
  'recipient',
  'sla_policy_id',
  'snoozed_until',
  'status',
  'timestamp',
  'unread_count',
  'updated_at',
  'uuid',
  'waiting_since',
]
const pushKeys = [
  'account_id',
  'additional_attributes',
  'content',
  'content_attributes',
  'content_type',
  'conversation',
  'conversation_id',
  'created_at',
  'external_source_ids',
  'id',
  'inbox_id',
  'message_type',
  'private',
  'processed_message_content',
  'sender',
  'sender_id',
  'sender_type',
  'sentiment',
  'source_id',
  'status',
  'updated_at',
]

describeWithDatabase('conversations', () => {
  let api: TestApi
  let path: string
  let apiInbox: number
  beforeAll(async () => {
    api = await startApi()
    path = `${api.path}/conversations`
    apiInbox = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Bot' })
    await api.pool.query('update inboxes set enable_auto_assignment = false')
  })
  afterAll(async () => {
    await api.stop()
    expect(api.faults).toEqual([])
  })

  const makeContact = async (fields: object = {}): Promise<number> =>
    (
      await api.ask('POST', `${api.path}/contacts`, {
        json: { name: 'C', email: `c${Math.random().toString(36).slice(2)}@customer.example`, ...fields },
      })
    ).body.payload.contact.id

  it('a conversation is created for a contact, with its first message', async () => {
    const contactId = await makeContact()
    const { status, body } = await api.ask('POST', path, {
      json: {
        inbox_id: api.inboxId,
        contact_id: contactId,
        message: { content: 'Welcome' },
        additional_attributes: { mail_subject: 'Hi' },
        custom_attributes: { vip: true },
      },
    })
    expect(status).toBe(200)
    expect(Object.keys(body).sort()).toEqual(keys)
    expect(Object.keys(body.meta).sort()).toEqual(['channel', 'hmac_verified', 'sender'])
    expect(Object.keys(body.messages[0]).sort()).toEqual(pushKeys)
    expect(body).toMatchObject({
      status: 'open',
      inbox_id: api.inboxId,
      unread_count: 0,
      muted: false,
      can_reply: true,
      additional_attributes: { mail_subject: 'Hi' },
      custom_attributes: { vip: true },
      priority: null,
      snoozed_until: null,
      agent_last_seen_at: 0,
    })
    expect(body.messages[0]).toMatchObject({
      content: 'Welcome',
      conversation_id: body.id,
      message_type: 1,
      sender_type: 'User',
      sender_id: api.administrator.id,
    })
    expect(body.messages[0].conversation).toEqual({
      assignee_id: null,
      unread_count: 0,
      last_activity_at: body.last_activity_at,
      contact_inbox: { source_id: body.meta.sender.email },
    })
    expect(body.last_non_activity_message).toEqual(body.messages[0])
    for (const time of ['created_at', 'timestamp', 'last_activity_at', 'first_reply_created_at'])
      expect(Number.isInteger(body[time]) && body[time] > 1.6e9).toBe(true)
    expect((await api.ask('GET', `${path}/${String(body.id)}`)).body).toEqual(body)
  })

  it('the same contact keeps its contact inbox', async () => {
    const contactId = await makeContact()
    const first = (
      await api.ask('POST', path, { form: { inbox_id: String(api.inboxId), contact_id: String(contactId) } })
    ).body
    const second = (await api.ask('POST', path, { json: { inbox_id: api.inboxId, contact_id: contactId } })).body
    expect(second.id).toBe(Number(first.id) + 1)
    expect((await api.pool.query('select from contact_inboxes where contact_id = $1', [contactId])).rowCount).toBe(1)
  })

  it.each(['custom_attributes', 'additional_attributes'])('%s have a size limit', async (name) => {
    const answer = await api.ask('POST', path, {
      json: { inbox_id: api.inboxId, contact_id: await makeContact(), [name]: { a: 'x'.repeat(70_000) } },
    })
    expect([answer.status, answer.body.attributes]).toEqual([422, [name]])
  })

  it('a source id alone names the contact inbox', async () => {
    const there = await createConversation(api.pool, { accountId: api.accountId, inboxId: apiInbox })
    const { body } = await api.ask('POST', path, { json: { source_id: there.sourceId } })
    expect([body.inbox_id, body.meta.sender.id]).toEqual([apiInbox, there.contactId])
  })

  it('a source id of another contact is refused', async () => {
    const there = await createConversation(api.pool, { accountId: api.accountId, inboxId: apiInbox })
    const { status, body } = await api.ask('POST', path, {
      json: { source_id: there.sourceId, inbox_id: apiInbox, contact_id: await makeContact() },
    })
    expect([status, body]).toEqual([422, { error: 'source_id should be unique' }])
  })

  it('a conversation by email with a contact without an address is refused', async () => {
    const contactId = await makeContact({ email: '', identifier: `i${String(Math.random())}` })
    const { status, body } = await api.ask('POST', path, { json: { inbox_id: api.inboxId, contact_id: contactId } })
    expect([status, body]).toEqual([422, { error: 'param is missing or the value is empty: contact email' }])
  })

  it.each([
    {},
    { inbox_id: 4711, contact_id: 1 },
    { source_id: 'nowhere' },
    { inbox_id: 'x', contact_id: 'y' },
    { inbox_id: 1 },
  ])('%j names no contact inbox: 404', async (json) => {
    expect((await api.ask('POST', path, { json })).status).toBe(404)
  })

  it('assignee and team must be of the account', async () => {
    const contactId = await makeContact()
    const stranger = await createPerson(api.pool, { accountId: null, name: 'Stan Stranger' })
    expect(
      (
        await api.ask('POST', path, {
          json: { inbox_id: api.inboxId, contact_id: contactId, assignee_id: stranger.id },
        })
      ).status,
    ).toBe(404)
    expect(
      (await api.ask('POST', path, { json: { inbox_id: api.inboxId, contact_id: contactId, team_id: 4711 } })).status,
    ).toBe(404)
    const { body } = await api.ask('POST', path, {
      json: {
        inbox_id: api.inboxId,
        contact_id: contactId,
        assignee_id: api.agent.id,
        status: 'snoozed',
        snoozed_until: '2030-01-01T00:00:00Z',
      },
    })
    expect(body).toMatchObject({
      status: 'snoozed',
      snoozed_until: '2030-01-01T00:00:00.000Z',
      meta: { assignee: { id: api.agent.id }, assignee_type: 'User' },
    })
  })

  it('a refused first message leaves no conversation and uses no number', async () => {
    const contactId = await makeContact()
    const before = await api.pool.query('select last_display_id from accounts where id = $1', [api.accountId])
    const { status, body } = await api.ask('POST', path, {
      json: { inbox_id: api.inboxId, contact_id: contactId, message: { content: 'x', message_type: 'incoming' } },
    })
    expect([status, body]).toEqual([422, { error: 'Incoming messages are only allowed in Api inboxes' }])
    expect((await api.pool.query('select last_display_id from accounts where id = $1', [api.accountId])).rows).toEqual(
      before.rows,
    )
  })

  it('a conversation of a blocked contact is created as resolved', async () => {
    const contactId = await makeContact({ blocked: true })
    expect(
      (await api.ask('POST', path, { json: { inbox_id: api.inboxId, contact_id: contactId } })).body,
    ).toMatchObject({ status: 'resolved', muted: true })
  })

  it('conversations created simultaneously get different numbers', async () => {
    const contactId = await makeContact()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        api.ask('POST', path, { json: { inbox_id: api.inboxId, contact_id: contactId } }),
      ),
    )
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200))
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(20)
  })

  it('an inbox locked to a single conversation reuses the last one', async () => {
    const locked = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Locked' })
    await api.pool.query('update inboxes set lock_to_single_conversation = true where id = $1', [locked])
    const there = await createConversation(api.pool, { accountId: api.accountId, inboxId: locked })
    expect((await api.ask('POST', path, { json: { source_id: there.sourceId } })).body.id).toBe(there.displayId)
  })

  it('the status toggles between open and resolved', async () => {
    const there = await createConversation(api.pool, api)
    const toggle = async (json: object = {}) =>
      (await api.ask('POST', `${path}/${String(there.displayId)}/toggle_status`, { json })).body
    expect(await toggle()).toEqual({
      meta: {},
      payload: { success: true, conversation_id: there.displayId, current_status: 'resolved', snoozed_until: null },
    })
    expect((await api.ask('GET', `${path}/${String(there.displayId)}`)).body.waiting_since).toBe(0)
    expect((await toggle()).payload.current_status).toBe('open')
    expect((await toggle({ status: 'snoozed', snoozed_until: 1893456000 })).payload).toMatchObject({
      current_status: 'snoozed',
      snoozed_until: '2030-01-01T00:00:00.000Z',
    })
    expect((await toggle()).payload).toMatchObject({ current_status: 'open', snoozed_until: null })
  })

  it('an unknown status is refused', async () => {
    const there = await createConversation(api.pool, api)
    const { status, body } = await api.ask('POST', `${path}/${String(there.displayId)}/toggle_status`, {
      json: { status: 'done' },
    })
    expect([status, body]).toEqual([422, { error: "'done' is not a valid status" }])
  })

  it('an agent who opens a conversation takes it over, an administrator does not', async () => {
    const there = await createConversation(api.pool, { ...api, status: 'resolved' })
    const at = `${path}/${String(there.displayId)}`
    await api.ask('POST', `${at}/toggle_status`, { json: { status: 'open' } })
    expect((await api.ask('GET', at)).body.meta).not.toHaveProperty('assignee')
    await api.ask('POST', `${at}/toggle_status`, { json: { status: 'open' }, token: api.agent.token })
    expect((await api.ask('GET', at)).body.meta.assignee).toMatchObject({ id: api.agent.id, role: 'agent' })
  })

  it('an agent sees conversations of their inboxes and their own only', async () => {
    const hidden = await createConversation(api.pool, { accountId: api.accountId, inboxId: apiInbox })
    const at = `${path}/${String(hidden.displayId)}`
    const asAgent = { token: api.agent.token }
    expect((await api.ask('GET', at, asAgent)).body).toEqual({ error: 'You are not authorized to do this action' })
    expect((await api.ask('GET', `${at}/messages`, asAgent)).status).toBe(401)
    expect((await api.ask('POST', `${at}/messages`, { ...asAgent, json: { content: 'x' } })).status).toBe(401)
    expect((await api.ask('POST', path, { ...asAgent, json: { source_id: hidden.sourceId } })).status).toBe(401)
    expect((await api.ask('GET', `${path}?inbox_id=${String(apiInbox)}`, asAgent)).body.data.meta.all_count).toBe(0)
    await api.pool.query('update conversations set assignee_id = $2 where id = $1', [hidden.id, api.agent.id])
    expect((await api.ask('GET', at, asAgent)).status).toBe(200)
    expect((await api.ask('GET', `${path}?inbox_id=${String(apiInbox)}`, asAgent)).body.data.meta).toEqual({
      mine_count: 1,
      assigned_count: 1,
      unassigned_count: 0,
      all_count: 1,
    })
  })
})

describeWithDatabase('the list of conversations', () => {
  let api: TestApi
  let path: string
  const made: Awaited<ReturnType<typeof createConversation>>[] = []
  beforeAll(async () => {
    api = await startApi()
    path = `${api.path}/conversations`
    for (let n = 0; n < 30; n++) {
      const one = await createConversation(api.pool, { ...api, status: n < 2 ? 'resolved' : 'open' })
      await api.pool.query(
        `
          insert into messages (
            account_id, inbox_id, conversation_id, message_type, content, sender_type, sender_id, updated_at
          )
          select $1, $2, $3, 'incoming', 'word ' || m, 'contact', $4, now()
          from generate_series(1, $5) m
        `,
        [api.accountId, api.inboxId, one.id, one.contactId, n === 29 ? 12 : 2],
      )
      await api.pool.query(
        `
          insert into messages (account_id, inbox_id, conversation_id, message_type, content, updated_at)
          values ($1, $2, $3, 'activity', 'opened', now())
        `,
        [api.accountId, api.inboxId, one.id],
      )
      await api.pool.query(
        `update conversations set last_activity_at = now() - $2 * interval '1 minute' where id = $1`,
        [one.id, 30 - n],
      )
      made.push(one)
    }
    await api.pool.query(
      `update conversations set assignee_id = $2, labels = '{billing}', priority = 'urgent' where id = any($1)`,
      [made.slice(2, 5).map((one) => one.id), api.administrator.id],
    )
    await api.pool.query(`update conversations set assignee_id = $2, priority = 'low' where id = $1`, [
      made[5]!.id,
      api.agent.id,
    ])
    await api.pool.query(
      `update messages set content = '100%_done' where conversation_id = $1 and message_type = 'incoming'`,
      [made[0]!.id],
    )
  })
  afterAll(async () => {
    await api.stop()
    expect(api.faults).toEqual([])
  })

  const list = async (query = '') => (await api.ask('GET', `${path}${query}`)).body.data
  const idsOf = (data: { payload: { id: number }[] }) => data.payload.map((row) => row.id)
  const numbers = (from: number, to: number) => made.slice(from, to).map((one) => one.displayId)

  it('open conversations are sorted by activity, 25 a page, with counts over all pages', async () => {
    const first = await list()
    expect(Object.keys(first.payload[0]).sort()).toEqual(keys)
    expect(first.meta).toEqual({ mine_count: 3, assigned_count: 4, unassigned_count: 24, all_count: 28 })
    expect(idsOf(first)).toEqual(numbers(5, 30).reverse())
    expect(idsOf(await list('?page=2'))).toEqual(numbers(2, 5).reverse())
    expect(idsOf(await list('?page=3'))).toEqual([])
  })

  it('each shows its last message, its last chat message and at most ten unread', async () => {
    const [newest] = (await list()).payload
    expect(newest.unread_count).toBe(10)
    expect(newest.messages[0]).toMatchObject({ content: 'opened', message_type: 2 })
    expect(newest.last_non_activity_message).toMatchObject({
      content: 'word 12',
      sender: { type: 'contact', id: made[29]!.contactId },
    })
    await api.pool.query('update conversations set agent_last_seen_at = now() where id = $1', [made[29]!.id])
    expect((await list()).payload[0].unread_count).toBe(0)
  })

  it.each([
    ['?status=resolved', 0, 2, { mine_count: 0, assigned_count: 0, unassigned_count: 2, all_count: 2 }],
    ['?assignee_type=me', 2, 5, { mine_count: 3, assigned_count: 4, unassigned_count: 24, all_count: 28 }],
    [
      '?assignee_type=assigned&status=all',
      2,
      6,
      { mine_count: 3, assigned_count: 4, unassigned_count: 26, all_count: 30 },
    ],
    ['?labels[]=billing&labels[]=other', 2, 5, { mine_count: 3, assigned_count: 3, unassigned_count: 0, all_count: 3 }],
    ['?q=100%25_D', 0, 1, { mine_count: 0, assigned_count: 0, unassigned_count: 1, all_count: 1 }],
    ['?team_id=4711', 0, 0, { mine_count: 0, assigned_count: 0, unassigned_count: 0, all_count: 0 }],
    ['?conversation_type=mention', 0, 0, { mine_count: 0, assigned_count: 0, unassigned_count: 0, all_count: 0 }],
  ])('%s filters the page and its counts', async (query, from, to, meta) => {
    const data = await list(query)
    expect(idsOf(data)).toEqual(numbers(from, to).reverse())
    expect(data.meta).toEqual(meta)
    expect((await api.ask('GET', `${path}/meta${query}`)).body).toEqual({ meta })
  })

  it.each([
    'last_activity_at_asc',
    'created_at_desc',
    'created_at_asc',
    'priority_desc',
    'priority_asc',
    'waiting_since_asc',
    'waiting_since_desc',
    'priority_desc_created_at_asc',
    'unread',
    'latest',
    "'; drop table",
  ])('sort_by=%s sorts, and never fails', async (sort) => {
    const ids = idsOf(await list(`?sort_by=${encodeURIComponent(sort)}&status=all`))
    expect(ids).toHaveLength(25)
    if (sort === 'last_activity_at_asc') expect(ids).toEqual(numbers(0, 25))
    if (sort === 'priority_desc') expect(ids.slice(0, 4)).toEqual([...numbers(2, 5).reverse(), made[5]!.displayId])
  })

  it('a page costs the same number of queries whatever is on it', async () => {
    const count = async (query: string) => {
      const original = pg.Client.prototype.query
      let queries = 0
      pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
        queries++
        return (original as (...all: unknown[]) => unknown).apply(this, args)
      } as typeof original
      try {
        await list(query)
      } finally {
        pg.Client.prototype.query = original
      }
      return queries
    }
    const few = await count('?q=100%25_D')
    expect(await count('?status=all')).toBeLessThanOrEqual(few + 3)
    expect(few).toBeLessThan(30)
  })

  it("another account's conversations are in no list", async () => {
    const accountId = await createAccount(api.pool, 'Empty')
    await api.pool.query(`insert into account_users (account_id, user_id, role) values ($1, $2, 'administrator')`, [
      accountId,
      api.administrator.id,
    ])
    const { body } = await api.ask('GET', `/api/v1/accounts/${String(accountId)}/conversations?status=all`)
    expect(body).toEqual({
      data: { meta: { mine_count: 0, assigned_count: 0, unassigned_count: 0, all_count: 0 }, payload: [] },
    })
  })
})
