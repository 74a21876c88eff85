// The announcer of a process: woken when something was written, else looking by itself; one batch after the other, with a rest in between, in
// which the next one gathers.

import type { Pool } from '../../db/pool.ts'
import type { Log } from '../../log.ts'
import { announce } from './announce.ts'

export interface AnnouncerOptions {
  readonly pool: Pool
  readonly log: Log
  readonly pollMs: number
  /** Told after each batch. */
  readonly onAnnounced: () => void
  /** Told when rules have to look at something of it. */
  readonly onWork: () => void
}

export interface Announcer {
  readonly wake: () => void
  /** Finishes the batch under way. */
  readonly stop: () => Promise<void>
}

const restMs = 25

/** Starts at once. */
export function createAnnouncer({ pool, log, pollMs, onAnnounced, onWork }: AnnouncerOptions): Announcer {
  let stopped = false
  let again = false
  let running: Promise<void> | null = null

  const run = async (): Promise<void> => {
    do {
      again = false
      const { count, reacts } = await announce(pool)
      if (count > 0) {
        again = true
        onAnnounced()
        if (reacts) onWork()
        await new Promise((resolve) => setTimeout(resolve, restMs))
      }
    } while (again && !stopped)
  }
  const wake = (): void => {
    again = true
    if (stopped || running !== null) return
    running = run().then(
      () => {
        running = null
        if (again) wake()
      },
      (error: unknown) => {
        running = null
        log.warn('fault', { error, during: 'announce' })
      },
    )
  }
  const timer = setInterval(wake, pollMs)
  wake()

  return {
    wake,
    stop: async () => {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}
