// A database copied into another: from one to the next, in either direction, everything is there and goes on where it
// was.

import { randomBytes } from 'node:crypto'

import { expect, test } from 'vitest'

import { copyDatabase } from '../../src/db/copy.ts'
import { connectionOf, inTransaction, type Pool } from '../../src/db/pool.ts'
import {
  createEmptyDatabase,
  createTestDatabase,
  describeOnEachDatabase,
  type TestDatabase,
} from '../support/database.ts'
import { createLedgerFixture, store } from '../support/ledger.ts'
import { mail } from '../support/mail.ts'
import { addAgent, addConversation } from '../support/people.ts'

// One hash for each table, over all of its rows.
async function hashes(pool: Pool): Promise<Record<string, string>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `
      select tablename as name
      from pg_tables
      where schemaname = 'public' and tablename <> '_prisma_migrations'
      order by 1
    `,
  )
  const all: Record<string, string> = {}
  for (const { name } of tables) {
    // Times are in one zone, whatever the zone of the server.
    const { rows } = await inTransaction(pool, async (tx) => {
      await tx.query(`set local timezone = 'UTC'`)
      return tx.query<{ hash: string }>(
        `
          select
            count(*) || ' ' || md5(coalesce(string_agg(md5(t::text), '' order by md5(t::text)), '')) as hash
          from "${name}" t
        `,
      )
    })
    all[name] = rows[0]?.hash ?? ''
  }
  return all
}

async function fill(pool: Pool): Promise<void> {
  const { id } = await createLedgerFixture(pool)
  const gus = await addAgent({ pool }, 'gus@staff.example')
  const other = await addConversation({ pool }, 'ola@customer.example')
  // Whose it is does not want to take part.
  await pool.query(`update account_users set role = 'administrator' where user_id = $1`, [gus])
  await pool.query('update conversations set assignee_id = $1 where id = $2', [gus, other.id])
  await pool.query('delete from conversation_participants')
  // The earlier one names the later one.
  await pool.query('update conversations set linked_to_id = $1 where id = $2', [other.id, id])
  await pool.query(`update accounts set custom_attributes = $1, settings = '{"n": 1.50}', features = $2`, [
    JSON.stringify({ text: 'tab\tline\nback\\slash "\u{1f40c}"' }),
    ['a,b', '', '\\N', 'é"'],
  ])
  await pool.query(
    `
      insert into messages (account_id, inbox_id, conversation_id, message_type, content)
      select 1, 1, $1, 'incoming', unnest($2::text[])
    `,
    [id, ['', '\\N', '\\.', 'CR\rLF\n\ttab', 'ÿ\u{1f600}']],
  )
  for (const bytes of [Buffer.from('\\.\n\\N\0\xff\r\n', 'latin1'), randomBytes(3_000_000)])
    await store(pool, Buffer.concat([mail({ From: 'carla@customer.example' }), bytes]))
  await pool.query(
    `
      insert into work (kind, key, payload, run_at)
      select 'send-reply', 'k', jsonb_build_object('n', n), now() + n * interval '1 day'
      from generate_series(1, 2500) n
    `,
  )
  // A number that was given and lost is not given again.
  await pool.query(`select nextval('inbound_emails_id_seq') from generate_series(1, 40)`)
}

async function copied(from: TestDatabase, to: TestDatabase) {
  const tables = await copyDatabase(connectionOf(from.url), connectionOf(to.url))
  return Object.fromEntries(tables.map(({ name, rows }) => [name, rows]))
}

describeOnEachDatabase('a copied database', (member) => {
  test('has every row of every table, and continues the numbering', async () => {
    const source = await createTestDatabase()
    const target = await createEmptyDatabase(member)
    try {
      await fill(source.pool)
      const before = await hashes(source.pool)
      expect(await copied(source, target)).toMatchObject({
        raw_emails: 2,
        inbound_emails: 2,
        work: 2500,
        messages: 6,
        labels: 0,
      })
      expect(await hashes(target.pool)).toEqual(before)
      expect(await hashes(source.pool)).toEqual(before)
      const next = `
        select
          nextval('inbound_emails_id_seq') as mail,
          nextval('work_id_seq') as work,
          nextval('labels_id_seq') as label
      `
      expect((await target.pool.query(next)).rows).toEqual((await source.pool.query(next)).rows)
    } finally {
      await source.drop()
      await target.drop()
    }
  })

  test('is refused for a target that has data, and changes nothing there', async () => {
    const source = await createTestDatabase()
    const target = await createTestDatabase(member)
    try {
      await fill(source.pool)
      await target.pool.query(`insert into installation (name, value) values ('first', 'start')`)
      const before = await hashes(target.pool)
      await expect(copyDatabase(connectionOf(source.url), connectionOf(target.url))).rejects.toMatchObject({
        kind: 'conflict',
        message: expect.stringMatching(
          /^the target is not empty \(1 table holds rows\): it must be a new database/,
        ) as string,
      })
      expect(await hashes(target.pool)).toEqual(before)
    } finally {
      await source.drop()
      await target.drop()
    }
  })

  test('is complete or absent: an interrupted copy leaves nothing and can be repeated', async () => {
    const source = await createTestDatabase()
    const target = await createEmptyDatabase(member)
    try {
      await fill(source.pool)
      const cut = (table: { name: string }) => {
        if (table.name === 'messages') throw new Error('cut')
      }
      await expect(copyDatabase(connectionOf(source.url), connectionOf(target.url), cut)).rejects.toThrow('cut')
      expect((await target.pool.query('select from accounts')).rowCount).toBe(0)
      await copyDatabase(connectionOf(source.url), connectionOf(target.url))
      expect(await hashes(target.pool)).toEqual(await hashes(source.pool))
    } finally {
      await source.drop()
      await target.drop()
    }
  })
})
