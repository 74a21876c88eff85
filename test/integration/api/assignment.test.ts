import { beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { assignAll, assignConversation } from '../../../src/conversations/assignment/assign.ts'
import { inTransaction } from '../../../src/db/pool.ts'
import { createConversation, createInbox, createPerson, type Person } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'
import { addInboxMembers, createBot, createTeam } from '../../support/records.ts'

describeWithDatabase('auto-assignment', () => {
  const api = useApi()
  let inboxId: number
  const people: Person[] = []
  beforeAll(async () => {
    for (const name of ['Ann One', 'Bob Two', 'Cid Three'])
      people.push(await createPerson(api.pool, { accountId: api.accountId, name }))
  })
  beforeEach(async () => {
    inboxId = await createInbox(api.pool, {
      accountId: api.accountId,
      type: 'Channel::Api',
      name: `Inbox ${Math.random().toString(36).slice(2)}`,
    })
    await addInboxMembers(
      api,
      inboxId,
      people.map(({ id }) => id),
    )
    await api.pool.query(`update account_users set availability = 'online'`)
  })

  const begin = async (fields: object = {}) => {
    const contact = (
      await api.ask('POST', `${api.path}/contacts`, {
        json: { name: 'C', email: `c${Math.random().toString(36).slice(2)}@customer.example` },
      })
    ).body.payload.contact
    return (
      await api.ask('POST', `${api.path}/conversations`, {
        json: { inbox_id: inboxId, contact_id: contact.id, ...fields },
      })
    ).body
  }
  const assigneeOf = (body: { meta: { assignee?: { id: number } } }): number | null => body.meta.assignee?.id ?? null
  const counts = async (): Promise<number[]> => {
    const { rows } = await api.pool.query<{ n: number }>(
      `
        select (select count(*)::int from conversations c where c.assignee_id = p and c.inbox_id = $2) as n
        from unnest($1::int[]) with ordinality as u(p, place)
        order by place
      `,
      [people.map(({ id }) => id), inboxId],
    )
    return rows.map((row) => row.n)
  }
  const waitingInTeam = (teamId: number | null, count: number) =>
    api.pool.query(
      `
        with contact as (insert into contacts (account_id, name, updated_at) values ($1, 'C', now()) returning id),
        n as (
          update accounts
          set last_display_id = last_display_id + $4
          where id = $1
          returning last_display_id - $4 as before
        )
        insert into conversations (
          account_id, display_id, inbox_id, contact_id, team_id, waiting_since, updated_at
        )
        select $1, n.before + g, $2, contact.id, $3, now() - g * interval '1 ms', now()
        from contact, n, generate_series(1, $4::int) g
      `,
      [api.accountId, inboxId, teamId, count],
    )
  const setAvailability = (person: Person, availability: string) =>
    api.ask('PATCH', `${api.path}/agents/${String(person.id)}`, { json: { availability } })

  it('new conversations are assigned in turn', async () => {
    const order = []
    for (let i = 0; i < 6; i++) order.push(assigneeOf(await begin()))
    expect(order).toEqual([...people, ...people].map(({ id }) => id))
  })

  it('an assignee, automatic or given at creation, is a participant', async () => {
    const participants = async (body: { id: number }) =>
      (await api.ask('GET', `${api.path}/conversations/${String(body.id)}/participants`)).body.map(
        ({ id }: { id: number }) => id,
      )
    expect(await participants(await begin())).toEqual([people[0]!.id])
    expect(await participants(await begin({ assignee_id: people[2]!.id }))).toEqual([people[2]!.id])
    for (const person of people) await setAvailability(person, 'offline')
    const waiting = await begin()
    expect(await participants(waiting)).toEqual([])
    await setAvailability(people[1]!, 'online')
    expect(await participants(waiting)).toEqual([people[1]!.id])
  })

  it('conversations created simultaneously are distributed evenly', async () => {
    await Promise.all(Array.from({ length: 12 }, () => begin()))
    expect(await counts()).toEqual([4, 4, 4])
  })

  it('an agent who is not online is skipped, and gets waiting conversations on coming online', async () => {
    for (const person of people) await setAvailability(person, 'busy')
    const [first, second] = [await begin(), await begin()]
    expect([assigneeOf(first), assigneeOf(second)]).toEqual([null, null])
    await setAvailability(people[1]!, 'online')
    expect(await counts()).toEqual([0, 2, 0])
  })

  it('no agent gets more open conversations than the inbox allows', async () => {
    await api.pool.query(`update inboxes set auto_assignment_config = '{"max_assignment_limit": 1}' where id = $1`, [
      inboxId,
    ])
    const begun = []
    for (let i = 0; i < 4; i++) begun.push(await begin())
    expect(await counts()).toEqual([1, 1, 1])
    expect(assigneeOf(begun[3])).toBe(null)
    await api.ask('POST', `${api.path}/conversations/${String(begun[0].id)}/toggle_status`, {
      json: { status: 'resolved' },
    })
    await setAvailability(people[0]!, 'offline')
    await setAvailability(people[0]!, 'online')
    expect(assigneeOf((await api.ask('GET', `${api.path}/conversations/${String(begun[3].id)}`)).body)).toBe(
      people[0]!.id,
    )
  })

  it('a reopened conversation is assigned to the next agent, or stays with its assignee', async () => {
    await api.pool.query('update inboxes set enable_auto_assignment = false where id = $1', [inboxId])
    const body = await begin({ status: 'resolved' })
    await api.pool.query('update inboxes set enable_auto_assignment = true where id = $1', [inboxId])
    const at = `${api.path}/conversations/${String(body.id)}`
    await api.ask('POST', `${at}/toggle_status`, { json: { status: 'open' } })
    expect(assigneeOf((await api.ask('GET', at)).body)).toBe(people[0]!.id)
    const said = (await api.ask('GET', `${at}/messages`)).body.payload.map(
      (message: { content: string }) => message.content,
    )
    expect(said).toEqual(['Conversation was reopened by Ada Admin', 'Assigned to Ann One by Ada Admin'])
    await api.ask('POST', `${at}/toggle_status`, { json: { status: 'resolved' } })
    await api.ask('POST', `${at}/messages`, { json: { content: 'me again', message_type: 'incoming' } })
    expect((await api.ask('GET', at)).body).toMatchObject({ status: 'open', meta: { assignee: { id: people[0]!.id } } })
  })

  it('a team’s conversation goes to its members, if the team wants that', async () => {
    const userIds = [people[2]!.id]
    const assigning = await createTeam(api, { name: `a${String(inboxId)}`, userIds })
    const quiet = await createTeam(api, { name: `b${String(inboxId)}`, userIds, isAutoAssigned: false })
    expect(assigneeOf(await begin({ team_id: assigning }))).toBe(people[2]!.id)
    expect(assigneeOf(await begin({ team_id: quiet }))).toBe(null)
  })

  it('conversations without an available agent do not block others, in any number', async () => {
    for (const person of people) await setAvailability(person, 'offline')
    const teamOf = (name: string, person: Person) =>
      createTeam(api, { name: `${name}${String(inboxId)}`, userIds: [person.id] })
    const [away, few] = [await teamOf('away', people[2]!), await teamOf('few', people[0]!)]
    // In front: a hundred and more of a team without an available member, then as many of a team whose one member has
    // room for one.
    await waitingInTeam(away, 120)
    await waitingInTeam(few, 120)
    await waitingInTeam(null, 1)
    await api.pool.query(`update inboxes set auto_assignment_config = '{"max_assignment_limit": 1}' where id = $1`, [
      inboxId,
    ])
    await setAvailability(people[0]!, 'online')
    expect(await counts()).toEqual([1, 0, 0])
    await setAvailability(people[1]!, 'online')
    await api.pool.query(`update inboxes set auto_assignment_config = '{}' where id = $1`, [inboxId])
    expect(await counts()).toEqual([1, 1, 0])
    // What is left over is work, a hundred at a time, and comes to an end.
    const { rows } = await api.pool.query(`select payload from work where kind = 'assign-waiting'`)
    expect(rows).toContainEqual({ payload: { inboxId } })
    const given = []
    for (let i = 0; i < 3; i++) given.push(await inTransaction(api.pool, (tx) => assignAll(tx, inboxId)))
    expect(given).toEqual([100, 19, 0])
    expect(await counts()).toEqual([120, 1, 0])
  })

  it('a bot keeps its conversation until a team member is assigned', async () => {
    const teamOf = (name: string, userIds: readonly number[]) =>
      createTeam(api, { name: `${name}${String(inboxId)}`, userIds })
    const bot = (await api.ask('POST', `${api.path}/agent_bots`, { json: { name: 'Robo' } })).body
    const body = await begin()
    const at = `${api.path}/conversations/${String(body.id)}`
    const owners = async () =>
      (
        await api.pool.query(
          'select assignee_id, assignee_agent_bot_id from conversations where account_id = $1 and display_id = $2',
          [api.accountId, body.id],
        )
      ).rows
    await api.ask('POST', `${at}/assignments`, { json: { assignee_id: bot.id, assignee_type: 'AgentBot' } })
    await setAvailability(people[1]!, 'offline')
    await setAvailability(people[1]!, 'online')
    await api.ask('POST', `${at}/assignments`, { json: { team_id: await teamOf('nobody', []) } })
    expect(await owners()).toEqual([{ assignee_id: null, assignee_agent_bot_id: bot.id }])
    await api.ask('POST', `${at}/assignments`, { json: { team_id: await teamOf('some', [people[2]!.id]) } })
    expect(await owners()).toEqual([{ assignee_id: people[2]!.id, assignee_agent_bot_id: null }])
  })

  it.each([
    ['an inbox that does not assign', 'update inboxes set enable_auto_assignment = false where id = $1'],
    ['an inbox without members', 'delete from inbox_members where inbox_id = $1'],
  ])('%s leaves conversations unassigned', async (_name, sql) => {
    await api.pool.query(sql, [inboxId])
    expect(assigneeOf(await begin())).toBe(null)
  })

  it('where a bot answers first, conversations are not assigned until the bot opens them', async () => {
    const botId = await createBot(api, `bot ${String(inboxId)}`)
    await api.pool.query('update inboxes set agent_bot_id = $2 where id = $1', [inboxId, botId])
    const body = await begin()
    expect([body.status, assigneeOf(body)]).toEqual(['pending', null])
    const at = `${api.path}/conversations/${String(body.id)}`
    await api.ask('POST', `${at}/toggle_status`, { json: { status: 'resolved' } })
    await api.ask('POST', `${at}/messages`, { json: { content: 'me again', message_type: 'incoming' } })
    expect((await api.ask('GET', at)).body.status).toBe('pending')
  })

  describe('several processes', () => {
    it('assign each waiting conversation once, and in turn', async () => {
      for (let i = 0; i < 9; i++) await createConversation(api.pool, { accountId: api.accountId, inboxId })
      const given = await Promise.all(
        Array.from({ length: 4 }, () => inTransaction(api.pool, (tx) => assignAll(tx, inboxId))),
      )
      expect(given.reduce((sum, n) => sum + n)).toBe(9)
      expect(await counts()).toEqual([3, 3, 3])
    })

    it('that compete for one conversation assign it once', async () => {
      const there = await createConversation(api.pool, { accountId: api.accountId, inboxId })
      const given = await Promise.all(
        Array.from({ length: 4 }, () => inTransaction(api.pool, (tx) => assignConversation(tx, there.id))),
      )
      expect(given.filter((id) => id !== null)).toEqual([people[0]!.id])
    })
  })
})
