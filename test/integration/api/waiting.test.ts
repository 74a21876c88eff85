// How long a contact waits: until a person answers in public. A bot's words end the wait only while the bot has the
// conversation.

import { afterAll, beforeAll, expect, it } from 'vitest'

import { createInbox, startApi, type TestApi } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'

describeWithDatabase('the waiting time of a contact', () => {
  let api: TestApi
  let bot: { id: number; access_token: string }
  let inboxId: number
  beforeAll(async () => {
    api = await startApi()
    bot = (await api.ask('POST', `${api.path}/agent_bots`, { json: { name: 'Robo', outgoing_url: '' } })).body
    inboxId = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'With a bot' })
    await api.ask('POST', `${api.path}/inboxes/${String(inboxId)}/set_agent_bot`, { json: { agent_bot: bot.id } })
  })
  afterAll(() => api.stop())

  // A conversation that the bot has, begun ten minutes ago, in which the contact has written.
  const begin = async () => {
    const contact = (await api.ask('POST', `${api.path}/contacts`, { json: { name: 'Waits', inbox_id: inboxId } })).body
      .payload
    const created = await api.ask('POST', `${api.path}/conversations`, {
      json: { source_id: contact.contact_inbox.source_id, inbox_id: inboxId, contact_id: contact.contact.id },
    })
    const displayId: number = created.body.id
    const path = `${api.path}/conversations/${String(displayId)}`
    await api.pool.query(
      `update conversations set created_at = now() - interval '10 minutes' where account_id = $1 and display_id = $2`,
      [api.accountId, displayId],
    )
    const action = async (at: string, json: unknown, token?: string) => {
      const answer = await api.ask('POST', `${path}/${at}`, { json, ...(token === undefined ? {} : { token }) })
      expect(answer.status).toBe(200)
    }
    const its = {
      path,
      displayId,
      write: (content: string) => action('messages', { content, message_type: 'incoming' }),
      answer: (content: string, more: object = {}) => action('messages', { content, ...more }),
      byBot: (content: string) => action('messages', { content }, bot.access_token),
      handOff: () => action('toggle_status', { status: 'open' }, bot.access_token),
      resolve: () => action('toggle_status', { status: 'resolved' }),
      waits: async () => (await api.ask('GET', path)).body.waiting_since > 0,
      isUnattended: async () => {
        const query = `conversation_type=unattended&assignee_type=all&inbox_id=${String(inboxId)}`
        const at = `${api.path}/conversations?${query}`
        return (await api.ask('GET', at)).body.data.payload.some((one: { id: number }) => one.id === displayId)
      },
      events: async () =>
        (await api.ask('GET', `${path}/reporting_events`)).body as readonly { name: string; value: number }[],
    }
    await its.write('hello')
    return its
  }
  const count = async (conversation: Awaited<ReturnType<typeof begin>>, name: string) =>
    (await conversation.events()).filter((event) => event.name === name).length

  it('an answer of the responsible bot ends the wait, without a reply time', async () => {
    const conversation = await begin()
    await conversation.byBot('Let me look')
    expect(await conversation.waits()).toBe(false)
    expect(await count(conversation, 'reply_time')).toBe(0)
  })

  it('after a hand-off the wait continues, whatever the bot writes', async () => {
    const conversation = await begin()
    await conversation.handOff()
    await conversation.byBot('A colleague will take over')
    expect(await conversation.waits()).toBe(true)
    expect(await conversation.isUnattended()).toBe(true)
  })

  it('a contact whom the bot answered waits from the hand-off', async () => {
    const conversation = await begin()
    await conversation.byBot('A colleague will take over')
    await conversation.handOff()
    expect(await conversation.waits()).toBe(true)
  })

  it.each([
    ['a private note', { private: true }],
    ['a template', { message_type: 'template' }],
    ["a campaign's message", { campaign_id: 5 }],
    ["a rule's message", { content_attributes: { automation_rule_id: 7 } }],
  ])('%s does not end the wait', async (_, more) => {
    const conversation = await begin()
    await conversation.handOff()
    await conversation.answer('words', more)
    expect(await conversation.waits()).toBe(true)
    expect(await conversation.isUnattended()).toBe(true)
    expect(await count(conversation, 'first_response')).toBe(0)
  })

  it('the first response counts from the hand-off, without a second reply time', async () => {
    const conversation = await begin()
    await conversation.handOff()
    await conversation.answer('a person answers')
    const events = await conversation.events()
    expect(events.find(({ name }) => name === 'first_response')?.value).toBeLessThan(60)
    expect(await count(conversation, 'reply_time')).toBe(0)
    expect(await conversation.waits()).toBe(false)
    expect(await conversation.isUnattended()).toBe(false)
  })

  it('without a hand-off the first response counts from the creation', async () => {
    const conversation = await begin()
    await api.ask('POST', `${conversation.path}/toggle_status`, { json: { status: 'open' } })
    await conversation.answer('a person answers')
    const events = await conversation.events()
    expect(events.find(({ name }) => name === 'first_response')?.value).toBeGreaterThanOrEqual(600)
  })

  it('a second hand-off starts another wait, which ends in a reply time', async () => {
    const conversation = await begin()
    await conversation.handOff()
    await conversation.answer('a person answers')
    await conversation.resolve()
    await conversation.write('again')
    expect((await api.ask('GET', conversation.path)).body.status).toBe('pending')
    await conversation.byBot('Let me look')
    expect(await conversation.waits()).toBe(false)
    await conversation.handOff()
    await conversation.byBot('A colleague will take over')
    expect(await conversation.waits()).toBe(true)
    await conversation.answer('a person answers again')
    expect(await conversation.waits()).toBe(false)
    expect(await count(conversation, 'reply_time')).toBe(1)
    expect(await count(conversation, 'first_response')).toBe(1)
  })
})
