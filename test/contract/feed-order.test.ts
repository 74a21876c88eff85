// While a batch of the feed takes long, later mail for the same reply address waits for it, and other mail does not:
// mail in memory, and mail in the table.

import { afterAll, beforeAll, expect, test } from 'vitest'

import type { StoredMail } from '../../src/contracts/stored-mail.ts'
import type { Log } from '../../src/log.ts'
import { createAccept } from '../../src/store/accept.ts'
import { createFeed } from '../../src/store/feed/feed.ts'
import { createTestDatabase, describeOnEachDatabase, type TestDatabase } from '../support/database.ts'
import { domain, submission } from '../support/ledger.ts'
import { freshWords, mail } from '../support/mail.ts'
import { until } from '../support/until.ts'

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const [busy, other] = ['a', 'b'].map((digit) => `reply+${digit.repeat(32)}@${domain}`)

describeOnEachDatabase('mail for the reply address of a batch under way', (member) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase(member)
  })
  afterAll(() => database.drop())

  test.each(['memory', 'the table'])('waits in %s, and other mail does not', async (source) => {
    let release: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (release = resolve))
    const taken: number[] = []
    const settle = async (mails: readonly StoredMail[]) => {
      const ids = mails.map(({ id }) => id)
      await database.pool.query(
        `update inbound_emails set status = 'ignored', reason = 'mail-loop' where id = any($1)`,
        [ids],
      )
    }
    const feed = createFeed({
      pool: database.pool,
      log: silent,
      pollMs: 50,
      processBatch: async (mails, turn) => {
        const isFirst = taken.length === 0
        taken.push(...mails.map(({ id }) => id))
        if (isFirst) await gate
        else await turn
        await settle(mails)
        return mails.map(({ id }) => ({ inboundEmailId: id, error: null }))
      },
    })
    const accept = createAccept({
      pool: database.pool,
      hasRoom: () => source === 'memory',
      onStored: (mails, leased) => {
        if (leased) feed.offer(mails)
        else feed.wake()
      },
    })
    const store = async (to = '') =>
      (await accept(submission(mail({ From: 'jane@example.com' }, freshWords()), [to.toUpperCase()]))).id
    const first = await store(busy)
    await until('the first batch under way', () => taken.includes(first))
    const later = [await store(busy), await store(busy)]
    const elsewhere = await store(other)
    await until('the other mail', async () => {
      const { rows } = await database.pool.query('select 1 from inbound_emails where id = $1 and status = $2', [
        elsewhere,
        'ignored',
      ])
      return rows.length === 1
    })
    expect(taken).toEqual([first, elsewhere])
    release()
    await until('the rest', () => taken.length === 4)
    expect(taken.slice(2)).toEqual(later)
    await feed.stop()
  })

  test('does not keep other mail waiting when it fills the memory, and stays in order whatever its size', async () => {
    let release: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (release = resolve))
    const taken: number[] = []
    const feed = createFeed({
      pool: database.pool,
      log: silent,
      pollMs: 50,
      processBatch: async (mails) => {
        const isFirst = taken.length === 0
        taken.push(...mails.map(({ id }) => id))
        if (isFirst) await gate
        await database.pool.query(
          `update inbound_emails set status = 'ignored', reason = 'mail-loop' where id = any($1)`,
          [mails.map(({ id }) => id)],
        )
        return mails.map(({ id }) => ({ inboundEmailId: id, error: null }))
      },
    })
    const accept = createAccept({
      pool: database.pool,
      hasRoom: feed.hasRoom,
      onStored: (mails, leased) => {
        if (leased) feed.offer(mails)
        else feed.wake()
      },
    })
    const store = async (to = '', bytes = 10) =>
      (await accept(submission(mail({ From: 'jane@example.com' }, `${freshWords()} ${'x'.repeat(bytes)}`), [to]))).id
    const first = await store(busy)
    await until('the first batch under way', () => taken.includes(first))
    const sizes = [3_000_000, 3_000_000, 10, ...Array.from({ length: 8 }, () => 3_000_000)]
    const later: number[] = []
    for (const bytes of sizes) later.push(await store(busy, bytes))
    expect(feed.hasRoom()).toBe(false)
    const elsewhere = await store(other)
    await until('the other mail', () => taken.includes(elsewhere))
    expect(taken).toEqual([first, elsewhere])
    release()
    await until('the rest', () => taken.length === later.length + 2)
    expect(taken.slice(2)).toEqual(later)
    await feed.stop()
  })
})
