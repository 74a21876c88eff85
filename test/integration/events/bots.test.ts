// A bot hears of the conversations of its inbox at its own address, and people take over when it does not answer.

import { afterAll, beforeAll, expect, it } from 'vitest'

import { createConversation, createInbox } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { startNews, type TestNews } from '../../support/news.ts'
import { isGenuine, startReceiver, type Receiver } from '../../support/receiver.ts'
import { until } from '../../support/until.ts'

describeWithDatabase('agent bots', () => {
  let api: TestNews
  let receiver: Receiver
  beforeAll(async () => {
    receiver = await startReceiver()
    api = await startNews()
  })
  afterAll(async () => {
    await api.stop()
    await receiver.stop()
    expect(api.faults).toEqual([])
  })

  let count = 0
  const makeBot = async () => {
    const path = `/bot-${String(++count)}`
    const { rows } = await api.pool.query<{ id: number }>(`insert into agent_bots (account_id, name, outgoing_url, secret) values ($1, 'Bob', $2, 'a secret') returning id`, [api.accountId, `${receiver.origin}${path}`])
    const inboxId = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Chat' })
    await api.pool.query('update inboxes set agent_bot_id = $2 where id = $1', [inboxId, rows[0]!.id])
    return { id: rows[0]!.id, inboxId, heard: () => receiver.at(path) }
  }
  const write = (displayId: number, content: string) => api.ask('POST', `${api.path}/conversations/${String(displayId)}/messages`, { json: { content, message_type: 'incoming' } })

  it('hear of messages and of opening and resolving in their inboxes, signed with their own secret, of nothing else', async () => {
    const bot = await makeBot()
    const conversation = await createConversation(api.pool, { accountId: api.accountId, inboxId: bot.inboxId, status: 'pending' })
    const elsewhere = await createConversation(api.pool, { accountId: api.accountId, inboxId: api.inboxId })
    await api.ask('POST', `${api.path}/conversations/${String(elsewhere.displayId)}/messages`, { json: { content: 'elsewhere' } })
    await write(conversation.displayId, 'Hello bot')
    await until('the message', () => bot.heard()[0])
    await api.ask('POST', `${api.path}/conversations/${String(conversation.displayId)}/toggle_status`, { json: { status: 'resolved' } })
    await until('all of it', () => bot.heard().some(({ body }) => body.event === 'conversation_resolved'))
    expect(bot.heard().map(({ body }) => body.event)).toEqual(['message_created', 'conversation_resolved'])
    expect(bot.heard()[0]!.body).toMatchObject({ content: 'Hello bot', message_type: 'incoming', conversation: { id: conversation.displayId, status: 'pending' } })
    expect(bot.heard().every((post) => isGenuine(post, 'a secret'))).toBe(true)
  })

  it('hear of a conversation that they have, in whichever inbox, once', async () => {
    const bot = await makeBot()
    const conversation = await createConversation(api.pool, { accountId: api.accountId, inboxId: api.inboxId })
    await api.pool.query('update conversations set assignee_agent_bot_id = $2 where id = $1', [conversation.id, bot.id])
    const own = await createConversation(api.pool, { accountId: api.accountId, inboxId: bot.inboxId })
    await api.pool.query('update conversations set assignee_agent_bot_id = $2 where id = $1', [own.id, bot.id])
    await api.ask('POST', `${api.path}/conversations/${String(conversation.displayId)}/messages`, { json: { content: 'yours' } })
    await write(own.displayId, 'twice yours')
    await until('both', () => new Set(bot.heard().map(({ body }) => body.content)).size === 2)
    // Conversations do not wait for each other.
    expect(bot.heard().map(({ body }) => body.content).sort()).toEqual(['twice yours', 'yours'])
  })

  it('that do not answer for some minutes lose a pending conversation to the people, who read why', async () => {
    const bot = await makeBot()
    receiver.answerWith((_post, response) => void response.writeHead(500).end())
    const conversation = await createConversation(api.pool, { accountId: api.accountId, inboxId: bot.inboxId, status: 'pending' })
    await write(conversation.displayId, 'anybody?')
    const subscriber = `agent_bot:${String(bot.id)}`
    await until('an attempt', async () => (await api.pool.query('select from webhook_deliveries where subscriber = $1 and attempts = 1', [subscriber])).rowCount === 1)
    expect((await api.pool.query('select status from conversations where id = $1', [conversation.id])).rows[0].status).toBe('pending')
    await api.pool.query(`update webhook_deliveries set run_at = now(), give_up_at = now() where subscriber = $1 and finished_at is null`, [subscriber])
    await until('it is open', async () => (await api.pool.query(`select from conversations where id = $1 and status = 'open'`, [conversation.id])).rowCount === 1)
    const { rows } = await api.pool.query(`select content from messages where conversation_id = $1 and message_type = 'activity'`, [conversation.id])
    expect(rows.map(({ content }) => content)).toEqual(['Conversation was marked open by system due to an error with the agent bot.'])
    const { rows: told } = await api.pool.query(`select name, performer from events where conversation_id = $1 and name = 'conversation_bot_handoff'`, [conversation.id])
    expect(told).toEqual([{ name: 'conversation_bot_handoff', performer: subscriber }])
  })
})
