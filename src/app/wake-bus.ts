// The wake bus of this process: subscribers to topics, here and, over queue/wake, in other processes.

import type { Config } from '../config.ts'
import type { Database } from '../db/open.ts'
import type { Log } from '../log.ts'
import type { Topic } from '../queue/topics.ts'
import { createWake } from '../queue/wake.ts'

export interface WakeBus {
  /** Notifies subscribers here and in the other processes. Never awaited. */
  readonly notifier: (topic: Topic) => () => void
  readonly subscribe: (topic: Topic, subscriber: () => void) => void
  readonly close: () => Promise<void>
}

const gatherMs = 20

/** Receives notifications from the start; those that come close together are passed on as one. */
export async function createWakeBus({
  config,
  log,
  database,
}: {
  readonly config: Config
  readonly log: Log
  readonly database: Database
}): Promise<WakeBus> {
  const { pool, connection } = database
  const subscribers = new Map<Topic, (() => void)[]>()
  const notifyLocal = (topic: Topic): void => {
    for (const subscriber of subscribers.get(topic) ?? []) subscriber()
  }
  const wake = await createWake({ pool, connection, redisUrl: config.REDIS_URL, log, onWake: notifyLocal })
  const published = new Map<Topic, NodeJS.Timeout>()
  const publish = (topic: Topic): void => {
    if (published.has(topic)) return
    wake.publish(topic)
    published.set(
      topic,
      setTimeout(() => published.delete(topic), gatherMs),
    )
  }
  return {
    notifier: (topic) => () => {
      notifyLocal(topic)
      // The announcer publishes for all processes.
      if (topic !== 'events' || !subscribers.has(topic)) publish(topic)
    },
    subscribe: (topic, subscriber) => {
      subscribers.set(topic, [...(subscribers.get(topic) ?? []), subscriber])
    },
    close: async () => {
      for (const timer of published.values()) clearTimeout(timer)
      await wake.close()
    },
  }
}
