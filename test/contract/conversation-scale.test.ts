// Lists of conversations and messages on a ledger of some size, on each member of the database contract: answered by
// an index, however much is there, and in as many statements for many as for few.

import { afterAll, beforeAll, expect, test } from 'vitest'

import { fillConversations } from '../../bench/conversations-data.ts'
import type { ConversationFilter } from '../../src/conversations/list/conversation-list.ts'
import { createDb, type Db } from '../../src/db/client.ts'
import { connectionOf, createPool, type Pool } from '../../src/db/pool.ts'
import { createLedger, type Ledger } from '../../src/ledger.ts'
import { createTestDatabase, describeOnEachDatabase, type TestDatabase } from '../support/database.ts'
import { createLedgerFixture } from '../support/ledger.ts'

const sorts = [
  'last_activity_at_desc',
  'last_activity_at_asc',
  'created_at_desc',
  'created_at_asc',
  'priority_desc',
  'priority_asc',
  'priority_desc_created_at_asc',
  'waiting_since_asc',
  'waiting_since_desc',
  'unread',
  'last_user_message_at',
]

describeOnEachDatabase('lists of conversations', (member) => {
  let database: TestDatabase
  let pool: Pool
  let db: Db
  let ledger: Ledger
  const asked: string[] = []

  beforeAll(async () => {
    database = await createTestDatabase(member)
    await createLedgerFixture(database.pool)
    // A connection of its own: what it read is in the statistics when it is closed.
    const filling = createPool(connectionOf(database.url), 1, () => undefined)
    await fillConversations(filling, { conversations: 20_000, messages: 60_000, agents: 10 })
    await filling.end()
    // One connection, and all that is asked of it. At this size a table is sometimes as quick to read; here it is
    // read only where no index serves.
    pool = createPool({ ...connectionOf(database.url), options: '-c enable_seqscan=off' }, 1, () => undefined)
    pool.on('connect', (client) => {
      const query = client.query.bind(client) as (...given: unknown[]) => unknown
      client.query = ((...given: unknown[]) => {
        const [first] = given as [string | { text: string }]
        asked.push(typeof first === 'string' ? first : first.text)
        return query(...given)
      }) as never
    })
    db = createDb(pool)
    ledger = createLedger({
      pool,
      db,
      replyDomain: 'reply.example',
      continuityDelayMs: 0,
      wake: () => undefined,
      onPosts: () => undefined,
      replyTokens: { secretKey: Buffer.alloc(32), expiresDays: 365 },
    })
  })
  afterAll(async () => {
    await db.$disconnect()
    await pool.end()
    await database.drop()
  })

  const filter = (fields: Partial<ConversationFilter> = {}): ConversationFilter => ({
    accountId: 1,
    viewerId: 3,
    visibleInboxes: null,
    assigneeType: 'all',
    assignedTo: null,
    status: 'open',
    inboxId: null,
    teamId: null,
    labels: [],
    text: null,
    conversationType: null,
    updatedWithinSeconds: null,
    ...fields,
  })
  const rowsRead = async (): Promise<Record<string, number>> => {
    await pool.query('select pg_stat_force_next_flush()').catch(() => undefined)
    const { rows } = await database.pool.query<{ name: string; n: number }>(
      `
        select relname as name, seq_tup_read::int as n
        from pg_stat_user_tables
        where relname in ('messages', 'conversations', 'contacts', 'message_words')
      `,
    )
    return Object.fromEntries(rows.map(({ name, n }) => [name, n]))
  }

  test('scan no table completely, in any order and for any user', async () => {
    const before = await rowsRead()
    for (const sort of sorts)
      expect(
        (await ledger.conversations.listConversations(filter(), { sort, offset: 0, limit: 25, cursor: null }))
          .conversations,
      ).toHaveLength(25)
    for (const assigneeType of ['me', 'unassigned', 'assigned'] as const)
      expect(
        (
          await ledger.conversations.listConversations(filter({ assigneeType }), {
            sort: null,
            offset: 0,
            limit: 25,
            cursor: null,
          })
        ).conversations.length,
      ).toBeGreaterThan(0)
    expect(
      (
        await ledger.conversations.listConversations(filter({ visibleInboxes: [1] }), {
          sort: null,
          offset: 0,
          limit: 25,
          cursor: null,
        })
      ).counts.all,
    ).toBeGreaterThan(10_000)
    const { rows } = await database.pool.query<{ id: number }>('select id from conversations order by id limit 5')
    for (const { id } of rows)
      for (const window of [{}, { before: 30_000 }, { after: 10 }])
        await ledger.messages.listMessages({ id, accountId: 1 }, window)
    expect(await rowsRead()).toEqual(before)
  })

  test('are counted and sorted by the index alone', async () => {
    await database.pool.query('vacuum (analyze) conversations')
    for (const text of [
      `
        select
          count(*) filter (where c.assignee_id = 3),
          count(*) filter (where c.assignee_id is null),
          count(*)
        from conversations c
        where c.account_id = 1 and c.status = $1::conversation_status
      `,
      `
        select c.id
        from conversations c
        where c.account_id = 1 and c.status = $1::conversation_status
        order by c.priority desc nulls last, c.created_at, c.id
        limit 25
      `,
      `
        select c.id
        from conversations c
        where c.account_id = 1 and c.status = $1::conversation_status and c.inbox_id = any('{1}')
        order by c.waiting_since nulls last, c.id
        limit 25
      `,
    ]) {
      const { rows } = await pool.query<{ 'QUERY PLAN': string }>(`explain ${text.replace('$1', `'open'`)}`)
      expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(
        /Index Only Scan using conversations_(listed|counted)_idx/,
      )
    }
  })

  test('a word that occurs in all messages finds the newest', async () => {
    const { rows } = await database.pool.query<{ id: number }>(
      'select id from messages where account_id = 1 order by id desc limit 30',
    )
    const page = async (offset: number) =>
      (
        await ledger.search.messages({
          accountId: 1,
          viewerId: 3,
          visibleInboxes: null,
          text: 'number',
          offset,
          limit: 15,
        })
      ).map(({ message }) => message.id)
    expect([...(await page(0)), ...(await page(15))]).toEqual(rows.map(({ id }) => id))
  })

  test('take the same statements for 25 as for 5, and not many', async () => {
    const count = async (action: () => Promise<unknown>): Promise<number> => {
      asked.length = 0
      await action()
      return asked.length
    }
    const page = (limit: number) => () =>
      ledger.conversations.listConversations(filter(), { sort: null, offset: 0, limit, cursor: null })
    const [few, many] = [await count(page(5)), await count(page(25))]
    expect(many).toBe(few)
    expect(many).toBeLessThanOrEqual(4)
    const { rows } = await database.pool.query<{ id: number }>(
      'select conversation_id as id from messages group by 1 order by count(*) desc limit 1',
    )
    const conversation = { id: rows[0]?.id ?? 0, accountId: 1 }
    expect(await count(() => ledger.messages.listMessages(conversation, {}))).toBe(1)
    const search = { accountId: 1, viewerId: 3, visibleInboxes: null, text: 'invoice', offset: 0 }
    expect(await count(() => ledger.search.messages({ ...search, limit: 15 }))).toBeLessThanOrEqual(8)
  })
})
