// Wake-ups between processes, on each member of the contract: LISTEN/NOTIFY on the database, and Redis. A hint that
// survives a lost connection.

import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { connectionOf } from '../../src/db/pool.ts'
import type { Log, LogEvent } from '../../src/log.ts'
import type { Topic } from '../../src/queue/topics.ts'
import { createWake } from '../../src/queue/wake.ts'
import {
  createTestDatabase,
  describeOnEachDatabase,
  describeWithDatabase,
  type TestDatabase,
} from '../support/database.ts'
import { until } from '../support/until.ts'

const { redis } = inject('servers')

interface Member {
  readonly redisUrl: () => string | undefined
  /** Cuts the connection on which the wake-ups of this test's processes are heard. */
  readonly cut: (database: TestDatabase) => Promise<void>
}

function suite({ redisUrl, cut }: Member, create: () => Promise<TestDatabase>): void {
  let database: TestDatabase

  beforeAll(async () => {
    database = await create()
  })
  afterAll(() => database.drop())

  async function join() {
    const heard: Topic[] = []
    const events: LogEvent[] = []
    const at = (event: LogEvent) => {
      events.push(event)
    }
    const log: Log = { debug: at, info: at, warn: at, error: at }
    const wake = await createWake({
      pool: database.pool,
      connection: connectionOf(database.url),
      redisUrl: redisUrl(),
      log,
      onWake: (topic) => heard.push(topic),
    })
    // A new subscriber is notified once of all topics.
    await until('the first look', () => heard.includes('inbound') && heard.includes('work'))
    return { ...wake, heard, events }
  }
  const hears = async (from: Awaited<ReturnType<typeof join>>, to: Awaited<ReturnType<typeof join>>, topic: Topic) => {
    to.heard.length = 0
    await until(`${topic} heard`, () => {
      from.publish(topic)
      return to.heard.includes(topic)
    })
  }

  test('a process receives what another publishes, by topic', async () => {
    const [one, two] = [await join(), await join()]
    await hears(one, two, 'work')
    await hears(two, one, 'inbound')
    two.heard.length = 0
    await hears(one, two, 'inbound')
    expect(two.heard).not.toContain('work')
    await Promise.all([one.close(), two.close()])
  })

  test('a lost connection is restored automatically, followed by a check for missed work', async () => {
    const [one, two] = [await join(), await join()]
    two.heard.length = 0
    await cut(database)
    await until('the loss noted', () => two.events.includes('wake-lost'))
    await until('another look at everything', () => two.heard.includes('inbound') && two.heard.includes('work'))
    await hears(one, two, 'work')
    await Promise.all([one.close(), two.close()])
  })

  test('a closed listener receives nothing and reports no lost connection', async () => {
    const [one, two] = [await join(), await join()]
    await two.close()
    two.heard.length = 0
    two.events.length = 0
    const three = await join()
    await hears(one, three, 'work')
    expect(two.heard).toEqual([])
    expect(two.events).toEqual([])
    await Promise.all([one.close(), three.close()])
  })
}

describeOnEachDatabase('wake-ups by LISTEN/NOTIFY', (member) => {
  suite(
    {
      redisUrl: () => undefined,
      cut: async ({ pool }) => {
        const { rowCount } = await pool.query(
          `
            select pg_terminate_backend(pid)
            from pg_stat_activity
            where datname = current_database() and application_name = 'rethread-listen'
          `,
        )
        expect(rowCount).toBeGreaterThan(0)
      },
    },
    () => createTestDatabase(member),
  )
})

describeWithDatabase('', () => {
  describe.skipIf(redis === null)('wake-ups by Redis', () => {
    suite(
      {
        redisUrl: () => redis ?? undefined,
        cut: async () => {
          const client = new Redis(redis ?? '')
          expect(Number(await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub'))).toBeGreaterThan(0)
          client.disconnect()
        },
      },
      () => createTestDatabase(),
    )
  })

  test('an unreachable Redis neither delays the start nor fails a publish', async () => {
    const database = await createTestDatabase()
    const log: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
    const wake = await createWake({
      pool: database.pool,
      connection: connectionOf(database.url),
      redisUrl: 'redis://127.0.0.1:9',
      log,
      onWake: () => undefined,
    })
    expect(() => {
      wake.publish('work')
    }).not.toThrow()
    await wake.close()
    await database.drop()
  })
})
