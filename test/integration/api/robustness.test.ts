import { request } from 'node:http'

import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { createConversation, startApi, type TestApi } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'

const names = [
  'name',
  'email',
  'phone_number',
  'identifier',
  'blocked',
  'avatar_url',
  'additional_attributes',
  'custom_attributes',
  'inbox_id',
  'source_id',
  'contact_id',
  'assignee_id',
  'team_id',
  'status',
  'snoozed_until',
  'message',
  'content',
  'private',
  'message_type',
  'content_type',
  'content_attributes',
  'attachments',
  'cc_emails',
  'to_emails',
  'echo_id',
  'template_params',
  'campaign_id',
  'domain',
  'locale',
  'support_email',
  'auto_resolve_after',
  'features',
  'account',
  'contact',
  'conversation',
  'page',
  'sort',
  'sort_by',
  'labels',
  'q',
  'before',
  'after',
  'assignee_type',
  'updated_within',
  'conversation_type',
  'conversation_id',
  'reason',
  '__proto__',
  'constructor',
  'title',
  'color',
  'short_code',
  'channel',
  'type',
  'website_url',
  'authorized_domains',
  'customize_css',
  'working_hours',
  'day_of_week',
  'open_hour',
  'timezone',
  'auto_assignment_config',
  'max_assignment_limit',
  'role',
  'availability',
  'auto_offline',
  'emails',
  'user_ids',
  'inbox_ids',
  'attribute_key',
  'attribute_model',
  'attribute_display_name',
  'attribute_display_type',
  'attribute_values',
  'regex_pattern',
  'filter_type',
  'query',
  'outgoing_url',
  'bot_config',
  'agent_bot',
  'ui_settings',
  'profile',
  'reporting_timezone',
  'search',
]

