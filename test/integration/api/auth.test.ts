import { afterAll, expect, it } from 'vitest'

import { createAccount, createConversation, createInbox, createPerson } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

describeWithDatabase('authentication', () => {
  const api = useApi()
  afterAll(async () => {})

  it('GET /api answers without a token, for clients that test their settings there', async () => {
    const { status, body } = await api.ask('GET', '/api/', { token: null })
    expect(status).toBe(200)
    expect(Object.keys(body).sort()).toEqual(['data_services', 'queue_services', 'timestamp', 'version'])
  })

  it.each([
    ['api_access_token', (token: string) => ({ api_access_token: token })],
    ['api-access-token', (token: string) => ({ 'api-access-token': token })],
    ['Authorization: Bearer', (token: string) => ({ authorization: `Bearer ${token}` })],
    [
      'api_access_token beside another bearer',
      (token: string) => ({ api_access_token: token, authorization: 'Bearer other' }),
    ],
  ])('a token is read from %s', async (_name, headers) => {
    const { status, body } = await api.ask('GET', '/api/v1/profile', { token: null, headers: headers(api.agent.token) })
    expect([status, body.id]).toEqual([200, api.agent.id])
  })

  it.each(['/api/v1/profile', '/api/v1/accounts/1', '/api/v1/inbound_emails'])(
    'without a token %s says to sign in',
    async (path) => {
      const { status, body } = await api.ask('GET', path, { token: null })
      expect([status, body]).toEqual([401, { errors: ['You need to sign in or sign up before continuing.'] }])
    },
  )

  it.each(['x', 'ü', 'a'.repeat(8_000)])('a token that was never issued is refused', async (token) => {
    const { status, body } = await api.ask('GET', '/api/v1/profile', { token })
    expect([status, body]).toEqual([401, { error: 'Invalid Access Token' }])
  })

  it('a revoked token is refused', async () => {
    const person = await createPerson(api.pool, { accountId: api.accountId, name: 'Rita Revoked' })
    await api.pool.query('update access_tokens set revoked_at = now() where user_id = $1', [person.id])
    expect((await api.ask('GET', '/api/v1/profile', { token: person.token })).body).toEqual({
      error: 'Invalid Access Token',
    })
  })

  it('an account without membership is refused on every path', async () => {
    const other = await createAccount(api.pool, 'Other')
    for (const path of ['', '/conversations', '/contacts', '/inboxes', '/inbound_emails']) {
      const { status, body } = await api.ask('GET', `/api/v1/accounts/${String(other)}${path}`)
      expect([path, status, body]).toEqual([path, 401, { error: 'You are not authorized to access this account' }])
    }
  })

  it('an administrator of the installation is not a member of every account', async () => {
    const root = await createPerson(api.pool, { accountId: null, name: 'Rory Root', type: 'SuperAdmin' })
    expect((await api.ask('GET', api.path, { token: root.token })).status).toBe(401)
    expect((await api.ask('GET', '/api/v1/inbound_emails', { token: root.token })).status).toBe(200)
  })

  it('a suspended account refuses all requests', async () => {
    const accountId = await createAccount(api.pool, 'Late payer')
    const person = await createPerson(api.pool, { accountId, name: 'Sue Suspended', role: 'administrator' })
    await api.pool.query(`update accounts set status = 'suspended' where id = $1`, [accountId])
    expect((await api.ask('GET', `/api/v1/accounts/${String(accountId)}`, { token: person.token })).body).toEqual({
      error: 'Account is suspended',
    })
  })

  it.each(['99999', '0', '-1', 'abc', '2147483648', '99999999999999999999', '1e3', '%00', '1%2f2'])(
    'an impossible account id %s is not found',
    async (id) => {
      const { status, body } = await api.ask('GET', `/api/v1/accounts/${id}`)
      expect([status, body]).toEqual([404, { error: 'Resource could not be found' }])
    },
  )

  it.each(['/api/v1/nothing', '/api/v2/profile', '/api/v1/accounts/1/nothing', '/api/v1/%ff'])(
    '%s is not found',
    async (path) => {
      const { status, body } = await api.ask('GET', path)
      expect([status, body]).toEqual([404, { error: 'Resource could not be found' }])
    },
  )

  it('a trailing slash does not matter', async () => {
    for (const path of ['', '/inboxes', '/contacts', '/conversations'])
      expect((await api.ask('GET', `${api.path}${path}/`)).status).toBe(200)
  })

  it('records of another account are not found, of any kind', async () => {
    const accountId = await createAccount(api.pool, 'Foreign')
    const inboxId = await createInbox(api.pool, { accountId, type: 'Channel::Api', name: 'Foreign inbox' })
    const foreign = await createConversation(api.pool, { accountId, inboxId })
    const paths = [
      `/inboxes/${String(inboxId)}`,
      `/contacts/${String(foreign.contactId)}`,
      '/conversations/4711',
      '/conversations/4711/messages',
    ]
    for (const path of paths) expect([path, (await api.ask('GET', `${api.path}${path}`)).status]).toEqual([path, 404])
    const attempts = [
      { inbox_id: inboxId, contact_id: foreign.contactId },
      { inbox_id: api.inboxId, contact_id: foreign.contactId },
      { source_id: foreign.sourceId },
    ]
    for (const json of attempts) expect((await api.ask('POST', `${api.path}/conversations`, { json })).status).toBe(404)
    expect((await api.ask('POST', `${api.path}/contacts`, { json: { name: 'x', inbox_id: inboxId } })).status).toBe(404)
    expect(
      (await api.ask('PATCH', `${api.path}/contacts/${String(foreign.contactId)}`, { json: { name: 'mine' } })).status,
    ).toBe(404)
  })

  it('the profile shows the user, with the token of the request', async () => {
    const { body } = await api.ask('GET', '/api/v1/profile')
    const keys = [
      'access_token',
      'account_id',
      'accounts',
      'available_name',
      'avatar_url',
      'confirmed',
      'custom_attributes',
      'display_name',
      'email',
      'id',
      'inviter_id',
      'message_signature',
      'name',
      'provider',
      'pubsub_token',
      'role',
      'type',
      'ui_settings',
      'uid',
    ]
    expect(Object.keys(body).sort()).toEqual(keys)
    expect(body).toMatchObject({
      access_token: api.administrator.token,
      account_id: api.accountId,
      role: 'administrator',
      type: null,
    })
    expect(body.accounts).toEqual([
      {
        id: api.accountId,
        name: 'Acme',
        status: 'active',
        active_at: null,
        role: 'administrator',
        permissions: ['administrator'],
        availability: 'online',
        availability_status: 'online',
        auto_offline: true,
      },
    ])
  })
})
