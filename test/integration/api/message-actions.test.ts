import { beforeAll, describe, expect, it } from 'vitest'

import { createConversation, createInbox, createPerson } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'
import { createBot, createTeam } from '../../support/records.ts'

describeWithDatabase('messages after creation', () => {
  const api = useApi()
  let mail: string
  let bot: string
  beforeAll(async () => {
    await api.pool.query('update inboxes set enable_auto_assignment = false')
    const apiInbox = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Bot' })
    mail = `${api.path}/conversations/${String((await createConversation(api.pool, api)).displayId)}`
    const { displayId } = await createConversation(api.pool, { accountId: api.accountId, inboxId: apiInbox })
    bot = `${api.path}/conversations/${String(displayId)}`
  })

  const write = async (at: string, json: object) => (await api.ask('POST', `${at}/messages`, { json })).body
  const fail = (id: number) =>
    api.pool.query(
      `
        update messages
        set
          status = 'failed',
          content_attributes = content_attributes
            || '{"external_error": "550 no", "cc_emails": ["c@d.example"], "delivery": {"state": "failed"}}'
        where id = $1
      `,
      [id],
    )

  it('a deleted message keeps its place, and nothing else', async () => {
    const multipart = new FormData()
    multipart.set('content', 'to be deleted')
    multipart.append('attachments[]', new Blob(['only here']), 'only.txt')
    const { id } = (await api.ask('POST', `${mail}/messages`, { multipart })).body
    const { body } = await api.ask('DELETE', `${mail}/messages/${String(id)}`)
    expect(body).toMatchObject({
      id,
      content: 'This message was deleted',
      content_type: 'text',
      content_attributes: { deleted: true },
    })
    expect(body).not.toHaveProperty('attachments')
    expect((await api.pool.query('select from attachments where message_id = $1', [id])).rowCount).toBe(0)
    expect((await api.ask('DELETE', `${bot}/messages/${String(id)}`)).status).toBe(404)
  })

  it('the text of a deleted message is no longer sent; its deletion is', async () => {
    const { id } = await write(bot, { content: 'the word is xyzzy' })
    await api.ask('PATCH', `${bot}/messages/${String(id)}`, {
      json: { status: 'failed', external_error: 'xyzzy is no number' },
    })
    const readEvents = async () =>
      (
        await api.pool.query<{ name: string; said: string }>(
          'select name, concat(changes, facts) as said from events where message_id = $1 order by id',
          [id],
        )
      ).rows
    expect((await readEvents()).at(-1)?.said).toContain('xyzzy')
    await api.ask('DELETE', `${bot}/messages/${String(id)}`)
    expect((await readEvents()).map(({ name }) => name)).toEqual([
      'message_created',
      'message_updated',
      'message_updated',
    ])
    expect((await readEvents()).map(({ said }) => said).join()).not.toContain('xyzzy')
  })

  it('the system behind an api inbox reports the delivery of a message', async () => {
    const { id } = await write(bot, { content: 'hi' })
    const report = async (json: object) => (await api.ask('PATCH', `${bot}/messages/${String(id)}`, { json })).body
    expect(await report({ status: 'failed', external_error: 'no such number' })).toMatchObject({
      status: 'failed',
      content_attributes: { external_error: 'no such number' },
    })
    for (const status of ['eaten', 'READ', ' read ', 7, true, '0'])
      expect((await api.ask('PATCH', `${bot}/messages/${String(id)}`, { json: { status } })).status).toBe(422)
    expect((await api.ask('PATCH', `${bot}/messages/${String(id)}`, { json: {} })).status).toBe(422)
    expect(await report({ status: 'eaten' })).toEqual({ error: "'eaten' is not a valid status" })
  })

  it.each([
    [['read', 'delivered', 'sent'], 'read', undefined],
    [['delivered', 'sent'], 'delivered', undefined],
    [['delivered', 'read', 'failed'], 'read', undefined],
    [['failed', 'delivered', 'read', 'sent'], 'failed', 'no such number'],
    [['delivered', 'failed'], 'failed', 'no such number'],
    [['failed', 'failed'], 'failed', 'no such number'],
  ])('late receipts do not set a status back: %j leave it %s', async (receipts, status, error) => {
    const { id } = await write(bot, { content: 'hi' })
    for (const receipt of receipts) {
      const json = { status: receipt, external_error: 'no such number' }
      expect((await api.ask('PATCH', `${bot}/messages/${String(id)}`, { json })).status).toBe(200)
    }
    const { payload } = (await api.ask('GET', `${bot}/messages`)).body
    const message = payload.find((one: { id: number }) => one.id === id)
    expect([message.status, message.content_attributes.external_error]).toEqual([status, error])
  })

  it('a failed message that is sent again has no error, and accepts receipts', async () => {
    const { id } = await write(bot, { content: 'hi' })
    const report = async (json: object) => (await api.ask('PATCH', `${bot}/messages/${String(id)}`, { json })).body
    await report({ status: 'failed', external_error: 'no such number' })
    const again = (await api.ask('POST', `${bot}/messages/${String(id)}/retry`)).body
    expect([again.status, again.content_attributes.external_error]).toEqual(['sent', undefined])
    expect(await report({ status: 'delivered' })).toMatchObject({ status: 'delivered' })
  })

  it('of simultaneous receipts the most advanced counts', async () => {
    const { id } = await write(bot, { content: 'hi' })
    await Promise.all(
      ['sent', 'read', 'delivered', 'sent', 'read', 'delivered'].map((status) =>
        api.ask('PATCH', `${bot}/messages/${String(id)}`, { json: { status } }),
      ),
    )
    const { payload } = (await api.ask('GET', `${bot}/messages`)).body
    expect(payload.find((one: { id: number }) => one.id === id).status).toBe('read')
  })

  it('the status of messages in other inboxes cannot be reported', async () => {
    const { id } = await write(mail, { content: 'hi' })
    const { status, body } = await api.ask('PATCH', `${mail}/messages/${String(id)}`, { json: { status: 'read' } })
    expect([status, body]).toEqual([403, { error: 'Message status update is only allowed for API inboxes' }])
    expect((await api.ask('PATCH', `${mail}/messages/999999`, { json: { status: 'read' } })).status).toBe(404)
  })

  it('a failed message is sent again to the same recipients, others are not', async () => {
    const { id, source_id: sourceId } = await write(mail, { content: 'again' })
    await api.pool.query(`delete from work where kind = 'send-reply'`)
    expect((await api.ask('POST', `${mail}/messages/${String(id)}/retry`)).status).toBe(422)
    await fail(id)
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => api.ask('POST', `${mail}/messages/${String(id)}/retry`)),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422])
    const { body } = answers.find(({ status }) => status === 200)!
    expect(body).toMatchObject({
      status: 'sent',
      source_id: sourceId,
      content_attributes: { cc_emails: ['c@d.example'], delivery: { state: 'queued' } },
    })
    expect(body.content_attributes).not.toHaveProperty('external_error')
    expect(
      (
        await api.pool.query(`select from work where kind = 'send-reply' and payload ->> 'messageId' = $1`, [
          String(id),
        ])
      ).rowCount,
    ).toBe(1)
    expect((await api.ask('POST', `${mail}/messages/999999/retry`)).status).toBe(404)
  })

  it('translation says that it is not set up', async () => {
    const { id } = await write(mail, { content: 'Guten Tag' })
    expect(
      await api.ask('POST', `${mail}/messages/${String(id)}/translate`, { json: { target_language: 'en' } }),
    ).toMatchObject({ status: 422, body: { error: 'Translation is not configured' } })
  })

  it("a bot's message has the bot as its sender", async () => {
    const botId = await createBot(api, 'Robo')
    const before = (await api.ask('GET', bot)).body
    expect(await write(bot, { content: 'beep', sender_type: 'AgentBot', sender_id: String(botId) })).toMatchObject({
      sender: { id: botId, name: 'Robo', type: 'agent_bot' },
    })
    expect((await api.ask('GET', bot)).body.first_reply_created_at).toBe(before.first_reply_created_at)
    expect(await write(bot, { content: 'beep', sender_type: 'AgentBot', sender_id: 4711 })).toMatchObject({
      sender: { type: 'user' },
    })
  })

  it('a user named in a private note is mentioned and becomes a participant, with access', async () => {
    const outsider = await createPerson(api.pool, { accountId: api.accountId, name: 'Olga Outside' })
    const listed = async (token: string) =>
      (
        await api.ask('GET', `${api.path}/conversations?conversation_type=mention&status=all`, { token })
      ).body.data.payload.map((row: { id: number }) => row.id)
    const link = (id: number) => `[@Somebody](mention://user/${String(id)}/Somebody)`
    await write(mail, { content: `public ${link(api.agent.id)}` })
    expect(await listed(api.agent.token)).toEqual([])
    await write(mail, {
      content: `look, ${link(api.agent.id)} and ${link(outsider.id)} and ${link(4711)}`,
      private: true,
    })
    expect((await listed(api.agent.token)).map(String)).toEqual([mail.split('/').at(-1)])
    expect(await listed(outsider.token)).toEqual([])
    expect((await api.ask('GET', `${mail}/participants`)).body.map((agent: { id: number }) => agent.id)).toEqual([
      api.agent.id,
    ])
    const { rows } = await api.pool.query(
      `select facts -> 'user_id' as id from events where name = 'conversation_mentioned'`,
    )
    expect(rows).toEqual([{ id: api.agent.id }])
    const teamId = await createTeam(api, { name: 'all', userIds: [api.administrator.id] })
    await write(mail, { content: `[@all](mention://team/${String(teamId)}/all)`, private: true })
    expect(await listed(api.administrator.token)).toHaveLength(1)
  })

  describe('kinds of content', () => {
    it.each<[object, object]>([
      [
        { content_type: 'markdown', content: '**hi**' },
        { content_type: 'text', content_attributes: { type: 'markdown' } },
      ],
      [
        { content_type: 'image', content_attributes: { url: 'https://shop.example/a.png' } },
        { content_type: 'text', content_attributes: { type: 'image', url: 'https://shop.example/a.png' } },
      ],
      [
        { content_type: 'location', content_attributes: { latitude: 50.9, longitude: '6.9' } },
        { content_type: 'text', content_attributes: { type: 'location', latitude: 50.9, longitude: '6.9' } },
      ],
      [
        {
          content_type: 'carousel',
          content_attributes: { items: [{ title: 'A', media_url: 'https://shop.example/a.png' }, { title: 'B' }] },
        },
        {
          content_type: 'cards',
          content_attributes: {
            type: 'carousel',
            items: [{ title: 'A', media_url: 'https://shop.example/a.png' }, { title: 'B' }],
          },
        },
      ],
      [
        { content_type: 'card', content_attributes: { items: [{ title: 'A' }] } },
        { content_type: 'cards', content_attributes: { type: 'card' } },
      ],
      [
        { content_type: 'dropdown', content: 'Which?', content_attributes: { items: [{ title: 'A', value: 'a' }] } },
        { content_type: 'input_select', content_attributes: { type: 'dropdown' } },
      ],
      [
        { content_type: 'choice', content: 'Which?', content_attributes: { items: [{ title: 'A', value: 'a' }] } },
        { content_type: 'input_select', content_attributes: { type: 'choice' } },
      ],
      [
        {
          content_type: 'article',
          content_attributes: { items: [{ title: 'A', description: 'B', link: 'https://a.example' }] },
        },
        { content_type: 'article' },
      ],
    ])('%j is kept', async (json, expected) => {
      expect(await write(bot, json)).toMatchObject(expected)
    })

    it.each([
      { content_type: 'image' },
      { content_type: 'video', content_attributes: { url: 'javascript:alert(1)' } },
      { content_type: 'location', content_attributes: { latitude: 91, longitude: 0 } },
      { content_type: 'carousel', content_attributes: { items: [] } },
      { content_type: 'card', content_attributes: { items: [{ title: '' }] } },
      { content_type: 'choice', content_attributes: { items: 'a' } },
      { content_type: 'markdown', content: ' ' },
    ])('%j is refused', async (json) => {
      const body = await write(bot, json)
      expect(body.error).toMatch(/^Validation failed: a message of type /)
    })

    it('an audio message is its file', async () => {
      const multipart = new FormData()
      multipart.set('content_type', 'audio')
      multipart.append('attachments[]', new Blob(['x'], { type: 'audio/ogg' }), 'a.ogg')
      expect((await api.ask('POST', `${bot}/messages`, { multipart })).body).toMatchObject({
        content_type: 'text',
        content_attributes: { type: 'audio' },
        attachments: [{ file_type: 'audio', extension: 'ogg' }],
      })
    })
  })

  it('a client above the message limit gets 429', async () => {
    const { displayId, id } = await createConversation(api.pool, api)
    await api.pool.query(
      `
        insert into messages (account_id, inbox_id, conversation_id, message_type, content)
        select $1, $2, $3, 'incoming', n::text
        from generate_series(1, 200) n
      `,
      [api.accountId, api.inboxId, id],
    )
    const { status, body } = await api.ask('POST', `${api.path}/conversations/${String(displayId)}/messages`, {
      json: { content: 'one more' },
    })
    expect([status, body]).toEqual([429, { error: 'Too many messages' }])
    await api.pool.query(`update messages set created_at = now() - interval '2 minutes' where conversation_id = $1`, [
      id,
    ])
    expect(
      (
        await api.ask('POST', `${api.path}/conversations/${String(displayId)}/messages`, {
          json: { content: 'one more' },
        })
      ).status,
    ).toBe(200)
  })
})
