// Labels, canned responses, definitions of custom attributes, saved filters and integrations through the API.

import { afterAll, describe, expect, it } from 'vitest'

import { createAccount, createConversation, createPerson } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

describeWithDatabase('records of an account', () => {
  const api = useApi()
  afterAll(async () => {})

  const post = async (path: string, json: object) => (await api.ask('POST', `${api.path}/${path}`, { json })).body
  const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT/)

  describe('labels', () => {
    it('are created in lower case, changed and shown', async () => {
      const label = await post('labels', {
        label: { title: ' Änderung-1 ', description: 'Change', color: '#ff0000', show_on_sidebar: 'false' },
      })
      expect(label).toEqual({
        id: expect.any(Number),
        title: 'änderung-1',
        description: 'Change',
        color: '#ff0000',
        show_on_sidebar: false,
      })
      const changed = (
        await api.ask('PATCH', `${api.path}/labels/${String(label.id)}`, { json: { show_on_sidebar: true } })
      ).body
      expect(changed).toEqual({ ...label, show_on_sidebar: true })
      expect((await api.ask('GET', `${api.path}/labels/${String(label.id)}`, { token: api.agent.token })).body).toEqual(
        changed,
      )
    })

    it.each([
      [{}, "Title can't be blank", ['title']],
      [{ title: 'two words' }, 'Title is invalid', ['title']],
      [{ title: '<b>' }, 'Title is invalid', ['title']],
      [{ title: 'x', color: 'red;}' }, 'Color is invalid', ['color']],
      [{ title: 'a'.repeat(256) }, 'Title is invalid', ['title']],
    ])('%j is refused', async (json, message, attributes) => {
      const { status, body } = await api.ask('POST', `${api.path}/labels`, { json })
      expect([status, body]).toEqual([422, { message, attributes }])
    })

    it('a title is unique', async () => {
      await post('labels', { title: 'once' })
      expect(await post('labels', { title: 'ONCE' })).toEqual({
        message: 'Title has already been taken',
        attributes: ['title'],
      })
      const other = await post('labels', { title: 'other' })
      expect(
        (await api.ask('PATCH', `${api.path}/labels/${String(other.id)}`, { json: { title: 'once' } })).status,
      ).toBe(422)
    })

    it('renaming and deleting affect conversations and contacts of the account only', async () => {
      const far = await createAccount(api.pool, 'Far')
      const label = await post('labels', { title: 'vip' })
      const one = await createConversation(api.pool, api)
      const other = await createConversation(api.pool, api)
      await api.pool.query(`update conversations set labels = '{a,vip,b}' where id = $1`, [one.id])
      await api.pool.query(`update conversations set labels = '{gold,vip}' where id = $1`, [other.id])
      await api.pool.query(`update contacts set labels = '{vip}' where id = $1`, [one.contactId])
      const { rows } = await api.pool.query<{ id: number }>(
        `insert into contacts (account_id, name, labels, updated_at) values ($1, 'Far', '{vip}', now()) returning id`,
        [far],
      )
      const kept = async () =>
        (
          await api.pool.query(
            `
              select
                (select labels from conversations where id = $1) as one,
                (select labels from conversations where id = $2) as other,
                (select labels from contacts where id = $3) as contact,
                (select labels from contacts where id = $4) as far
            `,
            [one.id, other.id, one.contactId, rows[0]?.id],
          )
        ).rows[0]
      await api.ask('PATCH', `${api.path}/labels/${String(label.id)}`, { json: { title: 'Gold' } })
      expect(await kept()).toEqual({ one: ['a', 'gold', 'b'], other: ['gold'], contact: ['gold'], far: ['vip'] })
      expect((await api.ask('DELETE', `${api.path}/labels/${String(label.id)}`)).text).toBe('')
      expect(await kept()).toEqual({ one: ['a', 'b'], other: [], contact: [], far: ['vip'] })
    })
  })

  describe('canned responses', () => {
    it('are created by agents too, changed, found by code or text, and deleted', async () => {
      const token = api.agent.token
      const made = (
        await api.ask('POST', `${api.path}/canned_responses`, {
          token,
          json: { short_code: ' hello ', content: 'Good 100% day' },
        })
      ).body
      expect(made).toEqual({
        id: expect.any(Number),
        account_id: api.accountId,
        short_code: 'hello',
        content: 'Good 100% day',
        created_at: iso,
        updated_at: iso,
      })
      await post('canned_responses', { canned_response: { short_code: 'bye', content: 'We say Hello and goodbye' } })
      const codes = async (search: string) =>
        (await api.ask('GET', `${api.path}/canned_responses?search=${encodeURIComponent(search)}`, { token })).body.map(
          (row: any) => row.short_code,
        )
      expect(await codes('HELLO')).toEqual(['hello', 'bye'])
      expect(await codes('100%')).toEqual(['hello'])
      expect(await codes('%')).toEqual(['hello'])
      expect(await codes('')).toEqual(['bye', 'hello'])
      const changed = (
        await api.ask('PATCH', `${api.path}/canned_responses/${String(made.id)}`, { token, json: { content: 'Hi' } })
      ).body
      expect(changed).toMatchObject({ short_code: 'hello', content: 'Hi' })
      expect((await api.ask('DELETE', `${api.path}/canned_responses/${String(made.id)}`, { token })).text).toBe('')
      expect(await codes('')).toEqual(['bye'])
    })

    it('a code is unique in an account', async () => {
      await post('canned_responses', { short_code: 'dup', content: 'x' })
      expect(await post('canned_responses', { short_code: 'dup', content: 'y' })).toEqual({
        message: 'Short code has already been taken',
        attributes: ['short_code'],
      })
      expect(await post('canned_responses', {})).toEqual({
        message: "Content can't be blank, Short code can't be blank",
        attributes: ['content', 'short_code'],
      })
    })
  })

  describe('definitions of custom attributes', () => {
    const path = 'custom_attribute_definitions'
    const plan = {
      attribute_display_name: 'Plan',
      attribute_key: 'plan',
      attribute_display_type: 'list',
      attribute_model: 'contact_attribute',
      attribute_description: 'What they pay',
      attribute_values: ['gold', 'lead'],
      regex_pattern: '^[a-z]+$',
      regex_cue: 'small letters',
      default_value: 'lead',
    }

    it('are created, listed by model, changed and deleted', async () => {
      const made = await post(path, { custom_attribute_definition: plan })
      expect(made).toEqual({ ...plan, id: expect.any(Number), created_at: iso, updated_at: iso })
      const numbered = await post(path, {
        attribute_display_name: 'Stars',
        attribute_key: 'stars',
        attribute_display_type: 1,
        attribute_model: 0,
      })
      expect(numbered).toMatchObject({
        attribute_display_type: 'number',
        attribute_model: 'conversation_attribute',
        attribute_values: [],
      })
      const keys = async (query: string) =>
        (await api.ask('GET', `${api.path}/${path}${query}`, { token: api.agent.token })).body.map(
          (row: any) => row.attribute_key,
        )
      expect([
        await keys(''),
        await keys('?attribute_model=0'),
        await keys('?attribute_model=1'),
        await keys('?attribute_model=contact_attribute'),
      ]).toEqual([['plan', 'stars'], ['stars'], ['plan'], ['plan']])
      const changed = (
        await api.ask('PATCH', `${api.path}/${path}/${String(made.id)}`, {
          json: {
            attribute_display_name: 'Tariff',
            attribute_values: ['gold'],
            attribute_key: 'other',
            attribute_model: 0,
          },
        })
      ).body
      expect(changed).toMatchObject({
        attribute_display_name: 'Tariff',
        attribute_values: ['gold'],
        attribute_key: 'plan',
        attribute_model: 'contact_attribute',
      })
      expect((await api.ask('GET', `${api.path}/${path}/${String(made.id)}`)).body).toEqual(changed)
      expect((await api.ask('DELETE', `${api.path}/${path}/${String(made.id)}`)).text).toBe('')
      expect(await keys('')).toEqual(['stars'])
    })

    it('a key is unique in its model', async () => {
      const one = { attribute_display_name: 'One', attribute_key: 'one' }
      await post(path, one)
      expect(await post(path, one)).toEqual({
        message: 'Attribute key has already been taken',
        attributes: ['attribute_key'],
      })
      expect(await post(path, { ...one, attribute_model: 1 })).toMatchObject({ attribute_key: 'one' })
    })

    it.each([
      [{ attribute_key: 'x' }, ['attribute_display_name']],
      [{ attribute_display_name: 'x' }, ['attribute_key']],
      [{ attribute_display_name: 'x', attribute_key: 'a b' }, ['attribute_key']],
      [{ attribute_display_name: 'x', attribute_key: 'status' }, ['attribute_key']],
      [{ attribute_display_name: 'x', attribute_key: 'email', attribute_model: 1 }, ['attribute_key']],
      [{ attribute_display_name: 'x', attribute_key: 'x', regex_pattern: '(' }, ['regex_pattern']],
    ])('%j is refused', async (json, attributes) => {
      const { status, body } = await api.ask('POST', `${api.path}/${path}`, { json })
      expect([status, body.attributes]).toEqual([422, attributes])
    })

    it('an unknown model or type is refused', async () => {
      expect(await post(path, { attribute_display_name: 'x', attribute_key: 'x', attribute_model: 9 })).toEqual({
        error: "'9' is not a valid attribute_model",
      })
      expect(
        await post(path, { attribute_display_name: 'x', attribute_key: 'x', attribute_display_type: 'blob' }),
      ).toEqual({ error: "'blob' is not a valid attribute_display_type" })
    })
  })

  describe('saved filters', () => {
    const query = {
      payload: [{ attribute_key: 'status', filter_operator: 'equal_to', values: ['open'], query_operator: null }],
    }

    it('are stored for one user, by type', async () => {
      const made = await post('custom_filters', { custom_filter: { name: 'Mine', query } })
      expect(made).toEqual({
        id: expect.any(Number),
        name: 'Mine',
        filter_type: 'conversation',
        query,
        created_at: iso,
        updated_at: iso,
      })
      const people = await post('custom_filters', { name: 'People', filter_type: 1, query })
      expect(people.filter_type).toBe('contact')
      const names = async (type: string, token = api.administrator.token) =>
        (await api.ask('GET', `${api.path}/custom_filters${type}`, { token })).body.map((row: any) => row.name)
      expect([
        await names(''),
        await names('?filter_type=contact'),
        await names('?filter_type=report'),
        await names('', api.agent.token),
      ]).toEqual([['Mine'], ['People'], [], []])
      const at = `${api.path}/custom_filters/${String(made.id)}`
      for (const method of ['GET', 'PATCH', 'DELETE'])
        expect((await api.ask(method, at, { token: api.agent.token })).status).toBe(404)
      expect((await api.ask('PATCH', at, { json: { name: 'Renamed' } })).body).toMatchObject({ name: 'Renamed', query })
      expect((await api.ask('GET', at)).body.name).toBe('Renamed')
      expect((await api.ask('DELETE', at)).text).toBe('')
      expect((await api.ask('GET', at)).status).toBe(404)
    })

    it('are refused without a name or with an unknown type', async () => {
      expect(await post('custom_filters', { query })).toEqual({ message: "Name can't be blank", attributes: ['name'] })
      expect(await post('custom_filters', { name: 'x', filter_type: 'wish', query })).toEqual({
        error: "'wish' is not a valid filter_type",
      })
      expect((await post('custom_filters', { name: 'x', query: { payload: 'x'.repeat(70_000) } })).attributes).toEqual([
        'query',
      ])
    })

    it('are at most a thousand for each user and account, also for simultaneous requests', async () => {
      const person = await createPerson(api.pool, { accountId: api.accountId, name: 'Fay Filters' })
      await api.pool.query(
        `insert into custom_filters (account_id, user_id, name) select $1, $2, 'f' from generate_series(1, 999)`,
        [api.accountId, person.id],
      )
      const answers = await Promise.all(
        [1, 2, 3].map(() =>
          api.ask('POST', `${api.path}/custom_filters`, { token: person.token, json: { name: 'last', query } }),
        ),
      )
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 422, 422])
    })
  })

  it('agents can change canned responses and their own filters only', async () => {
    for (const path of ['labels', 'custom_attribute_definitions']) {
      const { payload, ...one } = (await api.ask('GET', `${api.path}/${path}`)).body
      const id = String((payload ?? Object.values(one))[0].id)
      for (const [method, at] of [
        ['POST', path],
        ['PATCH', `${path}/${id}`],
        ['DELETE', `${path}/${id}`],
      ] as const) {
        const { status, body } = await api.ask(method, `${api.path}/${at}`, {
          token: api.agent.token,
          json: { title: 'x' },
        })
        expect([at, status, body]).toEqual([at, 401, { error: 'You are not authorized to do this action' }])
      }
    }
  })

  it('records of another account are not found', async () => {
    const far = await createAccount(api.pool, 'Further')
    const id = async (text: string) =>
      String((await api.pool.query<{ id: number }>(`${text} returning id`, [far])).rows[0]?.id)
    const ids = {
      labels: await id(`insert into labels (account_id, title) values ($1, 'far')`),
      canned_responses: await id(
        `insert into canned_responses (account_id, short_code, content) values ($1, 'far', 'x')`,
      ),
      custom_attribute_definitions: await id(
        `
          insert into custom_attribute_definitions (
            account_id, attribute_model, attribute_key, attribute_display_name
          )
          values ($1, 'contact_attribute', 'far', 'Far')
        `,
      ),
    }
    for (const [path, one] of Object.entries(ids))
      for (const method of ['PATCH', 'DELETE'])
        expect([path, method, (await api.ask(method, `${api.path}/${path}/${one}`, { json: {} })).status]).toEqual([
          path,
          method,
          404,
        ])
  })

  it('integrations are listed with their hooks', async () => {
    const { payload } = (await api.ask('GET', `${api.path}/integrations/apps`, { token: api.agent.token })).body
    for (const app of payload)
      expect(app).toMatchObject({
        id: expect.any(String),
        name: expect.any(String),
        description: expect.any(String),
        enabled: expect.any(Boolean),
        hooks: [],
      })
    expect((await api.ask('GET', `${api.path}/integrations/apps/webhook`)).body.name).toBe('Webhooks')
    expect((await api.ask('GET', `${api.path}/integrations/apps/slack`)).status).toBe(404)
  })
})
