// Every route of /api/openapi.json, for every caller and input: no token, a wrong one, a revoked one, an
// agent's where an administrator's is needed, ids of another account, wrong types. Never 5xx, never another
// account's, and each answer fits the document (test/support/api.ts).

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import {
  createAccount,
  createConversation,
  createInbox,
  createPerson,
  type Person,
  startApi,
  type TestApi,
} from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'

interface Operation {
  readonly method: string
  readonly path: string
  readonly audience: string
  readonly fields: Readonly<Record<string, any>>
}

describeWithDatabase('every route', () => {
  let api: TestApi
  let operations: Operation[]
  let other: { accountId: number; administrator: Person; ids: Map<string, number> }
  let own: Map<string, number>
  beforeAll(async () => {
    api = await startApi()
    const document = (await api.ask('GET', '/api/openapi.json', { token: null })).body
    operations = Object.entries<any>(document.paths).flatMap(([path, methods]) =>
      Object.entries<any>(methods).map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        audience: operation['x-audience'],
        fields: fieldsOf(operation),
      })),
    )
    const accountId = await createAccount(api.pool, 'Elsewhere')
    const administrator = await createPerson(api.pool, { accountId, name: 'Olga Other', role: 'administrator' })
    other = { accountId, administrator, ids: await furnish({ ...api, accountId, administrator, inboxId: 0 }) }
    own = await furnish(api)
    api.mailbook.keep({ id: own.get('inbound_emails')!, accountId: api.accountId })
    api.mailbook.keep({ id: other.ids.get('inbound_emails')!, accountId })
  }, 120_000)
  afterAll(() => api.stop())

  function fieldsOf(operation: any): Record<string, any> {
    const body = Object.values<any>(operation.requestBody?.content ?? {})[0]?.schema?.properties ?? {}
    const query = Object.fromEntries(
      operation.parameters
        .filter((one: any) => one.in === 'query')
        .map((one: any) => [one.name.replace('[]', ''), one.schema]),
    )
    return { ...query, ...body }
  }

  // One of each kind in an account, by the word that stands before its id in a path.
  async function furnish(place: {
    accountId: number
    administrator: Person
    inboxId: number
  }): Promise<Map<string, number>> {
    const path = `/api/v1/accounts/${String(place.accountId)}`
    const inboxId =
      place.inboxId === 0
        ? await createInbox(api.pool, { accountId: place.accountId, type: 'Channel::Api', name: 'There' })
        : place.inboxId
    const one = await createConversation(api.pool, { accountId: place.accountId, inboxId })
    const make = async (resource: string, json: object): Promise<number> => {
      const answer = await api.ask('POST', `${path}/${resource}`, { json, token: place.administrator.token })
      if (answer.status !== 200) throw new Error(`${resource}: ${String(answer.status)} ${answer.text}`)
      const body = answer.body.payload?.webhook ?? answer.body.payload?.contact ?? answer.body.payload ?? answer.body
      return body.id
    }
    const name = `n${String(place.accountId)}`
    return new Map([
      ['conversations', one.displayId],
      ['contacts', one.contactId],
      ['inboxes', inboxId],
      ['inbox_members', inboxId],
      ['messages', await make(`conversations/${String(one.displayId)}/messages`, { content: 'hello' })],
      ['notes', await make(`contacts/${String(one.contactId)}/notes`, { content: 'note' })],
      ['labels', await make('labels', { title: name })],
      ['teams', await make('teams', { name })],
      ['agents', place.administrator.id],
      ['canned_responses', await make('canned_responses', { short_code: name, content: 'x' })],
      [
        'custom_attribute_definitions',
        await make('custom_attribute_definitions', {
          attribute_display_name: name,
          attribute_key: name,
          attribute_display_type: 'text',
          attribute_model: 'contact_attribute',
        }),
      ],
      ['custom_filters', await make('custom_filters', { name, filter_type: 'conversation', query: {} })],
      ['webhooks', await make('webhooks', { url: `https://hooks.example/${name}` })],
      ['agent_bots', await make('agent_bots', { name, outgoing_url: 'https://bots.example/' })],
      ['inbound_emails', 100 + place.accountId],
    ])
  }

  const nobodys = 987_654_321
  const fill = (path: string, accountId: number, ids: ReadonlyMap<string, number>): string => {
    const words = path.split('/')
    return words
      .map((word, index) => {
        if (word === '{accountId}') return String(accountId)
        return word.startsWith('{') ? String(ids.get(words[index - 1] ?? '') ?? nobodys) : word
      })
      .join('/')
  }
  const guarded = () => operations.filter(({ audience }) => audience !== 'anyone')
  const ask = (operation: Operation, path: string, question: Parameters<TestApi['ask']>[2]) =>
    api.ask(operation.method, path, operation.method === 'GET' ? question : { json: {}, ...question })
  const nameOf = (operation: Operation, status: number) => `${operation.method} ${operation.path} ${String(status)}`

  it('all routes are found', () => {
    expect(operations.length).toBeGreaterThan(120)
  })

  it('refuses a missing, wrong or revoked token with 401 and the reason', async () => {
    const revoked = await createPerson(api.pool, {
      accountId: api.accountId,
      name: 'Rita Revoked',
      role: 'administrator',
    })
    await api.pool.query('update access_tokens set revoked_at = now() where user_id = $1', [revoked.id])
    const cases = [
      [null, { errors: ['You need to sign in or sign up before continuing.'] }],
      ['wrong', { error: 'Invalid Access Token' }],
      [revoked.token, { error: 'Invalid Access Token' }],
    ] as const
    for (const operation of guarded())
      for (const [token, body] of cases) {
        const answer = await ask(operation, fill(operation.path, api.accountId, own), { token })
        expect([nameOf(operation, answer.status), answer.body]).toEqual([nameOf(operation, 401), body])
      }
  }, 240_000)

  it('refuses an agent where an administrator is required', async () => {
    for (const operation of operations.filter(
      ({ audience }) => audience === 'administrator' || audience === 'installation-administrator',
    )) {
      const answer = await ask(operation, fill(operation.path, api.accountId, own), { token: api.agent.token })
      expect([nameOf(operation, answer.status), answer.body]).toEqual([
        nameOf(operation, 401),
        { error: 'You are not authorized to do this action' },
      ])
    }
  }, 120_000)

  it('refuses another account', async () => {
    for (const operation of guarded().filter(({ path }) => path.includes('{accountId}'))) {
      const answer = await ask(operation, fill(operation.path, other.accountId, other.ids), {})
      expect([nameOf(operation, answer.status), answer.body]).toEqual([
        nameOf(operation, 401),
        { error: 'You are not authorized to access this account' },
      ])
    }
  }, 120_000)

  it('answers 404 for an id of another account, and changes nothing there', async () => {
    const before = await counts()
    for (const operation of guarded().filter(({ path }) => /\{accountId\}.*\{/.test(path))) {
      const fields = Object.fromEntries(
        Object.keys(operation.fields)
          .filter((name) => name.endsWith('_id') || name.endsWith('_ids'))
          .map((name) => [name, name.endsWith('_ids') ? [nobodys] : nobodys]),
      )
      const answer = await ask(
        operation,
        fill(operation.path, api.accountId, other.ids),
        operation.method === 'GET' ? {} : { json: fields },
      )
      expect([
        operation.method,
        operation.path,
        answer.status,
        [404, 422].includes(answer.status) || isOwnNamesake(operation.path),
      ]).toEqual([operation.method, operation.path, answer.status, true])
    }
    expect(await counts()).toEqual(before)
  }, 120_000)

  // Display ids are an account's own: the other's number may well be one of ours.
  const isOwnNamesake = (path: string): boolean => /\/conversations\/\{displayId\}/.test(path)
  const counts = async () =>
    (
      await api.pool.query(
        `
          select
            (select count(*) from contacts where account_id = $1) as contacts,
            (select count(*) from labels where account_id = $1) as labels,
            (select count(*) from messages where account_id = $1) as messages,
            (select string_agg(title, ',') from labels where account_id = $1) as titles,
            (select string_agg(url, ',') from webhooks where account_id = $1) as urls
        `,
        [other.accountId],
      )
    ).rows[0]

  describe('with any input', () => {
    const anything = fc.oneof(
      fc.constantFrom<unknown>(
        '',
        '0',
        '-1',
        '1e99',
        'NaN',
        'true',
        '[]',
        '{}',
        '\0',
        '\ud800',
        'a'.repeat(400),
        '9'.repeat(40),
        "'; drop table contacts; --",
        '%',
        '2147483648',
        '0001-01-01',
        null,
        true,
        0,
        -1,
        2_147_483_648,
        1.5,
        [],
        {},
        [[]],
        [{}],
        { a: { b: 1 } },
      ),
      fc.jsonValue(),
      fc.string({ unit: 'binary' }),
    )

    it('answers 2xx or 4xx, as the API document describes', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.nat(),
          fc.array(anything, { minLength: 12, maxLength: 12 }),
          fc.boolean(),
          async (n, values, isOwn) => {
            const operation = operations[n % operations.length]!
            // A stream never ends, and who deletes themselves asks no more.
            if (
              operation.path.endsWith('/events') ||
              (operation.method === 'DELETE' && /agents|profile|accounts\/\{id\}/.test(operation.path)) ||
              operation.path.includes('reset_access_token')
            )
              return
            const path = fill(operation.path, api.accountId, isOwn ? own : new Map())
            const names = Object.keys(operation.fields).filter(
              (name) => !(name === 'role' || (name === 'status' && operation.path.includes('installation'))),
            )
            const fields = Object.fromEntries(names.map((name, index) => [name, values[index % values.length]]))
            const answer =
              operation.method === 'GET'
                ? await api.ask('GET', `${path}?${queryOf(fields)}`)
                : await api.ask(operation.method, path, { json: fields })
            expect([operation.method, path, answer.status, answer.status < 500]).toEqual([
              operation.method,
              path,
              answer.status,
              true,
            ])
          },
        ),
        { numRuns: 1_500 },
      )
      expect(api.faults).toEqual([])
    }, 300_000)
  })

  function queryOf(fields: Record<string, unknown>): string {
    return new URLSearchParams(
      Object.entries(fields).map(([name, value]): [string, string] => [
        name,
        typeof value === 'string' ? value : String(JSON.stringify(value)),
      ]),
    ).toString()
  }
})
