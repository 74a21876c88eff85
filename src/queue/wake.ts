// Wakes other processes. Only a hint: a process that misses it finds the work by polling
// (docs/develop/architecture.md). Two implementations of one contract: LISTEN/NOTIFY on the database, or Redis when
// REDIS_URL is set.

import { openSession } from '../db/persistent-session.ts'
import type { Connection, Pool } from '../db/pool.ts'
import type { Log } from '../log.ts'
import { createRedisWake } from './redis.ts'
import { type Topic, topics, type Wake } from './topics.ts'

export interface WakeOptions {
  readonly pool: Pool
  readonly connection: Connection
  readonly redisUrl: string | undefined
  readonly log: Log
  readonly onWake: (topic: Topic) => void
}

/** Redis if configured, else the database. A lost connection is restored automatically. */
export async function createWake(options: WakeOptions): Promise<Wake> {
  return options.redisUrl === undefined
    ? createNotifyWake(options)
    : createRedisWake({ url: options.redisUrl, log: options.log, onWake: options.onWake })
}

const channel = 'rethread'

async function createNotifyWake({ pool, connection, log, onWake }: WakeOptions): Promise<Wake> {
  const session = await openSession({
    connection,
    begin: async (fresh) => {
      fresh.on('notification', (message) => {
        const topic = topics.find((name) => name === message.payload)
        if (topic !== undefined) onWake(topic)
      })
      await fresh.query(`listen ${channel}`)
      // Notifications during the disconnection were missed: wake once.
      for (const topic of topics) onWake(topic)
    },
    onLost: () => {
      log.warn('wake-lost', { via: 'database' })
    },
    reconnectMs: 1_000,
  })
  return {
    publish: (topic) => {
      pool.query('select pg_notify($1, $2)', [channel, topic]).catch(() => undefined)
    },
    close: session.close,
  }
}
