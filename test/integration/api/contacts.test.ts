import { beforeAll, expect, it } from 'vitest'

import { createAccount, createConversation, createInbox } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

const contactKeys = [
  'additional_attributes',
  'additional_identifiers',
  'additional_phone_numbers',
  'addresses',
  'availability_status',
  'blocked',
  'contact_inboxes',
  'created_at',
  'custom_attributes',
  'email',
  'id',
  'identifier',
  'name',
  'phone_number',
  'thumbnail',
]

describeWithDatabase('contacts', () => {
  const api = useApi()
  let path: string
  beforeAll(async () => {
    path = `${api.path}/contacts`
  })

  it('a contact is created with its contact inbox', async () => {
    const { status, body } = await api.ask('POST', path, {
      json: {
        name: 'Carla',
        email: ' Carla@Customer.EXAMPLE',
        inbox_id: String(api.inboxId),
        custom_attributes: { plan: 'gold' },
      },
    })
    expect(status).toBe(200)
    const { contact, contact_inbox: place } = body.payload
    expect(Object.keys(contact).sort()).toEqual(contactKeys)
    expect(contact).toMatchObject({
      name: 'Carla',
      email: 'carla@customer.example',
      blocked: false,
      custom_attributes: { plan: 'gold' },
    })
    expect(contact.contact_inboxes).toEqual([
      {
        source_id: 'carla@customer.example',
        inbox: {
          id: api.inboxId,
          avatar_url: '',
          channel_id: expect.any(Number),
          name: 'Support',
          channel_type: 'Channel::Email',
          provider: null,
        },
      },
    ])
    expect([place.source_id, place.inbox.id]).toEqual(['carla@customer.example', api.inboxId])
  })

  it('without an inbox it has no contact inbox', async () => {
    const { body } = await api.ask('POST', path, { json: { contact: { name: 'Nested', identifier: 'n-1' } } })
    expect(body.payload.contact_inbox).toEqual({ inbox: null, source_id: null })
    expect(body.payload.contact).toMatchObject({ name: 'Nested', identifier: 'n-1', email: null, phone_number: null })
  })

  it.each([
    [{ email: 'nobody' }, 'Email Invalid email', ['email']],
    [{ phone_number: '0171 123' }, 'Phone number should be in e164 format', ['phone_number']],
    [
      { email: 'x', phone_number: 'y' },
      'Email Invalid email, Phone number should be in e164 format',
      ['email', 'phone_number'],
    ],
    [{ avatar_url: 'javascript:alert(1)' }, 'Avatar url is invalid', ['avatar_url']],
  ])('%j is refused with the fields that are wrong', async (json, message, attributes) => {
    const { status, body } = await api.ask('POST', path, { json })
    expect([status, body]).toEqual([422, { message, attributes }])
  })

  it.each([
    ['email', 'twice@customer.example', 'Twice@customer.example', 'Email has already been taken'],
    ['phone_number', '+4917112345', '+4917112345', 'Phone number has already been taken'],
    ['identifier', 'same-id', 'same-id', 'Identifier has already been taken'],
  ])('the same %s creates no second contact', async (field, first, second, message) => {
    expect((await api.ask('POST', path, { json: { name: 'first', [field]: first } })).status).toBe(200)
    const { status, body } = await api.ask('POST', path, { json: { name: 'second', [field]: second } })
    expect([status, body]).toEqual([422, { message, attributes: [field] }])
  })

  it('another account may know the same person', async () => {
    const other = await createAccount(api.pool, 'Other')
    await api.pool.query(
      `insert into contacts (account_id, email, updated_at) values ($1, 'shared@customer.example', now())`,
      [other],
    )
    expect((await api.ask('POST', path, { json: { email: 'shared@customer.example' } })).status).toBe(200)
  })

  it('a contact without an address is refused for an email inbox, and is not created', async () => {
    const { status, body } = await api.ask('POST', path, {
      json: { name: 'Half made', identifier: 'half', inbox_id: api.inboxId },
    })
    expect([status, body]).toEqual([422, { error: 'param is missing or the value is empty: contact email' }])
    expect((await api.pool.query(`select from contacts where identifier = 'half'`)).rowCount).toBe(0)
  })

  it('an update changes the given fields and merges attributes', async () => {
    const made = (
      await api.ask('POST', path, {
        json: {
          name: 'Old',
          email: 'upd@customer.example',
          custom_attributes: { a: 1 },
          additional_attributes: { city: 'Ulm' },
        },
      })
    ).body.payload.contact
    const { body } = await api.ask('PUT', `${path}/${String(made.id)}`, {
      json: { name: 'New', custom_attributes: { b: 2 }, blocked: 'true' },
    })
    expect(Object.keys(body.payload).sort()).toEqual(contactKeys)
    expect(body.payload).toMatchObject({
      name: 'New',
      email: 'upd@customer.example',
      blocked: true,
      custom_attributes: { a: 1, b: 2 },
      additional_attributes: { city: 'Ulm' },
    })
    expect(
      (
        await api.ask('PATCH', `${path}/${String(made.id)}`, {
          form: { 'custom_attributes[c]': '3', phone_number: '' },
        })
      ).body.payload.custom_attributes,
    ).toEqual({ a: 1, b: 2, c: '3' })
    expect((await api.ask('GET', `${path}/${String(made.id)}`)).body.payload).toMatchObject({
      name: 'New',
      phone_number: null,
    })
  })

  it('an update to a value of another contact is refused', async () => {
    await api.ask('POST', path, { json: { email: 'owner@customer.example' } })
    const made = (await api.ask('POST', path, { json: { email: 'other@customer.example' } })).body.payload.contact
    const { status, body } = await api.ask('PATCH', `${path}/${String(made.id)}`, {
      json: { email: 'OWNER@customer.example' },
    })
    expect([status, body]).toEqual([422, { message: 'Email has already been taken', attributes: ['email'] }])
  })

  it('contacts with an address, number or identifier are listed, 15 a page, in the requested order', async () => {
    const accountId = await createAccount(api.pool, 'Long list')
    await api.pool.query('insert into account_users (account_id, user_id, role) values ($1, $2, $3)', [
      accountId,
      api.agent.id,
      'agent',
    ])
    await api.pool.query(
      `
        insert into contacts (account_id, name, email, labels, updated_at)
        select
          $1,
          'N' || lpad(n::text, 2, '0'),
          n || '@x.example',
          case when n <= 3 then '{vip}'::text[] else '{}' end,
          now()
        from generate_series(1, 20) n
      `,
      [accountId],
    )
    await api.pool.query(`insert into contacts (account_id, name, updated_at) values ($1, 'Visitor', now())`, [
      accountId,
    ])
    const ask = (query: string) =>
      api.ask('GET', `/api/v1/accounts/${String(accountId)}/contacts?${query}`, { token: api.agent.token })
    const first = (await ask('sort=-name')).body
    expect(first.meta).toEqual({ count: 20, current_page: 1 })
    expect(first.payload.map((contact: { name: string }) => contact.name)).toEqual(
      Array.from({ length: 15 }, (_, n) => `N${String(20 - n).padStart(2, '0')}`),
    )
    const second = (await ask('sort=-name&page=2&include_contact_inboxes=false')).body
    expect([second.meta.current_page, second.payload.length]).toEqual([2, 5])
    expect(second.payload[0]).not.toHaveProperty('contact_inboxes')
    expect((await ask('labels[]=vip&labels[]=none')).body.meta.count).toBe(3)
    expect((await ask('labels=vip')).body.meta.count).toBe(3)
    expect((await ask('page=99')).body).toEqual({ meta: { count: 20, current_page: 99 }, payload: [] })
    for (const sort of [
      'email',
      '-phone_number',
      'last_activity_at',
      '-created_at',
      'company_name',
      'city',
      '-country',
      'id;drop table contacts',
    ])
      expect((await ask(`sort=${encodeURIComponent(sort)}`)).body.meta.count).toBe(20)
  })

  it('a search covers name, addresses, number and identifier, and takes every character literally', async () => {
    const made = (
      await api.ask('POST', path, {
        json: { name: '100%_sure\\', email: 'percent@customer.example', phone_number: '+49888', identifier: 'Id-77' },
      })
    ).body.payload.contact
    await api.pool.query(`update contacts set additional_emails = '{second@elsewhere.example}' where id = $1`, [
      made.id,
    ])
    for (const q of ['100%_SURE\\', 'PERCENT@', '+49888', 'Id-77', 'second@elsewhere', String(made.id)]) {
      const { body } = await api.ask('GET', `${path}/search?q=${encodeURIComponent(q)}`)
      expect([q, body.payload.some((contact: { id: number }) => contact.id === made.id)]).toEqual([q, true])
    }
    expect((await api.ask('GET', `${path}/search?q=${encodeURIComponent('1_0%')}`)).body).toEqual({
      meta: { count: 0, current_page: 1, has_more: false },
      payload: [],
    })
  })

  it.each(['', '?q=', '?q=%20'])('an empty search (%s) is refused', async (query) => {
    const { status, body } = await api.ask('GET', `${path}/search${query}`)
    expect([status, body]).toEqual([422, { error: 'Specify search string with parameter q' }])
  })

  it('attributes have a size limit, merged ones as well', async () => {
    const made = (
      await api.ask('POST', path, {
        json: {
          name: 'Much',
          custom_attributes: { a: 'x'.repeat(40_000) },
          additional_attributes: { b: 'x'.repeat(40_000) },
        },
      })
    ).body.payload.contact
    const change = (json: object) => api.ask('PATCH', `${path}/${String(made.id)}`, { json })
    const refused = (attribute: string) => ({
      status: 422,
      body: {
        message: expect.stringContaining('is too long (maximum is 65536 characters of JSON)'),
        attributes: [attribute],
      },
    })
    expect(await change({ custom_attributes: { c: 'x'.repeat(40_000) } })).toMatchObject(refused('custom_attributes'))
    expect(await change({ additional_attributes: { c: 'x'.repeat(40_000) } })).toMatchObject(
      refused('additional_attributes'),
    )
    expect(await api.ask('POST', path, { json: { additional_attributes: { c: 'x'.repeat(70_000) } } })).toMatchObject(
      refused('additional_attributes'),
    )
    expect((await change({ custom_attributes: { c: 'short' } })).body.payload.custom_attributes).toHaveProperty(
      'c',
      'short',
    )
  })

  it('a source id of an Api inbox belongs to one contact', async () => {
    const inboxId = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Bot' })
    await createConversation(api.pool, { accountId: api.accountId, inboxId, email: 'holder@customer.example' })
    const { status, body } = await api.ask('POST', path, {
      json: { name: 'thief', inbox_id: inboxId, source_id: 'holder@customer.example' },
    })
    expect([status, body]).toEqual([422, { error: 'source_id should be unique' }])
  })

  it('an agent neither creates nor sees contact inboxes without access to the inbox', async () => {
    const hidden = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Hidden' })
    const { token } = api.agent
    expect((await api.ask('POST', path, { token, json: { name: 'x', inbox_id: hidden } })).status).toBe(401)
    const { contact } = (
      await api.ask('POST', path, {
        json: { name: 'Elsewhere', email: 'elsewhere@customer.example', inbox_id: hidden },
      })
    ).body.payload
    const places = async (as?: string) => {
      const one = (await api.ask('GET', `${path}/${String(contact.id)}`, as === undefined ? {} : { token: as })).body
        .payload
      const [found] = (
        await api.ask(
          'GET',
          `${path}/search?q=elsewhere@customer&include_contact_inboxes=true`,
          as === undefined ? {} : { token: as },
        )
      ).body.payload
      return [one.contact_inboxes.length, found.contact_inboxes.length]
    }
    expect(await places()).toEqual([1, 1])
    expect(await places(token)).toEqual([0, 0])
  })
})
