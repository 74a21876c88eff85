// …/agent_bots through the API, and the access of a bot's token.

import { beforeAll, expect, it } from 'vitest'

import { createAccount, createConversation, createPerson } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

describeWithDatabase('agent bots', () => {
  const api = useApi()
  let path: string
  beforeAll(async () => {
    path = `${api.path}/agent_bots`
  })

  const make = async (json: object = { name: 'Robo', outgoing_url: 'https://bot.example/hook' }) =>
    (await api.ask('POST', path, { json })).body

  it('a bot is created with a token that is shown once, and a secret for administrators', async () => {
    const {
      access_token: token,
      secret,
      ...bot
    } = await make({
      agent_bot: {
        name: 'Robo',
        description: 'Answers',
        outgoing_url: 'https://bot.example/hook',
        bot_type: 'webhook',
        bot_config: { lang: 'en' },
        avatar_url: 'https://bot.example/a.png',
      },
    })
    expect(bot).toEqual({
      id: expect.any(Number),
      name: 'Robo',
      description: 'Answers',
      outgoing_url: 'https://bot.example/hook',
      bot_type: 'webhook',
      bot_config: { lang: 'en' },
      account_id: api.accountId,
      thumbnail: 'https://bot.example/a.png',
      system_bot: false,
    })
    expect([token, secret]).toEqual([expect.stringMatching(/^[\w-]{32}$/), expect.stringMatching(/^[\w-]{32}$/)])
    expect((await api.ask('GET', `${path}/${String(bot.id)}`)).body).toEqual({ ...bot, secret })
    expect((await api.ask('GET', `${path}/${String(bot.id)}`, { token: api.agent.token })).body).toEqual(bot)
    const listed = await api.ask('GET', path, { token: api.agent.token })
    expect(listed.body).toContainEqual(bot)
    expect(listed.text).not.toContain(token)
  })

  it('a bot is changed, and its picture removed', async () => {
    const bot = await make({
      name: 'Old',
      avatar_url: 'https://bot.example/a.png',
      outgoing_url: 'https://bot.example/',
    })
    const at = `${path}/${String(bot.id)}`
    expect((await api.ask('PATCH', at, { json: { name: 'New', bot_config: { a: 1 } } })).body).toMatchObject({
      name: 'New',
      bot_config: { a: 1 },
      outgoing_url: 'https://bot.example/',
      secret: bot.secret,
    })
    expect((await api.ask('PATCH', at, { json: { outgoing_url: '' } })).body.outgoing_url).toBeNull()
    expect((await api.ask('DELETE', `${at}/avatar`)).body.thumbnail).toBe('')
    expect((await api.ask('POST', `${at}/reset_secret`)).body.secret).not.toBe(bot.secret)
  })

  it.each([
    [{}, ['name']],
    [{ name: 'x', outgoing_url: 'file:///etc/passwd' }, ['outgoing_url']],
    [{ name: 'x', outgoing_url: 'https://a b' }, ['outgoing_url']],
    [{ name: 'x', bot_type: 'csml' }, ['bot_type']],
    [{ name: 'x', avatar_url: 'javascript:1' }, ['avatar_url']],
    [{ name: 'a\nb' }, ['name']],
  ])('%j is refused', async (json, attributes) => {
    const { status, body } = await api.ask('POST', path, { json })
    expect([status, body.attributes]).toEqual([422, attributes])
  })

  it('an inbox has a bot, another, or none', async () => {
    const bot = await make()
    const at = `${api.path}/inboxes/${String(api.inboxId)}`
    expect((await api.ask('GET', `${at}/agent_bot`)).body).toEqual({ agent_bot: {} })
    expect((await api.ask('POST', `${at}/set_agent_bot`, { json: { agent_bot: bot.id } })).text).toBe('')
    const { body, text } = await api.ask('GET', `${at}/agent_bot`, { token: api.agent.token })
    expect(body.agent_bot).toMatchObject({ id: bot.id, name: 'Robo' })
    expect(text).not.toContain(bot.secret)
    const accountId = await createAccount(api.pool, 'Far')
    const boss = await createPerson(api.pool, { accountId, name: 'Far Boss', role: 'administrator' })
    const far = (
      await api.ask('POST', `/api/v1/accounts/${String(accountId)}/agent_bots`, {
        token: boss.token,
        json: { name: 'Far' },
      })
    ).body
    expect((await api.ask('POST', `${at}/set_agent_bot`, { json: { agent_bot: far.id } })).status).toBe(404)
    for (const method of ['GET', 'PATCH', 'DELETE'])
      expect(
        (await api.ask(method, `${path}/${String(far.id)}`, { json: method === 'GET' ? undefined : {} })).status,
      ).toBe(404)
    await api.ask('POST', `${at}/set_agent_bot`, { json: { agent_bot: null } })
    expect((await api.ask('GET', `${at}/agent_bot`)).body).toEqual({ agent_bot: {} })
  })

  it('the token of a bot gives access to what bots may do only', async () => {
    const { access_token: token, id } = await make()
    const one = await createConversation(api.pool, { ...api, status: 'pending' })
    const at = `${api.path}/conversations/${String(one.displayId)}`
    const said = await api.ask('POST', `${at}/messages`, { token, json: { content: 'How may I help?' } })
    expect([said.status, said.body]).toEqual([
      200,
      expect.objectContaining({
        content: 'How may I help?',
        message_type: 1,
        sender: { id, name: 'Robo', avatar_url: '', type: 'agent_bot' },
      }),
    ])
    expect((await api.ask('GET', `${at}/messages`)).body.payload.at(-1).sender).toMatchObject({ type: 'agent_bot', id })
    expect((await api.ask('GET', at)).body).toMatchObject({
      first_reply_created_at: 0,
      meta: { sender: { id: one.contactId } },
    })
    expect(
      (await api.ask('POST', `${at}/toggle_status`, { token, json: { status: 'open' } })).body.payload,
    ).toMatchObject({ success: true, current_status: 'open' })
    const begun = await api.ask('POST', `${api.path}/conversations`, {
      token,
      json: { contact_id: one.contactId, inbox_id: api.inboxId, message: { content: 'Hello' } },
    })
    expect([begun.status, begun.body.messages[0].sender_type]).toEqual([200, 'AgentBot'])
    const closed = [
      ['GET', '/api/v1/profile'],
      ['GET', api.path],
      ['GET', at],
      ['GET', `${at}/messages`],
      ['GET', `${api.path}/conversations`],
      ['GET', `${api.path}/contacts`],
      ['GET', `${api.path}/inboxes`],
      ['GET', path],
      ['POST', path],
      ['GET', `${api.path}/inbound_emails`],
      ['GET', '/api/v1/inbound_emails'],
      ['GET', '/api/v1/installation/accounts'],
    ] as const
    for (const [method, where] of closed) {
      const { status, body } = await api.ask(method, where, {
        token,
        json: method === 'GET' ? undefined : { name: 'x' },
      })
      expect([where, status, body]).toEqual([
        where,
        401,
        { error: 'Access to this endpoint is not authorized for bots' },
      ])
    }
  })

  it('the token of a bot gives no access to another or a suspended account', async () => {
    const far = await createAccount(api.pool, 'Another')
    const { access_token: token } = await make()
    const { status, body } = await api.ask('POST', `/api/v1/accounts/${String(far)}/conversations`, { token, json: {} })
    expect([status, body]).toEqual([401, { error: 'Bot is not authorized to access this account' }])
    await api.pool.query(`update accounts set status = 'suspended' where id = $1`, [api.accountId])
    const suspended = await api.ask('POST', `${api.path}/conversations`, { token, json: {} })
    await api.pool.query(`update accounts set status = 'active' where id = $1`, [api.accountId])
    expect([suspended.status, suspended.body]).toEqual([401, { error: 'Account is suspended' }])
  })

  it('a reset creates another token; the old one and those of a deleted bot are refused', async () => {
    const bot = await make()
    const one = await createConversation(api.pool, api)
    const say = (token: string) =>
      api.ask('POST', `${api.path}/conversations/${String(one.displayId)}/messages`, { token, json: { content: 'Hi' } })
    const { access_token: token } = (await api.ask('POST', `${path}/${String(bot.id)}/reset_access_token`)).body
    expect([(await say(bot.access_token)).status, (await say(token)).status]).toEqual([401, 200])
    expect((await api.ask('DELETE', `${path}/${String(bot.id)}`)).text).toBe('')
    expect((await say(token)).body).toEqual({ error: 'Invalid Access Token' })
    expect(
      (await api.ask('GET', `${api.path}/conversations/${String(one.displayId)}/messages`)).body.payload.at(-1).content,
    ).toBe('Hi')
  })

  it('agents cannot change a bot', async () => {
    const bot = await make()
    for (const [method, rest] of [
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/reset_access_token'],
      ['POST', '/reset_secret'],
      ['DELETE', '/avatar'],
    ] as const)
      expect([
        rest,
        (await api.ask(method, `${path}/${String(bot.id)}${rest}`, { token: api.agent.token, json: {} })).status,
      ]).toEqual([rest, 401])
    expect((await api.ask('POST', path, { token: api.agent.token, json: { name: 'x' } })).status).toBe(401)
  })
})
