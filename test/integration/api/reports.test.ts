// Reports v2: what is counted is what was done, in the account's own days. Times in the tests are set in the database,
// because a test cannot wait for them.

import { afterAll, beforeAll, expect, it } from 'vitest'

import { createAccount, createConversation, createInbox, startApi, type TestApi } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'

const seconds = (iso: string): number => Date.parse(iso) / 1000

describeWithDatabase('reports', () => {
  let api: TestApi
  let at: string
  beforeAll(async () => {
    api = await startApi()
    at = api.path.replace('/v1/', '/v2/')
    const { pool } = api
    const begin = async (created: string, more: { assigneeId?: number | null; labels?: string[] } = {}) => {
      const one = await createConversation(pool, { ...api })
      await pool.query(
        'update conversations set created_at = $2, waiting_since = $2, assignee_id = $3, labels = $4 where id = $1',
        [one.id, created, more.assigneeId ?? null, more.labels ?? []],
      )
      return one
    }
    await pool.query(`insert into labels (account_id, title) values ($1, 'vip')`, [api.accountId])
    const one = await begin('2026-03-01T23:30:00Z', { assigneeId: api.agent.id, labels: ['vip'] })
    const two = await begin('2026-03-02T10:00:00Z')
    await begin('2026-03-04T10:00:00Z')
    await begin('2026-02-20T10:00:00Z')
    // The agent answers the first after an hour and resolves it after two.
    await pool.query(
      `
        insert into messages (
          account_id, inbox_id, conversation_id, message_type, content, sender_type, sender_id, created_at
        )
        values ($1, $2, $3, 'outgoing', 'here', 'user', $4, '2026-02-01T00:00:00Z')
      `,
      [api.accountId, api.inboxId, one.id, api.agent.id],
    )
    await pool.query(
      `
        update conversations
        set first_reply_created_at = created_at + interval '1 hour', waiting_since = null
        where id = $1
      `,
      [one.id],
    )
    // The contact writes again, and is answered again.
    await pool.query('update conversations set waiting_since = now() where id = $1', [one.id])
    await pool.query('update conversations set waiting_since = null where id = $1', [one.id])
    await pool.query(`update conversations set status = 'resolved' where id = $1`, [one.id])
    await pool.query(
      `
        update reporting_events
        set
          created_at = '2026-03-02T01:30:00Z',
          value = case name when 'conversation_resolved' then 7200 when 'reply_time' then 3600 else value end
      `,
    )
    await pool.query(
      `
        insert into messages (
          account_id,
          inbox_id,
          conversation_id,
          message_type,
          content,
          private,
          sender_type,
          sender_id,
          created_at
        )
        values
          ($1, $2, $3, 'incoming', 'a', false, 'contact', $4, '2026-03-02T10:00:00Z'),
          ($1, $2, $3, 'outgoing', 'b', false, 'user', $5, '2026-03-02T11:00:00Z'),
          ($1, $2, $3, 'outgoing', 'note', true, 'user', $5, '2026-03-02T11:00:00Z')
      `,
      [api.accountId, api.inboxId, two.id, two.contactId, api.agent.id],
    )
  })
  afterAll(() => api.stop())

  const march = `since=${String(seconds('2026-03-01T00:00:00Z'))}&until=${String(seconds('2026-03-05T00:00:00Z'))}`

  it('a series has a point for each day, also for days without events', async () => {
    const { body } = await api.ask('GET', `${at}/reports?metric=conversations_count&type=account&group_by=day&${march}`)
    expect(body).toEqual([
      { value: 1, timestamp: seconds('2026-03-01T00:00:00Z') },
      { value: 1, timestamp: seconds('2026-03-02T00:00:00Z') },
      { value: 0, timestamp: seconds('2026-03-03T00:00:00Z') },
      { value: 1, timestamp: seconds('2026-03-04T00:00:00Z') },
    ])
  })

  it("days are in the requested zone, or the account's", async () => {
    const counts = async () =>
      (await api.ask('GET', `${at}/reports?metric=conversations_count&group_by=day&${march}`)).body
    const there = (
      await api.ask('GET', `${at}/reports?metric=conversations_count&group_by=day&timezone_offset=1&${march}`)
    ).body
    // Half past eleven at Greenwich is the next day in Berlin.
    expect(there[0]).toEqual({ value: 0, timestamp: seconds('2026-02-28T23:00:00Z') })
    expect(there[1]).toEqual({ value: 2, timestamp: seconds('2026-03-01T23:00:00Z') })
    await api.ask('PATCH', api.path, { json: { reporting_timezone: 'Europe/Berlin' } })
    expect((await counts()).slice(0, 2)).toEqual(there.slice(0, 2))
    await api.ask('PATCH', api.path, { json: { reporting_timezone: 'UTC' } })
  })

  it('a mean has its count', async () => {
    const { body } = await api.ask('GET', `${at}/reports?metric=avg_first_response_time&group_by=week&${march}`)
    expect(body.filter((point: any) => point.count > 0)).toEqual([
      { value: 3600, timestamp: seconds('2026-03-02T00:00:00Z'), count: 1 },
    ])
  })

  it('a summary has all counts, and those of the previous period', async () => {
    const { body } = await api.ask('GET', `${at}/reports/summary?type=account&${march}`)
    expect(body).toMatchObject({
      conversations_count: 3,
      incoming_messages_count: 1,
      outgoing_messages_count: 1,
      avg_first_response_time: 3600,
      avg_resolution_time: 7200,
      reply_time: 3600,
      resolutions_count: 1,
    })
    expect(body.previous).toMatchObject({ conversations_count: 0, resolutions_count: 0 })
    const later = await api.ask(
      'GET',
      `${at}/reports/summary?type=account&since=${String(seconds('2026-03-05T00:00:00Z'))}&` +
        `until=${String(seconds('2026-03-09T00:00:00Z'))}`,
    )
    expect(later.body.previous).toMatchObject({ conversations_count: 3, resolutions_count: 1 })
  })

  it('reports by agent, inbox and label count only their own events', async () => {
    const summary = async (query: string) => (await api.ask('GET', `${at}/reports/summary?${query}&${march}`)).body
    expect(await summary(`type=agent&id=${String(api.agent.id)}`)).toMatchObject({
      conversations_count: 1,
      outgoing_messages_count: 1,
      resolutions_count: 1,
    })
    expect(await summary(`type=agent&id=${String(api.administrator.id)}`)).toMatchObject({
      conversations_count: 0,
      outgoing_messages_count: 0,
      resolutions_count: 0,
    })
    expect(await summary(`type=inbox&id=${String(api.inboxId)}`)).toMatchObject({
      conversations_count: 3,
      resolutions_count: 1,
    })
    expect(await summary('type=label&id=1')).toMatchObject({ conversations_count: 1, resolutions_count: 1 })
    expect(await summary('type=label&id=999')).toMatchObject({ conversations_count: 0 })
  })

  it('a table has a row for each, idle ones too', async () => {
    const rows = (await api.ask('GET', `${at}/summary_reports/agent?${march}`)).body
    expect(rows.find((row: any) => row.id === api.agent.id)).toEqual({
      id: api.agent.id,
      conversations_count: 1,
      resolved_conversations_count: 1,
      avg_resolution_time: 7200,
      avg_first_response_time: 3600,
      avg_reply_time: 3600,
    })
    expect(rows.find((row: any) => row.id === api.administrator.id)).toMatchObject({
      conversations_count: 0,
      avg_resolution_time: null,
    })
    const csv = await api.ask('GET', `${at}/reports/agents?${march}`)
    expect(csv.text.split('\r\n')[0]).toBe(
      'id,conversations_count,resolutions_count,avg_first_response_time,avg_resolution_time,reply_time',
    )
    expect(csv.text).toContain(`${String(api.agent.id)},1,1,3600,7200,3600`)
  })

  it('open conversations are counted for the account and by agent', async () => {
    expect((await api.ask('GET', `${at}/reports/conversations?type=account`)).body).toEqual({
      open: 3,
      unattended: 3,
      unassigned: 3,
      pending: 0,
    })
    const agents = (await api.ask('GET', `${at}/reports/conversations?type=agent`)).body
    expect(agents.find((agent: any) => agent.id === api.agent.id)).toMatchObject({
      name: 'Gus Agent',
      metric: { open: 0, unattended: 0 },
    })
  })

  it('agents and other accounts cannot read them', async () => {
    expect((await api.ask('GET', `${at}/reports/summary`, { token: api.agent.token })).body).toEqual({
      error: 'You are not authorized to do this action',
    })
    const other = await createAccount(api.pool, 'Other')
    expect((await api.ask('GET', `/api/v2/accounts/${String(other)}/reports/summary`)).status).toBe(401)
  })

  it.each([
    ['metric=love', 'metric must be one of'],
    ['type=planet', 'type must be one of'],
    ['type=agent', 'id of the agent is missing'],
    ['since=yesterday', 'since is not a time'],
    ['since=20&until=10', 'since must be before until'],
    ['timezone_offset=99', 'timezone_offset must be hours between -14 and 14'],
    ['group_by=hour&since=0&until=1700000000', 'More than 2000 points'],
  ])('%s is refused: %s', async (query, sentence) => {
    const answer = await api.ask('GET', `${at}/reports?${query}`)
    expect(answer.status).toBe(422)
    expect(answer.body.error).toContain(sentence)
  })

  it('a first response counts for its author, a reply for the assignee', async () => {
    const conversation = await createConversation(api.pool, { ...api })
    await api.pool.query('update conversations set assignee_id = $2 where id = $1', [conversation.id, api.agent.id])
    await api.ask('POST', `${api.path}/conversations/${String(conversation.displayId)}/messages`, {
      json: { content: 'Ada helps out' },
    })
    await api.pool.query('update conversations set waiting_since = now() where id = $1', [conversation.id])
    await api.ask('POST', `${api.path}/conversations/${String(conversation.displayId)}/messages`, {
      json: { content: 'Ada helps out again' },
    })
    const { rows } = await api.pool.query(
      'select name, user_id from reporting_events where conversation_id = $1 order by id',
      [conversation.id],
    )
    expect(rows).toEqual([
      { name: 'first_response', user_id: api.administrator.id },
      { name: 'reply_time', user_id: api.agent.id },
    ])
  })

  it("a conversation of a bot's inbox that is resolved without a person's message counts for the bot", async () => {
    const bot = (
      await api.ask('POST', `${api.path}/agent_bots`, { json: { name: 'Robo', outgoing_url: 'https://bot.example/' } })
    ).body
    const inboxId = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'With a bot' })
    await api.ask('POST', `${api.path}/inboxes/${String(inboxId)}/set_agent_bot`, { json: { agent_bot: bot.id } })
    const resolve = async (written: boolean) => {
      const { id, displayId } = await createConversation(api.pool, { accountId: api.accountId, inboxId })
      const at = `${api.path}/conversations/${String(displayId)}`
      if (written) await api.ask('POST', `${at}/messages`, { json: { content: 'a person' } })
      await api.ask('POST', `${at}/toggle_status`, { json: { status: 'resolved' }, token: bot.access_token })
      return (
        await api.pool.query(
          `select name from reporting_events where conversation_id = $1 and name like '%resolved' order by name`,
          [id],
        )
      ).rows.map(({ name }) => name)
    }
    expect([await resolve(false), await resolve(true)]).toEqual([
      ['conversation_bot_resolved', 'conversation_resolved'],
      ['conversation_resolved'],
    ])
  })

  // Fridays at half past four in Berlin to Mondays at ten: half an hour, a closed weekend, an hour. Over the change
  // of the clock too.
  it.each([
    ['a usual weekend', '2026-03-06T15:30:00Z', '2026-03-09T09:00:00Z', 65.5, 1.5],
    ['the weekend on which the clock goes forward', '2026-03-27T15:30:00Z', '2026-03-30T08:00:00Z', 64.5, 1.5],
    ['a night', '2026-03-03T20:00:00Z', '2026-03-04T05:00:00Z', 9, 0],
    ['a day that is open throughout', '2026-03-05T00:00:00Z', '2026-03-05T12:00:00Z', 12, 12],
    ['two working days', '2026-03-03T08:00:00Z', '2026-03-04T16:00:00Z', 32, 16],
  ])(
    'with business_hours, only the time in which the inbox was open counts: %s',
    async (_, since, until, hours, open) => {
      const inboxId = await createInbox(api.pool, {
        accountId: api.accountId,
        type: 'Channel::Api',
        name: `Open ${since}`,
      })
      const week = [{ day_of_week: 4, open_all_day: true }]
      await api.ask('PATCH', `${api.path}/inboxes/${String(inboxId)}`, {
        json: { working_hours_enabled: true, timezone: 'Europe/Berlin', working_hours: week },
      })
      await api.pool.query(
        `
          insert into reporting_events (account_id, inbox_id, name, value, created_at)
          values ($1, $2, 'first_response', extract(epoch from $4::timestamptz - $3::timestamptz), $4)
        `,
        [api.accountId, inboxId, since, until],
      )
      const range = `since=${String(seconds(since))}&until=${String(seconds(until) + 1)}`
      const mean = async (more: string) =>
        (await api.ask('GET', `${at}/reports/summary?type=inbox&id=${String(inboxId)}&${range}${more}`)).body
          .avg_first_response_time / 3600
      expect([await mean(''), await mean('&business_hours=true')]).toEqual([hours, open])
      const row = (await api.ask('GET', `${at}/summary_reports/inbox?${range}&business_hours=true`)).body.find(
        ({ id }: any) => id === inboxId,
      )
      expect(row.avg_first_response_time).toBe(open === 0 ? null : open * 3600)
    },
  )

  it('a zone that the database does not know does not prevent answers', async () => {
    const inboxId = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Nowhere' })
    await api.pool.query(`update inboxes set working_hours_enabled = true, timezone = 'Mars/Olympus' where id = $1`, [
      inboxId,
    ])
    const conversation = await createConversation(api.pool, { accountId: api.accountId, inboxId })
    expect(
      (
        await api.ask('POST', `${api.path}/conversations/${String(conversation.displayId)}/messages`, {
          json: { content: 'Here' },
        })
      ).status,
    ).toBe(200)
    const [event] = (
      await api.ask('GET', `${api.path}/conversations/${String(conversation.displayId)}/reporting_events`)
    ).body
    expect(event.value_in_business_hours).toBe(event.value)
  })

  it('events are listed with their times, of a conversation and of the account, for administrators', async () => {
    const conversation = await createConversation(api.pool, { ...api })
    await api.ask('POST', `${api.path}/conversations/${String(conversation.displayId)}/messages`, {
      json: { content: 'Ada answers' },
    })
    const path = `${api.path}/conversations/${String(conversation.displayId)}/reporting_events`
    const [first, ...rest] = (await api.ask('GET', path, { token: api.agent.token })).body
    expect(first).toMatchObject({
      name: 'first_response',
      conversation_id: conversation.displayId,
      inbox_id: api.inboxId,
      user_id: api.administrator.id,
      account_id: api.accountId,
    })
    expect(first.value_in_business_hours).toBeCloseTo(first.value, 3)
    expect((Date.parse(first.event_end_time) - Date.parse(first.event_start_time)) / 1000).toBeCloseTo(first.value, 2)
    expect(rest).toEqual([])
    const listed = (
      await api.ask('GET', `${api.path}/reporting_events?name=first_response&user_id=${String(api.administrator.id)}`)
    ).body
    expect(listed.meta).toMatchObject({ count: listed.payload.length, current_page: 1, total_pages: 1 })
    expect(listed.payload[0]).toEqual(first)
    expect(listed.payload.every(({ name }: any) => name === 'first_response')).toBe(true)
    expect((await api.ask('GET', `${api.path}/reporting_events?until=10`)).body).toEqual({
      meta: { count: 0, current_page: 1, total_pages: 0 },
      payload: [],
    })
    expect((await api.ask('GET', `${api.path}/reporting_events`, { token: api.agent.token })).status).toBe(401)
  })

  it('channels are counted by the status of their conversations', async () => {
    const { body } = await api.ask('GET', `${at}/summary_reports/channel?${march}`)
    expect(body).toEqual({ 'Channel::Email': { open: 2, resolved: 1, pending: 0, snoozed: 0, total: 3 } })
  })
})
