// …/agents through the API: adding, removing, and that an account keeps an administrator.

import { beforeAll, expect, it } from 'vitest'

import { acceptMembership } from '../../../src/conversations/people/invitations.ts'
import { inTransaction } from '../../../src/db/pool.ts'
import { createAccount, createConversation, createPerson } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

describeWithDatabase('agents', () => {
  const api = useApi()
  let path: string
  beforeAll(async () => {
    path = `${api.path}/agents`
  })

  /** As opening the link of the invitation does. */
  const accept = (userId: number) =>
    inTransaction(api.pool, (tx) => acceptMembership(tx, { accountId: api.accountId, userId }))
  const add = async (json: object) => (await api.ask('POST', path, { json })).body
  const list = async () => (await api.ask('GET', path)).body as { id: number; email: string; role: string }[]

  it('a new user is added by email address', async () => {
    const agent = await add({
      name: 'Nia New',
      email: ' Nia@ACME.example ',
      role: 'administrator',
      availability: 'busy',
      auto_offline: false,
    })
    expect(agent).toMatchObject({
      name: 'Nia New',
      email: 'nia@acme.example',
      role: 'administrator',
      availability_status: 'busy',
      auto_offline: false,
      account_id: api.accountId,
    })
    expect(await add({ agent: { email: 'plain@acme.example' } })).toMatchObject({
      name: 'plain',
      role: 'agent',
      availability_status: 'online',
      auto_offline: true,
    })
  })

  it('an existing user joins after accepting, with the same name and tokens', async () => {
    const accountId = await createAccount(api.pool, 'Elsewhere')
    const person = await createPerson(api.pool, { accountId, name: 'Eve Elsewhere' })
    const { rows } = await api.pool.query<{ email: string }>('select email from users where id = $1', [person.id])
    expect(await add({ name: 'Another Name', email: rows[0]?.email.toUpperCase() })).toMatchObject({
      id: person.id,
      name: 'Eve Elsewhere',
    })
    expect((await api.ask('GET', api.path, { token: person.token })).status).toBe(401)
    await accept(person.id)
    expect((await api.ask('GET', api.path, { token: person.token })).status).toBe(200)
  })

  it('a user cannot be added twice', async () => {
    await add({ email: 'twice@acme.example' })
    const { status, body } = await api.ask('POST', path, { json: { email: 'twice@acme.example' } })
    expect([status, body]).toEqual([422, { message: 'User has already been taken', attributes: ['user_id'] }])
    const both = await Promise.all([1, 2].map(() => api.ask('POST', path, { json: { email: 'race@acme.example' } })))
    expect(both.map((answer) => answer.status).sort()).toEqual([200, 422])
  })

  it.each([
    [{ name: 'x' }, { message: 'Email is invalid', attributes: ['email'] }],
    [{ email: 'nobody' }, { message: 'Email is invalid', attributes: ['email'] }],
    [
      { email: 'a@b.example', name: 'a\r\nBcc: c@d.example' },
      { message: 'Name is invalid', attributes: ['name'] },
    ],
    [{ email: 'a@b.example', role: 'owner' }, { error: 'role must be one of: agent administrator' }],
    [
      { email: 'a@b.example', availability: 'asleep' },
      { error: 'availability must be one of: online available busy offline' },
    ],
  ])('%j is refused', async (json, refusal) => {
    const { status, body } = await api.ask('POST', path, { json })
    expect([status, body]).toEqual([422, refusal])
  })

  it('several users are added at once, existing ones stay; all or none', async () => {
    const before = (await list()).length
    const refused = await api.ask('POST', `${path}/bulk_create`, { json: { emails: ['one@acme.example', 'nobody'] } })
    expect([refused.status, refused.body]).toEqual([
      422,
      { message: 'Emails are invalid: nobody', attributes: ['emails'] },
    ])
    expect((await list()).length).toBe(before)
    const { status, text } = await api.ask('POST', `${path}/bulk_create`, {
      json: { emails: ['one@acme.example', 'two@acme.example', 'ONE@acme.example'] },
    })
    expect([status, text]).toEqual([200, ''])
    expect((await list()).map(({ email }) => email)).toEqual(
      expect.arrayContaining(['one@acme.example', 'two@acme.example']),
    )
    expect((await list()).length).toBe(before + 2)
    expect((await api.ask('POST', `${path}/bulk_create`, { json: {} })).status).toBe(422)
  })

  it.each(['PATCH', 'PUT'])('%s changes name, role and availability', async (method) => {
    const agent = await add({ email: `${method}@acme.example` })
    const { body } = await api.ask(method, `${path}/${String(agent.id)}`, {
      json: { agent: { name: 'Changed', role: 'administrator', availability: 'offline', auto_offline: 'false' } },
    })
    expect(body).toMatchObject({
      id: agent.id,
      name: 'Changed',
      role: 'administrator',
      availability_status: 'offline',
      auto_offline: false,
      email: agent.email,
    })
    expect((await api.ask(method, `${path}/${String(agent.id)}`, { json: { name: '' } })).body).toEqual({
      message: "Name can't be blank",
      attributes: ['name'],
    })
  })

  it('agents can list users and change none', async () => {
    expect((await api.ask('GET', path, { token: api.agent.token })).status).toBe(200)
    for (const [method, at] of [
      ['POST', path],
      ['POST', `${path}/bulk_create`],
      ['PATCH', `${path}/${String(api.agent.id)}`],
      ['DELETE', `${path}/${String(api.administrator.id)}`],
    ] as const) {
      const { status, body } = await api.ask(method, at, {
        token: api.agent.token,
        json: { role: 'administrator', email: 'x@acme.example', emails: ['x@acme.example'] },
      })
      expect([at, status, body]).toEqual([at, 401, { error: 'You are not authorized to do this action' }])
    }
  })

  it('a user of another account is not found', async () => {
    const stranger = await createPerson(api.pool, {
      accountId: await createAccount(api.pool, 'Far'),
      name: 'Stan Stranger',
    })
    for (const method of ['PATCH', 'DELETE'])
      expect((await api.ask(method, `${path}/${String(stranger.id)}`, { json: { name: 'mine' } })).status).toBe(404)
  })

  it('the last administrator can be neither removed nor made an agent, even by simultaneous requests', async () => {
    const accountId = await createAccount(api.pool, 'Small')
    const [one, two] = [
      await createPerson(api.pool, { accountId, name: 'One', role: 'administrator' }),
      await createPerson(api.pool, { accountId, name: 'Two', role: 'administrator' }),
    ]
    const at = (id: number) => `/api/v1/accounts/${String(accountId)}/agents/${String(id)}`
    const answers = await Promise.all([
      api.ask('DELETE', at(two.id), { token: one.token }),
      api.ask('PATCH', at(one.id), { token: two.token, json: { role: 'agent' } }),
    ])
    const { rows } = await api.pool.query(
      `select user_id from account_users where account_id = $1 and role = 'administrator'`,
      [accountId],
    )
    expect(rows).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const last = rows[0].user_id === one.id ? one : two
    const refusal = { message: 'Role cannot change: an account needs an administrator', attributes: ['role'] }
    expect((await api.ask('DELETE', at(last.id), { token: last.token })).body).toEqual(refusal)
    expect((await api.ask('PATCH', at(last.id), { token: last.token, json: { role: 'agent' } })).body).toEqual(refusal)
  })

  it('a removed user loses all links to the account, and keeps the name on old messages', async () => {
    const agent = await add({ name: 'Lou Leaver', email: 'lou@acme.example' })
    const one = await createConversation(api.pool, api)
    const team = (await api.ask('POST', `${api.path}/teams`, { json: { name: 'leavers' } })).body
    await api.ask('POST', `${api.path}/teams/${String(team.id)}/team_members`, { json: { user_ids: [agent.id] } })
    await api.ask('POST', `${api.path}/inbox_members`, { json: { inbox_id: api.inboxId, user_ids: [agent.id] } })
    await api.pool.query('update conversations set assignee_id = $2 where id = $1', [one.id, agent.id])
    expect(
      (await api.ask('GET', `${api.path}/conversations/${String(one.displayId)}/participants`)).body,
    ).toMatchObject([{ id: agent.id }])
    await api.pool.query(
      `
        insert into reply_tokens (account_id, conversation_id, role, user_id, nonce, token_hash)
        values ($1, $2, 'agent', $3, 'n', 'lou')
      `,
      [api.accountId, one.id, agent.id],
    )
    await api.pool.query(
      `
        insert into messages (
          account_id, inbox_id, conversation_id, message_type, content, sender_type, sender_id, updated_at
        )
        values ($1, $2, $3, 'outgoing', 'bye', 'user', $4, now())
      `,
      [api.accountId, api.inboxId, one.id, agent.id],
    )
    const { status, text } = await api.ask('DELETE', `${path}/${String(agent.id)}`)
    expect([status, text]).toEqual([200, ''])
    expect((await list()).map(({ id }) => id)).not.toContain(agent.id)
    const ties = await api.pool.query(
      `
        select
          (select count(*)::int from inbox_members where user_id = $1) as inboxes,
          (select count(*)::int from team_members where user_id = $1) as teams,
          (select count(*)::int from conversation_participants where user_id = $1) as participants,
          (select count(*)::int from conversations where assignee_id = $1) as assigned,
          (select count(*)::int from reply_tokens where user_id = $1 and revoked_at is null) as tokens
      `,
      [agent.id],
    )
    expect(ties.rows).toEqual([{ inboxes: 0, teams: 0, participants: 0, assigned: 0, tokens: 0 }])
    const { payload } = (await api.ask('GET', `${api.path}/conversations/${String(one.displayId)}/messages`)).body
    expect(payload.at(-1)).toMatchObject({ content: 'bye', sender: { id: agent.id, name: 'Lou Leaver' } })
  })

  it('a user who also belongs to another account keeps the name there', async () => {
    const accountId = await createAccount(api.pool, 'Their other place')
    const theirs = await createPerson(api.pool, { accountId, name: 'Carol' })
    const { rows } = await api.pool.query<{ email: string }>('select email from users where id = $1', [theirs.id])
    await add({ email: rows[0]?.email })
    const { status, body } = await api.ask('PATCH', `${path}/${String(theirs.id)}`, { json: { name: 'Mallory' } })
    expect([status, body.attributes]).toEqual([422, ['name']])
    expect(
      (await api.ask('PATCH', `${path}/${String(theirs.id)}`, { json: { name: 'Carol', role: 'administrator' } })).body,
    ).toMatchObject({ name: 'Carol', role: 'administrator' })
  })
})
