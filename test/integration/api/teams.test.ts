// …/teams and their members through the API.

import { beforeAll, expect, it } from 'vitest'

import { createAccount, createConversation, createPerson } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

describeWithDatabase('teams', () => {
  const api = useApi()
  let path: string
  beforeAll(async () => {
    path = `${api.path}/teams`
  })

  const make = async (name: string) => (await api.ask('POST', path, { json: { name } })).body

  it('a team is created, changed and shown; its name is stored in lower case', async () => {
    const team = (
      await api.ask('POST', path, {
        json: { team: { name: ' Sales Force ', description: 'They sell', allow_auto_assign: false } },
      })
    ).body
    expect(team).toEqual({
      id: expect.any(Number),
      name: 'sales force',
      description: 'They sell',
      allow_auto_assign: false,
      account_id: api.accountId,
      is_member: false,
    })
    const changed = (await api.ask('PATCH', `${path}/${String(team.id)}`, { json: { name: 'Closers' } })).body
    expect(changed).toEqual({ ...team, name: 'closers' })
    expect((await api.ask('GET', `${path}/${String(team.id)}`, { token: api.agent.token })).body).toEqual(changed)
  })

  it('a name is unique, and not empty', async () => {
    await make('only')
    expect((await api.ask('POST', path, { json: { name: 'ONLY' } })).body).toEqual({
      message: 'Name has already been taken',
      attributes: ['name'],
    })
    const other = await make('another')
    expect((await api.ask('PATCH', `${path}/${String(other.id)}`, { json: { name: 'only' } })).status).toBe(422)
    for (const json of [{}, { name: ' ' }, { name: null }])
      expect((await api.ask('POST', path, { json })).body).toEqual({
        message: "Name can't be blank",
        attributes: ['name'],
      })
  })

  it('members are added, replaced and removed', async () => {
    const team = await make('members')
    const at = `${path}/${String(team.id)}/team_members`
    const more = await createPerson(api.pool, { accountId: api.accountId, name: 'Mo More' })
    const ids = (body: { id: number }[]) => body.map(({ id }) => id).sort((one, other) => one - other)
    expect(ids((await api.ask('POST', at, { json: { user_ids: [api.agent.id, api.agent.id] } })).body)).toEqual([
      api.agent.id,
    ])
    expect(ids((await api.ask('POST', at, { json: { user_ids: [more.id] } })).body)).toEqual([api.agent.id, more.id])
    expect((await api.ask('GET', `${path}/${String(team.id)}`, { token: api.agent.token })).body.is_member).toBe(true)
    expect(ids((await api.ask('PATCH', at, { json: { user_ids: [more.id, api.administrator.id] } })).body)).toEqual([
      api.administrator.id,
      more.id,
    ])
    const gone = await api.ask('DELETE', at, { json: { user_ids: [more.id] } })
    expect([gone.status, gone.text]).toEqual([200, ''])
    expect(ids((await api.ask('GET', at, { token: api.agent.token })).body)).toEqual([api.administrator.id])
  })

  it('a user outside the account cannot be a member', async () => {
    const team = await make('closed')
    const at = `${path}/${String(team.id)}/team_members`
    const stranger = await createPerson(api.pool, { accountId: null, name: 'Stan Stranger' })
    for (const method of ['POST', 'PATCH']) {
      const { status, body } = await api.ask(method, at, { json: { user_ids: [api.agent.id, stranger.id] } })
      expect([status, body]).toEqual([401, { error: 'Invalid User IDs' }])
    }
    expect((await api.ask('GET', at)).body).toEqual([])
  })

  it('a deleted team leaves its conversations, without a team', async () => {
    const team = await make('gone')
    const one = await createConversation(api.pool, api)
    await api.pool.query('update conversations set team_id = $2 where id = $1', [one.id, team.id])
    expect((await api.ask('DELETE', `${path}/${String(team.id)}`)).text).toBe('')
    expect((await api.ask('GET', `${path}/${String(team.id)}`)).status).toBe(404)
    expect((await api.ask('GET', `${api.path}/conversations/${String(one.displayId)}`)).body.meta.team).toBeUndefined()
  })

  it('agents cannot change a team, and teams of another account are not found', async () => {
    const team = await make('guarded')
    const { rows } = await api.pool.query<{ id: number }>(
      `insert into teams (account_id, name, updated_at) values ($1, 'far', now()) returning id`,
      [await createAccount(api.pool, 'Far')],
    )
    for (const [method, rest] of [
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/team_members'],
      ['PATCH', '/team_members'],
      ['DELETE', '/team_members'],
    ] as const) {
      expect([
        rest,
        (await api.ask(method, `${path}/${String(team.id)}${rest}`, { token: api.agent.token, json: {} })).status,
      ]).toEqual([rest, 401])
      expect([rest, (await api.ask(method, `${path}/${String(rows[0]?.id)}${rest}`, { json: {} })).status]).toEqual([
        rest,
        404,
      ])
    }
    expect((await api.ask('POST', path, { token: api.agent.token, json: { name: 'mine' } })).status).toBe(401)
  })
})
