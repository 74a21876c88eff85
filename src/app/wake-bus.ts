// The bell of this process: who hears of what, here and, over queue/wake, in the others.

import type { Config } from '../config.ts'
import type { Database } from '../db/open.ts'
import type { Log } from '../log.ts'
import type { Topic } from '../queue/topics.ts'
import { createWake } from '../queue/wake.ts'

export interface Bell {
  /** What rings it, here and in the other processes. Never waited for. */
  readonly ringer: (topic: Topic) => () => void
  readonly hear: (topic: Topic, hearer: () => void) => void
  readonly close: () => Promise<void>
}

const gatherMs = 20

/** Hears from the start; rings that come close together are passed on as one. */
export async function createBell({
  config,
  log,
  database,
}: {
  readonly config: Config
  readonly log: Log
  readonly database: Database
}): Promise<Bell> {
  const { pool, connection } = database
  const hearers = new Map<Topic, (() => void)[]>()
  const tell = (topic: Topic): void => {
    for (const hearer of hearers.get(topic) ?? []) hearer()
  }
  const wake = await createWake({ pool, connection, redisUrl: config.REDIS_URL, log, onWake: tell })
  const passing = new Map<Topic, NodeJS.Timeout>()
  const pass = (topic: Topic): void => {
    if (passing.has(topic)) return
    wake.publish(topic)
    passing.set(
      topic,
      setTimeout(() => passing.delete(topic), gatherMs),
    )
  }
  return {
    ringer: (topic) => () => {
      tell(topic)
      // Whoever announces does so for all.
      if (topic !== 'events' || !hearers.has(topic)) pass(topic)
    },
    hear: (topic, hearer) => {
      hearers.set(topic, [...(hearers.get(topic) ?? []), hearer])
    },
    close: async () => {
      for (const timer of passing.values()) clearTimeout(timer)
      await wake.close()
    },
  }
}
