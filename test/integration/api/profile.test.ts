// /profile through the API: the user, availability, tokens.

import { afterAll, expect, it } from 'vitest'

import { setAddress } from '../../../src/conversations/people/user-address.ts'
import { inTransaction } from '../../../src/db/pool.ts'
import { createAccount, createConversation, createPerson } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

describeWithDatabase('the profile', () => {
  const api = useApi()
  const path = '/api/v1/profile'
  afterAll(async () => {})

  const person = (name: string) => createPerson(api.pool, { accountId: api.accountId, name })

  it.each([
    ['flat', 'PUT', (fields: object) => fields],
    ['under profile', 'PATCH', (fields: object) => ({ profile: fields })],
  ] as const)('fields %s change the user, and no other fields', async (_how, method, wrap) => {
    const { token } = await person('Pat Profile')
    const fields = {
      name: 'Patricia',
      display_name: 'Pat',
      message_signature: 'Yours, Pat',
      ui_settings: { sidebar: true },
    }
    const { body } = await api.ask(method, path, { token, json: wrap(fields) })
    expect(body).toMatchObject({ ...fields, available_name: 'Pat', access_token: token })
    expect((await api.ask(method, path, { token, json: wrap({ display_name: '' }) })).body).toMatchObject({
      name: 'Patricia',
      display_name: null,
      available_name: 'Patricia',
      message_signature: 'Yours, Pat',
    })
    expect((await api.ask('GET', path, { token })).body.ui_settings).toEqual({ sidebar: true })
  })

  it('a form with brackets does as well', async () => {
    const { token } = await person('Fred Form')
    expect(
      (
        await api.ask('PUT', path, {
          token,
          form: { 'profile[name]': 'Frederick', 'profile[ui_settings][wide]': 'yes' },
        })
      ).body,
    ).toMatchObject({ name: 'Frederick', ui_settings: { wide: 'yes' } })
  })

  it('an address waits for its confirmation, and must not be confirmed by another user', async () => {
    const ann = await person('Ann Address')
    const { body: before } = await api.ask('GET', path, { token: ann.token })
    expect((await api.ask('PUT', path, { token: ann.token, json: { email: ' Ann@NEW.example ' } })).body).toMatchObject(
      {
        email: before.email,
        uid: before.email,
        unconfirmed_email: 'ann@new.example',
      },
    )
    await inTransaction(api.pool, (tx) => setAddress(tx, { userId: ann.id, email: 'ann@new.example' }))
    expect((await api.ask('GET', path, { token: ann.token })).body).toMatchObject({ uid: 'ann@new.example' })
    const other = await person('Otto Other')
    const { status, body } = await api.ask('PUT', path, { token: other.token, json: { email: 'ANN@new.example' } })
    expect([status, body]).toEqual([422, { message: 'Email has already been taken', attributes: ['email'] }])
  })

  it.each([
    [{ name: '' }, ['name']],
    [{ email: '' }, ['email']],
    [{ email: 'nobody' }, ['email']],
    [{ display_name: 'a\r\nb' }, ['display_name']],
    [{ message_signature: 'x'.repeat(20_001) }, ['message_signature']],
    [{ ui_settings: { x: 'x'.repeat(70_000) } }, ['ui_settings']],
  ])('wrong fields are refused (%#)', async (json, attributes) => {
    const { status, body } = await api.ask('PUT', path, { json })
    expect([status, body.attributes]).toEqual([422, attributes])
  })

  it('a user cannot become administrator by the profile', async () => {
    const { token } = await person('Mal Modest')
    const { body } = await api.ask('PUT', path, {
      token,
      json: { profile: { role: 'administrator', type: 'SuperAdmin', id: api.administrator.id } },
    })
    expect(body).toMatchObject({ name: 'Mal Modest', role: 'agent', type: null })
  })

  it('a user is online, busy or offline in an account', async () => {
    const { token } = await person('Ava Available')
    const profile = { account_id: api.accountId, availability: 'busy' }
    expect(
      (await api.ask('POST', `${path}/availability`, { token, json: { profile } })).body.accounts[0],
    ).toMatchObject({ availability: 'busy', availability_status: 'busy' })
    expect(
      (
        await api.ask('POST', `${path}/auto_offline`, {
          token,
          json: { profile: { account_id: api.accountId, auto_offline: false } },
        })
      ).body.accounts[0],
    ).toMatchObject({ auto_offline: false, availability: 'busy' })
    const far = await createAccount(api.pool, 'Far')
    for (const at of ['availability', 'auto_offline'])
      expect(
        (await api.ask('POST', `${path}/${at}`, { token, json: { profile: { ...profile, account_id: far } } })).status,
      ).toBe(404)
    expect(
      (
        await api.ask('POST', `${path}/availability`, {
          token,
          json: { profile: { ...profile, availability: 'asleep' } },
        })
      ).status,
    ).toBe(422)
    expect(
      (await api.ask('POST', `${path}/availability`, { token, json: { profile: { availability: 'busy' } } })).status,
    ).toBe(422)
  })

  it.each(['the agent', 'an administrator'])(
    'waiting conversations are assigned to an agent who becomes available: %s',
    async (who) => {
      const accountId = await createAccount(api.pool, who)
      const boss = await createPerson(api.pool, { accountId, name: 'Boss', role: 'administrator' })
      const agent = await createPerson(api.pool, { accountId, name: 'Late' })
      const at = `/api/v1/accounts/${String(accountId)}`
      await api.ask('POST', `${path}/availability`, {
        token: agent.token,
        json: { profile: { account_id: accountId, availability: 'offline' } },
      })
      const inbox = (
        await api.ask('POST', `${at}/inboxes`, { token: boss.token, json: { name: 'Desk', channel: { type: 'api' } } })
      ).body
      await api.ask('POST', `${at}/inbox_members`, {
        token: boss.token,
        json: { inbox_id: inbox.id, user_ids: [agent.id] },
      })
      const one = await createConversation(api.pool, { accountId, inboxId: inbox.id })
      if (who === 'the agent')
        await api.ask('POST', `${path}/availability`, {
          token: agent.token,
          json: { profile: { account_id: accountId, availability: 'online' } },
        })
      else
        await api.ask('PATCH', `${at}/agents/${String(agent.id)}`, {
          token: boss.token,
          json: { availability: 'online' },
        })
      expect(
        (await api.ask('GET', `${at}/conversations/${String(one.displayId)}`, { token: agent.token })).body.meta
          .assignee.id,
      ).toBe(agent.id)
    },
  )

  it('the active account comes first', async () => {
    const { id, token } = await person('Tom Two')
    const second = await createAccount(api.pool, 'Second')
    await api.pool.query(`insert into account_users (account_id, user_id, role) values ($1, $2, 'administrator')`, [
      second,
      id,
    ])
    expect((await api.ask('GET', path, { token })).body).toMatchObject({ account_id: api.accountId, role: 'agent' })
    const { status, text } = await api.ask('PUT', `${path}/set_active_account`, {
      token,
      json: { profile: { account_id: second } },
    })
    expect([status, text]).toEqual([200, ''])
    const { body } = await api.ask('GET', path, { token })
    expect(body).toMatchObject({ account_id: second, role: 'administrator' })
    expect(body.accounts.map((account: any) => account.id)).toEqual([second, api.accountId])
  })

  it('a reset revokes every token, and shows the new one once', async () => {
    const { token } = await person('Rae Reset')
    const second = (await api.ask('POST', `${path}/access_tokens`, { token, json: { name: 'script' } })).body
      .access_token
    const { body } = await api.ask('POST', `${path}/reset_access_token`, { token })
    expect(body).toMatchObject({ name: 'Rae Reset', access_token: expect.stringMatching(/^[\w-]{32}$/) })
    for (const old of [token, second])
      expect((await api.ask('GET', path, { token: old })).body).toEqual({ error: 'Invalid Access Token' })
    expect((await api.ask('GET', path, { token: body.access_token })).body.name).toBe('Rae Reset')
  })

  it('tokens are created with a name, listed without their values, and revoked one by one', async () => {
    const { token } = await person('Tia Token')
    const made = (await api.ask('POST', `${path}/access_tokens`, { token, json: { name: 'CRM' } })).body
    expect(made).toEqual({
      id: expect.any(Number),
      name: 'CRM',
      created_at: expect.any(String),
      access_token: expect.stringMatching(/^[\w-]{32}$/),
    })
    const listed = await api.ask('GET', `${path}/access_tokens`, { token })
    expect(listed.body.payload).toEqual([
      { id: expect.any(Number), name: null, created_at: expect.any(String), current: true },
      { id: made.id, name: 'CRM', created_at: expect.any(String), current: false },
    ])
    expect(listed.text).not.toContain(made.access_token)
    const { rows } = await api.pool.query<{ row: string }>('select t::text as row from access_tokens t where id = $1', [
      made.id,
    ])
    expect(rows[0]?.row).not.toContain(made.access_token)
    expect(
      (await api.ask('DELETE', `${path}/access_tokens/${String(made.id)}`, { token: api.administrator.token })).status,
    ).toBe(404)
    expect((await api.ask('GET', path, { token: made.access_token })).status).toBe(200)
    expect((await api.ask('DELETE', `${path}/access_tokens/${String(made.id)}`, { token })).text).toBe('')
    expect((await api.ask('GET', path, { token: made.access_token })).status).toBe(401)
    expect((await api.ask('DELETE', `${path}/access_tokens/${String(made.id)}`, { token })).status).toBe(404)
  })
})
