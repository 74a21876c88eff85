import { beforeAll, beforeEach, expect, it } from 'vitest'

import { createConversation, createInbox, replyDomain } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'
import { createBot } from '../../support/records.ts'

const messageKeys = [
  'content',
  'content_attributes',
  'content_type',
  'conversation_id',
  'created_at',
  'id',
  'inbox_id',
  'message_type',
  'private',
  'sender',
  'source_id',
  'status',
]

/** Of a message that leaves as mail; its last part cannot be guessed. */
const messageIdOf = (uuid: string, id: number, domain: string) =>
  new RegExp(`^conversation/${uuid}/messages/${String(id)}/[0-9a-f]{32}@${domain.replaceAll('.', '\\.')}$`)

describeWithDatabase('messages', () => {
  const api = useApi()
  let apiInbox: number
  let conversation: Awaited<ReturnType<typeof createConversation>>
  let path: string

  beforeAll(async () => {
    apiInbox = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Bot' })
  })
  beforeEach(async () => {
    conversation = await createConversation(api.pool, api)
    path = pathOf(conversation.displayId)
  })

  const pathOf = (displayId: number) => `${api.path}/conversations/${String(displayId)}/messages`
  const workOf = async (conversationId: number) =>
    (
      await api.pool.query('select kind, payload from work where key = $1 order by id', [
        `conversation:${String(conversationId)}`,
      ])
    ).rows
  const rowOf = async (conversationId: number) =>
    (await api.pool.query('select * from conversations where id = $1', [conversationId])).rows[0]

  it('a created message is answered bare, in the shape of a REST message', async () => {
    const { status, body } = await api.ask('POST', path, { json: { content: 'Hello', echo_id: 'e-1' } })
    expect(status).toBe(200)
    expect(Object.keys(body).sort()).toEqual([...messageKeys, 'echo_id'].sort())
    expect(body).toMatchObject({
      content: 'Hello',
      message_type: 1,
      content_type: 'text',
      status: 'sent',
      private: false,
      conversation_id: conversation.displayId,
      inbox_id: api.inboxId,
      echo_id: 'e-1',
    })
    expect(Object.keys(body.sender).sort()).toEqual([
      'availability_status',
      'available_name',
      'avatar_url',
      'id',
      'name',
      'thumbnail',
      'type',
    ])
    expect(Number.isInteger(body.created_at)).toBe(true)
  })

  it('a public reply is queued as mail under its Message-ID, and the sender is woken', async () => {
    const woken = api.wakes.length
    const { body } = await api.ask('POST', path, { json: { content: 'Hello' } })
    expect(body.source_id).toMatch(messageIdOf(conversation.uuid, Number(body.id), replyDomain))
    expect(body.content_attributes.delivery).toMatchObject({ state: 'queued', history: [{ state: 'queued' }] })
    expect(await workOf(conversation.id)).toEqual([{ kind: 'send-reply', payload: { messageId: body.id } }])
    expect(api.wakes.length).toBe(woken + 1)
  })

  it("the account's own domain stands in the Message-ID", async () => {
    await api.pool.query(`update accounts set domain = 'mail.acme.example' where id = $1`, [api.accountId])
    const { body } = await api.ask('POST', path, { json: { content: 'Hello' } })
    await api.pool.query('update accounts set domain = null where id = $1', [api.accountId])
    expect(body.source_id).toMatch(messageIdOf(conversation.uuid, Number(body.id), 'mail.acme.example'))
  })

  it('a private note is never mailed, has no Message-ID and counts as no reply', async () => {
    const { body } = await api.ask('POST', path, { form: { content: 'psst', private: 'true' } })
    expect(body).toMatchObject({ private: true, message_type: 1, source_id: null, sender: { type: 'user' } })
    expect(body.content_attributes).not.toHaveProperty('delivery')
    expect(await workOf(conversation.id)).toEqual([])
    expect(await rowOf(conversation.id)).toMatchObject({
      first_reply_created_at: null,
      waiting_since: expect.any(Date),
    })
  })

  it('a contact without an address gets no mail', async () => {
    const silent = await createConversation(api.pool, { accountId: api.accountId, inboxId: apiInbox, email: null })
    const { body } = await api.ask('POST', pathOf(silent.displayId), { json: { content: 'Hello' } })
    expect(body.content_attributes).not.toHaveProperty('delivery')
    expect(await workOf(silent.id)).toEqual([])
  })

  it('the first public reply by a person is recorded once and ends the wait', async () => {
    const first = await api.ask('POST', path, { json: { content: 'one' } })
    const after = await rowOf(conversation.id)
    expect(after.waiting_since).toBeNull()
    expect(Math.floor(after.first_reply_created_at.getTime() / 1000)).toBe(first.body.created_at)
    await api.ask('POST', path, { json: { content: 'two' } })
    expect((await rowOf(conversation.id)).first_reply_created_at).toEqual(after.first_reply_created_at)
  })

  it("a bot's public reply ends the wait, and is no first reply of a person", async () => {
    const botId = await createBot(api, 'Bob')
    const asBot = { sender_type: 'AgentBot', sender_id: botId }
    await api.ask('POST', path, { json: { content: 'a thought', private: true, ...asBot } })
    expect(await rowOf(conversation.id)).toMatchObject({ waiting_since: expect.any(Date) })
    expect((await api.ask('POST', path, { json: { content: 'One moment', ...asBot } })).body.sender.type).toBe(
      'agent_bot',
    )
    expect(await rowOf(conversation.id)).toMatchObject({ first_reply_created_at: null, waiting_since: null })
    const { rows: events } = await api.pool.query(
      `select performer from events where conversation_id = $1 and name = 'conversation_updated'`,
      [conversation.id],
    )
    expect(events).toEqual([{ performer: `agent_bot:${String(botId)}` }])
    await api.ask('POST', path, { json: { content: 'A person now' } })
    expect(await rowOf(conversation.id)).toMatchObject({ first_reply_created_at: expect.any(Date) })
  })

  it("a rule's or campaign's message counts as no reply of a person", async () => {
    await api.ask('POST', path, { json: { content: 'auto', content_attributes: { automation_rule_id: 3 } } })
    await api.ask('POST', path, { json: { content: 'auto', campaign_id: 3 } })
    expect(await rowOf(conversation.id)).toMatchObject({
      first_reply_created_at: null,
      waiting_since: expect.any(Date),
    })
  })

  it('an outgoing message does not reopen a conversation', async () => {
    const resolved = await createConversation(api.pool, { ...api, status: 'resolved' })
    await api.ask('POST', pathOf(resolved.displayId), { json: { content: 'late' } })
    expect((await rowOf(resolved.id)).status).toBe('resolved')
  })

  it('a message with more than 500 recipients is refused with a message, and one with 500 is accepted', async () => {
    const named = (count: number) => ({
      content: 'to many',
      private: false,
      cc_emails: Array.from({ length: count - 1 }, (_, n) => `many${String(n)}@one.example`),
      bcc_emails: ['last@one.example'],
    })
    const { status, body } = await api.ask('POST', path, { json: named(501) })
    expect([status, body]).toEqual([422, { error: 'A message has at most 500 recipients, and this one names 501' }])
    expect((await api.ask('POST', path, { json: named(500) })).status).toBe(200)
  })

  it('an incoming message is refused outside Api inboxes', async () => {
    const { status, body } = await api.ask('POST', path, { json: { content: 'x', message_type: 'incoming' } })
    expect([status, body]).toEqual([422, { error: 'Incoming messages are only allowed in Api inboxes' }])
  })

  it.each([
    ['resolved', false, 'open'],
    ['snoozed', false, 'open'],
    ['pending', false, 'pending'],
    ['resolved', true, 'resolved'],
  ])(
    'an incoming message of an Api inbox finds a %s conversation (blocked: %s) and leaves it %s',
    async (status, blocked, expected) => {
      const there = await createConversation(api.pool, { accountId: api.accountId, inboxId: apiInbox, status })
      await api.pool.query('update contacts set blocked = $2 where id = $1', [there.contactId, blocked])
      await api.pool.query('update conversations set waiting_since = null where id = $1', [there.id])
      const { body } = await api.ask('POST', pathOf(there.displayId), {
        json: { content: 'hi', message_type: 'incoming' },
      })
      expect(body).toMatchObject({ message_type: 0, sender: { type: 'contact', id: there.contactId } })
      expect(await rowOf(there.id)).toMatchObject({
        status: expected,
        snoozed_until: null,
        waiting_since: expect.any(Date),
      })
      expect(
        (await api.pool.query('select last_activity_at from contacts where id = $1', [there.contactId])).rows[0]
          .last_activity_at,
      ).not.toBeNull()
      expect(await workOf(there.id)).toEqual([])
    },
  )

  it('the same source id is accepted once in a conversation', async () => {
    const there = await createConversation(api.pool, { accountId: api.accountId, inboxId: apiInbox })
    const json = { content: 'hi', message_type: 'incoming', source_id: 'ext-1' }
    expect((await api.ask('POST', pathOf(there.displayId), { json })).body.source_id).toBe('ext-1')
    expect((await api.ask('POST', pathOf(there.displayId), { json })).status).toBe(422)
  })

  it.each(['Channel::Api', 'Channel::WebWidget', 'Channel::Whatsapp'])(
    'a message in an inbox of %s keeps the id of its platform, or has none',
    async (type) => {
      const there = await createConversation(api.pool, {
        accountId: api.accountId,
        inboxId: await createInbox(api.pool, { accountId: api.accountId, type, name: type }),
      })
      const { body } = await api.ask('POST', pathOf(there.displayId), {
        json: { content: 'hi', source_id: 'WAID:3EB0C431' },
      })
      expect(body).toMatchObject({ message_type: 1, source_id: 'WAID:3EB0C431' })
      const [one, two] = [
        await api.ask('POST', pathOf(there.displayId), { json: { content: 'hi' } }),
        await api.ask('POST', pathOf(there.displayId), { json: { content: 'hi' } }),
      ]
      expect([one.body.source_id, two.body.source_id]).toEqual([null, null])
      const { payload } = (await api.ask('GET', pathOf(there.displayId))).body
      expect(payload.map((message: any) => message.source_id)).toEqual(['WAID:3EB0C431', null, null])
    },
  )

  it('a used or too long source id is refused, also in simultaneous requests', async () => {
    const there = await createConversation(api.pool, { accountId: api.accountId, inboxId: apiInbox })
    const write = (sourceId: string) =>
      api.ask('POST', pathOf(there.displayId), { json: { content: 'hi', source_id: sourceId } })
    const answers = await Promise.all([1, 2, 3, 4].map(() => write('WAID:1')))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422, 422])
    expect(answers.find(({ status }) => status === 422)?.body).toEqual({
      error: 'Validation failed: Source has already been taken',
    })
    expect((await write('W'.repeat(601))).body).toEqual({
      error: 'Validation failed: Source is too long (maximum is 600 bytes)',
    })
    expect((await write('W'.repeat(600))).status).toBe(200)
  })

  it('in an email inbox the source id is the Message-ID, whatever a client gives', async () => {
    const { body } = await api.ask('POST', path, { json: { content: 'hi', source_id: 'WAID:1' } })
    expect(body.source_id).toMatch(messageIdOf(conversation.uuid, Number(body.id), replyDomain))
  })

  it('recipients are stored as plain addresses, from text, a list or with names', async () => {
    const { body } = await api.ask('POST', path, {
      json: {
        content: 'x',
        cc_emails: 'A <a@x.example>; b@x.example,\nb@x.example',
        bcc_emails: ['"Doe, J" <c@x.example>'],
        to_emails: '',
      },
    })
    expect(body.content_attributes).toMatchObject({
      cc_emails: ['a@x.example', 'b@x.example'],
      bcc_emails: ['c@x.example'],
      to_emails: [],
    })
  })

  it('a recipient named twice, in any case, is kept once: in To before Cc before Bcc', async () => {
    const { body } = await api.ask('POST', path, {
      json: {
        content: 'x',
        to_emails: ['One@x.example', 'one@x.example', 'ONE@X.EXAMPLE'],
        cc_emails: 'one@X.example, two@x.example, Two@x.example',
        bcc_emails: ['TWO@x.example', 'three@x.example', 'ONE@x.example'],
      },
    })
    expect(body.content_attributes).toMatchObject({
      to_emails: ['One@x.example'],
      cc_emails: ['two@x.example'],
      bcc_emails: ['three@x.example'],
    })
  })

  const token = '0123456789abcdef0123456789abcdef'
  it.each([
    [`reply+${token}@${replyDomain}`],
    [`REPLY+${token.toUpperCase()}@${replyDomain.toUpperCase()}`],
    [`Ann <reply+${token}@${replyDomain}>`],
    [`reply=${token}@${replyDomain}`],
    [`reply_${token}@${replyDomain}`],
    [`bounce+${token}@${replyDomain}`],
    [`reply+01234567-89ab-cdef-0123-456789abcdef@${replyDomain}`],
    [`reply+anything@${replyDomain}`],
    [`reply+${token}@reply.other.example`],
    [`reply+${token}@reply.former.example`],
    [`SRS0=ab=cd=${replyDomain}=reply+${token}@forwarder.example`],
  ])('the reply address %s is refused as a recipient, with the field, and no message is created', async (address) => {
    await api.pool.query(
      `
        insert into accounts (name, domain, updated_at)
        values ('Other', 'reply.other.example', now())
        on conflict do nothing
      `,
    )
    await api.pool.query(
      `insert into reply_domains (domain, account_id, expires_at)
       values ('reply.former.example', $1, now() + interval '1 day')
       on conflict do nothing`,
      [api.accountId],
    )
    const before = (await api.ask('GET', path)).body.payload.length
    for (const field of ['to_emails', 'cc_emails', 'bcc_emails'] as const) {
      const { status, body } = await api.ask('POST', path, {
        json: { content: 'x', [field]: ['a@x.example', address] },
      })
      expect(status).toBe(422)
      expect(body.error).toMatch(
        new RegExp(`^${field}: .*is a reply address of this installation: the mail would come back$`),
      )
      expect(body.error).not.toContain(token)
    }
    expect((await api.ask('GET', path)).body.payload).toHaveLength(before)
    expect(await workOf(conversation.id)).toEqual([])
  })

  it('masked reply addresses, those of other installations and similar ones are not refused', async () => {
    const cc = [
      `reply+…@${replyDomain}`,
      `reply+${token}@reply.elsewhere.example`,
      `reply@${replyDomain}`,
      `replying+x@${replyDomain}`,
    ]
    const { status, body } = await api.ask('POST', path, { json: { content: 'x', cc_emails: cc } })
    expect([status, body.content_attributes?.cc_emails]).toEqual([200, cc])
  })

  it.each([[5], [{ a: 1 }], [[7]], [true]])('recipients that are not text are refused: %j', async (cc_emails) => {
    const inApi = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Api' })
    const there = await createConversation(api.pool, { accountId: api.accountId, inboxId: inApi })
    const at = `${api.path}/conversations/${String(there.displayId)}/messages`
    const { status } = await api.ask('POST', at, { json: { content: 'x', content_attributes: { cc_emails } } })
    expect(status).toBe(422)
  })

  it.each(['nobody', 'a@', 'a@b@c', 'a@x.example\r\nBcc: e@x.example', '<a@x.example', 'a@-x-'])(
    'the recipient %j is refused and no message is created',
    async (address) => {
      const { status, body } = await api.ask('POST', path, { json: { content: 'x', cc_emails: [address] } })
      expect([status, body]).toEqual([422, { error: 'Invalid email address' }])
      expect(await workOf(conversation.id)).toEqual([])
    },
  )

  it('content attributes are accepted as an object or JSON text, without reserved fields', async () => {
    const given = { in_reply_to: 0, items: [1], delivery: { state: 'sent' }, deleted: true, external_error: 'x' }
    for (const question of [
      { json: { content: 'x', content_attributes: given } },
      { form: { content: 'x', content_attributes: JSON.stringify(given) } },
    ]) {
      const { body } = await api.ask('POST', path, question)
      expect(body.content_attributes).toEqual({
        in_reply_to: 0,
        items: [1],
        cc_emails: [],
        bcc_emails: [],
        to_emails: [],
        delivery: { state: 'queued', history: [{ state: 'queued', at: expect.any(String) as string }] },
      })
    }
  })

  it('an answer to a message of the conversation carries its Message-ID', async () => {
    const first = (await api.ask('POST', path, { json: { content: 'one' } })).body
    const { body } = await api.ask('POST', path, {
      json: { content: 'two', content_attributes: { in_reply_to: first.id } },
    })
    expect(body.content_attributes.in_reply_to_external_id).toBe(first.source_id)
  })

  it.each([
    [{ content: ' ' }, "Validation failed: Content can't be blank"],
    [{}, "Validation failed: Content can't be blank"],
    [{ content: 'x'.repeat(150_001) }, 'Validation failed: Content is too long (maximum is 150000 characters)'],
    [{ content: 'x', content_type: 'hologram' }, "'hologram' is not a valid content_type"],
    [{ content: 'x', message_type: 'note' }, "'note' is not a valid message_type"],
    [{ content: { a: 1 } }, 'content must be text'],
    [{ content: 'x', content_attributes: 'no json' }, 'content_attributes must be an object'],
    [{ content: 'x', attachments: ['signed-id'] }, 'Attachments must be files, or ids of files that were uploaded'],
    [
      { content: 'x', attachments: ['00000000-0000-4000-8000-000000000000'] },
      'Attachments must be files, or ids of files that were uploaded',
    ],
  ])('%.60j is refused', async (json, error) => {
    const { status, body } = await api.ask('POST', path, { json })
    expect([status, body]).toEqual([422, { error }])
  })

  it('NUL bytes and lone surrogates are removed from text', async () => {
    const { status, body } = await api.ask('POST', path, {
      raw: {
        type: 'application/json',
        body: '{"content":"a\\u0000b\\ud800c","content_attributes":{"k\\u0000":"\\udc00"}}',
      },
    })
    expect([status, body.content, body.content_attributes.k]).toEqual([200, 'ab\ufffdc', '\ufffd'])
    expect((await api.ask('POST', path, { form: { content: 'x\0y' } })).body.content).toBe('xy')
  })

  it('simultaneous messages are all stored, in one order by id and time', async () => {
    await Promise.all(
      Array.from({ length: 12 }, (_, n) => api.ask('POST', path, { json: { content: `m${String(n)}` } })),
    )
    const { rows } = await api.pool.query<{ id: number }>(
      'select id from messages where conversation_id = $1 order by created_at, id',
      [conversation.id],
    )
    const ids = rows.map((row) => row.id)
    expect(ids).toHaveLength(12)
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
    expect((await workOf(conversation.id)).map((row) => row.payload.messageId)).toEqual(ids)
  })

  it('the list has its meta, and is sorted oldest first', async () => {
    await api.ask('POST', path, { json: { content: 'one' } })
    await api.ask('POST', path, { json: { content: 'two', private: true } })
    const { body } = await api.ask('GET', path)
    expect(Object.keys(body.meta).sort()).toEqual([
      'additional_attributes',
      'agent_last_seen_at',
      'assignee_last_seen_at',
      'contact',
      'labels',
    ])
    expect(Object.keys(body.meta.contact).sort()).toEqual([
      'additional_attributes',
      'blocked',
      'custom_attributes',
      'email',
      'id',
      'identifier',
      'name',
      'phone_number',
      'thumbnail',
      'type',
    ])
    expect(body.payload.map((message: { content: string }) => message.content)).toEqual(['one', 'two'])
    expect(Object.keys(body.payload[0]).sort()).toEqual(messageKeys)
    expect((await api.ask('GET', `${path}?filter_internal_messages=true`)).body.payload).toHaveLength(1)
  })

  it('windows are selected by id: the latest 20, 20 before, 100 after, and between two', async () => {
    await api.pool.query(
      `
        insert into messages (account_id, inbox_id, conversation_id, message_type, content, updated_at)
        select $1, $2, $3, 'incoming', n, now()
        from generate_series(1, 130) n
      `,
      [api.accountId, api.inboxId, conversation.id],
    )
    const { rows } = await api.pool.query<{ id: number }>(
      'select id from messages where conversation_id = $1 order by id',
      [conversation.id],
    )
    const ids = rows.map((row) => row.id)
    const list = async (query: string) =>
      (await api.ask('GET', `${path}${query}`)).body.payload.map((message: { id: number }) => message.id)
    expect(await list('')).toEqual(ids.slice(110))
    expect(await list(`?before=${String(ids[50])}`)).toEqual(ids.slice(30, 50))
    expect(await list(`?after=${String(ids[4])}`)).toEqual(ids.slice(5, 105))
    expect(await list(`?after=${String(ids[4])}&before=${String(ids[124])}`)).toEqual(ids.slice(4, 124))
    expect(await list('?before=&after=')).toEqual(ids.slice(110))
  })
})
