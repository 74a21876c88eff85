// Live events over two instances of the API on one database: who may hear what, and how a client that was away hears
// what it missed.

import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'

import { recordEvent } from '../../../src/conversations/record-event.ts'
import {
  createAccount,
  createConversation,
  createInbox,
  createPerson,
  startApi,
  type TestApi,
} from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { startEventDelivery, type TestEventDelivery } from '../../support/event-delivery.ts'
import { type Heard, listenAt, type Listening } from '../../support/event-stream.ts'
import { until } from '../../support/until.ts'

describeWithDatabase('event streams', () => {
  let api: TestEventDelivery
  let second: TestApi
  const open: Listening[] = []
  beforeAll(async () => {
    api = await startEventDelivery({ heartbeatMs: 2_000 })
    second = await startApi({ beside: api, heartbeatMs: 50 })
  })
  afterEach(() => {
    for (const one of open.splice(0)) one.close()
  })
  afterAll(async () => {
    await second.stop()
    await api.stop()
    expect([...api.faults, ...second.faults]).toEqual([])
  })

  const listen = async (
    at: {
      token?: string
      lastEventId?: string
      query?: string
      on?: TestApi | TestEventDelivery
      account?: number
    } = {},
  ) => {
    const { token = api.administrator.token, on = api, account = api.accountId } = at
    const stream = await listenAt(`${on.origin}/api/v1/accounts/${String(account)}/events${at.query ?? ''}`, {
      api_access_token: token,
      ...(at.lastEventId === undefined ? {} : { 'last-event-id': at.lastEventId }),
    })
    open.push(stream)
    return stream
  }
  const converse = (inboxId = api.inboxId) => createConversation(api.pool, { accountId: api.accountId, inboxId })
  const say = (displayId: number, content: string) =>
    api.ask('POST', `${api.path}/conversations/${String(displayId)}/messages`, { json: { content } })
  const contents = (state: { heard: Heard[] }) =>
    state.heard.filter(({ event }) => event === 'message.created').map(({ data }) => data.content)

  it("send events with the names and payloads of Chatwoot's cable", async () => {
    const conversation = await converse()
    const stream = await listen()
    expect([stream.status, stream.type]).toEqual([200, 'text/event-stream; charset=utf-8'])
    await say(conversation.displayId, 'Hello')
    await api.ask('POST', `${api.path}/conversations/${String(conversation.displayId)}/toggle_status`, {
      json: { status: 'resolved' },
    })
    const event = (name: string) => until(name, () => stream.heard.find((one) => one.event === name))
    const message = await event('message.created')
    expect(message.data).toMatchObject({
      content: 'Hello',
      message_type: 1,
      conversation_id: conversation.displayId,
      account_id: api.accountId,
      sender: { type: 'user', id: api.administrator.id },
      conversation: { contact_inbox: { source_id: conversation.sourceId } },
    })
    const changed = await event('conversation.status_changed')
    expect(changed.data).toMatchObject({
      id: conversation.displayId,
      status: 'resolved',
      account_id: api.accountId,
      meta: { sender: { id: conversation.contactId } },
    })
    expect(Number(changed.id)).toBeGreaterThan(Number(message.id))
    expect(JSON.stringify(stream.heard)).not.toContain('pubsub_token')
  })

  it('send a merge of contacts with both ids', async () => {
    const [base, mergee] = [await converse(), await converse()]
    const stream = await listen()
    await api.ask('POST', `${api.path}/actions/contact_merge`, {
      json: { base_contact_id: base.contactId, mergee_contact_id: mergee.contactId },
    })
    const merged = await until('the merge', () => stream.heard.find(({ event }) => event === 'contact.merged'))
    expect(merged.data).toMatchObject({
      id: base.contactId,
      type: 'contact',
      email: base.email,
      account_id: api.accountId,
    })
    expect(stream.heard.filter(({ event }) => event === 'contact.merged')).toHaveLength(1)
    expect(stream.heard.find(({ event }) => event === 'contact.deleted')?.data).toMatchObject({ id: mergee.contactId })
    // An action that fails has no event.
    await api.ask('POST', `${api.path}/actions/contact_merge`, {
      json: { base_contact_id: base.contactId, mergee_contact_id: mergee.contactId },
    })
    expect((await api.pool.query(`select from events where name = 'contact_merged'`)).rowCount).toBe(1)
  })

  it('resume after the last event of the client, on any process, each event once', async () => {
    const conversation = await converse()
    const first = await listen()
    await say(conversation.displayId, 'one')
    await until('the first', () => contents(first).includes('one'))
    const { lastId } = first
    first.close()
    for (const words of ['two', 'three']) await say(conversation.displayId, words)
    const again = await listen({ on: second, lastEventId: lastId })
    await say(conversation.displayId, 'four')
    await until('the last', () => contents(again).includes('four'))
    expect(contents(again)).toEqual(['two', 'three', 'four'])
    const byQuery = await listen({ query: `?last_event_id=${lastId}` })
    await until('the same by query', () => contents(byQuery).includes('four'))
    expect(contents(byQuery)).toEqual(['two', 'three', 'four'])
    const ids = again.heard.map(({ id }) => Number(id))
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
  })

  it('a thousand missed events arrive in order, with new ones', async () => {
    const conversation = await converse()
    const { lastId } = await listen()
    await api.pool.query(
      `
        insert into messages (
          account_id, inbox_id, conversation_id, message_type, content, created_at, updated_at
        )
        select $1, $2, $3, 'incoming', n::text, now() - interval '1 hour', now()
        from generate_series(1, 1000) n
      `,
      [api.accountId, api.inboxId, conversation.id],
    )
    const stream = await listen({ on: second, lastEventId: lastId })
    await say(conversation.displayId, 'end')
    await until('the end', () => contents(stream).includes('end'))
    expect(contents(stream)).toEqual([...Array.from({ length: 1000 }, (_, n) => String(n + 1)), 'end'])
  })

  it.each(['1', '99999999999'])('send reset to a client that knows only %s', async (lastEventId) => {
    await api.pool.query(
      `
        insert into installation (name, value)
        values ('events_swept', '2')
        on conflict (name) do update
        set value = '2'
      `,
    )
    const stream = await listen({ lastEventId })
    await until('reset', () => stream.heard.length > 0)
    expect(stream.heard[0]).toEqual({ id: stream.lastId, event: 'reset', data: {} })
  })

  it('an agent gets events of accessible inboxes and assigned conversations, an administrator all', async () => {
    const hidden = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Hidden' })
    const [seen, unseen, own] = [await converse(), await converse(hidden), await converse(hidden)]
    await api.pool.query('update conversations set assignee_id = $2 where id = $1', [own.id, api.agent.id])
    const [agent, administrator] = [await listen({ token: api.agent.token }), await listen()]
    await say(unseen.displayId, 'unseen')
    await say(own.displayId, 'own')
    await say(seen.displayId, 'seen')
    for (const stream of [agent, administrator]) await until('the last', () => contents(stream).includes('seen'))
    expect(contents(administrator)).toEqual(['unseen', 'own', 'seen'])
    expect(contents(agent)).toEqual(['own', 'seen'])
    const ofUnseen = ({ event, data }: (typeof agent.heard)[number]) =>
      (event.startsWith('conversation.') ? data.id : data.conversation_id) === unseen.displayId
    expect([administrator.heard.some(ofUnseen), agent.heard.some(ofUnseen)]).toEqual([true, false])
  })

  it('typing is sent to others, not to its author', async () => {
    const conversation = await converse()
    const [agent, administrator] = [await listen({ token: api.agent.token }), await listen()]
    await recordEvent(api.pool, {
      accountId: api.accountId,
      name: 'conversation_typing_on',
      conversationId: conversation.id,
      performer: `user:${api.agent.id}`,
      facts: { is_private: false },
    })
    await say(conversation.displayId, 'typed')
    for (const stream of [agent, administrator]) await until('the last', () => contents(stream).includes('typed'))
    expect(administrator.heard.find(({ event }) => event === 'conversation.typing_on')?.data).toMatchObject({
      conversation: { id: conversation.displayId },
      user: { id: api.agent.id, type: 'user' },
      is_private: false,
    })
    expect(agent.heard.map(({ event }) => event)).not.toContain('conversation.typing_on')
  })

  it('a viewer of a conversation is shown to others with access', async () => {
    const conversation = await converse()
    const outsider = await createPerson(api.pool, { accountId: api.accountId, name: 'Olga Outside' })
    const [agent, administrator] = [await listen({ token: api.agent.token }), await listen()]
    const hidden = await listen({ token: outsider.token })
    await api.ask('POST', `${api.path}/conversations/${String(conversation.displayId)}/viewing`, {
      token: api.agent.token,
    })
    const other = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Hers' })
    await api.pool.query('insert into inbox_members (inbox_id, user_id) values ($1, $2)', [other, outsider.id])
    await api.pool.query(`insert into contacts (account_id, name, updated_at) values ($1, 'Last', now())`, [
      api.accountId,
    ])
    for (const stream of [agent, administrator, hidden])
      await until('the last', () => stream.heard.some(({ event }) => event === 'contact.created'))
    const viewing = ({ heard }: { heard: Heard[] }) => heard.filter(({ event }) => event === 'conversation.viewing')
    expect(viewing(administrator).map(({ data }) => data)).toMatchObject([
      { conversation_id: conversation.displayId, user: { id: api.agent.id, name: 'Gus Agent' }, viewing: true },
    ])
    expect([viewing(agent), viewing(hidden)]).toEqual([[], []])
  })

  it('a merge of conversations is sent with both numbers', async () => {
    const [target, merged] = [await converse(), await converse()]
    const stream = await listen()
    const at = `${api.path}/conversations/${String(target.displayId)}`
    const { body } = await api.ask('POST', `${at}/merge`, { json: { conversation_id: merged.displayId } })
    await api.ask('DELETE', `${at}/merge/${String(body.id)}`)
    const dataOf = (name: string) => stream.heard.find(({ event }) => event === name)?.data
    await until('both', () => dataOf('conversation.unmerged') !== undefined)
    expect(dataOf('conversation.merged')).toMatchObject({
      id: target.displayId,
      merge_id: body.id,
      merged_conversation_id: merged.displayId,
    })
    expect(dataOf('conversation.status_changed')).toMatchObject({ id: merged.displayId, status: 'resolved' })
  })

  it('are for members only, without events of other accounts', async () => {
    const other = await createAccount(api.pool, 'Other')
    const stranger = await createPerson(api.pool, { accountId: other, name: 'Sam', role: 'administrator' })
    expect((await listen({ token: stranger.token })).status).toBe(401)
    expect((await listen({ token: 'wrong' })).status).toBe(401)
    const stream = await listen({ token: stranger.token, account: other })
    await say((await converse()).displayId, 'not for you')
    const own = await api.pool.query(
      `insert into contacts (account_id, name, updated_at) values ($1, 'Theirs', now())`,
      [other],
    )
    expect(own.rowCount).toBe(1)
    await until('their own', () => stream.heard.some(({ event }) => event === 'contact.created'))
    expect(stream.heard.map(({ data }) => data.account_id)).toEqual([other])
  })

  it('have heartbeats, and end when the token is revoked', async () => {
    const person = await createPerson(api.pool, { accountId: api.accountId, name: 'Lea Leaver' })
    const stream = await listen({ token: person.token, on: second })
    await until('two heartbeats', () => stream.beats >= 2)
    await api.pool.query('update access_tokens set revoked_at = now() where user_id = $1', [person.id])
    await until('the end', () => stream.ended)
  })

  it('end when the membership does', async () => {
    const person = await createPerson(api.pool, { accountId: api.accountId, name: 'Max Member' })
    const stream = await listen({ token: person.token, on: second })
    await api.pool.query('delete from account_users where user_id = $1', [person.id])
    await until('the end', () => stream.ended)
  })

  it('a token has at most ten open streams', async () => {
    const person = await createPerson(api.pool, { accountId: api.accountId, name: 'Many Streams' })
    const streams = []
    for (let n = 0; n < 10; n++) streams.push(await listen({ token: person.token }))
    expect((await listen({ token: person.token })).status).toBe(429)
    streams[0]!.close()
    await until('room for another', async () => (await listen({ token: person.token })).status === 200)
  })

  it('a client that reads nothing is disconnected instead of filling memory', async () => {
    const conversation = await converse()
    const asking = get(`${second.origin}${api.path}/events`, {
      agent: false,
      headers: { api_access_token: api.administrator.token },
    })
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    // More than the kernel keeps for a connection.
    await api.pool.query(
      `
        insert into messages (account_id, inbox_id, conversation_id, message_type, content, updated_at)
        select $1, $2, $3, 'incoming', repeat('x', 100000), now()
        from generate_series(1, 450) n
      `,
      [api.accountId, api.inboxId, conversation.id],
    )
    await until(
      'all is announced',
      async () => (await api.pool.query('select from events where position is null')).rowCount === 0,
    )
    const stream = await listen({ on: second })
    await say((await converse()).displayId, 'after the flood')
    await until('others hear on', () => contents(stream).includes('after the flood'))
    const port = response.socket.localPort
    await until('it is cut off', () => !second.isConnected(port))
    // What was on its way arrives; then the connection breaks off.
    await expect(
      (async () => {
        for await (const _chunk of response);
      })(),
    ).rejects.toThrow('aborted')
  })

  it('end at once when the service stops', async () => {
    const third = await startApi({ beside: api })
    const stream = await listen({ on: third })
    third.streams.stop()
    await until('the end', () => stream.ended)
    const late = await fetch(`${third.origin}${api.path}/events`, {
      headers: { api_access_token: api.administrator.token },
    })
    expect(await late.text()).toBe('')
    await third.stop()
  })
})
