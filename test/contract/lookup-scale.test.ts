// Routing's questions on a ledger of some size, on each member of the database contract: answered by an index,
// however much is there.

import { setTimeout } from 'node:timers/promises'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { createLookup } from '../../src/conversations/lookup/lookup.ts'
import { connectionOf, createPool, type Pool } from '../../src/db/pool.ts'
import { createTestDatabase, describeOnEachDatabase, type TestDatabase } from '../support/database.ts'
import { createLedgerFixture, domain } from '../support/ledger.ts'

describeOnEachDatabase('lookups of routing', (member) => {
  let database: TestDatabase
  let one: Pool

  beforeAll(async () => {
    database = await createTestDatabase(member)
    await createLedgerFixture(database.pool)
    await database.pool.query(`
        with people as (
          insert into contacts (account_id, name, email)
          select 1, 'Contact', 'contact' || n || '@example.org'
          from generate_series(1, 20000) n
          returning id
        )
        insert into conversations (account_id, inbox_id, contact_id, display_id)
        select 1, 1, id, 100 + row_number() over ()
        from people
      `)
    await database.pool.query(
      `
        insert into messages (account_id, inbox_id, conversation_id, message_type, content, source_id)
        select 1, 1, id, 'incoming', 'Hello.', 'first-' || id || '@example.org'
        from conversations
      `,
    )
    await database.pool.query('analyze')
    // One connection, whose statements are planned for good after some runs.
    one = createPool(connectionOf(database.url), 1, () => undefined)
  })
  afterAll(async () => {
    await one.end()
    await database.drop()
  })

  const scans = async (): Promise<Record<string, number>> => {
    await one.query('select pg_stat_force_next_flush()')
    const { rows } = await one.query<{ name: string; n: number }>(
      `
        select relname as name, seq_tup_read::int as n
        from pg_stat_user_tables
        where relname in ('messages', 'conversations', 'contacts', 'inbound_emails')
      `,
    )
    return Object.fromEntries(rows.map(({ name, n }) => [name, n]))
  }

  // Other connections of the set-up report their scans when they have been idle for a second.
  const settledScans = async (): Promise<Record<string, number>> => {
    for (let last = await scans(); ;) {
      await setTimeout(1_500)
      const next = await scans()
      if (JSON.stringify(next) === JSON.stringify(last)) return next
      last = next
    }
  }

  test('scan no table completely', async () => {
    const lookup = createLookup({ sql: one, defaultDomain: domain, secretKey: Buffer.alloc(32) })
    const { rows } = await one.query<{ id: number; email: string }>(
      `
        select c.id, k.email
        from conversations c
        join contacts k on k.id = c.contact_id
        where c.id > 1
        order by c.id
        limit 2000
      `,
    )
    const before = await settledScans()
    for (let run = 0; run < 10; run++) {
      const some = rows.slice(run * 128, (run + 1) * 128)
      const known = await Promise.all(some.map(({ id }) => lookup.findMessage(id, `first-${String(id)}@example.org`)))
      expect(known.every((message) => message !== null)).toBe(true)
      const speakers = await Promise.all(
        some.map(({ id, email }) => lookup.findSpeaker({ accountId: 1, conversationId: id, address: email })),
      )
      expect(speakers.every(({ takesPart }) => takesPart)).toBe(true)
      const threads = await Promise.all(some.map(({ id }) => lookup.findThreads([`first-${String(id)}@example.org`])))
      expect(threads.flat()).toHaveLength(some.length)
      expect(
        (await Promise.all(some.map((_, i) => lookup.findTokens([i.toString(16).padStart(32, '0')])))).flat(),
      ).toEqual([])
    }
    expect(await scans()).toEqual(before)
  })
})
