// Redis, for what several processes share and may lose: wake-ups and the fan-out of live facts. The only file that
// knows ioredis.

import { Redis } from 'ioredis'

import type { Log } from '../log.ts'
import { type Topic, topics, type Wake } from './topics.ts'

const channel = 'rethread:wake'

/** Wake-ups over Redis. While Redis is away only speed is lost; it reconnects automatically. */
export async function createRedisWake(options: {
  readonly url: string
  readonly log: Log
  readonly onWake: (topic: Topic) => void
}): Promise<Wake> {
  const settings = {
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    retryStrategy: (times: number) => Math.min(times * 200, 2_000),
  }
  const publisher = new Redis(options.url, settings)
  const subscriber = new Redis(options.url, { ...settings, autoResubscribe: true })
  for (const client of [publisher, subscriber]) {
    client.on('error', (error: unknown) => {
      options.log.debug('wake-lost', { via: 'redis', error })
    })
  }
  subscriber.on('message', (_channel, payload) => {
    const topic = topics.find((name) => name === payload)
    if (topic !== undefined) options.onWake(topic)
  })
  // Notifications during the disconnection were missed: wake once.
  subscriber.on('ready', () => {
    subscriber.subscribe(channel).catch(() => undefined)
    for (const topic of topics) options.onWake(topic)
  })
  subscriber.on('close', () => {
    options.log.warn('wake-lost', { via: 'redis' })
  })
  await Promise.all([publisher, subscriber].map((client) => client.connect().catch(() => undefined)))
  options.log.info('redis', { ready: publisher.status === 'ready' })

  return {
    publish: (topic) => {
      publisher.publish(channel, topic).catch(() => undefined)
    },
    close: async () => {
      subscriber.removeAllListeners('close')
      publisher.disconnect()
      subscriber.disconnect()
      return Promise.resolve()
    },
  }
}

/** A connection for counters; a count without an answer in half a second is skipped. */
export function createRedisCounter(url: string): { readonly client: Redis; readonly close: () => void } {
  const client = new Redis(url, {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    commandTimeout: 500,
    retryStrategy: (times: number) => Math.min(times * 200, 2_000),
  })
  client.on('error', () => undefined)
  return {
    client,
    close: () => {
      client.disconnect()
    },
  }
}
