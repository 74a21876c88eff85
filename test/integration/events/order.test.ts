// One order for all events: none that was rolled back, each that was committed, in positions that
// never go back.

import { afterAll, beforeAll, expect, it } from 'vitest'

import { announce } from '../../../src/events/announce.ts'
import { sweepEvents } from '../../../src/events/sweep-events.ts'
import { createConversation, startApi, type TestApi } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'

describeWithDatabase('the order of events', () => {
  let api: TestApi
  let ids: number[]
  beforeAll(async () => {
    api = await startApi()
    ids = []
    for (let n = 0; n < 4; n++) ids.push((await createConversation(api.pool, api)).id)
    while ((await announce(api.pool)).count > 0);
  })
  afterAll(() => api.stop())

  const newest = async (): Promise<number> =>
    (await api.pool.query<{ p: number }>('select max(position) as p from events')).rows[0]!.p
  const announced = async (after: number) =>
    (
      await api.pool.query<{ conversation_id: number; id: number }>(
        'select conversation_id, id from events where position > $1 order by position',
        [after],
      )
    ).rows
  const change = 'update conversations set assignee_last_seen_at = now(), priority = $2::priority where id = $1'

  it('events are in the order of commit, even with a smaller id, and none is missed', async () => {
    const before = await newest()
    const [early, late] = [await api.pool.connect(), await api.pool.connect()]
    await early.query('begin')
    await late.query('begin')
    await early.query(change, [ids[0], 'high'])
    await late.query(change, [ids[1], 'high'])
    await late.query('commit')
    await announce(api.pool)
    expect((await announced(before)).map((row) => row.conversation_id)).toEqual([ids[1]])
    await early.query('commit')
    await announce(api.pool)
    const rows = await announced(before)
    expect(rows.map((row) => row.conversation_id)).toEqual([ids[1], ids[0]])
    expect(rows[1]!.id).toBeLessThan(rows[0]!.id)
    early.release()
    late.release()
  })

  it('a rolled-back event is sent to no receiver', async () => {
    const before = await newest()
    const tx = await api.pool.connect()
    await tx.query('begin')
    await tx.query(change, [ids[2], 'low'])
    await tx.query('rollback')
    tx.release()
    await announce(api.pool)
    expect(await announced(before)).toEqual([])
  })

  it('announcers of several processes give each event one position, in order', async () => {
    const before = await newest()
    const changes = Array.from({ length: 200 }, (_, n) =>
      api.pool.query(change, [ids[n % 4], ['low', 'high', 'urgent'][n % 3]]),
    )
    const announcing = Array.from({ length: 30 }, () => announce(api.pool))
    await Promise.all([...changes, ...announcing])
    while ((await announce(api.pool)).count > 0);
    const { rows } = await api.pool.query(
      'select count(*)::int as n, count(distinct position)::int as positions from events where position > $1',
      [before],
    )
    const { rows: unplaced } = await api.pool.query('select from events where position is null')
    expect(rows[0].positions).toBe(rows[0].n)
    expect(rows[0].n).toBeGreaterThan(100)
    expect(unplaced).toEqual([])
  })

  it('an interrupted announcement sends nothing, and is repeated', async () => {
    const before = await newest()
    await api.pool.query(
      `
        insert into webhooks (account_id, url, subscriptions, secret, updated_at)
        values ($1, 'https://x.example', '{conversation_updated}', 's', now())
      `,
      [api.accountId],
    )
    await api.pool.query(
      `alter table webhook_deliveries add constraint planted check (event <> 'conversation_updated')`,
    )
    await api.pool.query(change, [ids[3], null])
    await expect(announce(api.pool)).rejects.toThrow(/planted/)
    expect(await announced(before)).toEqual([])
    await api.pool.query('alter table webhook_deliveries drop constraint planted')
    await announce(api.pool)
    expect((await announced(before)).map((row) => row.conversation_id)).toEqual([ids[3]])
    expect((await api.pool.query('select event, state from webhook_deliveries')).rows).toEqual([
      { event: 'conversation_updated', state: 'pending' },
    ])
  })

  it('old events are deleted, except those that are not announced or not sent', async () => {
    await api.pool.query(change, [ids[0], 'urgent'])
    await api.pool.query(`update events set created_at = now() - interval '8 days'`)
    await api.pool.query(`update webhook_deliveries set created_at = now() - interval '8 days'`)
    expect(await sweepEvents(api.pool, 7)).toBeGreaterThan(100)
    expect((await api.pool.query('select position from events')).rows).toEqual([{ position: null }])
    expect((await api.pool.query('select state from webhook_deliveries')).rows).toEqual([{ state: 'pending' }])
    await api.pool.query('update webhook_deliveries set finished_at = now()')
    await sweepEvents(api.pool, 7)
    expect((await api.pool.query('select from webhook_deliveries')).rows).toEqual([])
  })
})