describeWithDatabase('any input', () => {
  let api: TestApi
  let routes: readonly (readonly [string, string])[]
  beforeAll(async () => {
    api = await startApi()
    const one = await createConversation(api.pool, api)
    const at = `${api.path}/conversations/${String(one.displayId)}`
    api.mailbook.keep({ id: 1, accountId: api.accountId })
    routes = [
      ['GET', '/api/v1/profile'],
      ['GET', api.path],
      ['PATCH', api.path],
      ['GET', `${api.path}/agents`],
      ['GET', `${api.path}/inboxes`],
      ['GET', `${api.path}/contacts`],
      ['GET', `${api.path}/contacts/search`],
      ['POST', `${api.path}/contacts`],
      ['PATCH', `${api.path}/contacts/${String(one.contactId)}`],
      ['GET', `${api.path}/conversations`],
      ['GET', `${api.path}/conversations/meta`],
      ['POST', `${api.path}/conversations`],
      ['GET', at],
      ['POST', `${at}/toggle_status`],
      ['GET', `${at}/messages`],
      ['POST', `${at}/messages`],
      ['GET', `${api.path}/inbound_emails`],
      ['POST', `${api.path}/inbound_emails/1/file`],
      ['POST', `${api.path}/inbound_emails/explain`],
      ['PATCH', '/api/v1/profile'],
      ['POST', '/api/v1/profile/availability'],
      ['POST', '/api/v1/profile/access_tokens'],
      ['POST', `${api.path}/inboxes`],
      ['PATCH', `${api.path}/inboxes/${String(api.inboxId)}`],
      ['POST', `${api.path}/inbox_members`],
      ['PATCH', `${api.path}/inbox_members`],
      ['GET', `${api.path}/assignable_agents`],
      ['POST', `${api.path}/agents`],
      ['POST', `${api.path}/agents/bulk_create`],
      ['PATCH', `${api.path}/agents/${String(api.agent.id)}`],
      ['POST', `${api.path}/teams`],
      ['POST', `${api.path}/labels`],
      ['POST', `${api.path}/canned_responses`],
      ['GET', `${api.path}/canned_responses`],
      ['POST', `${api.path}/custom_attribute_definitions`],
      ['GET', `${api.path}/custom_attribute_definitions`],
      ['POST', `${api.path}/custom_filters`],
      ['POST', `${api.path}/agent_bots`],
      ['POST', `${api.path}/inboxes/${String(api.inboxId)}/set_agent_bot`],
    ]
  })
  afterAll(() => api.stop())

  const anything = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(
      '',
      '0',
      '1',
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
      '275760-09-13',
    ),
    fc.integer(),
    fc.double(),
    fc.string({ unit: 'binary' }),
  )
  const fields = fc.dictionary(
    fc.oneof(fc.constantFrom(...names), fc.string()),
    fc.oneof(anything, fc.array(anything), fc.dictionary(fc.constantFrom(...names), anything)),
    { maxKeys: 6 },
  )

  it('as JSON is answered with 2xx or 4xx and a body that says why', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fields, async (n, json) => {
        const [method, path] = routes[n % routes.length]!
        const answer =
          method === 'GET' ? await api.ask(method, `${path}?${query(json)}`) : await api.ask(method, path, { json })
        expect([method, path, answer.status, answer.status < 500]).toEqual([method, path, answer.status, true])
        if (answer.status >= 400)
          expect(Object.keys(answer.body).some((key) => ['error', 'errors', 'message'].includes(key))).toBe(true)
      }),
      { numRuns: 900 },
    )
    expect(api.faults).toEqual([])
  }, 120_000)

  it('as a form, with any brackets, is answered with 2xx or 4xx', async () => {
    const bracket = fc.constantFrom('', '[]', '[a]', '[0]', '[][b]', '[', ']', '[[]]', '[__proto__]', '[a][b][c]')
    const pairs = fc.array(
      fc.tuple(
        fc.tuple(fc.constantFrom(...names), bracket).map((parts) => parts.join('')),
        fc.string({ unit: 'binary' }),
      ),
      { maxLength: 8 },
    )
    await fc.assert(
      fc.asyncProperty(fc.nat(), pairs, async (n, form) => {
        const [method, path] = routes[n % routes.length]!
        const answer =
          method === 'GET'
            ? await api.ask(method, `${path}?${new URLSearchParams(form).toString()}`)
            : await api.ask(method, path, { form })
        expect([method, path, answer.status < 500]).toEqual([method, path, true])
      }),
      { numRuns: 400 },
    )
    expect(api.faults).toEqual([])
  }, 120_000)

  it.each([
    ['application/json', '{', 422],
    ['application/json', '', 200],
    ['application/json', '[1]', 200],
    ['application/json', '"text"', 200],
    ['application/json; charset=utf-8', '\ufeff{"name":"x"}', 200],
    ['application/json', `${'{"custom_attributes":'.repeat(100)}1${'}'.repeat(100)}`, 422],
    ['application/json', '['.repeat(200_000), 422],
    ['application/x-www-form-urlencoded', '{"name":"curl without a type"}', 200],
    ['application/x-www-form-urlencoded', 'name=%ff%fe&a[=1&=2&&', 200],
    ['application/octet-stream', '\xff\xfe', 200],
    ['multipart/form-data', 'no boundary', 422],
    ['multipart/form-data; boundary=x', 'never begins', 422],
    ['multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="name"\r\n\r\ncut', 422],
    ['text/plain', 'name=x', 200],
  ])('a %s body %.30j is answered %i for a new contact', async (type, body, status) => {
    const answer = await api.ask('POST', `${api.path}/contacts`, { raw: { type, body } })
    expect(answer.status).toBe(status)
    expect(answer.body).toBeDefined()
  })

  it('a JSON content type without a body is accepted', async () => {
    const options = {
      method: 'POST',
      headers: { api_access_token: api.administrator.token, 'content-type': 'application/json' },
    }
    const status = await new Promise((resolve, reject) => {
      request(`${api.origin}${routes[13]![1]}`, options, (response) => {
        resolve(response.resume().statusCode)
      })
        .on('error', reject)
        .end()
    })
    expect(status).toBe(200)
  })

  it('an encoded body is refused with 415', async () => {
    const answer = await api.ask('POST', `${api.path}/contacts`, {
      raw: { type: 'application/json', body: 'x' },
      headers: { 'content-encoding': 'gzip' },
    })
    expect([answer.status, answer.body]).toEqual([415, { error: 'Content-Encoding is not supported' }])
  })

  it('text above the limit is refused with 413, and the connection ends', async () => {
    const answer = await api.ask('POST', `${api.path}/contacts`, {
      raw: { type: 'application/json', body: `"${'x'.repeat(6 * 1024 * 1024)}"` },
    })
    expect([answer.status, answer.headers.get('connection')]).toEqual([413, 'close'])
  })

  it("a stranger's body is not read before the refusal", async () => {
    const status = await new Promise((resolve, reject) => {
      const asking = request(
        `${api.origin}${api.path}/contacts`,
        { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': '5000000' } },
        (response) => {
          resolve(response.statusCode)
          asking.destroy()
        },
      )
      asking.on('error', reject)
      asking.write('{')
    })
    expect(status).toBe(401)
  })

  it('an internal error reveals no details', async () => {
    await api.pool.query('alter table labels rename to labels_away')
    const answer = await api.ask('GET', `${api.path}/labels`)
    await api.pool.query('alter table labels_away rename to labels')
    expect([answer.status, answer.body]).toEqual([500, { error: 'Something went wrong, try again later' }])
    expect(api.faults.splice(0)).toHaveLength(1)
  })

  function query(json: Record<string, unknown>): string {
    return new URLSearchParams(
      Object.entries(json).map(([name, value]): [string, string] => [
        name,
        typeof value === 'string' ? value : String(JSON.stringify(value)),
      ]),
    ).toString()
  }
})
