// Outgoing and timed work on each member of the database contract: order per key, lease, fence, the end of trying;
// and reply tokens.

import { randomBytes } from 'node:crypto'

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { createTokenIssuer } from '../../src/conversations/reply-tokens.ts'
import { inTransaction } from '../../src/db/pool.ts'
import { MailError } from '../../src/errors.ts'
import type { Log } from '../../src/log.ts'
import { createRunner, type Handlers } from '../../src/queue/runner.ts'
import { claimWork, enqueue, finishWork, type Lane, retryWork } from '../../src/queue/work.ts'
import { createTestDatabase, describeOnEachDatabase, type TestDatabase } from '../support/database.ts'
import { createLedgerFixture } from '../support/ledger.ts'
import { findEverywhere } from '../support/people.ts'
import { until } from '../support/until.ts'

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const leaseMs = 60_000

describeOnEachDatabase('the work table', (member) => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createTestDatabase(member)
  })
  afterAll(() => database.drop())
  beforeEach(async () => {
    await database.pool.query('truncate work')
  })

  const add = (...rows: [key: string | null, messageId: number][]) =>
    enqueue(
      database.pool,
      rows.map(([key, messageId]) => ({ kind: 'send-reply' as const, key, payload: { messageId } })),
    )
  const claim = async (limit = 10) =>
    (await claimWork(database.pool, limit, { leaseMs })).map((row) => ({
      ...row,
      messageId: (row.payload as { messageId: number }).messageId,
    }))
  const makeDue = () => database.pool.query(`update work set run_at = now() - interval '1 ms' where failed_at is null`)
  const idsOf = (rows: readonly { messageId: number }[]) => rows.map(({ messageId }) => messageId).sort((a, b) => a - b)

  test('work is written in the transaction of its cause', async () => {
    await expect(
      inTransaction(database.pool, async (tx) => {
        await enqueue(tx, [{ kind: 'send-reply', key: null, payload: { messageId: 1 } }])
        throw new Error('planted')
      }),
    ).rejects.toThrow('planted')
    expect(await claim()).toEqual([])
  })

  test('a lane has its own kinds only, and a backlog in one does not delay the other', async () => {
    await enqueue(database.pool, [{ kind: 'fetch-mail', key: null, payload: { inboundEmailId: 1 } }])
    await add([null, 2])
    const kinds = async (lane: Lane) => (await claimWork(database.pool, 10, { leaseMs, lane })).map(({ kind }) => kind)
    expect(await kinds({ except: ['fetch-mail'] })).toEqual(['send-reply'])
    expect(await kinds({ except: ['fetch-mail'] })).toEqual([])
    expect(await kinds({ only: ['fetch-mail'] })).toEqual(['fetch-mail'])
  })

  test('rows of one key are processed one after another, in order, without delaying others', async () => {
    await add(['a', 1], ['a', 2], ['b', 3], [null, 4], [null, 5])
    const first = await claim()
    expect(idsOf(first)).toEqual([1, 3, 4, 5])
    expect(await claim()).toEqual([])
    await finishWork(
      database.pool,
      first.find(({ messageId }) => messageId === 1)!,
    )
    expect(idsOf(await claim())).toEqual([2])
  })

  test('a row that waits for its retry blocks its key; one that has failed finally does not', async () => {
    await add(['a', 1], ['a', 2])
    const [one] = await claim()
    await retryWork(database.pool, one!, { error: 'later', delayMs: 60_000 })
    expect(await claim()).toEqual([])
    await makeDue()
    const [again] = await claim()
    expect(again).toMatchObject({ messageId: 1, attempts: 2 })
    await retryWork(database.pool, again!, { error: 'never', delayMs: null })
    expect(idsOf(await claim())).toEqual([2])
    const { rows } = await database.pool.query<{ last_error: string; failed: boolean }>(
      `select last_error, failed_at is not null as failed from work where id = $1`,
      [one!.id],
    )
    expect(rows).toEqual([{ last_error: 'never', failed: true }])
  })

  test('twenty simultaneous claims never share a row', async () => {
    await add(...Array.from({ length: 100 }, (_, i): [null, number] => [null, i]))
    const rows = (await Promise.all(Array.from({ length: 20 }, () => claim(7)))).flat()
    expect(new Set(idsOf(rows)).size).toBe(rows.length)
    expect([...idsOf(rows), ...idsOf(await claim(100))].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    )
  })

  test('twenty simultaneous claims never run two rows of one key together', async () => {
    await add(...Array.from({ length: 40 }, (_, i): [string, number] => [`key ${String(i % 4)}`, i]))
    const done: number[] = []
    for (let round = 0; round < 10; round++) {
      const rows = (await Promise.all(Array.from({ length: 20 }, () => claim(5)))).flat()
      expect(rows).toHaveLength(4)
      expect(new Set(rows.map(({ key }) => key)).size).toBe(4)
      for (const row of rows) await finishWork(database.pool, row)
      done.push(...idsOf(rows))
    }
    expect(done).toEqual(Array.from({ length: 40 }, (_, i) => i))
  })

  test('a worker whose lease has expired can neither finish nor retry', async () => {
    await add(['a', 1])
    const [slow] = await claim()
    await makeDue()
    const [fast] = await claim()
    expect(fast).toMatchObject({ messageId: 1, attempts: 2 })
    await finishWork(database.pool, slow!)
    await retryWork(database.pool, slow!, { error: 'from the slow one', delayMs: null })
    const { rows } = await database.pool.query('select attempts, last_error, failed_at from work')
    expect(rows).toEqual([{ attempts: 2, last_error: null, failed_at: null }])
    await finishWork(database.pool, fast!)
    expect((await database.pool.query('select 1 from work')).rowCount).toBe(0)
  })

  test('work that crashed its process at every attempt fails and is not repeated', async () => {
    const details: string[] = []
    const handlers: Partial<Handlers> = {
      'send-reply': {
        run: () => {
          details.push('run')
          return Promise.resolve()
        },
        onGiveUp: (_payload, error) => {
          details.push(error)
          return Promise.resolve()
        },
      },
      'notify-agent': { run: () => Promise.resolve() },
      'fetch-mail': { run: () => Promise.resolve() },
    }
    await add([null, 1])
    await database.pool.query('update work set attempts = 22')
    const runner = createRunner({ pool: database.pool, log: silent, handlers, pollMs: 30 })
    await until(
      'given up',
      async () => (await database.pool.query('select 1 from work where failed_at is not null')).rowCount === 1,
    )
    await runner.stop()
    expect(details).toEqual(['no process has survived it'])
  })

  test(
    'the runner does each row once, retries temporary faults, gives up on permanent ones, and ' + 'logs each',
    async () => {
      const details: string[] = []
      const handlers: Partial<Handlers> = {
        'send-reply': {
          run: ({ messageId }) => {
            details.push(`run ${String(messageId)}`)
            if (messageId === 2) return Promise.reject(new MailError('unavailable', 'greylisted'))
            if (messageId === 3) return Promise.reject(new MailError('forbidden', 'no such user'))
            return Promise.resolve()
          },
          onRetry: ({ messageId }, { error, attempts }) => {
            details.push(`retry ${String(messageId)} ${error} ${String(attempts)}`)
            return Promise.resolve()
          },
          onGiveUp: ({ messageId }, error) => {
            details.push(`give up ${String(messageId)} ${error}`)
            return Promise.resolve()
          },
        },
        'notify-agent': { run: () => Promise.resolve() },
        'fetch-mail': { run: () => Promise.resolve() },
      }
      await add([null, 1], [null, 2], [null, 3])
      const runner = createRunner({ pool: database.pool, log: silent, handlers, pollMs: 30 })
      await until('all outcomes', () => details.length >= 5)
      await until(
        'the rows written',
        async () => (await database.pool.query('select 1 from work where last_error is not null')).rowCount === 2,
      )
      await runner.stop()
      expect(details.sort()).toEqual(['give up 3 no such user', 'retry 2 greylisted 1', 'run 1', 'run 2', 'run 3'])
      const { rows } = await database.pool.query<{ id: number; failed: boolean }>(
        `select (payload ->> 'messageId')::int as id, failed_at is not null as failed from work order by 1`,
      )
      expect(rows).toEqual([
        { id: 2, failed: false },
        { id: 3, failed: true },
      ])
    },
  )

  test.each([
    ['tell-watchers', 'notify-watchers'],
    ['tell-held', 'notify-held'],
    ['tell-held-digest', 'notify-held-digest'],
    ['tell-team', 'notify-team'],
    ['tell-transfer', 'notify-transfer'],
  ] as const)('work that an earlier version queued as %s runs as %s', async (former, kind) => {
    await database.pool.query(`insert into work (kind, payload) values ($1, '{"n": 1}')`, [former])
    const ran: unknown[] = []
    const run = (payload: unknown) => Promise.resolve(void ran.push(payload))
    const runner = createRunner({ pool: database.pool, log: silent, handlers: { [kind]: { run } }, pollMs: 30 })
    await until('the work was run', () => ran.length > 0)
    await runner.stop()
    expect(ran).toEqual([{ n: 1 }])
    expect((await database.pool.query('select 1 from work')).rowCount).toBe(0)
  })

  test('work is tried for two days at most, then it fails', async () => {
    const ends: string[] = []
    await add(['a', 7])
    await database.pool.query('update work set attempts = 21')
    const runner = createRunner({
      pool: database.pool,
      log: silent,
      pollMs: 30,
      handlers: {
        'send-reply': {
          run: () => Promise.reject(new MailError('unavailable', 'still away')),
          onGiveUp: (_payload, error) => {
            ends.push(error)
            return Promise.resolve()
          },
        },
        'notify-agent': { run: () => Promise.resolve() },
        'fetch-mail': { run: () => Promise.resolve() },
      },
    })
    await until(
      'given up',
      async () => (await database.pool.query('select 1 from work where failed_at is not null')).rowCount === 1,
    )
    await runner.stop()
    expect(ends).toEqual(['still away'])
  })
})

