// The announcer of a process: woken when something was written, else polling; one batch after the other, with a pause
// in between, in which the next one gathers.

import { setTimeout } from 'node:timers/promises'

import type { Pool } from '../db/pool.ts'
import type { Log } from '../log.ts'
import { type Rounds, startRounds } from '../queue/rounds.ts'
import { announce } from './announce.ts'

export interface AnnouncerOptions {
  readonly pool: Pool
  readonly log: Log
  readonly pollMs: number
  /** Called after each batch. */
  readonly onAnnounced: () => void
  /** Called when the batch has events that automation rules react to. */
  readonly onWork: () => void
}

const restMs = 25

/** Starts at once; `stop` finishes the batch under way. */
export function createAnnouncer({ pool, log, pollMs, onAnnounced, onWork }: AnnouncerOptions): Rounds {
  return startRounds({
    pollMs,
    round: async () => {
      const { count, reacts } = await announce(pool)
      if (count === 0) return false
      onAnnounced()
      if (reacts) onWork()
      await setTimeout(restMs)
      return true
    },
    onFault: (error) => {
      log.warn('fault', { error, during: 'announce' })
    },
  })
}
