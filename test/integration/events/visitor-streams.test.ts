// What a visitor hears live, and what they never do.

import { createHmac } from 'node:crypto'

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'

import { describeWithDatabase } from '../../support/database.ts'
import { startEventDelivery, type TestEventDelivery } from '../../support/event-delivery.ts'
import { listenAt, type Listening } from '../../support/event-stream.ts'
import { until } from '../../support/until.ts'

describeWithDatabase('a visitor’s stream', () => {
  let api: TestEventDelivery
  let inbox: any
  const open: Listening[] = []
  beforeAll(async () => {
    api = await startEventDelivery({ heartbeatMs: 50 })
    inbox = (await api.ask('POST', `${api.path}/inboxes`, { json: { name: 'App', channel: { type: 'api' } } })).body
  })
  afterEach(() => {
    for (const one of open.splice(0)) one.close()
  })
  afterAll(async () => {
    await api.stop()
    expect(api.faults).toEqual([])
  })

  const base = () => `/public/api/v1/inboxes/${String(inbox.inbox_identifier)}/contacts`
  const ask = (method: string, path: string, json?: object) =>
    api.ask(method, path, { token: null, ...(json === undefined ? {} : { json }) })
  const enter = async (fields: object = {}) => (await ask('POST', base(), fields)).body
  const begin = async (visitor: any) =>
    (await ask('POST', `${base()}/${String(visitor.source_id)}/conversations`, {})).body
  const listen = async (visitor: any, lastEventId?: string) => {
    const stream = await listenAt(`${api.origin}${base()}/${String(visitor.source_id)}/events`, {
      origin: 'https://shop.example',
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    })
    open.push(stream)
    return stream
  }
  const say = (conversation: any, json: object) =>
    api.ask('POST', `${api.path}/conversations/${String(conversation.id)}/messages`, { json })
  // Without the beginning, which is announced a moment behind its commit: also to a stream that was opened in that
  // moment.
  const heard = (stream: Listening) => stream.heard.filter(({ event }) => event !== 'conversation.created')
  const seen = (stream: Listening) =>
    heard(stream).map(({ event, data }) => [event, data.content ?? data.status ?? data.user?.name])

  it('has answers, status and typing with the payloads of the public API, and nothing internal', async () => {
    const visitor = await enter({ name: 'Vera' })
    const conversation = await begin(visitor)
    const stream = await listen(visitor)
    expect([stream.status, stream.type]).toEqual([200, 'text/event-stream; charset=utf-8'])
    await say(conversation, { content: 'a secret of the team', private: true })
    await api.ask('POST', `${api.path}/conversations/${String(conversation.id)}/assignments`, {
      json: { assignee_id: api.agent.id },
    })
    await api.ask('POST', `${api.path}/conversations/${String(conversation.id)}/toggle_typing_status`, {
      json: { typing_status: 'on', is_private: true },
    })
    await api.ask('POST', `${api.path}/conversations/${String(conversation.id)}/toggle_typing_status`, {
      json: { typing_status: 'on' },
    })
    await ask('POST', `${base()}/${String(visitor.source_id)}/conversations/${String(conversation.id)}/toggle_typing`, {
      typing_status: 'on',
    })
    const written = (await say(conversation, { content: 'Hello Vera' })).body
    await api.ask('POST', `${api.path}/conversations/${String(conversation.id)}/toggle_status`, {
      json: { status: 'resolved' },
    })
    await until('the end', () => stream.heard.some(({ event }) => event === 'conversation.status_changed'))
    expect(seen(stream)).toEqual([
      ['conversation.typing_on', 'Ada Admin'],
      ['message.created', 'Hello Vera'],
      ['conversation.status_changed', 'resolved'],
    ])
    const shown = (
      await ask('GET', `${base()}/${String(visitor.source_id)}/conversations/${String(conversation.id)}/messages`)
    ).body
    expect(heard(stream)[1]!.data).toEqual(shown.find(({ id }: { id: number }) => id === written.id))
  })

  it('has no events of other visitors, and resumes after the last known event', async () => {
    const [one, two] = [await enter(), await enter()]
    const [first, second] = [await begin(one), await begin(two)]
    const stream = await listen(one)
    await say(second, { content: 'for two' })
    await say(first, { content: 'for one' })
    await until('the message', () => heard(stream).length > 0)
    expect(seen(stream)).toEqual([['message.created', 'for one']])
    stream.close()
    await say(first, { content: 'meanwhile' })
    await say(second, { content: 'meanwhile, for two' })
    const again = await listen(one, heard(stream)[0]!.id)
    await until('what was missed', () => heard(again).length > 0)
    expect(seen(again)).toEqual([['message.created', 'meanwhile']])
  })

  it('sends reset after too many missed events', async () => {
    const visitor = await enter()
    const conversation = await begin(visitor)
    const stream = await listen(visitor)
    await say(conversation, { content: 'known' })
    await until('the message', () => heard(stream).length > 0)
    const known = heard(stream)[0]!.id
    await api.pool.query(
      `insert into events (account_id, name) select $1, 'contact_updated' from generate_series(1, 2001)`,
      [api.accountId],
    )
    await until(
      'all of it announced',
      async () => (await api.pool.query('select 1 from events where position is null')).rowCount === 0,
    )
    const again = await listen(visitor, known)
    await say(conversation, { content: 'news' })
    await until('the news', () => seen(again).some(([, content]) => content === 'news'))
    expect(again.heard.map(({ event }) => event)).toEqual(['reset', 'message.created'])
  })

  it('of a proven visitor has all conversations of the contact in the inbox', async () => {
    const proven = {
      identifier: 'u-1',
      identifier_hash: createHmac('sha256', inbox.hmac_token).update('u-1').digest('hex'),
    }
    const [phone, desk] = [await enter(proven), await enter(proven)]
    const conversation = await begin(phone)
    const stream = await listen(desk)
    await say(conversation, { content: 'on both' })
    await until('the message', () => seen(stream).some(([, content]) => content === 'on both'))
  })

  it('is refused for an unknown source id, and ends with the contact', async () => {
    expect((await listenAt(`${api.origin}${base()}/nobody/events`)).status).toBe(404)
    const visitor = await enter()
    const stream = await listen(visitor)
    await api.ask('DELETE', `${api.path}/contacts/${String(visitor.id)}`)
    await until('its end', () => stream.ended)
  })

  it('is limited to five open ones for a visitor', async () => {
    const visitor = await enter()
    const streams = [
      await listen(visitor),
      await listen(visitor),
      await listen(visitor),
      await listen(visitor),
      await listen(visitor),
    ]
    expect(streams.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect((await listen(visitor)).status).toBe(429)
    streams[0]!.close()
    await until('room', async () => (await listen(visitor)).status === 200)
  })
})
