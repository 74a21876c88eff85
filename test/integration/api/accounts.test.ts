import { afterAll, expect, it } from 'vitest'

import { createAccount, createInbox, createPerson, replyDomain } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'
import { createTeam } from '../../support/records.ts'

describeWithDatabase('the account, its inboxes and its people', () => {
  const api = useApi()
  afterAll(async () => {})

  it('every member reads the account', async () => {
    const { status, body } = await api.ask('GET', api.path, { token: api.agent.token })
    expect(status).toBe(200)
    expect(Object.keys(body).sort()).toEqual([
      'created_at',
      'custom_attributes',
      'domain',
      'features',
      'id',
      'locale',
      'name',
      'settings',
      'status',
      'support_email',
      'transport',
    ])
    expect(body).toMatchObject({
      id: api.accountId,
      name: 'Acme',
      domain: null,
      status: 'active',
      features: { inbound_emails: true },
    })
  })

  it('an agent does not change the account', async () => {
    const { status, body } = await api.ask('PATCH', api.path, {
      token: api.agent.token,
      json: { domain: 'agent.example' },
    })
    expect([status, body]).toEqual([401, { error: 'You are not authorized to do this action' }])
  })

  /** Who may give the account its domain. */
  const asRoot = async () => {
    const who = { accountId: api.accountId, name: 'Rita Root', role: 'administrator', type: 'SuperAdmin' } as const
    return (await createPerson(api.pool, who)).token
  }

  it('its own administrator does not change its domain', async () => {
    const { status, body } = await api.ask('PATCH', api.path, { json: { domain: 'mine.acme.example' } })
    expect([status, body]).toEqual([
      422,
      { message: 'Domain can be changed by an administrator of the installation only', attributes: ['domain'] },
    ])
    expect((await api.ask('PATCH', api.path, { json: { domain: null, name: 'Acme' } })).status).toBe(200)
  })

  it.each(['PATCH', 'PUT'])('%s changes the given fields only', async (method) => {
    const { body } = await api.ask(method, api.path, {
      token: await asRoot(),
      json: {
        account: { domain: ' Mail.ACME.example. ' },
        support_email: 'Acme <help@acme.example>',
        auto_resolve_after: '1440',
      },
    })
    expect(body).toMatchObject({
      name: 'Acme',
      domain: 'mail.acme.example',
      support_email: 'Acme <help@acme.example>',
      settings: { auto_resolve_after: 1440 },
    })
  })

  it('settings that are not given stay', async () => {
    await api.ask('PATCH', api.path, { json: { auto_resolve_after: 60 } })
    const { body } = await api.ask('PATCH', api.path, {
      json: { auto_resolve_message: 'bye', auto_resolve_ignore_waiting: 'true' },
    })
    expect(body.settings).toEqual({
      auto_resolve_after: 60,
      auto_resolve_message: 'bye',
      auto_resolve_ignore_waiting: true,
    })
  })

  it('a blank domain removes it', async () => {
    const token = await asRoot()
    await api.ask('PATCH', api.path, { token, json: { domain: 'x.acme.example' } })
    expect((await api.ask('PATCH', api.path, { token, json: { domain: '' } })).body.domain).toBeNull()
  })

  it.each([
    [{ domain: 'not a domain' }, 'Domain is not a domain name', ['domain']],
    [{ domain: 'acme.example/path' }, 'Domain is not a domain name', ['domain']],
    [{ domain: `${'a'.repeat(64)}.example` }, 'Domain is not a domain name', ['domain']],
    [{ domain: replyDomain.toUpperCase() }, 'Domain has already been taken', ['domain']],
    [{ support_email: 'nobody' }, 'Support email is not an email address', ['support_email']],
    [
      { name: ' ', auto_resolve_after: 5 },
      "Name can't be blank, Auto resolve after must be between 10 and 1439856 minutes",
      ['name', 'auto_resolve_after'],
    ],
  ])('%j is refused with the fields that are wrong', async (json, message, attributes) => {
    const { status, body } = await api.ask('PATCH', api.path, { json })
    expect([status, body]).toEqual([422, { message, attributes }])
  })

  it('a domain belongs to one account, in any case', async () => {
    const other = await createAccount(api.pool, 'Other')
    await api.pool.query(`update accounts set domain = 'taken.example' where id = $1`, [other])
    const { status, body } = await api.ask('PATCH', api.path, {
      token: await asRoot(),
      json: { domain: 'TAKEN.example' },
    })
    expect([status, body]).toEqual([422, { message: 'Domain has already been taken', attributes: ['domain'] }])
  })

  it('features are given by administrators of the installation only', async () => {
    const root = await createPerson(api.pool, {
      accountId: api.accountId,
      name: 'Rory Root',
      role: 'administrator',
      type: 'SuperAdmin',
    })
    const features = { inbound_emails: false, channel_email: true }
    expect((await api.ask('PATCH', api.path, { json: { features } })).body.features).toEqual({ inbound_emails: true })
    expect((await api.ask('PATCH', api.path, { json: { features }, token: root.token })).body.features).toEqual({
      channel_email: true,
    })
    await api.ask('PATCH', api.path, {
      json: { features: { inbound_emails: true, channel_email: false } },
      token: root.token,
    })
  })

  it('unknown features are refused, those of Chatwoot are kept, and unknown stored ones can be disabled', async () => {
    const token = await asRoot()
    const patch = (features: object) => api.ask('PATCH', api.path, { json: { features }, token })
    const before = (await api.ask('GET', api.path)).body.features
    for (const features of [
      { inbound_emials: true },
      { nope: false },
      { '': true },
      { inbound_emails: true, x: true },
    ]) {
      const { status, body } = await patch(features)
      expect([status, body.error]).toEqual([
        422,
        expect.stringContaining('Known features: inbound_emails, channel_email'),
      ])
    }
    const vague = await patch({ inbound_emails: 'perhaps' })
    expect([vague.status, vague.body.error]).toEqual([422, 'features: inbound_emails must be true or false'])
    expect((await api.ask('GET', api.path)).body.features).toEqual(before)
    expect((await patch({ help_center: true, macros: 'true' })).body.features).toMatchObject({
      help_center: true,
      macros: true,
    })
    await api.pool.query(`update accounts set features = features || '{nope}' where id = $1`, [api.accountId])
    const mended = await patch({ nope: false, help_center: false, macros: false })
    expect([mended.status, mended.body.features]).toEqual([200, before])
  })

  const inboxKeys = [
    'mail_color',
    'quote_history',
    'signature',
    'transport',
    'id',
    'avatar_url',
    'channel_id',
    'name',
    'channel_type',
    'greeting_enabled',
    'greeting_message',
    'working_hours_enabled',
    'enable_email_collect',
    'csat_survey_enabled',
    'csat_config',
    'enable_auto_assignment',
    'auto_assignment_config',
    'out_of_office_message',
    'working_hours',
    'timezone',
    'callback_webhook_url',
    'allow_messages_after_resolved',
    'lock_to_single_conversation',
    'sender_name_type',
    'business_name',
    'provider',
  ]

  it('inboxes are listed in a payload and shown without one, each with the fields of its channel', async () => {
    const apiInbox = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Bot' })
    const { body } = await api.ask('GET', `${api.path}/inboxes`)
    expect(body.payload.map((inbox: { name: string }) => inbox.name)).toEqual(['Bot', 'Support'])
    const bot = (await api.ask('GET', `${api.path}/inboxes/${String(apiInbox)}`)).body
    expect(Object.keys(bot).sort()).toEqual(
      [...inboxKeys, 'webhook_url', 'inbox_identifier', 'additional_attributes', 'hmac_mandatory', 'hmac_token'].sort(),
    )
    const support = (await api.ask('GET', `${api.path}/inboxes/${String(api.inboxId)}`, { token: api.agent.token }))
      .body
    expect(Object.keys(support).sort()).toEqual([...inboxKeys, 'forward_to_email', 'email'].sort())
    expect(support).toMatchObject({ channel_type: 'Channel::Email', email: 'support@acme.example' })
  })

  it('the password of a channel is never returned', async () => {
    await api.pool.query(
      `
        update channels
        set settings = '{"imap_password":"geheim","smtp_password":"geheim","imap_login":"me"}'
        where email = 'support@acme.example'
      `,
    )
    const { text, body } = await api.ask('GET', `${api.path}/inboxes/${String(api.inboxId)}`)
    expect(text).not.toContain('geheim')
    expect(body.imap_login).toBe('me')
  })

  it('an agent sees the inboxes that they are a member of', async () => {
    const hidden = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Hidden' })
    const { body } = await api.ask('GET', `${api.path}/inboxes`, { token: api.agent.token })
    expect(body.payload.map((inbox: { id: number }) => inbox.id)).toEqual([api.inboxId])
    expect((await api.ask('GET', `${api.path}/inboxes/${String(hidden)}`, { token: api.agent.token })).status).toBe(401)
  })

  it('agents and teams are bare arrays, labels a payload', async () => {
    await createTeam(api, { name: 'sales', userIds: [api.agent.id] })
    await api.ask('POST', `${api.path}/labels`, { json: { title: 'billing' } })
    const agents = (await api.ask('GET', `${api.path}/agents`)).body
    const gus = agents.find((agent: { id: number }) => agent.id === api.agent.id)
    expect(Object.keys(gus).sort()).toEqual([
      'account_id',
      'auto_offline',
      'availability_status',
      'available_name',
      'confirmed',
      'custom_attributes',
      'email',
      'id',
      'name',
      'provider',
      'role',
      'thumbnail',
    ])
    const teams = (await api.ask('GET', `${api.path}/teams`, { token: api.agent.token })).body
    expect(teams).toEqual([
      {
        id: expect.any(Number),
        name: 'sales',
        description: null,
        allow_auto_assign: true,
        account_id: api.accountId,
        is_member: true,
      },
    ])
    const labels = (await api.ask('GET', `${api.path}/labels`)).body
    expect(labels).toEqual({
      payload: [
        { id: expect.any(Number), title: 'billing', description: null, color: '#1f93ff', show_on_sidebar: true },
      ],
    })
  })
})
