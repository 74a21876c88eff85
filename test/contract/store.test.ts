// The store of accepted mail on each member of the database contract: the door (accept), the claim with its lease,
// the way back, the feed.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import type { StoredMail } from '../../src/contracts/stored-mail.ts'
import { connectionOf, createPool, type Pool } from '../../src/db/pool.ts'
import { MailError } from '../../src/errors.ts'
import type { Log } from '../../src/log.ts'
import { createAccept } from '../../src/store/accept.ts'
import { insertGroup } from '../../src/store/acceptance/insert-group.ts'
import { backOffMs, claimMails, maxAttempts, returnMail } from '../../src/store/feed/claim.ts'
import { createFeed } from '../../src/store/feed/feed.ts'
import { createSource } from '../../src/store/feed/feed-source.ts'
import { isBalanced, readBalance } from '../../src/store/health.ts'
import { asAdministrator, createTestDatabase, describeOnEachDatabase, type TestDatabase } from '../support/database.ts'
import { store, submission } from '../support/ledger.ts'
import { freshWords, mail } from '../support/mail.ts'
import { until } from '../support/until.ts'

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const some = (words = freshWords()) => mail({ From: 'jane@example.com' }, words)

describeOnEachDatabase('the store', (member) => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createTestDatabase(member)
  })
  afterAll(() => database.drop())
  beforeEach(async () => {
    await database.pool.query('truncate inbound_emails, raw_emails cascade')
  })

  const count = async (table: string) =>
    Number((await database.pool.query<{ n: number }>(`select count(*) as n from ${table}`)).rows[0]?.n)
  const rowOf = async (id: number) =>
    (
      await database.pool.query<{
        status: string
        reason: string | null
        attempts: number
        last_error: string | null
        due_in: number
      }>(
        `
          select
            status,
            reason,
            attempts,
            last_error,
            extract(epoch from run_at - now())::float8 * 1000 as due_in
          from inbound_emails
          where id = $1
        `,
        [id],
      )
    ).rows[0]
  const door = (pool = database.pool, leased = false) => {
    const stored: { mails: readonly StoredMail[]; leased: boolean }[] = []
    return {
      stored,
      accept: createAccept({
        pool,
        hasRoom: () => leased,
        onStored: (mails, isLeased) => stored.push({ mails, leased: isLeased }),
      }),
    }
  }

  test(
    '32 simultaneous callers with a quarter of repeats: each key is stored once, each caller gets ' +
      'its own answer, one of them as first',
    async () => {
      const { accept, stored } = door()
      const raws = Array.from({ length: 24 }, () => some())
      const calls = [...raws, ...raws.slice(0, 8)]
      const answers = await Promise.all(calls.map(async (raw) => ({ raw, ...(await accept(submission(raw))) })))
      expect(await count('inbound_emails')).toBe(24)
      expect(await count('raw_emails')).toBe(24)
      for (const raw of raws) {
        const own = answers.filter((answer) => answer.raw === raw)
        expect(new Set(own.map(({ id }) => id)).size).toBe(1)
        expect(own.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
        const kept = await database.pool.query<{ bytes: Buffer }>(
          'select r.bytes from raw_emails r join inbound_emails i on i.raw_id = r.id where i.id = $1',
          [own[0]?.id],
        )
        expect(kept.rows[0]?.bytes.equals(raw)).toBe(true)
      }
      expect(stored.flatMap(({ mails }) => mails)).toHaveLength(24)
    },
  )

  test('two processes that store the same mails at once store each key once and do not deadlock', async () => {
    const doors = [door(), door()]
    const raws = Array.from({ length: 60 }, () => some())
    const answers = await Promise.all(
      doors.flatMap(({ accept }, which) =>
        (which === 0 ? raws : [...raws].reverse()).map((raw) =>
          accept(submission(raw)).then(({ id, duplicate }) => ({ raw, id, duplicate })),
        ),
      ),
    )
    expect(await count('inbound_emails')).toBe(60)
    for (const raw of raws) {
      const own = answers.filter((answer) => answer.raw === raw)
      expect(new Set(own.map(({ id }) => id)).size).toBe(1)
      expect(own.map(({ duplicate }) => duplicate).sort()).toEqual([false, true])
    }
  })

  test('every byte, envelope and peer is stored unchanged', async () => {
    const raw = Buffer.concat([some(), Buffer.from(Array.from({ length: 256 }, (_, i) => i))])
    const given = {
      ...submission(raw, ['Üser@example.com', 'two@example.com']),
      ingress: 'smtp' as const,
      peer: { address: '192.0.2.1', helo: 'mx\0.example', trusted: false },
    }
    given.envelope = { ...given.envelope, reversePath: '' }
    const { accept } = door()
    const { id } = await accept(given)
    const [claimed] = await claimMails(database.pool, 10)
    expect(claimed).toMatchObject({ id, ingress: 'smtp', attempts: 1, envelope: given.envelope })
    expect(claimed?.raw.equals(raw)).toBe(true)
    expect(claimed?.peer).toMatchObject({ address: '192.0.2.1', trusted: false })
  })

  test(
    'mail that arrives when memory is full, and all later mail, waits in the table and is taken ' + 'in order',
    async () => {
      const source = createSource(database.pool)
      const [held] = (
        await insertGroup(database.pool, [{ submission: submission(some()), key: Buffer.alloc(32) }], true)
      ).fresh
      while (source.hasRoom()) source.add(Array.from({ length: 500 }, () => held!))
      const waiting = await store(database.pool, some())
      await database.pool.query('update inbound_emails set run_at = now() where id = $1', [waiting])
      source.noteDue()
      const taken: number[] = []
      for (let batch = await source.take(); batch.length > 0; batch = await source.take()) {
        taken.push(...batch.map(({ id }) => id))
        // Until the table is empty there is no room, however empty memory is.
        if (!taken.includes(waiting)) expect(source.hasRoom()).toBe(false)
      }
      expect(taken.indexOf(waiting)).toBe(taken.length - 1)
      expect(taken.length).toBeGreaterThan(1_000)
      expect(source.hasRoom()).toBe(true)
    },
  )

  test('a mail with many attempts is taken in time, however much new mail is due', async () => {
    const source = createSource(database.pool)
    const due = async (attempts: number) => {
      const id = await store(database.pool, some())
      await database.pool.query('update inbound_emails set run_at = now(), attempts = $2 where id = $1', [id, attempts])
      return id
    }
    const suspect = await due(4)
    const taken: number[] = []
    for (let take = 0; take < 10; take++) {
      await due(0)
      source.noteDue()
      taken.push(...(await source.take()).map(({ id }) => id))
    }
    expect(taken).toContain(suspect)
  })

  test(
    'mail above the queue limit is deferred immediately; the queued mail is stored, and so is the ' +
      'deferred mail on retry',
    async () => {
      const { accept } = door()
      const locker = await database.pool.connect()
      await locker.query('begin; lock table inbound_emails')
      const crowd = Array.from({ length: 1_500 }, () =>
        accept(submission(some())).then(
          () => 'stored',
          (error: unknown) => (error as MailError).kind,
        ),
      )
      const late = some()
      const answers = await Promise.race([
        Promise.all(crowd),
        accept(submission(late)).catch((error: unknown) => error),
      ])
      expect(answers).toMatchObject({ kind: 'unavailable' })
      await locker.query('commit')
      locker.release()
      const details = await Promise.all(crowd)
      const stored = details.filter((answer) => answer === 'stored').length
      expect(new Set(details)).toEqual(new Set(['stored', 'unavailable']))
      expect(await count('inbound_emails')).toBe(stored)
      expect((await accept(submission(late))).duplicate).toBe(false)
    },
  )

  test('when the database cannot be reached, all mail is deferred and nothing is stored', async () => {
    const pool = createPool(
      connectionOf(database.url.replace(/rethread_test_\w+/, 'rethread_test_gone')),
      2,
      () => undefined,
    )
    const { accept, stored } = door(pool)
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => accept(submission(some()))))
    for (const result of results)
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(MailError) as unknown })
    expect(stored).toEqual([])
    await pool.end()
  })

  test(
    'a connection that is cut in the middle of a commit defers the mail, and the next mail is ' + 'accepted',
    async () => {
      const pool = createPool({ ...connectionOf(database.url), application_name: 'to-be-cut' }, 1, () => undefined)
      const { accept } = door(pool)
      const blocker = await database.pool.connect()
      await blocker.query('begin; lock table inbound_emails in access exclusive mode')
      const asked = accept(submission(some()))
      const outcome = expect(asked).rejects.toMatchObject({ kind: 'unavailable' })
      await until('the commit waiting', async () =>
        asAdministrator(member, async (client) => {
          const { rowCount } = await client.query(
            `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'`,
            [new URL(database.url).pathname.slice(1)],
          )
          return (rowCount ?? 0) > 0
        }),
      )
      await outcome
      await blocker.query('rollback')
      blocker.release()
      expect(await count('inbound_emails')).toBe(0)
      expect(await accept(submission(some()))).toMatchObject({ duplicate: false })
      await pool.end()
    },
  )

  test('twenty simultaneous claims share 100 mails without duplicates', async () => {
    const { accept } = door()
    const ids = await Promise.all(Array.from({ length: 100 }, async () => (await accept(submission(some()))).id))
    const claimed = (await Promise.all(Array.from({ length: 20 }, () => claimMails(database.pool, 7))))
      .flat()
      .map(({ id }) => id)
    expect(new Set(claimed).size).toBe(claimed.length)
    expect([...claimed, ...(await claimMails(database.pool, 100)).map(({ id }) => id)].sort((a, b) => a - b)).toEqual(
      ids.sort((a, b) => a - b),
    )
    expect(await claimMails(database.pool, 100)).toEqual([])
  })

  test('a mail that is stored with a lease cannot be claimed until its lease has ended', async () => {
    const id = await store(database.pool, some())
    expect(await claimMails(database.pool, 10)).toEqual([])
    await database.pool.query(`update inbound_emails set run_at = now() - interval '1 ms'`)
    expect((await claimMails(database.pool, 10)).map((one) => one.id)).toEqual([id])
    expect(await claimMails(database.pool, 10)).toEqual([])
    await database.pool.query(`update inbound_emails set run_at = now() - interval '1 ms'`)
    expect(await claimMails(database.pool, 10)).toMatchObject([{ id, attempts: 2 }])
  })

  test('a claim takes at most 32 MB', async () => {
    const { accept } = door()
    for (let i = 0; i < 3; i++) await accept(submission(Buffer.concat([some(), Buffer.alloc(15 * 1024 * 1024, 'x')])))
    expect(await claimMails(database.pool, 10)).toHaveLength(3)
    await database.pool.query('update inbound_emails set run_at = now(), size = 20 * 1024 * 1024')
    expect(await claimMails(database.pool, 10)).toHaveLength(2)
    expect(await claimMails(database.pool, 10)).toHaveLength(1)
  })

  test('a mail that met a fault is retried with growing delays, and finally fails, kept and counted', async () => {
    const id = await store(database.pool, some())
    for (let attempt = 1; attempt < maxAttempts; attempt++) {
      expect(await returnMail(database.pool, { id, attempts: attempt }, 'the database was away\0')).toBe(false)
      const row = await rowOf(id)
      expect(row).toMatchObject({ status: 'pending', attempts: attempt, last_error: 'the database was away' })
      expect(row?.due_in).toBeGreaterThan(backOffMs(attempt) - 20_000)
      // The column is rounded to milliseconds.
      expect(row?.due_in).toBeLessThan(backOffMs(attempt) + 1)
    }
    expect(await returnMail(database.pool, { id, attempts: maxAttempts }, 'still away')).toBe(true)
    expect(await rowOf(id)).toMatchObject({ status: 'failed', reason: 'tried-to-the-end' })
    expect(await claimMails(database.pool, 10)).toEqual([])
    const balance = await readBalance(database.pool)
    expect(balance).toMatchObject({ accepted: 1, failed: 1, unaccounted: 0 })
    expect(isBalanced(balance)).toBe(true)
  })

  test('the mail accounting shows lost mail', async () => {
    const id = await store(database.pool, some())
    await database.pool.query(`update inbound_emails set status = 'delivered', reason = 'thread' where id = $1`, [id])
    const balance = await readBalance(database.pool)
    expect(balance.unaccounted).toBe(1)
    expect(isBalanced(balance)).toBe(false)
  })

  test('the feed takes offered mail and mail from the table, and releases what failed', async () => {
    const seen: number[] = []
    const broken = await store(database.pool, some())
    await database.pool.query('update inbound_emails set run_at = now()')
    const settle = (ids: number[]) =>
      database.pool.query(
        `update inbound_emails set status = 'ignored', reason = 'duplicate-message' where id = any($1)`,
        [ids],
      )
    const feed = createFeed({
      pool: database.pool,
      log: silent,
      pollMs: 50,
      processBatch: async (mails) => {
        seen.push(...mails.map(({ id }) => id))
        await settle(mails.map(({ id }) => id).filter((id) => id !== broken))
        return mails.map(({ id }) => ({ inboundEmailId: id, error: id === broken ? new Error('planted') : null }))
      },
    })
    const accept = createAccept({
      pool: database.pool,
      hasRoom: feed.hasRoom,
      onStored: (mails, leased) => {
        if (leased) feed.offer(mails)
      },
    })
    const ids = await Promise.all(Array.from({ length: 80 }, async () => (await accept(submission(some()))).id))
    await until('all taken', () => ids.every((id) => seen.includes(id)) && seen.includes(broken))
    await until('the broken one back', async () => (await rowOf(broken))?.last_error === 'planted')
    await feed.stop()
    expect(ids.filter((id) => seen.indexOf(id) !== seen.lastIndexOf(id))).toEqual([])
    expect(await rowOf(broken)).toMatchObject({ status: 'pending', attempts: 1 })
  })

  test('an endless stream of offered mail does not starve mail in the table', async () => {
    const fresh = (): StoredMail => ({ ...submission(some()), id: 0, attempts: 0, waits: 0, waitsFor: null })
    let waiting = 0
    let since = 0
    let outcome: 'taken' | 'starved' | null = null
    const feed = createFeed({
      pool: database.pool,
      log: silent,
      pollMs: 10_000,
      processBatch: async (mails) => {
        // However much it takes, more has come in.
        if (outcome === null) feed.offer(Array.from({ length: 40 }, fresh))
        if (waiting > 0) since++
        if (waiting > 0 && mails.some(({ id }) => id === waiting)) outcome ??= 'taken'
        if (since > 30) outcome ??= 'starved'
        await database.pool.query('select 1')
        return mails.map(({ id }) => ({ inboundEmailId: id, error: null }))
      },
    })
    feed.offer(Array.from({ length: 80 }, fresh))
    const id = await store(database.pool, some())
    await database.pool.query(`update inbound_emails set run_at = now() - interval '1 s'`)
    waiting = id
    feed.wake()
    expect(await until('the mail of the table, or 30 batches of others', () => outcome)).toBe('taken')
    await feed.stop()
  })

  test('a lease that cannot be released while the database is away is released when it answers again', async () => {
    const { accept, stored } = door(database.pool, true)
    const { id } = await accept(submission(some()))
    let isAway = true
    let asked = 0
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const query = (text: string, values?: unknown[]): Promise<unknown> => {
      asked++
      return isAway ? Promise.reject(away) : database.pool.query(text, values)
    }
    const feed = createFeed({
      pool: { query } as unknown as Pool,
      log: silent,
      pollMs: 50,
      processBatch: (mails) =>
        Promise.resolve(mails.map((mail) => ({ inboundEmailId: mail.id, error: isAway ? away : null }))),
    })
    feed.offer(stored.flatMap(({ mails }) => mails))
    await until('some attempts to give it back', () => asked >= 4)
    expect(await rowOf(id)).toMatchObject({ last_error: null })
    isAway = false
    await until('the mail given back', async () => (await rowOf(id))?.last_error === 'connect ECONNREFUSED')
    // Soon, not when the lease of a minute ends.
    expect((await rowOf(id))?.due_in).toBeLessThan(10_000)
    await feed.stop()
  })

  test('a feed that stops releases the mail that it had not begun', async () => {
    let begin: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (begin = resolve))
    let begun = 0
    const feed = createFeed({
      pool: database.pool,
      log: silent,
      pollMs: 10_000,
      processBatch: async (mails) => {
        begun += mails.length
        await gate
        await database.pool.query(
          `update inbound_emails set status = 'ignored', reason = 'mail-loop' where id = any($1)`,
          [mails.map(({ id }) => id)],
        )
        return mails.map(({ id }) => ({ inboundEmailId: id, error: null }))
      },
    })
    const accept = createAccept({
      pool: database.pool,
      hasRoom: () => true,
      onStored: (mails) => {
        feed.offer(mails)
      },
    })
    await Promise.all(Array.from({ length: 200 }, () => accept(submission(some()))))
    await until('batches under way', () => begun > 0)
    const stopped = feed.stop()
    begin()
    await stopped
    expect(begun).toBeLessThan(200)
    const free = await claimMails(database.pool, 500)
    expect(free).toHaveLength(200 - begun)
  })
})
