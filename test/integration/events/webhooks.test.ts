// Webhooks from end to end: changes through the API arrive at a receiver, signed, once and in order; and
// what becomes of it when the receiver does not take it.

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'

import { createAccount, createConversation, createInbox, createPerson } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { startEventDelivery, type TestEventDelivery } from '../../support/event-delivery.ts'
import { isGenuine, type Posted, type Receiver, startReceiver } from '../../support/receiver.ts'
import { until } from '../../support/until.ts'

const firstEight = [
  'conversation_status_changed',
  'conversation_updated',
  'conversation_created',
  'contact_created',
  'contact_updated',
  'message_created',
  'message_updated',
  'webwidget_triggered',
]

describeWithDatabase('webhooks', () => {
  let api: TestEventDelivery
  let receiver: Receiver
  let path: string
  let count = 0
  beforeAll(async () => {
    receiver = await startReceiver()
    api = await startEventDelivery()
    path = `${api.path}/webhooks`
  })
  afterAll(async () => {
    await api.stop()
    await receiver.stop()
    expect(api.faults).toEqual([])
  })
  afterEach(async () => {
    receiver.answerWith((_post, response) => void response.writeHead(200).end('ok'))
    for (const { id } of (await api.ask('GET', path)).body.payload.webhooks)
      await api.ask('DELETE', `${path}/${String(id)}`)
  })

  const makeWebhook = async (subscriptions?: string[], more: object = {}) => {
    const hook = `/hook-${String(++count)}`
    const { status, body } = await api.ask('POST', path, {
      json: { url: `${receiver.origin}${hook}`, subscriptions, ...more },
    })
    expect(status).toBe(200)
    return {
      ...(body.payload.webhook as { id: number; url: string; secret: string; inbox: unknown }),
      path: hook,
      posts: () => receiver.at(hook),
      deliveries: async () =>
        (await api.ask('GET', `${path}/${String(body.payload.webhook.id)}/deliveries`)).body.payload,
    }
  }
  const converse = (place: { inboxId?: number } = {}) =>
    createConversation(api.pool, { accountId: api.accountId, inboxId: api.inboxId, ...place })
  const write = async (displayId: number, content: string, more: object = {}) =>
    (await api.ask('POST', `${api.path}/conversations/${String(displayId)}/messages`, { json: { content, ...more } }))
      .body
  const arrived = (hook: { posts: () => Posted[] }, event: string, number = 1) =>
    until(`${String(number)} of ${event}`, () =>
      hook.posts().filter(({ body }) => body.event === event).length >= number
        ? hook.posts().filter(({ body }) => body.event === event)
        : null,
    )
  const hurry = (webhookId: number) =>
    api.pool.query(
      `
        with s as (update webhook_subscribers set resume_at = now() where id = $1)
        update webhook_deliveries set run_at = now() where subscriber = $1 and finished_at is null
      `,
      [`webhook:${String(webhookId)}`],
    )

  it('are created, listed, changed and deleted; without subscriptions one gets the first eight', async () => {
    const made = await api.ask('POST', path, { json: { webhook: { url: 'https://receiver.example/in', name: 'CRM' } } })
    expect([made.status, made.body.payload.webhook]).toEqual([
      200,
      {
        id: expect.any(Number),
        name: 'CRM',
        url: 'https://receiver.example/in',
        account_id: api.accountId,
        subscriptions: firstEight,
        secret: expect.stringMatching(/^.{20,}$/),
        disabled_at: null,
        disabled_reason: null,
      },
    ])
    const { id } = made.body.payload.webhook
    const changed = await api.ask('PATCH', `${path}/${String(id)}`, { json: { subscriptions: ['message_created'] } })
    expect(changed.body.payload.webhook).toEqual({ ...made.body.payload.webhook, subscriptions: ['message_created'] })
    expect((await api.ask('GET', path)).body).toEqual({ payload: { webhooks: [changed.body.payload.webhook] } })
    expect(await api.ask('DELETE', `${path}/${String(id)}`)).toMatchObject({ status: 200, text: '' })
    expect((await api.ask('GET', path)).body).toEqual({ payload: { webhooks: [] } })
  })

  it('send a message with the id of its platform', async () => {
    const hook = await makeWebhook(['message_created'])
    const there = await converse({
      inboxId: await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Bridge' }),
    })
    await write(there.displayId, 'from the phone', { source_id: 'WAID:9' })
    const [post] = await arrived(hook, 'message_created')
    expect(post?.body).toMatchObject({ content: 'from the phone', message_type: 'outgoing', source_id: 'WAID:9' })
  })

  it.each([
    ['a word', { url: 'nothing' }, 'Url is invalid'],
    ['another scheme', { url: 'ftp://x.example' }, 'Url is invalid'],
    ['no url', {}, 'Url is invalid'],
    [
      'an unknown event',
      { url: 'https://x.example', subscriptions: ['message_created', 'world_ended'] },
      'Subscriptions Invalid events',
    ],
    ['no event at all', { url: 'https://x.example', subscriptions: [] }, 'Subscriptions Invalid events'],
  ])('%s is refused with the message of Chatwoot', async (_title, json, message) => {
    const { status, body } = await api.ask('POST', path, { json })
    expect([status, body.message]).toEqual([422, message])
  })

  it('an URL is unique in an account', async () => {
    const { url } = await makeWebhook()
    expect(await api.ask('POST', path, { json: { url } })).toMatchObject({
      status: 422,
      body: { message: 'Url has already been taken', attributes: ['url'] },
    })
  })

  it('are for administrators of their account only', async () => {
    const { id } = await makeWebhook()
    expect(await api.ask('GET', path, { token: api.agent.token })).toMatchObject({
      status: 401,
      body: { error: 'You are not authorized to do this action' },
    })
    const other = await createAccount(api.pool, 'Other')
    const stranger = await createPerson(api.pool, { accountId: other, name: 'Sam', role: 'administrator' })
    const foreign = `/api/v1/accounts/${String(other)}/webhooks`
    for (const [method, place] of [
      ['PATCH', ''],
      ['DELETE', ''],
      ['GET', '/deliveries'],
    ] as const)
      expect(
        (
          await api.ask(method, `${foreign}/${String(id)}${place}`, {
            token: stranger.token,
            json: method === 'PATCH' ? {} : undefined,
          })
        ).status,
      ).toBe(404)
    expect(
      await api.ask('POST', foreign, {
        token: stranger.token,
        json: { url: 'https://x.example', inbox_id: api.inboxId },
      }),
    ).toMatchObject({ status: 404 })
  })

  it('a message has the payload of Chatwoot, signed with the secret of its webhook', async () => {
    const hook = await makeWebhook(['message_created'])
    const conversation = await converse()
    const message = await write(conversation.displayId, 'Hello!')
    const [post] = await arrived(hook, 'message_created')
    expect(isGenuine(post!, hook.secret)).toBe(true)
    expect(isGenuine(post!, `${String(hook.secret)}x`)).toBe(false)
    expect(post!.headers).toMatchObject({
      'content-type': 'application/json',
      'x-chatwoot-delivery': expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(post!.body).toMatchObject({
      event: 'message_created',
      id: message.id,
      content: 'Hello!',
      message_type: 'outgoing',
      content_type: 'text',
      private: false,
      account: { id: api.accountId, name: 'Acme' },
      inbox: { id: api.inboxId, name: 'Support' },
      sender: { id: api.administrator.id, name: 'Ada Admin', type: 'user' },
      conversation: {
        id: conversation.displayId,
        status: 'open',
        channel: 'Channel::Email',
        inbox_id: api.inboxId,
        meta: { sender: { id: conversation.contactId, type: 'contact' } },
        contact_inbox: { source_id: conversation.sourceId },
      },
    })
    expect(new Date(post!.body.created_at).getTime()).toBeGreaterThan(Date.now() - 60_000)
    expect(Object.keys(post!.body.conversation).sort()).toEqual([
      'account',
      'additional_attributes',
      'agent_last_seen_at',
      'can_reply',
      'channel',
      'contact_inbox',
      'contact_last_seen_at',
      'created_at',
      'custom_attributes',
      'first_reply_created_at',
      'id',
      'inbox_id',
      'labels',
      'last_activity_at',
      'messages',
      'meta',
      'priority',
      'snoozed_until',
      'status',
      'timestamp',
      'unread_count',
      'updated_at',
      'waiting_since',
    ])
  })

  it('private notes are sent, activities are not', async () => {
    const hook = await makeWebhook(['message_created'])
    const conversation = await converse()
    await api.ask('POST', `${api.path}/conversations/${String(conversation.displayId)}/toggle_priority`, {
      json: { priority: 'high' },
    })
    await write(conversation.displayId, 'between us', { private: true })
    const [post] = await arrived(hook, 'message_created')
    expect(post!.body).toMatchObject({ content: 'between us', private: true })
    expect(hook.posts()).toHaveLength(1)
  })

  it('a change of status has both values, also when the status has changed again since', async () => {
    const conversation = await converse()
    const hook = await makeWebhook(['conversation_status_changed'])
    await api.pause()
    await api.pool.query(`update conversations set status = 'resolved' where id = $1`, [conversation.id])
    await api.pool.query(`update conversations set status = 'pending' where id = $1`, [conversation.id])
    api.resume()
    const posts = await arrived(hook, 'conversation_status_changed', 2)
    expect(posts.map(({ body }) => [body.id, body.status, body.changed_attributes])).toEqual([
      [conversation.displayId, 'resolved', [{ status: { previous_value: 'open', current_value: 'resolved' } }]],
      [conversation.displayId, 'pending', [{ status: { previous_value: 'resolved', current_value: 'pending' } }]],
    ])
  })

  it('contacts are sent with their changes', async () => {
    const hook = await makeWebhook(['contact_created', 'contact_updated'])
    const { contact } = (
      await api.ask('POST', `${api.path}/contacts`, { json: { name: 'Ann', email: 'ann@customer.example' } })
    ).body.payload
    await api.ask('PATCH', `${api.path}/contacts/${String(contact.id)}`, { json: { name: 'Anna' } })
    const [updated] = await arrived(hook, 'contact_updated')
    expect(hook.posts()[0]?.body).toMatchObject({
      event: 'contact_created',
      id: contact.id,
      email: 'ann@customer.example',
      account: { id: api.accountId },
    })
    expect(updated!.body).toMatchObject({
      id: contact.id,
      name: 'Anna',
      changed_attributes: [{ name: { previous_value: 'Ann', current_value: 'Anna' } }],
    })
  })

  it('a webhook gets its subscriptions, one of an inbox those of that inbox only', async () => {
    const otherInbox = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Other' })
    const all = await makeWebhook(['message_created'])
    const ofInbox = await makeWebhook(['message_created', 'conversation_created'], { inbox_id: otherInbox })
    expect(ofInbox.inbox).toEqual({ id: otherInbox, name: 'Other' })
    await write((await converse()).displayId, 'here')
    await write((await converse({ inboxId: otherInbox })).displayId, 'there')
    await arrived(all, 'message_created', 2)
    await arrived(ofInbox, 'message_created')
    expect(all.posts().map(({ body }) => body.event)).toEqual(['message_created', 'message_created'])
    expect(ofInbox.posts().map(({ body }) => [body.event, body.content])).toEqual([
      ['conversation_created', undefined],
      ['message_created', 'there'],
    ])
  })

  it('an Api inbox gets all events at its own URL, signed with its HMAC token', async () => {
    const inboxId = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Bot' })
    const { rows } = await api.pool.query<{ hmac_token: string }>(
      `
        update channels c
        set webhook_url = $2
        from inboxes i
        where i.channel_id = c.id and i.id = $1
        returning c.hmac_token
      `,
      [inboxId, `${receiver.origin}/channel`],
    )
    await write((await converse({ inboxId })).displayId, 'out')
    const post = await until('the message at the channel', () =>
      receiver.at('/channel').find(({ body }) => body.event === 'message_created'),
    )
    expect(isGenuine(post, rows[0]!.hmac_token)).toBe(true)
    expect(receiver.at('/channel').map(({ body }) => body.event)).toContain('conversation_created')
    await api.pool.query(`update channels set webhook_url = null`)
  })

  it('is retried with the same body and id and a new signature, until it arrives; each attempt is listed', async () => {
    const hook = await makeWebhook(['message_created'])
    let refusals = 2
    receiver.answerWith(
      (post, response) =>
        void (post.path === hook.path && refusals-- > 0
          ? response.writeHead(500).end('not now')
          : response.writeHead(200).end('ok')),
    )
    const conversation = await converse()
    await write(conversation.displayId, 'again and again')
    for (const attempts of [1, 2]) {
      await until(`attempt ${String(attempts)}`, async () =>
        (await hook.deliveries())[0]?.log.length === attempts ? true : null,
      )
      const [waiting] = await hook.deliveries()
      expect(waiting).toMatchObject({
        state: 'pending',
        attempts,
        log: Array.from({ length: attempts }, () => ({
          response_code: 500,
          response_excerpt: 'not now',
          error: 'answered 500',
        })),
      })
      expect(new Date(waiting.next_attempt_at).getTime()).toBeGreaterThan(Date.now())
      // What it says does not change with what has become of the message since.
      await api.pool.query(`update messages set content = 'changed' where conversation_id = $1`, [conversation.id])
      await hurry(hook.id)
    }
    const posts = await arrived(hook, 'message_created', 3)
    expect(new Set(posts.map(({ text }) => text)).size).toBe(1)
    expect(new Set(posts.map(({ headers }) => headers['x-chatwoot-delivery'])).size).toBe(1)
    expect(posts.every((post) => isGenuine(post, hook.secret))).toBe(true)
    await until('delivered', async () => (await hook.deliveries())[0]?.state === 'delivered')
    expect((await hook.deliveries())[0]).toMatchObject({
      id: posts[0]!.headers['x-chatwoot-delivery'],
      next_attempt_at: null,
      attempts: 3,
    })
  })

  it(
    'events of one conversation arrive in order, also after failures; other conversations are not ' + 'delayed',
    async () => {
      const hook = await makeWebhook(['message_created'])
      const [first, second] = [await converse(), await converse()]
      receiver.answerWith(
        (post, response) =>
          void response
            .writeHead(
              post.body.content === 'one' &&
                receiver.at(hook.path).filter(({ body }) => body.content === 'one').length < 3
                ? 500
                : 200,
            )
            .end(),
      )
      for (const words of ['one', 'two', 'three']) await write(first.displayId, words)
      await write(second.displayId, 'elsewhere')
      await until('the other conversation', () => hook.posts().some(({ body }) => body.content === 'elsewhere'))
      expect(hook.posts().map(({ body }) => body.content)).not.toContain('two')
      await until('all three', async () => {
        await hurry(hook.id)
        return hook.posts().some(({ body }) => body.content === 'three')
      })
      const order = hook
        .posts()
        .filter(({ body }) => body.conversation.id === first.displayId)
        .map(({ body }) => body.content)
      expect(order).toEqual(['one', 'one', 'one', 'two', 'three'])
    },
  )

  it('a receiver that does not answer is paused, without delaying others', async () => {
    const deaf = await makeWebhook(['message_created'], { url: 'http://127.0.0.1:1/nobody' })
    const hook = await makeWebhook(['message_created'])
    for (let n = 0; n < 3; n++) await write((await converse()).displayId, `message ${String(n)}`)
    await arrived(hook, 'message_created', 3)
    const attempts = async () => (await deaf.deliveries()).flatMap(({ log }: { log: unknown[] }) => log)
    await until('an attempt', async () => (await attempts()).length > 0)
    expect((await attempts())[0]).toMatchObject({ response_code: null, error: expect.stringContaining('ECONNREFUSED') })
    const { rows } = await api.pool.query(
      'select resume_at > now() as rests, failures from webhook_subscribers where id = $1',
      [`webhook:${String(deaf.id)}`],
    )
    expect(rows).toEqual([{ rests: true, failures: 1 }])
  })

  it('Retry-After is obeyed', async () => {
    const hook = await makeWebhook(['message_created'])
    receiver.answerWith((_post, response) => void response.writeHead(429, { 'retry-after': '1200' }).end())
    await write((await converse()).displayId, 'slowly')
    await until('the answer', async () => (await hook.deliveries())[0]?.attempts === 1)
    const { rows } = await api.pool.query<{ s: number }>(
      `select extract(epoch from resume_at - now())::float8 as s from webhook_subscribers where id = $1`,
      [`webhook:${String(hook.id)}`],
    )
    expect(rows[0]!.s).toBeGreaterThan(1_000)
  })

  it('a redirect is not followed', async () => {
    const hook = await makeWebhook(['message_created'])
    receiver.answerWith(
      (post, response) =>
        void (post.path === hook.path
          ? response.writeHead(302, { location: `${receiver.origin}/elsewhere` }).end()
          : response.writeHead(200).end()),
    )
    await write((await converse()).displayId, 'stay here')
    await until('the attempt', async () => (await hook.deliveries())[0]?.log[0]?.response_code === 302)
    expect(receiver.at('/elsewhere')).toEqual([])
  })

  it('after a day without success a webhook is disabled with a reason until it is changed', async () => {
    const hook = await makeWebhook(['message_created'])
    receiver.answerWith((_post, response) => void response.writeHead(500).end('broken'))
    const conversation = await converse()
    await write(conversation.displayId, 'lost')
    await until('an attempt', async () => (await hook.deliveries())[0]?.attempts === 1)
    await write(conversation.displayId, 'waits behind it')
    await until('it waits', async () => (await hook.deliveries()).length === 2)
    await api.pool.query(`update webhook_subscribers set failing_since = now() - interval '25 hours' where id = $1`, [
      `webhook:${String(hook.id)}`,
    ])
    await hurry(hook.id)
    const read = async () =>
      (await api.ask('GET', path)).body.payload.webhooks.find(({ id }: { id: number }) => id === hook.id)
    await until('it is given up', async () => (await read()).disabled_at !== null)
    expect((await read()).disabled_reason).toMatch(/^Nothing has arrived since .*: answered 500$/)
    expect((await hook.deliveries()).map(({ state }: { state: string }) => state)).toEqual(['failed', 'failed'])
    expect(api.said.filter(({ event }) => event === 'webhook-disabled')).toHaveLength(1)

    receiver.answerWith((_post, response) => void response.writeHead(200).end())
    await write(conversation.displayId, 'not queued')
    await until(
      'all is announced',
      async () => (await api.pool.query('select from events where position is null')).rowCount === 0,
    )
    expect(await hook.deliveries()).toHaveLength(2)

    expect((await api.ask('PATCH', `${path}/${String(hook.id)}`, { json: {} })).body.payload.webhook).toMatchObject({
      disabled_at: null,
      disabled_reason: null,
    })
    await write(conversation.displayId, 'heard again')
    await until('it arrives', () => hook.posts().some(({ body }) => body.content === 'heard again'))
    const [, , lost] = await hook.deliveries()
    const again = await api.ask('POST', `${path}/${String(hook.id)}/deliveries/${String(lost.id)}/redeliver`)
    expect([again.status, again.body.id]).toEqual([200, lost.id])
    await until('the lost one arrives', () => hook.posts().filter(({ body }) => body.content === 'lost').length === 3)
  })

  it('an event that has not arrived in a day fails; a message of an Api inbox shows it', async () => {
    const inboxId = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Dead' })
    await api.pool.query(
      `update channels c set webhook_url = $2 from inboxes i where i.channel_id = c.id and i.id = $1`,
      [inboxId, `${receiver.origin}/dead`],
    )
    receiver.answerWith(
      (post, response) => void response.writeHead(post.body.event === 'message_created' ? 500 : 200).end(),
    )
    const conversation = await converse({ inboxId })
    const message = await write(conversation.displayId, 'undeliverable')
    await until(
      'an attempt',
      async () =>
        (await api.pool.query(`select from webhook_deliveries where message_id = $1 and attempts = 1`, [message.id]))
          .rowCount === 1,
    )
    expect((await api.pool.query('select status from messages where id = $1', [message.id])).rows[0].status).toBe(
      'sent',
    )
    await api.pool.query(`update webhook_deliveries set run_at = now(), give_up_at = now() where message_id = $1`, [
      message.id,
    ])
    await until(
      'the message has failed',
      async () =>
        (
          await api.pool.query(
            `
              select
              from messages
              where id = $1 and status = 'failed' and content_attributes ->> 'external_error' = 'answered 500'
            `,
            [message.id],
          )
        ).rowCount === 1,
    )
    await api.pool.query(`update channels set webhook_url = null`)
  })

  it.each([
    ['http://192.168.7.1/hook', '192.168.7.1 is a private address. Add 192.168.7.1 to SAFE_URL_ALLOW'],
    ['http://[fd00::1]:8080/', 'fd00::1 is a private address. Add fd00::1 to SAFE_URL_ALLOW'],
    ['http://2130706434/', '127.0.0.2 is a private address. Add 127.0.0.2 to SAFE_URL_ALLOW'],
  ])('one at %s has a warning on creation and change that nothing will be sent', async (url, sentence) => {
    const made = await api.ask('POST', path, { json: { url } })
    expect([made.status, made.body.payload.warnings]).toEqual([200, [expect.stringContaining(sentence)]])
    const id = String(made.body.payload.webhook.id)
    const changed = await api.ask('PATCH', `${path}/${id}`, { json: { url, name: 'same' } })
    expect(changed.body.payload.warnings).toEqual(made.body.payload.warnings)
  })

  it.each(['http://10.1.2.3/', 'https://93.184.216.34/', 'https://no-such-name.invalid/'])(
    'one at %s has no warning',
    async (url) => {
      const { status, body } = await api.ask('POST', path, { json: { url } })
      expect([status, body.payload.warnings]).toEqual([200, undefined])
    },
  )
})

describeWithDatabase('webhooks to private addresses', () => {
  it.each([
    'http://127.0.0.1:9/x',
    'http://localhost:9/x',
    'http://[::1]:9/x',
    'http://169.254.169.254/latest/meta-data',
    'http://2130706433/',
    'http://10.0.0.1/',
  ])('%s is never contacted, and the attempt shows the reason', async (url) => {
    const api = await startEventDelivery({ allowed: [] })
    try {
      const { id } = (
        await api.ask('POST', `${api.path}/webhooks`, { json: { url, subscriptions: ['contact_created'] } })
      ).body.payload.webhook
      await api.ask('POST', `${api.path}/contacts`, { json: { name: 'Ann', email: 'ann@customer.example' } })
      const read = async () =>
        (await api.ask('GET', `${api.path}/webhooks/${String(id)}/deliveries`)).body.payload[0]?.log[0]
      const attempt = await until('an attempt', read)
      expect(attempt).toMatchObject({ response_code: null, error: expect.stringContaining('private address') })
    } finally {
      await api.stop()
    }
  })
})
