import { beforeAll, describe, expect, it } from 'vitest'

import { createAccount, createConversation, createInbox, createPerson, type Person } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'
import { createTeam } from '../../support/records.ts'

type Row = Awaited<ReturnType<typeof createConversation>>

describeWithDatabase('actions on a conversation', () => {
  const api = useApi()
  let there: Row
  let at: string
  beforeAll(async () => {
    await api.pool.query('update inboxes set enable_auto_assignment = false')
  })

  const begin = async (status = 'open'): Promise<void> => {
    there = await createConversation(api.pool, { ...api, status })
    at = `${api.path}/conversations/${String(there.displayId)}`
  }
  const post = (path: string, json: object = {}, person: Person = api.administrator) =>
    api.ask('POST', `${at}/${path}`, { json, token: person.token })
  const show = async () => (await api.ask('GET', at)).body
  const activities = async (): Promise<string[]> =>
    (await api.ask('GET', `${at}/messages`)).body.payload
      .filter((message: { message_type: number }) => message.message_type === 2)
      .map((message: { content: string }) => message.content)
  const eventsOf = async (): Promise<{ name: string; performer: string | null }[]> =>
    (await api.pool.query('select name, performer from events where conversation_id = $1 order by id', [there.id])).rows

  describe('status', () => {
    it('leaves activities in the conversation, without a sender', async () => {
      await begin()
      for (const status of ['resolved', 'pending', 'open']) await post('toggle_status', { status })
      await post('toggle_status', { status: 'open' })
      await post('toggle_status', { status: 'snoozed', snoozed_until: 1893456000 })
      expect(await activities()).toEqual([
        'Conversation was marked resolved by Ada Admin',
        'Conversation was marked as pending by Ada Admin',
        'Conversation was reopened by Ada Admin',
        'Conversation was snoozed by Ada Admin',
      ])
      const { payload } = (await api.ask('GET', `${at}/messages`)).body
      expect(payload[0]).toMatchObject({ message_type: 2, content_type: 'text', private: false })
      expect(payload[0]).not.toHaveProperty('sender')
      expect((await show()).last_non_activity_message).toBe(null)
      expect(
        (await eventsOf())
          .filter(({ name }) => name === 'conversation_status_changed')
          .every(({ performer }) => performer === `user:${String(api.administrator.id)}`),
      ).toBe(true)
    })

    it('an agent who opens it says so', async () => {
      await begin('resolved')
      await post('toggle_status', { status: 'open' }, api.agent)
      expect(await activities()).toEqual([
        'Conversation was reopened by Gus Agent',
        'Gus Agent self-assigned this conversation',
      ])
    })

    it.each([
      ['an administrator', () => api.administrator],
      ['an agent', () => api.agent],
    ])(
      '%s who opens a bot’s conversation takes it from the bot; one who resolves it does not',
      async (_name, person) => {
        await begin('pending')
        const bot = (await api.ask('POST', `${api.path}/agent_bots`, { json: { name: 'Robo' } })).body
        await post('assignments', { assignee_id: bot.id, assignee_type: 'AgentBot' })
        await post('toggle_status', { status: 'resolved' }, person())
        expect((await show()).meta).toMatchObject({ assignee: { id: bot.id }, assignee_type: 'AgentBot' })
        await post('toggle_status', {}, person())
        expect(await show()).toMatchObject({ status: 'open' })
        expect((await show()).meta.assignee?.id).toBe(person() === api.agent ? api.agent.id : undefined)
      },
    )

    it('a bot that opens a pending one hands it over, and the contact waits from then on', async () => {
      await begin('pending')
      await api.pool.query('update conversations set waiting_since = null where id = $1', [there.id])
      const bot = (
        await api.ask('POST', `${api.path}/agent_bots`, {
          json: { name: 'Robo', outgoing_url: 'https://bot.example/' },
        })
      ).body
      await post('assignments', { assignee_id: bot.id, assignee_type: 'AgentBot' })
      expect((await show()).meta).toMatchObject({
        assignee: { id: bot.id, name: 'Robo', type: 'agent_bot' },
        assignee_type: 'AgentBot',
      })
      const { status } = await post('toggle_status', { status: 'open' }, { id: 0, token: bot.access_token })
      expect(status).toBe(200)
      const now = await show()
      expect([now.status, now.waiting_since > 0, now.meta.assignee]).toEqual(['open', true, undefined])
      expect(await eventsOf()).toContainEqual({
        name: 'conversation_bot_handoff',
        performer: `agent_bot:${String(bot.id)}`,
      })
    })
  })

  it('priority: set, changed, removed', async () => {
    await begin()
    for (const priority of ['high', 'urgent', 'urgent', null])
      expect((await post('toggle_priority', { priority })).text).toBe('')
    expect(await activities()).toEqual([
      'Ada Admin set the priority to high',
      'Ada Admin changed the priority from high to urgent',
      'Ada Admin removed the priority',
    ])
    expect((await api.ask('PATCH', at, { json: { priority: 'low' } })).body.priority).toBe('low')
    expect((await post('toggle_priority', { priority: 'huge' })).body).toEqual({
      error: "'huge' is not a valid priority",
    })
    expect((await post('toggle_priority', { priority: { a: 1 } })).status).toBe(422)
  })

  describe('assignment', () => {
    it('to an agent, to oneself, to no agent', async () => {
      await begin()
      expect((await post('assignments', { assignee_id: String(api.agent.id) })).body).toMatchObject({
        id: api.agent.id,
        name: 'Gus Agent',
        role: 'agent',
      })
      expect((await post('assignments', { assignee_id: api.administrator.id, team_id: 4711 })).body.id).toBe(
        api.administrator.id,
      )
      expect((await post('assignments', { assignee_id: 0 })).body).toBe(null)
      expect(await activities()).toEqual([
        'Assigned to Gus Agent by Ada Admin',
        'Ada Admin self-assigned this conversation',
        'Conversation unassigned by Ada Admin',
      ])
      expect((await show()).meta).not.toHaveProperty('assignee')
    })

    it('to a team: an assignee outside the team is removed, and the next member is assigned', async () => {
      await begin()
      const sales = await createTeam(api, { name: 'sales', userIds: [api.agent.id] })
      const quiet = await createTeam(api, { name: 'quiet', isAutoAssigned: false })
      await post('assignments', { assignee_id: api.administrator.id })
      expect((await post('assignments', { team_id: sales })).body).toEqual({
        id: sales,
        name: 'sales',
        description: null,
        allow_auto_assign: true,
        account_id: api.accountId,
        is_member: false,
      })
      expect((await show()).meta).toMatchObject({ assignee: { id: api.agent.id }, team: { id: sales } })
      await post('assignments', { team_id: quiet })
      expect((await show()).meta).not.toHaveProperty('assignee')
      expect((await post('assignments', { team_id: '' })).body).toBe(null)
      expect(await activities()).toEqual([
        'Ada Admin self-assigned this conversation',
        'Assigned to Gus Agent via sales by Ada Admin',
        'Assigned to quiet by Ada Admin',
        'Unassigned from quiet by Ada Admin',
      ])
    })

    it.each(['assignee_id', 'team_id'])(
      'a user of another account as %s is not found, and nothing changes',
      async (field) => {
        await begin()
        const other = await createAccount(api.pool, 'Other')
        const stranger = await createPerson(api.pool, { accountId: other, name: 'Stan Stranger' })
        const { rows } = await api.pool.query<{ id: number }>(
          `insert into teams (account_id, name, updated_at) values ($1, 'theirs', now()) returning id`,
          [other],
        )
        for (const id of [field === 'team_id' ? rows[0]?.id : stranger.id, 'x', -3, 2 ** 40])
          expect((await post('assignments', { [field]: id })).status).toBe(404)
        expect(await activities()).toEqual([])
      },
    )
  })

  it('labels are replaced, in lower case, unknown ones too', async () => {
    await begin()
    expect((await post('labels', { labels: ['Billing', 'vip', 'billing ', ''] })).body).toEqual({
      payload: ['billing', 'vip'],
    })
    expect(
      (
        await api.ask('POST', `${at}/labels`, {
          form: [
            ['labels[]', 'vip'],
            ['labels[]', 'new'],
          ],
        })
      ).body,
    ).toEqual({ payload: ['vip', 'new'] })
    expect((await api.ask('GET', `${at}/labels`)).body).toEqual({ payload: ['vip', 'new'] })
    expect((await post('labels', { labels: [] })).body).toEqual({ payload: [] })
    expect(await activities()).toEqual([
      'Ada Admin added billing, vip',
      'Ada Admin added new',
      'Ada Admin removed billing',
      'Ada Admin removed vip, new',
    ])
  })

  it('custom attributes are replaced as a whole, and removed by name', async () => {
    await begin()
    expect((await post('custom_attributes', { custom_attributes: { plan: 'gold', seats: 3 } })).body).toEqual({
      custom_attributes: { plan: 'gold', seats: 3 },
    })
    expect((await post('custom_attributes', { custom_attributes: { seats: 4, vip: true } })).body).toEqual({
      custom_attributes: { seats: 4, vip: true },
    })
    expect((await post('destroy_custom_attributes', { custom_attributes: ['seats'] })).body).toEqual({
      custom_attributes: { vip: true },
    })
    expect((await show()).custom_attributes).toEqual({ vip: true })
    expect((await post('custom_attributes')).status).toBe(422)
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`k${String(n)}`, 'x'.repeat(1_400)]))
    expect(await post('custom_attributes', { custom_attributes: many })).toMatchObject({
      status: 422,
      body: { attributes: ['custom_attributes'] },
    })
    expect(await post('custom_attributes', { custom_attributes: { long: 'x'.repeat(1501) } })).toMatchObject({
      status: 422,
      body: { attributes: ['custom_attributes'] },
    })
  })

  it('muting resolves it and blocks the contact, unmuting opens nothing', async () => {
    await begin()
    expect((await post('mute')).text).toBe('')
    expect(await show()).toMatchObject({ status: 'resolved', muted: true, meta: { sender: { blocked: true } } })
    await post('unmute')
    expect(await show()).toMatchObject({ status: 'resolved', muted: false })
    expect(await activities()).toEqual([
      'Conversation was marked resolved by Ada Admin',
      'Ada Admin has muted the conversation',
      'Ada Admin has unmuted the conversation',
    ])
  })

  it('participants: added, replaced, removed; only who may see the inbox', async () => {
    await begin()
    const outsider = await createPerson(api.pool, { accountId: api.accountId, name: 'Olga Outside' })
    const ids = async () => (await api.ask('GET', `${at}/participants`)).body.map((agent: { id: number }) => agent.id)
    expect(
      (await post('participants', { user_ids: [api.agent.id] })).body.map((agent: { name: string }) => agent.name),
    ).toEqual(['Gus Agent'])
    expect((await post('participants', { user_ids: [outsider.id] })).body).toEqual({
      message: 'User must have inbox access',
      attributes: ['user'],
    })
    await api.ask('PATCH', `${at}/participants`, { json: { user_ids: [api.administrator.id] } })
    expect(await ids()).toEqual([api.administrator.id])
    expect(
      (await api.ask('DELETE', `${at}/participants`, { json: { user_ids: [api.administrator.id, 4711] } })).text,
    ).toBe('')
    expect(await ids()).toEqual([])
  })

  it('an assignee becomes a participant, until removed', async () => {
    await begin()
    const outsider = await createPerson(api.pool, { accountId: api.accountId, name: 'Oto Outside' })
    const ids = async () => (await api.ask('GET', `${at}/participants`)).body.map((agent: { id: number }) => agent.id)
    await post('assignments', { assignee_id: api.agent.id })
    expect(await ids()).toEqual([api.agent.id])
    await post('assignments', { assignee_id: api.administrator.id })
    await post('assignments', { assignee_id: null })
    expect(await ids()).toEqual([api.agent.id, api.administrator.id])
    // An agent who does not see the inbox may be assigned one of its conversations, and gets no events of it after
    // losing it.
    await post('assignments', { assignee_id: outsider.id })
    expect(await ids()).toEqual([api.agent.id, api.administrator.id])
    await api.ask('DELETE', `${at}/participants`, { json: { user_ids: [api.administrator.id] } })
    await post('assignments', { assignee_id: api.agent.id })
    expect(await ids()).toEqual([api.agent.id])
    await api.ask('POST', `${at}/toggle_status`, { json: { status: 'resolved' } })
    await post('assignments', { assignee_id: null })
    await api.ask('DELETE', `${at}/participants`, { json: { user_ids: [api.agent.id] } })
    await api.ask('POST', `${at}/toggle_status`, { json: { status: 'open' }, token: api.agent.token })
    expect(await ids()).toEqual([api.agent.id])
  })

  describe('the read state', () => {
    const say = (content: string) =>
      api.pool.query(
        `
          with m as (
            insert into messages (account_id, inbox_id, conversation_id, message_type, content, created_at)
            values ($1, $2, $3, 'incoming', $4, clock_timestamp())
            returning created_at
          )
          update conversations set last_incoming_at = (select created_at from m) where id = $3
        `,
        [api.accountId, api.inboxId, there.id, content],
      )

    it('is marked, and unmarked from the last message of the contact', async () => {
      await begin()
      for (const word of ['one', 'two', 'three']) await say(word)
      expect((await show()).unread_count).toBe(3)
      const seen = (await post('update_last_seen')).body
      expect([seen.unread_count, seen.agent_last_seen_at > 0, seen.assignee_last_seen_at]).toEqual([0, true, 0])
      expect((await post('unread')).body.unread_count).toBeGreaterThanOrEqual(1)
    })

    it('by the assignee is marked separately', async () => {
      await begin()
      await post('assignments', { assignee_id: api.agent.id })
      await say('hello')
      expect((await post('update_last_seen', {}, api.agent)).body.assignee_last_seen_at).toBeGreaterThan(0)
    })

    it('again, without a change, writes nothing', async () => {
      await begin()
      await say('hello')
      await post('update_last_seen')
      const mark = async () =>
        (await api.pool.query('select agent_last_seen_at, xmin::text from conversations where id = $1', [there.id]))
          .rows[0]
      const before = await mark()
      await post('update_last_seen')
      expect(await mark()).toEqual(before)
    })
  })

  it('typing is only an event', async () => {
    await begin()
    expect((await post('toggle_typing_status', { typing_status: 'on', is_private: true })).text).toBe('')
    await post('toggle_typing_status', { typing_status: 'off' })
    expect(await eventsOf()).toEqual(
      expect.arrayContaining([
        { name: 'conversation_typing_on', performer: `user:${String(api.administrator.id)}` },
        { name: 'conversation_typing_off', performer: `user:${String(api.administrator.id)}` },
      ]),
    )
    expect((await post('toggle_typing_status', { typing_status: 'maybe' })).status).toBe(422)
  })

  it('a transcript is queued for an address', async () => {
    await begin()
    expect((await post('transcript')).body).toEqual({ error: 'email param missing' })
    expect((await post('transcript', { email: 'a@b.example\r\nBcc: x@y.example' })).status).toBe(422)
    const before = api.wakes.length
    const reply = 'reply+0123456789abcdef0123456789abcdef@reply.example.net'
    expect((await post('transcript', { email: reply })).status).toBe(422)
    expect((await post('transcript', { email: 'boss@customer.example' })).text).toBe('')
    expect(api.wakes.length).toBe(before + 1)
    expect(
      (
        await api.pool.query(
          `
            select payload ->> 'email' as email
            from work
            where kind = 'send-transcript' and (payload ->> 'conversationId')::int = $1
          `,
          [there.id],
        )
      ).rows,
    ).toEqual([{ email: 'boss@customer.example' }])
  })

  it('its files are listed, newest first', async () => {
    await begin()
    for (const name of ['a.txt', 'b.png']) {
      const multipart = new FormData()
      multipart.set('content', name)
      multipart.append(
        'attachments[]',
        new Blob(['x'], { type: name.endsWith('png') ? 'image/png' : 'text/plain' }),
        name,
      )
      expect((await api.ask('POST', `${at}/messages`, { multipart })).status).toBe(200)
    }
    const { body } = await api.ask('GET', `${at}/attachments`)
    expect(body.meta).toEqual({ total_count: 2 })
    expect(
      body.payload.map((file: { file_type: string; extension: string; sender: { name: string } }) => [
        file.file_type,
        file.extension,
        file.sender.name,
      ]),
    ).toEqual([
      ['image', 'png', 'Ada Admin'],
      ['file', 'txt', 'Ada Admin'],
    ])
  })

  it('only administrators delete it, with its messages and files', async () => {
    await begin()
    const multipart = new FormData()
    multipart.append('attachments[]', new Blob([`only here ${String(Math.random())}`]), 'only.txt')
    await api.ask('POST', `${at}/messages`, { multipart })
    const { rows } = await api.pool.query<{ sha: Buffer }>(
      'select blob_sha256 as sha from attachments order by id desc limit 1',
    )
    expect((await api.ask('DELETE', at, { token: api.agent.token })).status).toBe(401)
    expect((await api.ask('DELETE', at)).text).toBe('')
    expect((await api.ask('GET', at)).status).toBe(404)
    expect((await api.ask('DELETE', at)).status).toBe(404)
    expect((await api.pool.query('select from blobs where sha256 = $1', [rows[0]?.sha])).rowCount).toBe(0)
  })

  it('simultaneous actions are done one after another', async () => {
    await begin()
    await Promise.all([
      ...Array.from({ length: 5 }, (_, i) => post('labels', { labels: [`l${String(i)}`] })),
      ...['low', 'high', 'urgent'].map((priority) => post('toggle_priority', { priority })),
      post('mute'),
      post('assignments', { assignee_id: api.agent.id }),
    ])
    const now = await show()
    expect([now.labels.length, now.status, now.meta.assignee.id]).toEqual([1, 'resolved', api.agent.id])
    const said = await activities()
    expect(said.filter((sentence) => / added l\d/.test(sentence))).toHaveLength(5)
    expect(said.filter((sentence) => / removed l\d/.test(sentence))).toHaveLength(4)
  })

  it.each([
    'toggle_status',
    'toggle_priority',
    'assignments',
    'labels',
    'custom_attributes',
    'mute',
    'participants',
    'transcript',
    'update_last_seen',
    'unread',
    'toggle_typing_status',
  ])('%s of a conversation without access is refused', async (action) => {
    const hidden = await createConversation(api.pool, {
      accountId: api.accountId,
      inboxId: await createInbox(api.pool, {
        accountId: api.accountId,
        type: 'Channel::Api',
        name: `Hidden ${action}`,
      }),
    })
    at = `${api.path}/conversations/${String(hidden.displayId)}`
    const json = {
      priority: 'low',
      assignee_id: api.agent.id,
      labels: ['x'],
      custom_attributes: {},
      user_ids: [],
      email: 'a@b.example',
      typing_status: 'on',
    }
    expect((await post(action, json, api.agent)).status).toBe(401)
    at = `${api.path}/conversations/999999`
    expect((await post(action, json)).status).toBe(404)
  })
})
