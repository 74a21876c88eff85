// A bot hears of the conversations of its inbox at its own address, and people take over when it does not answer.

import { afterAll, beforeAll, expect, it } from 'vitest'

import { createConversation, createInbox } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { startEventDelivery, type TestEventDelivery } from '../../support/event-delivery.ts'
import { isGenuine, type Receiver, startReceiver } from '../../support/receiver.ts'
import { until } from '../../support/until.ts'

describeWithDatabase('agent bots', () => {
  let api: TestEventDelivery
  let receiver: Receiver
  beforeAll(async () => {
    receiver = await startReceiver()
    api = await startEventDelivery()
  })
  afterAll(async () => {
    await api.stop()
    await receiver.stop()
    expect(api.faults).toEqual([])
  })

  let count = 0
  const makeBot = async () => {
    const path = `/bot-${String(++count)}`
    const { rows } = await api.pool.query<{ id: number }>(
      `insert into agent_bots (account_id, name, outgoing_url, secret) values ($1, 'Bob', $2, 'a secret') returning id`,
      [api.accountId, `${receiver.origin}${path}`],
    )
    const inboxId = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Chat' })
    await api.pool.query('update inboxes set agent_bot_id = $2 where id = $1', [inboxId, rows[0]!.id])
    return { id: rows[0]!.id, inboxId, heard: () => receiver.at(path) }
  }
  const write = (displayId: number, content: string) =>
    api.ask('POST', `${api.path}/conversations/${String(displayId)}/messages`, {
      json: { content, message_type: 'incoming' },
    })

  it('receive messages, opening and resolving of their inboxes only, signed with their own secret', async () => {
    const bot = await makeBot()
    const conversation = await createConversation(api.pool, {
      accountId: api.accountId,
      inboxId: bot.inboxId,
      status: 'pending',
    })
    const elsewhere = await createConversation(api.pool, { accountId: api.accountId, inboxId: api.inboxId })
    await api.ask('POST', `${api.path}/conversations/${String(elsewhere.displayId)}/messages`, {
      json: { content: 'elsewhere' },
    })
    await write(conversation.displayId, 'Hello bot')
    await until('the message', () => bot.heard()[0])
    await api.ask('POST', `${api.path}/conversations/${String(conversation.displayId)}/toggle_status`, {
      json: { status: 'resolved' },
    })
    await until('all of it', () => bot.heard().some(({ body }) => body.event === 'conversation_resolved'))
    expect(bot.heard().map(({ body }) => body.event)).toEqual(['message_created', 'conversation_resolved'])
    expect(bot.heard()[0]!.body).toMatchObject({
      content: 'Hello bot',
      message_type: 'incoming',
      conversation: { id: conversation.displayId, status: 'pending' },
    })
    expect(bot.heard().every((post) => isGenuine(post, 'a secret'))).toBe(true)
  })

  it(
    'of the installation work only in accounts that assign them an inbox, each with its own ' + 'subscription',
    async () => {
      const path = '/bot-of-all'
      await api.pool.query(`update users set type = 'SuperAdmin' where id = $1`, [api.administrator.id])
      const bot = (
        await api.ask('POST', '/platform/api/v1/agent_bots', {
          json: { name: 'For all', outgoing_url: `${receiver.origin}${path}` },
        })
      ).body
      expect(bot).toMatchObject({
        account_id: null,
        system_bot: true,
        access_token: expect.any(String),
        secret: expect.any(String),
      })
      const seen = await api.ask('GET', `${api.path}/agent_bots/${String(bot.id)}`)
      expect([seen.body.name, seen.body.outgoing_url, seen.text.includes(bot.secret)]).toEqual(['For all', null, false])
      for (const [method, at] of [
        ['PATCH', ''],
        ['DELETE', ''],
        ['POST', '/reset_access_token'],
        ['POST', '/reset_secret'],
      ] as const)
        expect(
          (await api.ask(method, `${api.path}/agent_bots/${String(bot.id)}${at}`, { json: { name: 'Mine' } })).status,
        ).toBe(404)

      const inboxId = await createInbox(api.pool, {
        accountId: api.accountId,
        type: 'Channel::Api',
        name: 'Chat of all',
      })
      const conversation = await createConversation(api.pool, { accountId: api.accountId, inboxId, status: 'pending' })
      const answer = (content: string) =>
        api.ask('POST', `${api.path}/conversations/${String(conversation.displayId)}/messages`, {
          token: bot.access_token,
          json: { content },
        })
      expect((await answer('Not yet')).status).toBe(401)
      await api.ask('POST', `${api.path}/inboxes/${String(inboxId)}/set_agent_bot`, { json: { agent_bot: bot.id } })
      await write(conversation.displayId, 'Hello all')
      const heard = await until('the message', () => receiver.at(path)[0])
      expect([heard.body.content, isGenuine(heard, bot.secret)]).toEqual(['Hello all', true])
      expect((await answer('Hello you')).body).toMatchObject({
        content: 'Hello you',
        sender: { id: bot.id, name: 'For all', type: 'agent_bot' },
      })
      const { rows } = await api.pool.query<{ id: string; account_id: number }>(
        `select id, account_id from webhook_subscribers where id like 'agent_bot:' || $1 || '%'`,
        [String(bot.id)],
      )
      expect(rows).toEqual([{ id: `agent_bot:${String(bot.id)}:${String(api.accountId)}`, account_id: api.accountId }])
    },
  )

  it('receive events of a conversation assigned to them, in any inbox, once', async () => {
    const bot = await makeBot()
    const conversation = await createConversation(api.pool, { accountId: api.accountId, inboxId: api.inboxId })
    await api.pool.query('update conversations set assignee_agent_bot_id = $2 where id = $1', [conversation.id, bot.id])
    const own = await createConversation(api.pool, { accountId: api.accountId, inboxId: bot.inboxId })
    await api.pool.query('update conversations set assignee_agent_bot_id = $2 where id = $1', [own.id, bot.id])
    await api.ask('POST', `${api.path}/conversations/${String(conversation.displayId)}/messages`, {
      json: { content: 'yours' },
    })
    await write(own.displayId, 'twice yours')
    await until('both', () => new Set(bot.heard().map(({ body }) => body.content)).size === 2)
    // Conversations do not wait for each other.
    expect(
      bot
        .heard()
        .map(({ body }) => body.content)
        .sort(),
    ).toEqual(['twice yours', 'yours'])
  })

  it('that do not answer for some minutes lose a pending conversation to agents, with an activity', async () => {
    const bot = await makeBot()
    receiver.answerWith((_post, response) => void response.writeHead(500).end())
    const conversation = await createConversation(api.pool, {
      accountId: api.accountId,
      inboxId: bot.inboxId,
      status: 'pending',
    })
    await write(conversation.displayId, 'anybody?')
    const subscriber = `agent_bot:${String(bot.id)}`
    await until(
      'an attempt',
      async () =>
        (await api.pool.query('select from webhook_deliveries where subscriber = $1 and attempts = 1', [subscriber]))
          .rowCount === 1,
    )
    expect(
      (await api.pool.query('select status from conversations where id = $1', [conversation.id])).rows[0].status,
    ).toBe('pending')
    await api.pool.query(
      `update webhook_deliveries set run_at = now(), give_up_at = now() where subscriber = $1 and finished_at is null`,
      [subscriber],
    )
    await until(
      'it is open',
      async () =>
        (await api.pool.query(`select from conversations where id = $1 and status = 'open'`, [conversation.id]))
          .rowCount === 1,
    )
    const { rows } = await api.pool.query(
      `select content from messages where conversation_id = $1 and message_type = 'activity'`,
      [conversation.id],
    )
    expect(rows.map(({ content }) => content)).toEqual([
      'Conversation was marked open by system due to an error with the agent bot.',
    ])
    const { rows: events } = await api.pool.query(
      `select name, performer from events where conversation_id = $1 and name = 'conversation_bot_handoff'`,
      [conversation.id],
    )
    expect(events).toEqual([{ name: 'conversation_bot_handoff', performer: subscriber }])
  })
})
