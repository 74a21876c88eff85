import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'

import { matchesConversation } from '../../../src/conversations/filter/filter.ts'
import { createAccount, createConversation } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'
import { addInboxMembers, createTeam } from '../../support/records.ts'

type Row = Awaited<ReturnType<typeof createConversation>>
interface Condition {
  readonly attribute_key: string
  readonly filter_operator: string
  readonly values?: unknown
  readonly query_operator?: string | null
}

describeWithDatabase('filters', () => {
  const api = useApi()
  const rows: Record<string, Row> = {}
  let teamId: number | undefined
  beforeAll(async () => {
    const { pool, accountId } = api
    for (const name of ['plain', 'rich', 'snoozed'])
      rows[name] = await createConversation(pool, { ...api, email: `${name}@customer.example` })
    const { plain, rich, snoozed } = rows as Record<'plain' | 'rich' | 'snoozed', Row>
    teamId = await createTeam(api, { name: 'sales' })
    await pool.query(
      `
        update conversations
        set
          assignee_id = $2,
          team_id = $3,
          priority = 'high',
          labels = '{billing,vip}',
          created_at = '2020-01-10T12:00:00Z',
          last_activity_at = '2020-02-01T00:00:00Z',
          additional_attributes = '{"browser_language": "de", "conversation_language": "de", "country_code": "DE", "referer": "https://shop.example/Cart", "mail_subject": "Broken 100% vase", "campaign_id": "7"}',
          custom_attributes = '{"plan": "Gold", "seats": 12, "since": "2024-03-05", "vip": true, "odd": "12abc"}'
        where id = $1
      `,
      [rich.id, api.agent.id, teamId],
    )
    await pool.query(
      `
        update conversations
        set
          status = 'snoozed',
          labels = '{spam}',
          custom_attributes = '{"seats": "many", "since": "soon", "vip": "maybe"}'
        where id = $1
      `,
      [snoozed.id],
    )
    await pool.query(
      `
        update contacts
        set
          name = 'Rita Rich',
          phone_number = '+491701234567',
          identifier = 'crm-1',
          blocked = true,
          labels = '{gold}',
          created_at = '2020-01-10',
          last_activity_at = '2020-02-01',
          additional_attributes = '{"city": "Köln", "company_name": "Acme", "country_code": "DE"}',
          custom_attributes = '{"tier": "A"}'
        where id = $1
      `,
      [rich.contactId],
    )
    await pool.query(`update contacts set name = 'Paul Plain' where id = $1`, [plain.contactId])
    for (const [model, key, type] of [
      ['conversation_attribute', 'plan', 'list'],
      ['conversation_attribute', 'seats', 'number'],
      ['conversation_attribute', 'since', 'date'],
      ['conversation_attribute', 'vip', 'checkbox'],
      ['conversation_attribute', 'odd', 'currency'],
      ['contact_attribute', 'tier', 'text'],
    ])
      await pool.query(
        `
          insert into custom_attribute_definitions (
            account_id, attribute_model, attribute_key, attribute_display_name, attribute_display_type
          )
          values ($1, $2, $3, $3, $4)
        `,
        [accountId, model, key, type],
      )
  })

  const ask = (kind: 'conversations' | 'contacts', payload: unknown, query = '') =>
    api.ask('POST', `${api.path}/${kind}/filter${query}`, { json: { payload } })
  const namesOf = async (payload: readonly Condition[]): Promise<string[]> => {
    const { status, body } = await ask('conversations', payload)
    expect([status, body.error]).toEqual([200, undefined])
    return body.payload
      .map((row: { id: number }) => Object.entries(rows).find(([, { displayId }]) => displayId === row.id)?.[0])
      .sort()
  }
  const contactsOf = async (payload: readonly Condition[]): Promise<string[]> => {
    const { status, body } = await ask('contacts', payload)
    expect([status, body.error]).toEqual([200, undefined])
    return body.payload.map((row: { email: string }) => row.email.split('@')[0]).sort()
  }
  const one = (attribute_key: string, filter_operator: string, values?: unknown): Condition[] => [
    { attribute_key, filter_operator, values, query_operator: null },
  ]

  it.each<[string, string, unknown, string[]]>([
    ['status', 'equal_to', ['open'], ['plain', 'rich']],
    ['status', 'equal_to', ['all'], ['plain', 'rich', 'snoozed']],
    ['status', 'not_equal_to', ['open', 'resolved'], ['snoozed']],
    ['assignee_id', 'is_present', [], ['rich']],
    ['assignee_id', 'is_not_present', undefined, ['plain', 'snoozed']],
    ['team_id', 'is_present', [], ['rich']],
    ['inbox_id', 'equal_to', ['1'], ['plain', 'rich', 'snoozed']],
    ['inbox_id', 'equal_to', ['99999999999'], []],
    ['priority', 'equal_to', ['high', 'urgent'], ['rich']],
    ['priority', 'is_not_present', [], ['plain', 'snoozed']],
    ['campaign_id', 'equal_to', ['7'], ['rich']],
    ['labels', 'equal_to', ['vip', 'spam'], ['rich', 'snoozed']],
    ['labels', 'not_equal_to', ['VIP'], ['plain', 'snoozed']],
    ['labels', 'is_not_present', [], ['plain']],
    ['browser_language', 'equal_to', ['DE'], ['rich']],
    ['conversation_language', 'equal_to', 'de', ['rich']],
    ['country_code', 'not_equal_to', ['FR'], ['plain', 'rich', 'snoozed']],
    ['referer', 'contains', ['shop.EXAMPLE/cart'], ['rich']],
    ['mail_subject', 'contains', ['100% v'], ['rich']],
    ['mail_subject', 'contains', ['100_ v'], []],
    ['created_at', 'is_less_than', ['2020-01-11'], ['rich']],
    ['created_at', 'is_greater_than', ['2020-01-09'], ['plain', 'rich', 'snoozed']],
    // The day itself is not greater (Chatwoot compares days).
    ['created_at', 'is_greater_than', ['2020-01-10'], ['plain', 'snoozed']],
    ['created_at', 'is_greater_than', ['9998-12-31'], []],
    ['created_at', 'days_before', ['30'], ['rich']],
    ['last_activity_at', 'is_greater_than', ['2020-02-02'], ['plain', 'snoozed']],
    ['plan', 'equal_to', ['gold'], ['rich']],
    ['plan', 'not_equal_to', ['gold'], ['plain', 'snoozed']],
    ['plan', 'contains', ['ol'], ['rich']],
    ['plan', 'is_not_present', [], ['plain', 'snoozed']],
    ['seats', 'is_greater_than', ['11.5'], ['rich']],
    ['seats', 'is_less_than', ['12'], []],
    ['seats', 'equal_to', [12], ['rich']],
    ['seats', 'not_equal_to', ['12'], ['plain', 'snoozed']],
    ['odd', 'is_greater_than', ['1'], []],
    ['since', 'is_greater_than', ['2024-03-04'], ['rich']],
    ['since', 'equal_to', ['2024-03-05'], ['rich']],
    ['since', 'days_before', ['1'], ['rich']],
    ['vip', 'equal_to', [true], ['rich']],
    ['vip', 'not_equal_to', ['true'], ['plain', 'snoozed']],
  ])('conversations whose %s %s %j are %j', async (key, operator, values, expected) => {
    expect(await namesOf(one(key, operator, values))).toEqual(expected)
  })

  it('a display id is found, and a part of one', async () => {
    const number = String(rows['rich']?.displayId)
    expect(await namesOf(one('display_id', 'equal_to', [number]))).toEqual(['rich'])
    expect(await namesOf(one('display_id', 'contains', [number]))).toContain('rich')
  })

  it.each<[string, string, unknown, string[]]>([
    ['name', 'contains', ['rich'], ['rich']],
    ['name', 'starts_with', ['paul'], ['plain']],
    ['email', 'equal_to', ['RICH@customer.example'], ['rich']],
    ['email', 'does_not_contain', ['rich'], ['plain', 'snoozed']],
    ['phone_number', 'equal_to', ['491701234567'], ['rich']],
    ['phone_number', 'equal_to', ['+49 170 1234567'], ['rich']],
    ['phone_number', 'starts_with', ['4917'], ['rich']],
    ['phone_number', 'contains', ['0123'], ['rich']],
    ['identifier', 'equal_to', ['crm-1'], ['rich']],
    ['country_code', 'equal_to', ['de'], ['rich']],
    ['city', 'contains', ['LN'], ['rich']],
    ['company', 'equal_to', ['acme'], ['rich']],
    ['labels', 'equal_to', ['gold'], ['rich']],
    ['blocked', 'equal_to', [true], ['rich']],
    ['blocked', 'equal_to', ['false'], ['plain', 'snoozed']],
    ['created_at', 'is_less_than', ['2021-01-01'], ['rich']],
    ['last_activity_at', 'days_before', ['3'], ['rich']],
    ['tier', 'equal_to', ['a'], ['rich']],
  ])('contacts whose %s %s %j are %j', async (key, operator, values, expected) => {
    expect(await contactsOf(one(key, operator, values))).toEqual(expected)
  })

  it.each<[string, unknown]>([
    ['assignee_id', 'agent'],
    ['team_id', 1],
    ['priority', 'high'],
    ['campaign_id', '7'],
    ['browser_language', 'de'],
    ['conversation_language', 'de'],
    ['country_code', 'DE'],
    ['referer', 'https://shop.example/Cart'],
    ['mail_subject', 'Broken 100% vase'],
    ['labels', 'vip'],
    ['plan', 'gold'],
    ['seats', '12'],
    ['since', '2024-03-05'],
    ['vip', 'true'],
  ])('records without %s, or with another one, are not equal to %j', async (key, value) => {
    const ofTeam = key === 'team_id' ? teamId : value
    const values = [value === 'agent' ? api.agent.id : ofTeam]
    expect(await namesOf(one(key, 'equal_to', values))).toEqual(['rich'])
    expect(await namesOf(one(key, 'not_equal_to', values))).toEqual(['plain', 'snoozed'])
    const [denial] = one(key, 'not_equal_to', values)
    const [open] = one('status', 'equal_to', ['open'])
    expect(await namesOf([{ ...denial, query_operator: 'AND' }, open] as Condition[])).toEqual(['plain'])
    expect(await namesOf([{ ...open, query_operator: 'AND' }, denial] as Condition[])).toEqual(['plain'])
  })

  it.each([
    ['mail_subject', 'vase'],
    ['referer', 'shop'],
    ['plan', 'gold'],
  ])('records without %s do not contain %j', async (key, value) => {
    expect(await namesOf(one(key, 'does_not_contain', [value]))).toEqual(['plain', 'snoozed'])
  })

  it.each<[string, unknown]>([
    ['phone_number', '+491701234567'],
    ['identifier', 'crm-1'],
    ['city', 'Köln'],
    ['company', 'acme'],
    ['country_code', 'de'],
    ['labels', 'gold'],
    ['tier', 'A'],
    ['blocked', true],
  ])('contacts that have no %s are not equal to %j', async (key, value) => {
    expect(await contactsOf(one(key, 'not_equal_to', [value]))).toEqual(['plain', 'snoozed'])
  })

  it('conditions join from left to right, AND before OR, in any case', async () => {
    const [open, spam, high] = [
      one('status', 'equal_to', ['open'])[0]!,
      one('labels', 'equal_to', ['spam'])[0]!,
      one('priority', 'equal_to', ['high'])[0]!,
    ]
    expect(await namesOf([{ ...spam, query_operator: 'OR' }, { ...open, query_operator: 'and' }, high])).toEqual([
      'rich',
      'snoozed',
    ])
    expect(await namesOf([{ ...open, query_operator: 'AND' }, spam])).toEqual([])
    expect(await namesOf([])).toEqual(['plain', 'rich', 'snoozed'])
  })

  it('answers meta with counts, not under data, in the requested order', async () => {
    const { body } = await ask('conversations', one('status', 'equal_to', ['all']), '?sort_by=created_at_asc&page=1')
    expect(body.meta).toEqual({ mine_count: 0, assigned_count: 1, unassigned_count: 2, all_count: 3 })
    expect(body.payload[0].id).toBe(rows['rich']?.displayId)
    expect((await ask('conversations', [], '?page=2')).body.payload).toEqual([])
    expect((await ask('contacts', [])).body.meta).toEqual({ count: 3, current_page: 1 })
  })

  it('a form has the same effect', async () => {
    const form = [
      ['payload[0][attribute_key]', 'status'],
      ['payload[0][filter_operator]', 'equal_to'],
      ['payload[0][values][]', 'snoozed'],
      ['page', '1'],
    ] as const
    expect(
      (await api.ask('POST', `${api.path}/conversations/filter`, { form })).body.payload.map(
        (row: { id: number }) => row.id,
      ),
    ).toEqual([rows['snoozed']?.displayId])
  })

  it.each<[unknown, RegExp]>([
    [
      one('nowhere', 'equal_to', ['x']),
      /^Invalid attribute key - \[nowhere\]\. The key should be one of \[status,assignee_id,.*\] or a custom attribute defined in the account\.$/,
    ],
    [
      one('status', 'contains', ['x']),
      /^Invalid operator\. The allowed operators for status are \[equal_to,not_equal_to\]\.$/,
    ],
    [one('status', 'equal_to', ['done']), /^Invalid value\. The values provided for status are invalid$/],
    [one('assignee_id', 'equal_to', ['x']), /^Invalid value/],
    [one('created_at', 'is_less_than', ['yesterday']), /^Invalid value/],
    [one('created_at', 'days_before', ['-1']), /^Invalid value/],
    [one('seats', 'is_less_than', ['many']), /^Invalid value/],
    [one('status', 'equal_to', [{ id: 1 }]), /^Invalid value/],
    [
      [{ ...one('status', 'equal_to', ['open'])[0], query_operator: 'XOR' }],
      /^Query operator must be either "AND" or "OR"\.$/,
    ],
    ['status', /^Invalid filter payload/],
    [undefined, /^Invalid filter payload/],
    [[null], /^Invalid filter payload/],
    [Array.from({ length: 60 }, () => one('status', 'equal_to', ['open'])[0]), /^Invalid filter payload/],
  ])('%j is refused with a message', async (payload, sentence) => {
    const { status, body } = await ask('conversations', payload)
    expect([status, Object.keys(body)]).toEqual([422, ['error']])
    expect(body.error).toMatch(sentence)
  })

  it('attributes of conversations cannot filter contacts', async () => {
    const { status, body } = await ask('contacts', [
      { ...one('plan', 'equal_to', ['gold'])[0], custom_attribute_type: 'conversation_attribute' },
    ])
    expect([status, body.error]).toEqual([422, expect.stringMatching(/^Invalid attribute key - \[plan\]/)])
  })

  it('values never become SQL', async () => {
    const evil = `x'); drop table conversations; --`
    for (const key of ['mail_subject', 'plan']) expect(await namesOf(one(key, 'contains', [evil]))).toEqual([])
    expect((await ask('conversations', one(`status = 'open' or 'a`, 'equal_to', ['a']))).status).toBe(422)
    expect(
      (await ask('conversations', one('custom_attributes', 'equal_to', ['a']), `?sort_by=${encodeURIComponent(evil)}`))
        .status,
    ).toBe(422)
  })

  it('custom attributes of another account are unknown', async () => {
    const other = await createAccount(api.pool, 'Other')
    await api.pool.query(
      `
        insert into custom_attribute_definitions (
          account_id, attribute_model, attribute_key, attribute_display_name
        )
        values ($1, 'conversation_attribute', 'theirs', 'Theirs')
      `,
      [other],
    )
    expect((await ask('conversations', one('theirs', 'equal_to', ['x']))).status).toBe(422)
  })

  it('an agent sees only accessible conversations', async () => {
    await api.pool.query('delete from inbox_members where user_id = $1', [api.agent.id])
    const { body } = await api.ask('POST', `${api.path}/conversations/filter`, {
      json: { payload: one('status', 'equal_to', ['all']) },
      token: api.agent.token,
    })
    expect(body.payload.map((row: { id: number }) => row.id)).toEqual([rows['rich']?.displayId])
    expect(body.meta).toEqual({ mine_count: 1, assigned_count: 1, unassigned_count: 0, all_count: 1 })
    await addInboxMembers(api, api.inboxId, [api.agent.id])
  })

  describe('for rules', () => {
    it('a condition tests the conversation, its contact or its message', async () => {
      const there = rows['rich']!
      const { rows: messages } = await api.pool.query<{ id: number }>(
        `
          insert into messages (account_id, inbox_id, conversation_id, message_type, content)
          values ($1, $2, $3, 'incoming', 'I want a refund')
          returning id
        `,
        [api.accountId, api.inboxId, there.id],
      )
      const of = { accountId: api.accountId, conversationId: there.id, messageId: messages[0]!.id }
      const means = (payload: unknown) => matchesConversation(api.pool, payload, of)
      expect(await means(one('content', 'contains', ['REFUND']))).toBe(true)
      expect(await means(one('message_type', 'equal_to', ['outgoing']))).toBe(false)
      expect(await means(one('city', 'equal_to', ['Köln']))).toBe(true)
      expect(
        await means([
          {
            attribute_key: 'tier',
            custom_attribute_type: 'contact_attribute',
            filter_operator: 'equal_to',
            values: ['A'],
          },
        ]),
      ).toBe(true)
      expect(await means(one('content', 'is_less_than', ['x']))).toHaveProperty('error')
      expect(await matchesConversation(api.pool, [], { ...of, conversationId: 999_999 })).toBe(false)
    })
  })

  it('any payload is answered, or refused with a message', async () => {
    const keys = fc.oneof(
      fc.constantFrom(
        'status',
        'assignee_id',
        'priority',
        'display_id',
        'labels',
        'created_at',
        'name',
        'phone_number',
        'blocked',
        'plan',
        'seats',
        'since',
        'vip',
        'odd',
        'tier',
        'mail_subject',
      ),
      fc.string(),
    )
    const operators = fc.oneof(
      fc.constantFrom(
        'equal_to',
        'not_equal_to',
        'contains',
        'does_not_contain',
        'is_present',
        'is_not_present',
        'is_greater_than',
        'is_less_than',
        'days_before',
        'starts_with',
      ),
      fc.string(),
    )
    const scalar = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.constantFrom(
        '2024-02-31',
        '0001-01-01',
        '9999-12-31T99:99',
        '%',
        '\\',
        '99999999999999999999',
        '-1',
        'all',
        '1e400',
        'infinity',
        '\0',
      ),
    )
    const values = fc.oneof(fc.array(scalar, { maxLength: 4 }), scalar, fc.constant(null), fc.constant([]))
    const condition = fc.record(
      {
        attribute_key: keys,
        filter_operator: operators,
        values,
        query_operator: fc.constantFrom('and', 'OR', null, undefined, ''),
        custom_attribute_type: fc.constantFrom('', undefined, 'contact_attribute', 'conversation_attribute', 'x'),
      },
      { requiredKeys: ['attribute_key', 'filter_operator'] },
    )
    const payload = fc.oneof(
      { weight: 9, arbitrary: fc.array(condition, { minLength: 1, maxLength: 3 }) },
      { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
    )
    await fc.assert(
      fc.asyncProperty(payload, fc.constantFrom('conversations' as const, 'contacts' as const), async (given, kind) => {
        const { status, body } = await ask(kind, given)
        expect([200, 422]).toContain(status)
        if (status === 422) expect(typeof body.error).toBe('string')
      }),
      { numRuns: 300 },
    )
    expect(api.faults).toEqual([])
  })
})