describeOnEachDatabase('reply tokens', (member) => {
  let database: TestDatabase
  let place: Awaited<ReturnType<typeof createLedgerFixture>>
  const secretKey = randomBytes(32)

  beforeAll(async () => {
    database = await createTestDatabase(member)
    place = await createLedgerFixture(database.pool)
  })
  afterAll(() => database.drop())

  const issue = (key = secretKey) => createTokenIssuer({ pool: database.pool, secretKey: key, expiresDays: 30 })
  const contact = () => ({
    accountId: 1,
    conversationId: place.id,
    role: 'contact' as const,
    contactId: place.contactId,
    userId: null,
    messageId: null,
  })
  const agent = () => ({
    accountId: 1,
    conversationId: place.id,
    role: 'agent' as const,
    contactId: null,
    userId: 1,
    messageId: null,
  })

  test('32 simultaneous callers get one token of 128 bits, and later callers the same', async () => {
    const tokens = await Promise.all(Array.from({ length: 32 }, () => issue()(contact())))
    expect(new Set(tokens).size).toBe(1)
    expect(tokens[0]).toMatch(/^[0-9a-f]{32}$/)
    expect(await issue()(contact())).toBe(tokens[0])
    expect((await database.pool.query(`select 1 from reply_tokens where role = 'contact'`)).rowCount).toBe(1)
  })

  test('contact and agent of one conversation have different tokens', async () => {
    expect(await issue()(agent())).not.toBe(await issue()(contact()))
  })

  test('the database holds no usable token in any column, and none can be made without the key', async () => {
    const sql = async <Row extends Record<string, unknown>>(text: string, values: readonly unknown[] = []) =>
      (await database.pool.query<Row>(text, [...values])).rows
    const token = await issue()(contact())
    expect(await findEverywhere({ sql }, token)).toEqual([])
    const { rows } = await database.pool.query<{ hit: boolean }>(
      `select position(decode($1, 'hex') in nonce || token_hash) > 0 as hit from reply_tokens`,
      [token],
    )
    expect(rows.map(({ hit }) => hit)).toEqual(rows.map(() => false))
    expect(await issue(randomBytes(32))(contact())).not.toBe(token)
  })

  test('each use extends the expiry; an expired or revoked token is replaced', async () => {
    const first = await issue()(contact())
    await database.pool.query(`update reply_tokens set expires_at = now() + interval '1 hour' where role = 'contact'`)
    expect(await issue()(contact())).toBe(first)
    const [row] = (
      await database.pool.query<{ days: number }>(
        `
          select extract(epoch from expires_at - now())::float8 / 86400 as days
          from reply_tokens
          where role = 'contact' and revoked_at is null
        `,
      )
    ).rows
    expect(row?.days).toBeGreaterThan(29)
    await database.pool.query(`update reply_tokens set expires_at = now() - interval '1 second' where role = 'contact'`)
    const second = await issue()(contact())
    expect(second).not.toBe(first)
    await database.pool.query(
      `update reply_tokens set revoked_at = now() where role = 'contact' and revoked_at is null`,
    )
    expect(new Set([first, second, await issue()(contact())]).size).toBe(3)
  })
})
