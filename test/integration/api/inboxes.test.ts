// …/inboxes through the API: channels of every kind, refusals, permissions, and what deleting leaves.

import { beforeAll, expect, it } from 'vitest'

import {
  addFile,
  createAccount,
  createConversation,
  createInbox,
  createPerson,
  replyDomain,
} from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

describeWithDatabase('inboxes', () => {
  const api = useApi()
  let path: string
  beforeAll(async () => {
    path = `${api.path}/inboxes`
  })

  const make = async (json: object) => (await api.ask('POST', path, { json })).body
  const makeWidget = (channel: object = {}) =>
    make({ name: 'Shop', channel: { type: 'web_widget', website_url: 'https://shop.example', ...channel } })

  it('an email inbox gets a forwarding address that cannot be guessed', async () => {
    const inbox = await make({
      name: 'Sales',
      channel: { type: 'email', email: ' Sales@ACME.example ' },
      enable_auto_assignment: 'false',
      greeting_enabled: true,
      greeting_message: 'Hello',
    })
    expect(inbox).toMatchObject({
      name: 'Sales',
      channel_type: 'Channel::Email',
      email: 'sales@acme.example',
      enable_auto_assignment: false,
      greeting_enabled: true,
      greeting_message: 'Hello',
      lock_to_single_conversation: false,
    })
    expect(inbox.forward_to_email).toMatch(new RegExp(`^[0-9a-f]{32}@${replyDomain.replaceAll('.', '\\.')}$`))
  })

  it('the forwarding address is at the domain of the account, if it has one', async () => {
    await api.pool.query(`update accounts set domain = 'mail.acme.example' where id = $1`, [api.accountId])
    const inbox = await make({ name: 'Jobs', channel: { type: 'email', email: 'jobs@acme.example' } })
    await api.pool.query('update accounts set domain = null where id = $1', [api.accountId])
    expect(inbox.forward_to_email).toMatch(/^[0-9a-f]{32}@mail\.acme\.example$/)
  })

  it('an address belongs to one inbox, over all accounts', async () => {
    const other = await createAccount(api.pool, 'Other')
    await createInbox(api.pool, {
      accountId: other,
      type: 'Channel::Email',
      name: 'Theirs',
      email: 'taken@other.example',
    })
    const { status, body } = await api.ask('POST', path, {
      json: { name: 'Mine', channel: { type: 'email', email: 'Taken@other.example' } },
    })
    expect([status, body]).toEqual([422, { message: 'Email has already been taken', attributes: ['email'] }])
  })

  it('of two simultaneous requests for one address, one succeeds and the other is refused', async () => {
    const both = await Promise.all(
      [1, 2].map(() =>
        api.ask('POST', path, { json: { name: 'Race', channel: { type: 'email', email: 'race@acme.example' } } }),
      ),
    )
    expect(both.map(({ status }) => status).sort()).toEqual([200, 422])
  })

  it('an address at the domain of another account is refused', async () => {
    const other = await createAccount(api.pool, 'Owner')
    await api.pool.query(`update accounts set domain = 'owned.example' where id = $1`, [other])
    const { status, body } = await api.ask('POST', path, {
      json: { name: 'Mine', channel: { type: 'email', email: 'help@owned.example' } },
    })
    expect([status, body.attributes]).toEqual([422, ['email']])
  })

  it('an api inbox has an identifier and a key that cannot be guessed', async () => {
    const inbox = await make({
      name: 'Bot door',
      channel: {
        type: 'api',
        webhook_url: 'https://hook.example/in',
        hmac_mandatory: 'true',
        additional_attributes: { agent_reply_time_window: 24 },
      },
    })
    expect(inbox).toMatchObject({
      channel_type: 'Channel::Api',
      webhook_url: 'https://hook.example/in',
      hmac_mandatory: true,
      additional_attributes: { agent_reply_time_window: 24 },
    })
    expect(inbox.inbox_identifier).toMatch(/^[\w-]{24}$/)
    expect(inbox.hmac_token).toMatch(/^[\w-]{24}$/)
  })

  it('a widget has the given settings, and defaults for the others', async () => {
    const settings = {
      brand_color: '#abc',
      welcome_title: 'Hi',
      welcome_tagline: 'We answer',
      reply_time: 'in_a_day',
      continuity_via_email: false,
      hmac_mandatory: true,
      show_header: 'false',
      show_personal_logo: true,
      show_message_input: false,
      logo_url: 'https://shop.example/logo.png',
      customize_css: '.a > .b { color: red }',
      web_widget_template: 'dark',
      authorized_domains: ['shop.example', '*.shop.example', 'localhost:3000'],
      selected_feature_flags: ['attachments'],
      pre_chat_form_enabled: true,
    }
    const inbox = await makeWidget(settings)
    const { brand_color: color, show_header: _header, ...same } = settings
    expect(inbox).toMatchObject({
      ...same,
      channel_type: 'Channel::WebWidget',
      website_url: 'https://shop.example',
      widget_color: color,
      brand_color: color,
      show_header: false,
      allowed_domains: 'shop.example,*.shop.example,localhost:3000',
    })
    expect(inbox.website_token).toMatch(/^[\w-]{24}$/)
    expect(await makeWidget()).toMatchObject({
      widget_color: '#1f93ff',
      continuity_via_email: true,
      show_header: true,
      authorized_domains: [],
      customize_css: null,
    })
  })

  it.each([
    'Channel::FacebookPage',
    'Channel::TwitterProfile',
    'Channel::TwilioSms',
    'Channel::Whatsapp',
    'Channel::Sms',
    'Channel::Telegram',
    'Channel::Line',
    'Channel::Instagram',
    'Channel::Tiktok',
  ])('%s is stored as data, without its credentials', async (type) => {
    const answer = await api.ask('POST', path, {
      json: {
        name: 'Data / <x>',
        channel: { type, phone_number: '+4917', provider: 'cloud', page_access_secret: 'geheim', password: 'geheim' },
      },
    })
    expect(answer.body).toMatchObject({ channel_type: type, phone_number: '+4917', provider: 'cloud' })
    const { rows } = await api.pool.query('select settings::text as kept from channels where id = $1', [
      answer.body.channel_id,
    ])
    expect(`${answer.text}${rows[0].kept}`).not.toContain('geheim')
  })

  it('a channel has a short name, too', async () => {
    expect((await make({ name: 'Chirp', channel: { type: 'twitter_profile' } })).channel_type).toBe(
      'Channel::TwitterProfile',
    )
  })

  it.each([
    [{ name: 'x' }, { error: 'param is missing or the value is empty: channel' }],
    [
      { name: 'x', channel: { type: 'pigeon' } },
      { message: 'Channel type is not included in the list', attributes: ['channel_type'] },
    ],
    [
      { name: 'x', channel: { type: 'email' } },
      { message: "Email can't be blank", attributes: ['email'] },
    ],
    [
      { name: 'x', channel: { type: 'email', email: 'a@b\r\nBcc: c@d' } },
      { message: 'Email is invalid', attributes: ['email'] },
    ],
    [
      { name: 'x', channel: { type: 'email', email: `reply+${'a'.repeat(32)}@acme.example` } },
      { message: 'Email is invalid', attributes: ['email'] },
    ],
    [{ channel: { type: 'api' } }, { message: "Name can't be blank", attributes: ['name'] }],
    [
      { name: 'a<b', channel: { type: 'api' } },
      {
        message: 'Name should not start or end with symbols, and it should not have < > / \\ @ characters.',
        attributes: ['name'],
      },
    ],
    [
      { name: 'a\r\nBcc: x', channel: { type: 'sms' } },
      { message: 'Name is invalid', attributes: ['name'] },
    ],
    [
      { name: 'x', channel: { type: 'api', webhook_url: 'javascript:alert(1)' } },
      { message: 'Webhook url is invalid', attributes: ['webhook_url'] },
    ],
    [
      { name: 'x', channel: { type: 'api', additional_attributes: { agent_reply_time_window: 0 } } },
      { message: 'Agent reply time window must be greater than 0', attributes: ['agent_reply_time_window'] },
    ],
    [
      { name: 'x', channel: { type: 'web_widget' } },
      { message: "Website url can't be blank", attributes: ['website_url'] },
    ],
    [{ name: 'x', channel: 'text' }, { error: 'channel must be an object' }],
  ])('%j is refused with the reason', async (json, refusal) => {
    const { status, body } = await api.ask('POST', path, { json })
    expect([status, body]).toEqual([422, refusal])
  })

  it.each([
    ['website_url', 'javascript:alert(1)'],
    ['widget_color', 'red;background:url(x)'],
    ['widget_color', '#12'],
    ['logo_url', 'data:text/html,x'],
    ['customize_css', 'a{}</style><script>'],
    ['customize_css', '< / STYLE'],
    ['customize_css', 'x'.repeat(50_001)],
    ['authorized_domains', ['a;b']],
    ['authorized_domains', ['evil.example/path']],
    ['reply_time', 'never'],
    ['selected_feature_flags', ['root']],
    ['web_widget_template', '../../etc'],
    ['welcome_title', 'x'.repeat(256)],
  ])('a widget does not take %s %j', async (name, value) => {
    const { status, body } = await api.ask('POST', path, {
      json: { name: 'Shop', channel: { type: 'web_widget', website_url: 'https://shop.example', [name]: value } },
    })
    expect([status, body.attributes]).toEqual([422, [name]])
  })

  it.each(['PATCH', 'PUT'])('%s changes the given fields only', async (method) => {
    const inbox = await makeWidget({ welcome_title: 'Hi', hmac_mandatory: true })
    const fields = {
      name: 'Shop 2',
      business_name: 'Acme Ltd',
      sender_name_type: 'professional',
      greeting_enabled: true,
      greeting_message: 'Hello',
      out_of_office_message: 'Closed',
      working_hours_enabled: true,
      timezone: 'Europe/Berlin',
      csat_survey_enabled: true,
      enable_email_collect: false,
      enable_auto_assignment: false,
      allow_messages_after_resolved: false,
      lock_to_single_conversation: true,
      auto_assignment_config: { max_assignment_limit: 5 },
      avatar_url: 'https://shop.example/a.png',
    }
    const { body } = await api.ask(method, `${path}/${String(inbox.id)}`, {
      json: { ...fields, channel: { welcome_tagline: 'There' } },
    })
    expect(body).toMatchObject({
      ...fields,
      welcome_title: 'Hi',
      welcome_tagline: 'There',
      hmac_mandatory: true,
      website_url: 'https://shop.example',
      website_token: inbox.website_token,
    })
    expect((await api.ask('GET', `${path}/${String(inbox.id)}`)).body).toEqual(body)
  })

  it('a form does as well', async () => {
    const inbox = await makeWidget()
    const { body } = await api.ask('PATCH', `${path}/${String(inbox.id)}`, {
      form: { name: 'By form', 'channel[show_header]': 'false', 'channel[widget_color]': '#000000' },
    })
    expect(body).toMatchObject({ name: 'By form', show_header: false, widget_color: '#000000' })
  })

  it.each([
    [{ timezone: 'Mars/Base' }, ['timezone']],
    [{ sender_name_type: 'rude' }, ['sender_name_type']],
    [{ auto_assignment_config: { max_assignment_limit: 0 } }, ['auto_assignment_config']],
    [{ auto_assignment_config: { max_assignment_limit: 'x' } }, ['auto_assignment_config']],
    [{ business_name: 'a\nb' }, ['business_name']],
    [{ greeting_message: 'x'.repeat(10_001) }, ['greeting_message']],
    [{ avatar_url: 'javascript:1' }, ['avatar_url']],
    [{ name: ' ' }, ['name']],
    [{ working_hours: [{ day_of_week: 7 }] }, ['working_hours']],
    [
      { working_hours: [{ day_of_week: 1, open_hour: 17, open_minutes: 0, close_hour: 9, close_minutes: 0 }] },
      ['working_hours'],
    ],
    [{ working_hours: [{ day_of_week: 1, closed_all_day: true, open_all_day: true }] }, ['working_hours']],
    [
      { working_hours: [{ day_of_week: 1, open_hour: 24, open_minutes: 0, close_hour: 25, close_minutes: 0 }] },
      ['working_hours'],
    ],
  ])('a change to %j is refused, and nothing is changed', async (json, attributes) => {
    const before = (await api.ask('GET', `${path}/${String(api.inboxId)}`)).body
    const { status, body } = await api.ask('PATCH', `${path}/${String(api.inboxId)}`, {
      json: { greeting_enabled: !before.greeting_enabled, ...json },
    })
    expect([status, body.attributes]).toEqual([422, attributes])
    expect((await api.ask('GET', `${path}/${String(api.inboxId)}`)).body).toEqual(before)
  })

  it('working hours are stored for each day; days that are not given keep the default', async () => {
    const inbox = await makeWidget()
    expect(inbox.working_hours[0]).toEqual({
      day_of_week: 0,
      closed_all_day: true,
      open_hour: null,
      open_minutes: null,
      close_hour: null,
      close_minutes: null,
      open_all_day: false,
    })
    const days = [
      {
        day_of_week: 2,
        closed_all_day: false,
        open_all_day: false,
        open_hour: '8',
        open_minutes: '30',
        close_hour: 12,
        close_minutes: 0,
      },
      { day_of_week: 0, open_all_day: true },
    ]
    const { body } = await api.ask('PATCH', `${path}/${String(inbox.id)}`, { json: { working_hours: days } })
    expect(body.working_hours.map((day: any) => day.day_of_week)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(body.working_hours[0]).toMatchObject({ open_all_day: true, open_hour: 0, close_hour: 23, close_minutes: 59 })
    expect(body.working_hours[1]).toMatchObject({ open_hour: 9, close_hour: 17 })
    expect(body.working_hours[2]).toMatchObject({ open_hour: 8, open_minutes: 30, close_hour: 12 })
    await api.ask('PATCH', `${path}/${String(inbox.id)}`, {
      json: { working_hours: [{ day_of_week: 1, closed_all_day: true }] },
    })
    const { working_hours: kept } = (await api.ask('GET', `${path}/${String(inbox.id)}`)).body
    expect([kept[1].closed_all_day, kept[2].open_hour]).toEqual([true, 8])
  })

  it('the address of an email inbox may change to one that is free', async () => {
    const inbox = await make({ name: 'Old', channel: { type: 'email', email: 'old@acme.example' } })
    expect(
      (await api.ask('PATCH', `${path}/${String(inbox.id)}`, { json: { channel: { email: 'new@acme.example' } } }))
        .body,
    ).toMatchObject({ email: 'new@acme.example', forward_to_email: inbox.forward_to_email })
    expect(
      (await api.ask('PATCH', `${path}/${String(inbox.id)}`, { json: { channel: { email: 'support@acme.example' } } }))
        .body.attributes,
    ).toEqual(['email'])
    expect((await api.ask('PATCH', `${path}/${String(inbox.id)}`, { json: { channel: { email: '' } } })).status).toBe(
      422,
    )
  })

  it('a picture can be removed', async () => {
    const inbox = await make({ name: 'Pic', avatar_url: 'https://x.example/a.png', channel: { type: 'api' } })
    const { status, text } = await api.ask('DELETE', `${path}/${String(inbox.id)}/avatar`)
    expect([status, text]).toEqual([200, ''])
    expect((await api.ask('GET', `${path}/${String(inbox.id)}`)).body.avatar_url).toBe('')
  })

  it('an agent cannot create, change or delete inboxes', async () => {
    const channels = [
      ['POST', path],
      ['PATCH', `${path}/${String(api.inboxId)}`],
      ['DELETE', `${path}/${String(api.inboxId)}`],
      ['POST', `${path}/${String(api.inboxId)}/set_agent_bot`],
      ['DELETE', `${path}/${String(api.inboxId)}/avatar`],
    ] as const
    for (const [method, at] of channels) {
      const { status, body } = await api.ask(method, at, {
        token: api.agent.token,
        json: { name: 'x', channel: { type: 'api' } },
      })
      expect([method, status, body]).toEqual([method, 401, { error: 'You are not authorized to do this action' }])
    }
  })

  it('an inbox of another account is not found', async () => {
    const accountId = await createAccount(api.pool, 'Foreign')
    const foreign = await createInbox(api.pool, { accountId, type: 'Channel::Api', name: 'Foreign' })
    for (const [method, rest] of [
      ['PATCH', ''],
      ['DELETE', ''],
      ['DELETE', '/avatar'],
      ['GET', '/assignable_agents'],
      ['GET', '/agent_bot'],
      ['GET', '/campaigns'],
      ['POST', '/set_agent_bot'],
    ] as const)
      expect([
        rest,
        (await api.ask(method, `${path}/${String(foreign)}${rest}`, { json: method === 'GET' ? undefined : {} }))
          .status,
      ]).toEqual([rest, 404])
    expect((await api.ask('GET', `${api.path}/assignable_agents?inbox_ids[]=${String(foreign)}`)).status).toBe(404)
  })

  it(
    'deleting an inbox deletes its conversations and their files; contacts and the record of its ' + 'mail stay',
    async () => {
      const inbox = await make({ name: 'Gone', channel: { type: 'email', email: 'gone@acme.example' } })
      const one = await createConversation(api.pool, { accountId: api.accountId, inboxId: inbox.id })
      const mail = await api.pool.query(
        `
        with r as (insert into raw_emails (bytes) values ('x') returning id)
        insert into inbound_emails (
          idempotency_key, raw_id, ingress, recipients, size, status, account_id, conversation_id
        )
        select 'inbox-gone', id, 'smtp', '{gone@acme.example}', 1, 'delivered', $1, $2
        from r
        returning id
      `,
        [api.accountId, one.id],
      )
      await api.pool.query(
        `
        insert into messages (
          account_id, inbox_id, conversation_id, message_type, content, inbound_email_id, updated_at
        )
        values ($1, $2, $3, 'incoming', 'hello', $4, now())
      `,
        [api.accountId, inbox.id, one.id, mail.rows[0].id],
      )
      const copies = await addFile(api.pool, { ...one, accountId: api.accountId, inboxId: inbox.id })
      expect(await copies()).toBe(1)
      const { status, text } = await api.ask('DELETE', `${path}/${String(inbox.id)}`)
      expect([status, text]).toEqual([200, ''])
      expect(await copies()).toBe(0)
      expect((await api.ask('GET', `${path}/${String(inbox.id)}`)).status).toBe(404)
      expect((await api.ask('GET', `${api.path}/conversations/${String(one.displayId)}`)).status).toBe(404)
      expect((await api.ask('GET', `${api.path}/contacts/${String(one.contactId)}`)).body.payload).toMatchObject({
        email: one.email,
        contact_inboxes: [],
      })
      const kept = await api.pool.query(
        'select e.status, e.raw_id is not null as raw from inbound_emails e where id = $1',
        [mail.rows[0].id],
      )
      expect(kept.rows).toEqual([{ status: 'delivered', raw: true }])
      expect((await make({ name: 'Again', channel: { type: 'email', email: 'gone@acme.example' } })).email).toBe(
        'gone@acme.example',
      )
    },
  )

  it('members of the inbox and administrators can be assigned', async () => {
    const apart = await createPerson(api.pool, { accountId: api.accountId, name: 'Abe Apart' })
    const both = await createPerson(api.pool, { accountId: api.accountId, name: 'Bo Both' })
    const second = await make({ name: 'Second', channel: { type: 'api' } })
    await api.ask('POST', `${api.path}/inbox_members`, {
      json: { inbox_id: second.id, user_ids: [both.id, api.agent.id] },
    })
    await api.ask('POST', `${api.path}/inbox_members`, { json: { inbox_id: api.inboxId, user_ids: [both.id] } })
    const names = async (at: string) => (await api.ask('GET', at)).body.payload.map((agent: any) => agent.id)
    expect(await names(`${path}/${String(api.inboxId)}/assignable_agents`)).toEqual([
      api.administrator.id,
      both.id,
      api.agent.id,
    ])
    await api.ask('DELETE', `${api.path}/inbox_members`, { json: { inbox_id: second.id, user_ids: [api.agent.id] } })
    expect(
      await names(`${api.path}/assignable_agents?inbox_ids[]=${String(api.inboxId)}&inbox_ids[]=${String(second.id)}`),
    ).toEqual([api.administrator.id, both.id])
    expect(await names(`${api.path}/assignable_agents?inbox_ids[]=${String(second.id)}`)).not.toContain(apart.id)
    const { status } = await api.ask('GET', `${api.path}/assignable_agents?inbox_ids[]=${String(second.id)}`, {
      token: api.agent.token,
    })
    expect(status).toBe(401)
  })

  it('members are added, replaced and removed; strangers are refused and nothing changes', async () => {
    const at = `${api.path}/inbox_members`
    const inbox = await make({ name: 'Members', channel: { type: 'api' } })
    const [una, duo, trio] = [
      (await createPerson(api.pool, { accountId: api.accountId, name: 'Una' })).id,
      (await createPerson(api.pool, { accountId: api.accountId, name: 'Duo' })).id,
      (await createPerson(api.pool, { accountId: api.accountId, name: 'Trio' })).id,
    ]
    const stranger = await createPerson(api.pool, { accountId: null, name: 'Stan Stranger' })
    const idsOf = (body: any) =>
      body.payload.map((agent: any) => agent.id).sort((one: number, other: number) => one - other)
    expect(
      idsOf((await api.ask('POST', at, { json: { inbox_id: inbox.id, user_ids: [una, duo, una] } })).body),
    ).toEqual([una, duo])
    expect(
      idsOf(
        (
          await api.ask('POST', at, {
            form: [
              ['inbox_id', String(inbox.id)],
              ['user_ids[]', String(duo)],
            ],
          })
        ).body,
      ),
    ).toEqual([una, duo])
    expect(idsOf((await api.ask('PATCH', at, { json: { inbox_id: inbox.id, user_ids: [duo, trio] } })).body)).toEqual([
      duo,
      trio,
    ])
    const refused = await api.ask('PATCH', at, { json: { inbox_id: inbox.id, user_ids: [una, stranger.id] } })
    expect([refused.status, refused.body]).toEqual([422, { message: 'User must exist', attributes: ['user'] }])
    expect(idsOf((await api.ask('GET', `${at}/${String(inbox.id)}`)).body)).toEqual([duo, trio])
    const gone = await api.ask('DELETE', at, { json: { inbox_id: inbox.id, user_ids: [trio, 'x'] } })
    expect([gone.status, gone.text]).toEqual([200, ''])
    expect(idsOf((await api.ask('GET', `${at}/${String(inbox.id)}`)).body)).toEqual([duo])
    expect((await api.ask('POST', at, { json: { inbox_id: 0, user_ids: [una] } })).status).toBe(404)
    expect(
      (await api.ask('POST', at, { token: api.agent.token, json: { inbox_id: inbox.id, user_ids: [una] } })).status,
    ).toBe(401)
    expect((await api.ask('GET', `${at}/${String(inbox.id)}`, { token: api.agent.token })).status).toBe(401)
  })

  it('there are no campaigns', async () => {
    expect((await api.ask('GET', `${path}/${String(api.inboxId)}/campaigns`)).body).toEqual([])
  })
})
