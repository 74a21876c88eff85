// The public client API that a widget asks (Chatwoot's, with inbox identifier, source id and identity proof): enough to
// start a conversation, leave an address, write, read, mark seen; and no visitor is taken for another.

import { createHmac } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createTransferHandlers } from '../../../src/conversations/import/transfer-work.ts'
import { startApi, type TestApi } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { doWork } from '../../support/work.ts'

describeWithDatabase('a visitor', () => {
  let api: TestApi
  let widget: any
  let app: any
  beforeAll(async () => {
    api = await startApi()
    const inbox = async (name: string, channel: object) =>
      (await api.ask('POST', `${api.path}/inboxes`, { json: { name, channel } })).body
    widget = await inbox('Shop', { type: 'web_widget', website_url: 'https://shop.example', welcome_title: 'Hello' })
    app = await inbox('App', { type: 'api' })
  })
  afterAll(() => api.stop())

  const visitorGate = (inbox: any): string =>
    `/public/api/v1/inboxes/${String(inbox.inbox_identifier ?? inbox.website_token)}`
  const as = (method: string, path: string, json?: object, headers: Record<string, string> = {}) =>
    api.ask(method, path, { token: null, headers, ...(json === undefined ? {} : { json }) })
  const enter = async (inbox: any, json: object = {}): Promise<any> =>
    (await as('POST', `${visitorGate(inbox)}/contacts`, json)).body
  const at = (inbox: any, visitor: any): string => `${visitorGate(inbox)}/contacts/${String(visitor.source_id)}`
  const begin = async (inbox: any, visitor: any): Promise<any> =>
    (await as('POST', `${at(inbox, visitor)}/conversations`, {})).body
  const provenBy = async (inbox: any) => {
    const { hmac_token: secret } = (await api.ask('GET', `${api.path}/inboxes/${String(inbox.id)}`)).body
    return (identifier: string) => ({
      identifier,
      identifier_hash: createHmac('sha256', secret).update(identifier).digest('hex'),
    })
  }
  let count = 0
  const fresh = (): string => `v${String(++count)}@visitor.example`

  it('reads the inbox settings of a widget, and none of its secrets', async () => {
    const { status, body, text } = await as('GET', visitorGate(widget))
    expect([status, body.name, body.settings.welcome_title, body.identity_validation_enabled]).toEqual([
      200,
      'Shop',
      'Hello',
      false,
    ])
    expect(text).not.toContain('hmac')
    expect((await as('GET', '/public/api/v1/inboxes/no-such-inbox')).status).toBe(404)
  })

  it('starts a conversation, leaves an address, writes, is answered and marks it seen', async () => {
    const visitor = await enter(widget, { name: 'Vic' })
    expect(visitor).toMatchObject({
      name: 'Vic',
      email: null,
      source_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      pubsub_token: expect.any(String),
    })
    const conversation = await begin(widget, visitor)
    expect(conversation).toMatchObject({
      inbox_id: widget.id,
      status: 'open',
      messages: [],
      contact: { id: visitor.id },
    })
    const here = `${at(widget, visitor)}/conversations/${String(conversation.id)}`
    const email = fresh()
    expect((await as('PATCH', at(widget, visitor), { email })).body.email).toBe(email)
    expect((await as('POST', `${here}/messages`, { content: 'Is anybody there?', echo_id: 'e1' })).body).toMatchObject({
      content: 'Is anybody there?',
      message_type: 0,
      echo_id: 'e1',
      conversation_id: conversation.id,
      sender: { id: visitor.id, type: 'contact' },
    })

    const agents = `${api.path}/conversations/${String(conversation.id)}`
    expect((await api.ask('GET', agents)).body).toMatchObject({
      unread_count: 1,
      meta: {
        sender: { id: visitor.id, email: null, additional_attributes: { claimed_email: email } },
        channel: 'Channel::WebWidget',
        hmac_verified: false,
      },
      recipient: { email, state: 'claimed' },
    })
    await api.ask('POST', `${agents}/messages`, { json: { content: 'Yes!', content_attributes: { secret: 'x' } } })
    await api.ask('POST', `${agents}/messages`, { json: { content: 'a note', private: true } })
    const messages = (await as('GET', `${here}/messages`)).body
    expect(messages.map((message: any) => message.content)).toEqual(['Is anybody there?', 'Yes!'])
    expect(JSON.stringify(messages)).not.toContain('secret')
    expect((await as('POST', `${here}/update_last_seen`, {})).body.contact_last_seen_at).toBeGreaterThan(0)
    expect((await api.ask('GET', agents)).body.contact_last_seen_at).toBeGreaterThan(0)
    expect((await as('GET', `${at(widget, visitor)}/conversations`)).body).toMatchObject([
      { id: conversation.id, messages: [{ content: 'Is anybody there?' }, { content: 'Yes!' }] },
    ])
  })

  it('marks earlier messages as read, once, in order, without other changes', async () => {
    const visitor = await enter(widget)
    const conversation = await begin(widget, visitor)
    const here = `${at(widget, visitor)}/conversations/${String(conversation.id)}`
    await as('POST', `${here}/messages`, { content: 'Is anybody there?' })
    const write = async (json: object) =>
      (await api.ask('POST', `${api.path}/conversations/${String(conversation.id)}/messages`, { json })).body
        .id as number
    const [sent, delivered, failed, note] = [
      await write({ content: 'one' }),
      await write({ content: 'two' }),
      await write({ content: 'three' }),
      await write({ content: 'a note', private: true }),
    ]
    await api.pool.query(
      `
        update messages
        set status = case id when $1 then 'delivered' else 'failed' end::message_status
        where id in ($1, $2)
      `,
      [delivered, failed],
    )
    const last = (await api.pool.query<{ id: number }>('select max(id)::int as id from events')).rows[0]!.id
    await as('POST', `${here}/update_last_seen`, {})
    await as('POST', `${here}/update_last_seen`, {})
    const later = await write({ content: 'four' })
    const { payload } = (await api.ask('GET', `${api.path}/conversations/${String(conversation.id)}/messages`)).body
    const statusOf = (id: number) => payload.find((message: any) => message.id === id).status
    expect([sent, delivered, failed, note, later].map(statusOf)).toEqual(['read', 'read', 'failed', 'sent', 'sent'])
    expect(payload[0]).toMatchObject({ message_type: 0, status: 'sent' })
    const { rows } = await api.pool.query(
      `
        select message_id as id, changes -> 'status' ->> 'current_value' as status
        from events
        where name = 'message_updated' and id > $1
        order by id
      `,
      [last],
    )
    expect(rows).toEqual([sent, delivered].map((id) => ({ id, status: 'read' })))
  })

  it('sends files, types, and ends a conversation', async () => {
    const visitor = await enter(app)
    const conversation = await begin(app, visitor)
    const here = `${at(app, visitor)}/conversations/${String(conversation.id)}`
    const multipart = new FormData()
    multipart.append('content', 'see')
    multipart.append('attachments[]', new Blob(['hello']), 'a.txt')
    const sent = await api.ask('POST', `${here}/messages`, { token: null, multipart })
    expect(sent.body.attachments).toMatchObject([{ file_type: 'file', file_size: 5 }])
    expect((await as('POST', `${here}/toggle_typing`, { typing_status: 'on' })).text).toBe('')
    // Once ended, it is not opened by the same button.
    for (const _again of [1, 2]) expect((await as('POST', `${here}/toggle_status`, {})).body.status).toBe('resolved')
    expect((await as('POST', `${here}/messages`, { content: 'one more thing' })).status).toBe(200)
    expect((await as('GET', here)).body.status).toBe('open')
  })

  it('answers the form of a message, and changes nothing else', async () => {
    const visitor = await enter(app)
    const conversation = await begin(app, visitor)
    const write = async (json: object) =>
      (await api.ask('POST', `${api.path}/conversations/${String(conversation.id)}/messages`, { json })).body.id
    const asked = await write({
      content: 'Which?',
      content_type: 'input_select',
      content_attributes: { items: [{ title: 'A', value: 'a' }] },
    })
    const plain = await write({ content: 'plain' })
    const messages = `${at(app, visitor)}/conversations/${String(conversation.id)}/messages`
    expect(
      (await as('PATCH', `${messages}/${String(asked)}`, { submitted_values: [{ title: 'A', value: 'a' }] })).body
        .content_attributes,
    ).toMatchObject({ submitted_values: [{ title: 'A', value: 'a' }] })
    expect((await as('PATCH', `${messages}/${String(plain)}`, { submitted_values: [] })).status).toBe(404)
    expect((await as('PATCH', `${messages}/${String(asked)}`, {})).status).toBe(422)
  })

  describe('cannot act as another contact', () => {
    it('another visitor’s conversations are not found', async () => {
      const [one, two] = [await enter(widget), await enter(widget)]
      const conversation = await begin(widget, one)
      const theirs = `${at(widget, two)}/conversations/${String(conversation.id)}`
      for (const [method, path] of [
        ['GET', theirs],
        ['GET', `${theirs}/messages`],
        ['POST', `${theirs}/messages`],
        ['POST', `${theirs}/toggle_status`],
      ] as const)
        expect((await as(method, path, method === 'GET' ? undefined : { content: 'x' })).status).toBe(404)
      expect((await as('GET', `${visitorGate(app)}/contacts/${String(one.source_id)}`)).status).toBe(404)
    })

    it('an address of another contact stays there, and the claim is shown to the team', async () => {
      const email = fresh()
      const owner = (await api.ask('POST', `${api.path}/contacts`, { json: { name: 'Owner', email } })).body.payload
        .contact
      const visitor = await enter(widget, { name: 'Claimer', email })
      expect(visitor.id).not.toBe(owner.id)
      // The visitor's own data, so that the answer does not show which addresses are known.
      expect(visitor.email).toBe(email)
      expect(
        (await api.ask('GET', `${api.path}/contacts/${String(visitor.id)}`)).body.payload.additional_attributes,
      ).toMatchObject({ claimed_email: email })
    })

    it('a known identifier requires the identity proof, and with it the visitor is that contact', async () => {
      const known = (await api.ask('POST', `${api.path}/contacts`, { json: { name: 'Known', identifier: 'user-42' } }))
        .body.payload.contact
      expect(await as('POST', `${visitorGate(app)}/contacts`, { identifier: 'user-42' })).toMatchObject({
        status: 401,
        body: { error: 'HMAC failed: Invalid Identifier Hash Provided' },
      })
      const { hmac_token: secret } = (await api.ask('GET', `${api.path}/inboxes/${String(app.id)}`)).body
      const identifier_hash = createHmac('sha256', secret).update('user-42').digest('hex')
      expect(
        (await as('POST', `${visitorGate(app)}/contacts`, { identifier: 'user-42', identifier_hash: '0'.repeat(64) }))
          .status,
      ).toBe(401)
      const visitor = await enter(app, { identifier: 'user-42', identifier_hash })
      expect(visitor).toMatchObject({ id: known.id, name: 'Known' })
      const conversation = await begin(app, visitor)
      expect(
        (await api.ask('GET', `${api.path}/conversations/${String(conversation.id)}`)).body.meta.hmac_verified,
      ).toBe(true)
      // On another device, the proven visitor finds their conversations.
      const later = await enter(app, { identifier: 'user-42', identifier_hash })
      expect(later.source_id).not.toBe(visitor.source_id)
      expect((await as('GET', `${at(app, later)}/conversations`)).body.map((one: any) => one.id)).toContain(
        conversation.id,
      )
    })

    it('an anonymous visitor with an identity proof is merged into the contact', async () => {
      const known = (await api.ask('POST', `${api.path}/contacts`, { json: { name: 'Member', identifier: 'user-43' } }))
        .body.payload.contact
      const visitor = await enter(app)
      const conversation = await begin(app, visitor)
      const { hmac_token: secret } = (await api.ask('GET', `${api.path}/inboxes/${String(app.id)}`)).body
      expect((await as('PATCH', at(app, visitor), { identifier: 'user-43' })).status).toBe(401)
      const now = (
        await as('PATCH', at(app, visitor), {
          identifier: 'user-43',
          identifier_hash: createHmac('sha256', secret).update('user-43').digest('hex'),
        })
      ).body
      expect(now).toMatchObject({ id: known.id, source_id: visitor.source_id })
      expect((await api.ask('GET', `${api.path}/conversations/${String(conversation.id)}`)).body.meta.sender.id).toBe(
        known.id,
      )
    })

    it('a visitor with one identifier cannot change to another, even with the proof of both', async () => {
      const proven = await provenBy(app)
      const two = (
        await api.ask('POST', `${api.path}/contacts`, { json: { name: 'Two', email: fresh(), identifier: 'user-45' } })
      ).body.payload.contact
      const one = await enter(app, { name: 'One', ...proven('user-44') })
      for (const identity of [proven('user-45'), proven('user-46'), { identifier: 'user-46' }, { identifier: '' }])
        expect((await as('PATCH', at(app, one), identity)).status).toBe(422)
      const named = async (id: number) => (await api.ask('GET', `${api.path}/contacts/${String(id)}`)).body.payload
      expect([await named(one.id), await named(two.id)]).toMatchObject([
        { name: 'One', identifier: 'user-44' },
        { name: 'Two', identifier: 'user-45' },
      ])
    })

    it('an agent or import that uses an identifier does not find a visitor who only claims it', async () => {
      const squatter = await enter(app, { name: 'Squatter', identifier: 'user-60' })
      const made = (
        await api.ask('POST', `${api.path}/contacts`, {
          json: { name: 'Real', email: fresh(), identifier: 'user-60' },
        })
      ).body.payload.contact
      const [other, second] = [await enter(app, { identifier: 'user-61' }), await enter(app, { identifier: 'user-62' })]
      const named = (await api.ask('POST', `${api.path}/contacts`, { json: { name: 'Named later' } })).body.payload
        .contact
      expect(
        (await api.ask('PUT', `${api.path}/contacts/${String(named.id)}`, { json: { identifier: 'user-61' } })).status,
      ).toBe(200)
      await api.ask('POST', `${api.path}/contacts/import`, {
        raw: { body: 'identifier,name,phone_number\nuser-62,Imported,+15557770062\n', type: 'text/csv' },
      })
      await doWork(api.pool, createTransferHandlers({ pool: api.pool, onDone: () => undefined }))
      const shown = async (id: number) => (await api.ask('GET', `${api.path}/contacts/${String(id)}`)).body.payload
      for (const [claimer, identifier] of [
        [squatter, 'user-60'],
        [other, 'user-61'],
        [second, 'user-62'],
      ] as const)
        expect(await shown(claimer.id)).toMatchObject({
          identifier: null,
          phone_number: null,
          additional_attributes: { claimed_identifier: identifier },
        })
      expect([await shown(made.id), await shown(named.id)]).toMatchObject([
        { identifier: 'user-60' },
        { identifier: 'user-61' },
      ])
      expect((await api.ask('GET', `${api.path}/contacts/search?q=user-62`)).body.payload).toMatchObject([
        { name: 'Imported', identifier: 'user-62', phone_number: '+15557770062' },
      ])
      // Of a contact whom an agent changes otherwise, the claim stays a claim.
      const still = await enter(app, { identifier: 'user-63' })
      await api.ask('PUT', `${api.path}/contacts/${String(still.id)}`, {
        json: { name: 'Still', identifier: 'user-63' },
      })
      expect(await shown(still.id)).toMatchObject({
        identifier: 'user-63',
        additional_attributes: { claimed_identifier: 'user-63' },
      })
    })

    it('a visitor loses a claimed identifier to the proven owner, without any of the data', async () => {
      const proven = await provenBy(app)
      const [claimed, later] = [fresh(), fresh()]
      const claimer = await enter(app, { name: 'Claimer', email: claimed, identifier: 'user-47' })
      const conversation = await begin(app, claimer)
      const owner = await enter(app, { name: 'Owner', ...proven('user-47') })
      expect(owner.id).not.toBe(claimer.id)
      expect((await as('GET', `${at(app, owner)}/conversations`)).body).toEqual([])
      expect((await api.ask('GET', `${api.path}/contacts/${String(claimer.id)}`)).body.payload).toMatchObject({
        email: null,
        identifier: null,
        addresses: [{ email: claimed, state: 'claimed' }],
        additional_attributes: { claimed_identifier: 'user-47', claimed_email: claimed },
      })
      expect((await as('GET', `${at(app, claimer)}/conversations`)).body).toMatchObject([{ id: conversation.id }])
      expect((await as('PATCH', at(app, claimer), { identifier: 'user-47' })).status).toBe(401)
      // The same for one who was there anonymously before, and a claim that is proven by who made it is none any
      // more.
      const squatter = await enter(app, { identifier: 'user-48' })
      const member = (await as('PATCH', at(app, await enter(app)), { email: later, ...proven('user-48') })).body
      expect(member.id).not.toBe(squatter.id)
      const self = await enter(app, { identifier: 'user-49' })
      expect((await as('PATCH', at(app, self), proven('user-49'))).body.id).toBe(self.id)
      expect((await enter(app, proven('user-49'))).id).toBe(self.id)
    })

    it('where the proof is mandatory, a visitor without it is refused', async () => {
      const strict = (
        await api.ask('POST', `${api.path}/inboxes`, {
          json: { name: 'Strict', channel: { type: 'api', hmac_mandatory: true } },
        })
      ).body
      expect((await as('POST', `${visitorGate(strict)}/contacts`, { identifier: 'new' })).status).toBe(401)
      expect((await as('GET', visitorGate(strict))).body.identity_validation_enabled).toBe(true)
    })

    it('… and a proven visitor can set an address without another proof', async () => {
      const strict = (
        await api.ask('POST', `${api.path}/inboxes`, {
          json: { name: 'Strict, too', channel: { type: 'api', hmac_mandatory: true } },
        })
      ).body
      const hash = createHmac('sha256', strict.hmac_token).update('user-60').digest('hex')
      const visitor = (
        await as('POST', `${visitorGate(strict)}/contacts`, { identifier: 'user-60', identifier_hash: hash })
      ).body
      expect(
        (
          await as('PATCH', `${visitorGate(strict)}/contacts/${String(visitor.source_id)}`, {
            email: 'sixty@customer.example',
          })
        ).body,
      ).toMatchObject({ id: visitor.id, email: 'sixty@customer.example' })
    })
  })

  it('a website that is not among the authorized domains is refused, and pages may ask', async () => {
    const closed = (
      await api.ask('POST', `${api.path}/inboxes`, {
        json: {
          name: 'Closed',
          channel: {
            type: 'web_widget',
            website_url: 'https://shop.example',
            authorized_domains: ['shop.example', '*.trusted.example'],
          },
        },
      })
    ).body
    const from = async (origin: string) => (await as('GET', visitorGate(closed), undefined, { origin })).status
    expect([
      await from('https://shop.example'),
      await from('https://a.trusted.example'),
      await from('https://evil.example'),
      await from('https://shop.example.evil.example'),
    ]).toEqual([200, 200, 403, 403])
    const preflight = await api.ask('OPTIONS', `${visitorGate(widget)}/contacts`, {
      token: null,
      headers: { origin: 'https://any.example' },
    })
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'https://any.example',
    ])
  })

  it('all data of a visitor together has a size limit', async () => {
    const visitor = await enter(widget)
    const say = async (name: string, length: number) =>
      as('PATCH', at(widget, visitor), { custom_attributes: { [name]: 'x'.repeat(length) } })
    expect((await say('a', 40_000)).status).toBe(200)
    expect(await say('b', 40_000)).toMatchObject({
      status: 422,
      body: { message: expect.stringMatching(/^Custom attributes is too long/), attributes: ['custom_attributes'] },
    })
    expect((await say('a', 60_000)).status).toBe(200)
    const contacts = async () => (await api.pool.query('select from contacts')).rowCount
    const before = await contacts()
    expect(
      (await as('POST', `${visitorGate(widget)}/contacts`, { custom_attributes: { a: 'x'.repeat(70_000) } })).body
        .attributes,
    ).toEqual(['custom_attributes'])
    expect(await contacts()).toBe(before)
    expect(
      (await as('POST', `${at(widget, visitor)}/conversations`, { custom_attributes: { a: 'x'.repeat(70_000) } })).body
        .attributes,
    ).toEqual(['custom_attributes'])
  })

  it('repeated merges into a contact do not exceed its size limit', async () => {
    const proven = await provenBy(app)
    for (const name of ['a', 'b']) {
      const visitor = await enter(app, { custom_attributes: { [name]: name.repeat(40_000) } })
      expect((await as('PATCH', at(app, visitor), proven('user-60'))).body.id).toBeGreaterThan(0)
    }
    const [{ names }] = (
      await api.pool.query(
        `select array(select jsonb_object_keys(custom_attributes)) as names from contacts where identifier = 'user-60'`,
      )
    ).rows
    expect(names).toEqual(['a'])
  })

  it('a too long source id is refused without a contact; a foreign one gives no access', async () => {
    const contacts = async () => (await api.pool.query('select from contacts')).rowCount
    const before = await contacts()
    expect(
      await as('POST', `${visitorGate(app)}/contacts`, {
        source_id: Array.from({ length: 5_000 }, () => Math.random().toString(36).at(-1)).join(''),
      }),
    ).toMatchObject({ status: 422, body: { error: 'source_id is too long (maximum is 255 characters)' } })
    expect(await contacts()).toBe(before)
    const named = await as('POST', `${visitorGate(app)}/contacts`, { source_id: 'y'.repeat(255) })
    expect([named.status, named.body.source_id]).toEqual([200, expect.stringMatching(/^[0-9a-f-]{36}$/)])
    expect((await as('GET', `${visitorGate(app)}/contacts/${'y'.repeat(255)}`)).status).toBe(404)
  })

  it('NUL is removed from names', async () => {
    expect((await as('GET', '/public/api/v1/inboxes/%00')).status).toBe(404)
    expect((await as('GET', `${visitorGate(app)}/contacts/%00`)).status).toBe(404)
    const form = [['custom_attributes', '{"a\\u0000":"b\\u0000"}']] as const
    expect((await api.ask('PATCH', at(app, await enter(app)), { token: null, form })).status).toBe(200)
  })
})
