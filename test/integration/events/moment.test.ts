// Events have the state at their time, however late they are sent: to webhooks, to bots and in live streams.

import { afterAll, beforeAll, expect, it } from 'vitest'

import { createInbox } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { startEventDelivery, type TestEventDelivery } from '../../support/event-delivery.ts'
import { listenAt } from '../../support/event-stream.ts'
import { type Posted, type Receiver, startReceiver } from '../../support/receiver.ts'
import { until } from '../../support/until.ts'

describeWithDatabase('events that are delivered late', () => {
  let api: TestEventDelivery
  let receiver: Receiver
  let inboxId: number
  beforeAll(async () => {
    receiver = await startReceiver()
    api = await startEventDelivery()
    inboxId = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'With a bot' })
    const bot = await api.ask('POST', `${api.path}/agent_bots`, {
      json: { name: 'Robo', outgoing_url: `${receiver.origin}/bot` },
    })
    await api.ask('POST', `${api.path}/inboxes/${String(inboxId)}/set_agent_bot`, { json: { agent_bot: bot.body.id } })
    await api.ask('POST', `${api.path}/webhooks`, {
      json: {
        url: `${receiver.origin}/hook`,
        subscriptions: [
          'conversation_created',
          'conversation_updated',
          'conversation_status_changed',
          'message_created',
          'message_updated',
          'contact_updated',
          'inbox_updated',
        ],
      },
    })
  })
  afterAll(async () => {
    await api.stop()
    await receiver.stop()
    expect(api.faults).toEqual([])
  })

  const ask = async (method: string, path: string, json?: object) => {
    const answer = await api.ask(method, `${api.path}${path}`, json === undefined ? {} : { json })
    expect(answer.status).toBe(200)
    return answer.body
  }
  const begin = async (content: string) => {
    const { contact, contact_inbox: place } = (await ask('POST', '/contacts', { name: 'Ann', inbox_id: inboxId }))
      .payload
    const conversation = await ask('POST', '/conversations', {
      source_id: place.source_id,
      inbox_id: inboxId,
      contact_id: contact.id,
      message: { content },
    })
    return { id: conversation.id as number, at: `/conversations/${String(conversation.id)}`, contactId: contact.id }
  }
  const write = (at: string, content: string, more: object = {}) =>
    ask('POST', `${at}/messages`, { content, ...more }) as Promise<{ id: number }>
  /** The events of `action` are announced after all of it. */
  const late = async <T>(action: () => Promise<T>): Promise<T> => {
    receiver.posted.length = 0
    await api.pause()
    const result = await action()
    api.resume()
    await until('all posts', async () => {
      const { rows } = await api.pool.query<{ left: boolean }>(
        `select exists (select from events where position is null)
           or exists (select from webhook_deliveries where finished_at is null) as left`,
      )
      return rows[0]?.left === false
    })
    return result
  }
  const posted = (name: string, at = '/hook') =>
    receiver
      .at(at)
      .map(({ body }: Posted) => body)
      .filter((body) => body.event === name)
  const shown = (conversation: { messages: { content: string }[] }) =>
    conversation.messages.map(({ content }) => content)

  it.each(['/hook', '/bot'])('a new conversation is sent with its first message (%s)', async (at) => {
    const { id } = await late(async () => {
      const conversation = await begin('first')
      await write(conversation.at, 'second', { message_type: 'incoming' })
      await write(conversation.at, 'third')
      return conversation
    })
    if (at === '/hook')
      expect(
        posted('conversation_created')
          .filter((one) => one.id === id)
          .map(shown),
      ).toEqual([['first']])
    const messages = posted('message_created', at).filter((one) => one.conversation.id === id)
    expect(messages.map(({ content, conversation }) => [content, shown(conversation)])).toEqual([
      ['first', ['first']],
      ['second', ['second']],
      ['third', ['third']],
    ])
  })

  it('a private note is sent with the last public message', async () => {
    const { id } = await late(async () => {
      const conversation = await begin('first')
      await write(conversation.at, 'between us', { private: true })
      await write(conversation.at, 'second')
      return conversation
    })
    const [note] = posted('message_created').filter((one) => one.conversation.id === id && one.private === true)
    expect([note.content, shown(note.conversation)]).toEqual(['between us', ['first']])
  })

  it('each state of a message is sent with its own error, and its changes', async () => {
    const { messageId } = await late(async () => {
      const conversation = await begin('first')
      const message = await write(conversation.at, 'out')
      const report = (json: object) => ask('PATCH', `${conversation.at}/messages/${String(message.id)}`, json)
      await report({ status: 'delivered' })
      await report({ status: 'failed', external_error: 'no such number' })
      await ask('POST', `${conversation.at}/messages/${String(message.id)}/retry`)
      return { messageId: message.id }
    })
    const [created] = posted('message_created').filter((one) => one.id === messageId)
    expect([created.status, created.content_attributes.external_error]).toEqual(['sent', undefined])
    const updates = posted('message_updated').filter((one) => one.id === messageId)
    expect(updates.map((one) => [one.status, one.content_attributes.external_error])).toEqual([
      ['delivered', undefined],
      ['failed', 'no such number'],
      ['sent', undefined],
    ])
    expect(updates.map((one) => one.changed_attributes)).toEqual([
      [{ status: { previous_value: 'sent', current_value: 'delivered' } }],
      [
        { status: { previous_value: 'delivered', current_value: 'failed' } },
        { content_attributes: { previous_value: {}, current_value: { external_error: 'no such number' } } },
      ],
      [
        { status: { previous_value: 'failed', current_value: 'sent' } },
        { content_attributes: { previous_value: { external_error: 'no such number' }, current_value: {} } },
      ],
    ])
  })

  it('a conversation is sent as it was: status, labels, attributes, assignee and contact', async () => {
    const { id } = await late(async () => {
      const conversation = await begin('first')
      await ask('POST', `${conversation.at}/custom_attributes`, { custom_attributes: { plan: 'free' } })
      await ask('POST', `${conversation.at}/assignments`, { assignee_id: api.administrator.id })
      await ask('PATCH', `/contacts/${String(conversation.contactId)}`, { name: 'Anna' })
      await ask('POST', `${conversation.at}/toggle_status`, { status: 'resolved' })
      await ask('POST', `${conversation.at}/custom_attributes`, { custom_attributes: { plan: 'gold' } })
      await ask('POST', `${conversation.at}/assignments`, { assignee_id: null })
      return conversation
    })
    const [created] = posted('conversation_created').filter((one) => one.id === id)
    expect(created).toMatchObject({ status: 'pending', custom_attributes: {}, meta: { assignee: null } })
    expect(created.meta.sender.name).toBe('Ann')
    const [resolved] = posted('conversation_status_changed').filter((one) => one.id === id)
    expect(resolved).toMatchObject({
      status: 'resolved',
      custom_attributes: { plan: 'free' },
      meta: { assignee: { id: api.administrator.id }, sender: { name: 'Anna' } },
      changed_attributes: [{ status: { previous_value: 'pending', current_value: 'resolved' } }],
    })
    const updates = posted('conversation_updated').filter((one) => one.id === id)
    expect(updates.map((one) => one.custom_attributes.plan)).toEqual([
      undefined,
      'free',
      'free',
      'free',
      'gold',
      'gold',
    ])
  })

  it('a contact is sent as it was', async () => {
    const { contactId } = await late(async () => {
      const conversation = await begin('first')
      const at = `/contacts/${String(conversation.contactId)}`
      await ask('PATCH', at, { name: 'Anna', custom_attributes: { plan: 'free' } })
      await ask('PATCH', at, { name: 'Annabel', email: `${String(conversation.contactId)}@customer.example` })
      return conversation
    })
    const updates = posted('contact_updated').filter((one) => one.id === contactId)
    expect(updates.map((one) => [one.name, one.email])).toEqual([
      ['Anna', null],
      ['Annabel', `${String(contactId)}@customer.example`],
    ])
    expect(updates[0].changed_attributes).toContainEqual({ name: { previous_value: 'Ann', current_value: 'Anna' } })
  })

  it('an inbox is sent as it was', async () => {
    await late(async () => {
      await ask('PATCH', `/inboxes/${String(inboxId)}`, { name: 'One', greeting_message: 'Hello' })
      await ask('PATCH', `/inboxes/${String(inboxId)}`, { name: 'Two' })
    })
    const updates = posted('inbox_updated').filter((one) => one.id === inboxId)
    expect(updates.map((one) => [one.name, one.greeting_message])).toEqual([
      ['One', 'Hello'],
      ['Two', 'Hello'],
    ])
    expect(updates[1].changed_attributes).toEqual([{ name: { previous_value: 'One', current_value: 'Two' } }])
  })

  it('the text of a deleted message is no longer sent', async () => {
    const { messageId } = await late(async () => {
      const conversation = await begin('first')
      const message = await write(conversation.at, 'the word is xyzzy')
      await ask('DELETE', `${conversation.at}/messages/${String(message.id)}`)
      return { messageId: message.id }
    })
    const about = [...posted('message_created'), ...posted('message_updated')].filter((one) => one.id === messageId)
    expect(about.map(({ event, content }) => [event, content])).toEqual([
      ['message_created', 'This message was deleted'],
      ['message_updated', 'This message was deleted'],
    ])
    expect(about[1].changed_attributes).toContainEqual({
      content_attributes: { previous_value: null, current_value: { deleted: true } },
    })
    expect(JSON.stringify(receiver.posted)).not.toContain('xyzzy')
  })

  it('a resumed stream gets the same events, with their changes', async () => {
    const [before] = (await api.pool.query<{ at: number }>('select coalesce(max(position), 0) as at from events')).rows
    const { messageId, id } = await late(async () => {
      const conversation = await begin('first')
      const message = await write(conversation.at, 'out')
      const report = (json: object) => ask('PATCH', `${conversation.at}/messages/${String(message.id)}`, json)
      await report({ status: 'delivered' })
      await report({ status: 'failed', external_error: 'no such number' })
      return { id: conversation.id, messageId: message.id }
    })
    const stream = await listenAt(`${api.origin}${api.path}/events`, {
      api_access_token: api.administrator.token,
      'last-event-id': String(before?.at ?? 0),
    })
    const updates = await until('both updates', () => {
      const found = stream.heard.filter((one) => one.event === 'message.updated' && one.data.id === messageId)
      return found.length === 2 ? found.map(({ data }) => data) : null
    })
    stream.close()
    expect(updates.map((one) => [one.status, one.content_attributes.external_error])).toEqual([
      ['delivered', undefined],
      ['failed', 'no such number'],
    ])
    expect(updates[0].changed_attributes).toEqual([{ status: { previous_value: 'sent', current_value: 'delivered' } }])
    const created = stream.heard.find((one) => one.event === 'conversation.created' && one.data.id === id)
    expect(shown(created?.data)).toEqual(['first'])
  })
})
