// /installation through the API: accounts and people, for administrators of the installation only.

import { beforeAll, expect, it } from 'vitest'

import { addFile, createConversation, createInbox, createPerson, type Person } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

describeWithDatabase('the installation', () => {
  const api = useApi()
  let root: Person
  const accounts = '/api/v1/installation/accounts'
  const users = '/api/v1/installation/users'
  beforeAll(async () => {
    root = await createPerson(api.pool, { accountId: null, name: 'Rory Root', type: 'SuperAdmin' })
  })

  const ask = (method: string, path: string, json?: object) => api.ask(method, path, { token: root.token, json })

  it('is closed to administrators of accounts', async () => {
    for (const [method, path] of [
      ['GET', accounts],
      ['POST', accounts],
      ['DELETE', `${accounts}/${String(api.accountId)}`],
      ['GET', users],
      ['POST', users],
      ['PATCH', `${users}/1`],
      ['DELETE', `${users}/1`],
      ['POST', `${users}/1/reset_access_token`],
      ['GET', `${accounts}/1/account_users`],
      ['POST', `${accounts}/1/account_users`],
    ] as const) {
      const { status, body } = await api.ask(method, path, { json: method === 'GET' ? undefined : {} })
      expect([path, status, body]).toEqual([path, 401, { error: 'You are not authorized to do this action' }])
    }
  })

  it('users are created with a token that is shown once, changed and deleted', async () => {
    const { access_token: token, ...user } = (
      await ask('POST', users, { name: 'Pia Person', email: ' Pia@ACME.example ', display_name: 'Pia' })
    ).body
    expect(user).toEqual({
      id: expect.any(Number),
      name: 'Pia Person',
      display_name: 'Pia',
      email: 'pia@acme.example',
      type: null,
    })
    expect((await api.ask('GET', '/api/v1/profile', { token })).body).toMatchObject({ id: user.id, accounts: [] })
    expect((await ask('GET', `${users}/${String(user.id)}`)).body).toEqual(user)
    expect((await ask('GET', users)).body).toContainEqual(user)
    expect((await ask('PATCH', `${users}/${String(user.id)}`, { installation_administrator: true })).body.type).toBe(
      'SuperAdmin',
    )
    const fresh = (await ask('POST', `${users}/${String(user.id)}/reset_access_token`)).body.access_token
    expect([
      (await api.ask('GET', users, { token })).status,
      (await api.ask('GET', users, { token: fresh })).status,
    ]).toEqual([401, 200])
    expect((await ask('DELETE', `${users}/${String(user.id)}`)).text).toBe('')
    expect((await ask('GET', `${users}/${String(user.id)}`)).status).toBe(404)
  })

  it("an address is one person's", async () => {
    await ask('POST', users, { email: 'dup@acme.example' })
    expect((await ask('POST', users, { email: 'DUP@acme.example' })).body).toEqual({
      message: 'Email has already been taken',
      attributes: ['email'],
    })
    expect((await ask('POST', users, { name: 'x' })).body).toEqual({
      message: 'Email is invalid',
      attributes: ['email'],
    })
  })

  it('the last administrator of the installation, and of an account, cannot be removed', async () => {
    const refusal = { message: 'Type cannot change: an installation needs an administrator', attributes: ['type'] }
    expect((await ask('PATCH', `${users}/${String(root.id)}`, { installation_administrator: false })).body).toEqual(
      refusal,
    )
    expect((await ask('DELETE', `${users}/${String(root.id)}`)).body).toEqual(refusal)
    expect((await ask('DELETE', `${users}/${String(api.administrator.id)}`)).body).toEqual({
      message: 'User is the only administrator of Acme',
      attributes: ['user'],
    })
  })

  it('users are added to accounts and removed; a user without a token gets one', async () => {
    const account = (await ask('POST', accounts, { name: 'Members' })).body
    const at = `${accounts}/${String(account.id)}/account_users`
    const { access_token: token, ...added } = (
      await ask('POST', at, { email: 'new@members.example', name: 'Nel New', role: 'administrator' })
    ).body
    expect(added).toMatchObject({
      email: 'new@members.example',
      name: 'Nel New',
      role: 'administrator',
      account_id: account.id,
    })
    expect((await api.ask('GET', `/api/v1/accounts/${String(account.id)}`, { token })).body.name).toBe('Members')
    const known = (await ask('POST', at, { user_id: api.agent.id })).body
    expect([known.id, known.role, known.access_token]).toEqual([api.agent.id, 'agent', undefined])
    expect((await ask('GET', at)).body.map((agent: any) => agent.id).sort((a: number, b: number) => a - b)).toEqual(
      [api.agent.id, root.id, added.id].sort((a, b) => a - b),
    )
    expect((await ask('DELETE', at, { user_id: api.agent.id })).text).toBe('')
    expect((await ask('GET', at)).body).toHaveLength(2)
    expect((await ask('POST', at, {})).status).toBe(422)
    expect((await ask('POST', at, { user_id: 2_000_000_000 })).status).toBe(404)
    expect((await ask('POST', `${accounts}/0/account_users`, { email: 'a@b.example' })).status).toBe(404)
  })

  it('deleting an account suspends it; with its name the account is erased, and others are unchanged', async () => {
    const account = (await ask('POST', accounts, { name: 'Closing' })).body
    const at = `${accounts}/${String(account.id)}`
    const inboxId = await createInbox(api.pool, {
      accountId: account.id,
      type: 'Channel::Email',
      name: 'Mail',
      email: 'mail@closing.example',
    })
    const one = await createConversation(api.pool, { accountId: account.id, inboxId })
    const kept = await createConversation(api.pool, api)
    const copies = await addFile(api.pool, { ...one, accountId: account.id, inboxId })
    const member = (await ask('POST', `${at}/account_users`, { email: 'member@closing.example' })).body
    expect((await ask('DELETE', at)).body).toMatchObject({ id: account.id, status: 'suspended' })
    expect(
      (await api.ask('GET', `/api/v1/accounts/${String(account.id)}`, { token: member.access_token })).body,
    ).toEqual({ error: 'Account is suspended' })
    expect((await ask('PATCH', at, { status: 'active' })).body.status).toBe('active')
    expect((await ask('DELETE', at, { confirm: 'closing' })).body).toEqual({
      error: 'confirm must be the name of the account',
    })
    expect((await ask('DELETE', at, { confirm: 'Closing' })).status).toBe(200)
    expect((await ask('GET', at)).status).toBe(404)
    expect(await copies()).toBe(0)
    const left = await api.pool.query(
      `
        select
          (select count(*)::int from conversations where id = any($1)) as conversations,
          (select count(*)::int from contacts where account_id = $2) as contacts,
          (select count(*)::int from users where id = $3) as people
      `,
      [[one.id, kept.id], account.id, member.id],
    )
    expect(left.rows).toEqual([{ conversations: 1, contacts: 0, people: 1 }])
    expect((await api.ask('GET', '/api/v1/profile', { token: member.access_token })).body.accounts).toEqual([])
  })

  it('settings of an account are validated', async () => {
    const { body } = await api.ask('PATCH', api.path, {
      json: {
        reporting_timezone: 'Europe/Berlin',
        auto_resolve_label: 'stale',
        custom_attributes: { industry: 'mail' },
      },
    })
    expect(body).toMatchObject({
      settings: { reporting_timezone: 'Europe/Berlin', auto_resolve_label: 'stale' },
      custom_attributes: { industry: 'mail' },
    })
    expect(
      (await api.ask('PATCH', api.path, { json: { custom_attributes: { size: 3 } } })).body.custom_attributes,
    ).toEqual({ industry: 'mail', size: 3 })
    for (const [json, attribute] of [
      [{ reporting_timezone: 'Mars' }, 'reporting_timezone'],
      [{ reporting_timezone: 'SystemV/PST8' }, 'reporting_timezone'],
      [{ reporting_timezone: 'BST' }, 'reporting_timezone'],
      [{ auto_resolve_message: 'x'.repeat(10_001) }, 'auto_resolve_message'],
      [{ name: 'a\nb' }, 'name'],
    ] as const)
      expect((await api.ask('PATCH', api.path, { json })).body.attributes).toEqual([attribute])
  })
})
