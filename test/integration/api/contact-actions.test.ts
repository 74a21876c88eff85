// What is done to contacts besides changing their fields (docs/reference/chatwoot-compatibility.md, "Resources"):
// merge, labels, places in inboxes, notes, deletion.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createAccount, createConversation, createInbox, startApi, type TestApi } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'

describeWithDatabase('a contact', () => {
  let api: TestApi
  beforeAll(async () => {
    api = await startApi()
  })
  afterAll(() => api.stop())

  let count = 0
  const make = async (json: object = {}): Promise<any> =>
    (
      await api.ask('POST', `${api.path}/contacts`, {
        json: { name: 'Cora', email: `cora${String(++count)}@one.example`, ...json },
      })
    ).body.payload.contact
  const show = async (id: number) => (await api.ask('GET', `${api.path}/contacts/${String(id)}`)).body.payload
  const post = (path: string, json: object, token?: string) =>
    api.ask('POST', `${api.path}${path}`, token === undefined ? { json } : { json, token })

  describe('merged into another', () => {
    it(
      'passes its conversations, messages, contact inboxes, notes and fields that the base lacks to ' + 'the base',
      async () => {
        const base = await make({ custom_attributes: { plan: 'gold', base: '1' }, phone_number: null })
        const one = await createConversation(api.pool, { ...api, email: `mergee${String(++count)}@one.example` })
        await api.pool.query(
          `
          update contacts
          set
            phone_number = '+15557770000',
            identifier = 'them',
            custom_attributes = '{"plan":"tin","other":"2"}',
            labels = '{vip}'
          where id = $1
        `,
          [one.contactId],
        )
        await post(`/contacts/${String(one.contactId)}/notes`, { content: 'likes tea' })
        await api.pool.query(
          `
          insert into messages (
            account_id, inbox_id, conversation_id, message_type, content, sender_type, sender_id
          )
          values ($1, $2, $3, 'incoming', 'hi', 'contact', $4)
        `,
          [api.accountId, api.inboxId, one.id, one.contactId],
        )

        const merged = await post('/actions/contact_merge', {
          base_contact_id: base.id,
          mergee_contact_id: one.contactId,
        })
        expect(merged.body).toMatchObject({
          id: base.id,
          name: 'Cora',
          email: base.email,
          phone_number: '+15557770000',
          identifier: 'them',
          custom_attributes: { plan: 'gold', base: '1', other: '2' },
        })
        expect(merged.body.contact_inboxes.map((place: any) => place.source_id)).toEqual([one.sourceId])
        expect((await api.ask('GET', `${api.path}/contacts/${String(one.contactId)}`)).status).toBe(404)
        const conversations = (await api.ask('GET', `${api.path}/contacts/${String(base.id)}/conversations`)).body
          .payload
        expect(conversations).toMatchObject([
          {
            id: one.displayId,
            meta: { sender: { id: base.id } },
            messages: [{ content: 'hi', sender: { id: base.id, type: 'contact' } }],
          },
        ])
        expect((await api.ask('GET', `${api.path}/contacts/${String(base.id)}/notes`)).body).toMatchObject([
          { content: 'likes tea', contact_id: base.id },
        ])
        expect((await api.ask('GET', `${api.path}/contacts/${String(base.id)}/labels`)).body).toEqual({
          payload: ['vip'],
        })
        // Mail from the address of either is the base's.
        expect((await api.ask('GET', `${api.path}/contacts/search?q=${String(one.email)}`)).body.payload).toMatchObject(
          [{ id: base.id }],
        )
      },
    )

    it('with itself, or with an unknown one, is refused and changes nothing', async () => {
      const base = await make()
      expect(
        await post('/actions/contact_merge', { base_contact_id: base.id, mergee_contact_id: base.id }),
      ).toMatchObject({ status: 422 })
      expect(
        (await post('/actions/contact_merge', { base_contact_id: base.id, mergee_contact_id: 2_000_000 })).status,
      ).toBe(404)
      const elsewhere = await createAccount(api.pool, 'Elsewhere')
      const { rows } = await api.pool.query(
        `insert into contacts (account_id, name, email) values ($1, 'Far', 'far@one.example') returning id`,
        [elsewhere],
      )
      expect(
        (await post('/actions/contact_merge', { base_contact_id: base.id, mergee_contact_id: rows[0].id })).status,
      ).toBe(404)
      expect((await show(base.id)).email).toBe(base.email)
    })

    it('by two simultaneous requests into each other, leaves one of them', async () => {
      const [one, two] = [await make(), await make()]
      const answers = await Promise.all([
        post('/actions/contact_merge', { base_contact_id: one.id, mergee_contact_id: two.id }),
        post('/actions/contact_merge', { base_contact_id: two.id, mergee_contact_id: one.id }),
      ])
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 404])
    })
  })

  it('has labels, which a list replaces, in lower case and once each', async () => {
    const { id } = await make()
    expect((await post(`/contacts/${String(id)}/labels`, { labels: ['VIP', 'vip', ' Lead '] })).body).toEqual({
      payload: ['vip', 'lead'],
    })
    expect(
      (await api.ask('GET', `${api.path}/contacts?labels[]=lead`)).body.payload.map((contact: any) => contact.id),
    ).toEqual([id])
    expect((await post(`/contacts/${String(id)}/labels`, { labels: [] })).body).toEqual({ payload: [] })
  })

  it('loses only the named custom attributes', async () => {
    const { id } = await make({ custom_attributes: { a: 1, b: 2 } })
    await post(`/contacts/${String(id)}/destroy_custom_attributes`, { custom_attributes: ['a', 'none'] })
    expect((await show(id)).custom_attributes).toEqual({ b: 2 })
  })

  describe('and inboxes', () => {
    it('gets a contact inbox, and is found by its source id', async () => {
      const inbox = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'App' })
      const { id } = await make()
      const place = await post(`/contacts/${String(id)}/contact_inboxes`, { inbox_id: inbox, source_id: 'app-user-1' })
      expect(place.body).toMatchObject({ source_id: 'app-user-1', inbox: { id: inbox, channel_type: 'Channel::Api' } })
      expect((await post('/contact_inboxes/filter', { inbox_id: inbox, source_id: 'app-user-1' })).body).toMatchObject({
        id,
        contact_inboxes: [{ source_id: 'app-user-1' }],
      })
      expect((await post('/contact_inboxes/filter', { inbox_id: inbox, source_id: 'nobody' })).status).toBe(404)
      const other = await make()
      expect(
        await post(`/contacts/${String(other.id)}/contact_inboxes`, { inbox_id: inbox, source_id: 'app-user-1' }),
      ).toMatchObject({ status: 422, body: { error: 'source_id should be unique' } })
    })

    it('can be reached through the inboxes that fit its address or number', async () => {
      const inbox = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Sms', name: 'Texts' })
      const mailOnly = await make()
      const both = await make({ phone_number: '+15553330000' })
      const reach = async (id: number) =>
        (await api.ask('GET', `${api.path}/contacts/${String(id)}/contactable_inboxes`)).body.payload
          .filter((one: any) => [api.inboxId, inbox].includes(one.inbox.id))
          .map((one: any) => [one.inbox.id, one.source_id])
      expect(await reach(mailOnly.id)).toEqual([[api.inboxId, mailOnly.email]])
      expect(await reach(both.id)).toEqual([
        [api.inboxId, both.email],
        [inbox, '+15553330000'],
      ])
    })

    it("shows an agent only data of the agent's inboxes", async () => {
      const inbox = await createInbox(api.pool, {
        accountId: api.accountId,
        type: 'Channel::Email',
        name: 'Closed',
        email: `closed${String(++count)}@acme.example`,
      })
      const { id, email } = await make()
      const token = api.agent.token
      expect((await post(`/contacts/${String(id)}/contact_inboxes`, { inbox_id: inbox }, token)).status).toBe(401)
      await post(`/contacts/${String(id)}/contact_inboxes`, { inbox_id: inbox })
      expect((await post('/contact_inboxes/filter', { inbox_id: inbox, source_id: email }, token)).status).toBe(401)
      const reachable = (await api.ask('GET', `${api.path}/contacts/${String(id)}/contactable_inboxes`, { token })).body
        .payload
      expect(reachable.map((one: any) => one.inbox.id)).not.toContain(inbox)
    })
  })

  it('has notes, newest first, that can be changed and deleted', async () => {
    const { id } = await make()
    const path = `${api.path}/contacts/${String(id)}/notes`
    const first = (await api.ask('POST', path, { json: { content: 'one' } })).body
    await api.ask('POST', path, { json: { note: { content: 'two' } } })
    expect(first).toMatchObject({
      content: 'one',
      contact_id: id,
      account_id: api.accountId,
      user: { id: api.administrator.id },
    })
    expect((await api.ask('GET', path)).body.map((note: any) => note.content)).toEqual(['two', 'one'])
    expect((await api.ask('PATCH', `${path}/${String(first.id)}`, { json: { content: 'uno' } })).body.content).toBe(
      'uno',
    )
    expect(await api.ask('POST', path, { json: { content: ' ' } })).toMatchObject({
      status: 422,
      body: { message: "Content can't be blank", attributes: ['content'] },
    })
    expect((await api.ask('DELETE', `${path}/${String(first.id)}`)).text).toBe('')
    expect((await api.ask('GET', `${path}/${String(first.id)}`)).status).toBe(404)
    const other = await make()
    expect((await api.ask('GET', `${api.path}/contacts/${String(other.id)}/notes/${String(first.id)}`)).status).toBe(
      404,
    )
  })

  it('is deleted by administrators, with its conversations', async () => {
    const one = await createConversation(api.pool, { ...api })
    const path = `${api.path}/contacts/${String(one.contactId)}`
    expect(await api.ask('DELETE', path, { token: api.agent.token })).toMatchObject({ status: 401 })
    expect(await api.ask('DELETE', path)).toMatchObject({ status: 200, text: '' })
    expect((await api.ask('GET', path)).status).toBe(404)
    expect((await api.ask('GET', `${api.path}/conversations/${String(one.displayId)}`)).status).toBe(404)
    expect((await api.ask('DELETE', path)).status).toBe(404)
  })
})
