// Tells other processes that there is something to do. A hint only: whoever misses it finds the work by polling (DESIGN §6).
// Two members of one contract: LISTEN/NOTIFY on the database, or Redis when REDIS_URL is set.

import { connectAlone, type Connection, type Pool } from '../db/pool.ts'
import type { Log } from '../log.ts'
import { createRedisWake } from './redis.ts'
import { topics, type Topic, type Wake } from './topics.ts'

export interface WakeOptions {
  readonly pool: Pool
  readonly connection: Connection
  readonly redisUrl: string | undefined
  readonly log: Log
  readonly onWake: (topic: Topic) => void
}

/** Redis when there is one, else the database. A lost connection is made again by itself. */
export async function createWake(options: WakeOptions): Promise<Wake> {
  return options.redisUrl === undefined ? createNotifyWake(options) : createRedisWake({ url: options.redisUrl, log: options.log, onWake: options.onWake })
}

const channel = 'rethread'
const reconnectMs = 1_000

async function createNotifyWake(options: WakeOptions): Promise<Wake> {
  let closed = false
  let client: Awaited<ReturnType<typeof connectAlone>> | null = null
  let timer: NodeJS.Timeout | undefined

  const listen = async (): Promise<void> => {
    const fresh = await connectAlone(options.connection)
    fresh.on('notification', (message) => {
      const topic = topics.find((name) => name === message.payload)
      if (topic !== undefined) options.onWake(topic)
    })
    fresh.on('error', () => undefined)
    fresh.once('end', lost)
    await fresh.query(`listen ${channel}`)
    client = fresh
    for (const topic of topics) options.onWake(topic)
  }
  const lost = (): void => {
    client = null
    if (closed) return
    options.log.warn('wake-lost', { via: 'database' })
    timer = setTimeout(() => void listen().catch(lost), reconnectMs)
  }
  await listen()

  return {
    publish: (topic) => {
      options.pool.query('select pg_notify($1, $2)', [channel, topic]).catch(() => undefined)
    },
    close: async () => {
      closed = true
      clearTimeout(timer)
      await client?.end()
    },
  }
}
