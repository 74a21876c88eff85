// What this process knows of its own health, for /ready, /metrics and doctor; and the timers of the store (retention).

import type { Config } from '../config.ts'
import type { Database } from '../db/open.ts'
import type { Log } from '../log.ts'
import { sweepEvents } from '../conversations/events/sweep-events.ts'
import { sweepUploads } from '../conversations/files/uploads.ts'
import { sweepTransfers } from '../conversations/import/forget-transfers.ts'
import { readBalance, readWork } from '../store/health.ts'
import { examine } from './doctor.ts'
import { incinerateDue } from '../store/incinerate.ts'
import { forgetPointers } from '../store/fetch-mail.ts'
import { forgetTokens } from '../store/door/one-time-tokens.ts'
import { releaseHeld } from '../store/release-held.ts'
import { createSweep } from '../store/feed/sweep.ts'

export interface StatusParts {
  readonly config: Config
  readonly log: Log
  readonly database: Database
  readonly version: string
}

const incinerateEveryMs = 600_000
const releaseEveryMs = 5_000
const sweepEveryMs = 1_000
const timedEveryMs = 5_000

// Counting all mail takes as long as there is mail, and anyone may ask: an answer is good for twenty times as long as it took.
function remember<T>(read: () => Promise<T>): () => Promise<T> {
  let known: { readonly value: T; readonly until: number } | null = null
  return async () => {
    const now = performance.now()
    if (known !== null && now < known.until) return known.value
    const value = await read()
    known = { value, until: performance.now() + 20 * (performance.now() - now) }
    return value
  }
}

export function createStatus({ config, log, database, version }: StatusParts) {
  const { pool } = database
  const findDown = async (): Promise<string[]> => {
    try {
      await pool.query('select 1')
      return []
    } catch (error) {
      return [`database: ${error instanceof Error ? error.message : 'does not answer'}`]
    }
  }
  const incinerate = async (): Promise<void> => {
    const gone = await incinerateDue(pool, { deliveredDays: config.INCINERATE_AFTER_DAYS, undeliveredDays: config.INCINERATE_UNDELIVERED_AFTER_DAYS })
    const given = await forgetPointers(pool, config.INCINERATE_UNDELIVERED_AFTER_DAYS)
    await forgetTokens(pool)
    await sweepEvents(pool, config.EVENTS_KEPT_DAYS)
    await sweepTransfers(pool)
    await sweepUploads(pool)
    if (gone + given > 0) log.info('incinerated', { count: gone + given })
  }
  return {
    version,
    services: config.RAILS_INBOUND_EMAIL_SERVICE,
    findDown,
    readBalance: remember(() => readBalance(pool)),
    readWork: () => readWork(pool),
    examine: () => examine({ config, database }),
    /** Retention, the release of mail whose account may receive again, the sweep, and what the clock does to conversations; returns what stops them. */
    startTimers: (onReleased: () => void, timed: () => Promise<unknown>): (() => void) => {
      const release = async (): Promise<void> => {
        if ((await releaseHeld(pool)) > 0) onReleased()
      }
      const sweep = createSweep(pool, database.owner)
      const sweepAndTell = async (): Promise<void> => {
        if ((await sweep()) > 0) onReleased()
      }
      const every = (ms: number, task: () => Promise<unknown>, during: string): NodeJS.Timeout => {
        const act = (): void => {
          task().catch((error: unknown) => {
            log.warn('fault', { error, during })
          })
        }
        act()
        return setInterval(act, ms)
      }
      const timers = [every(incinerateEveryMs, incinerate, 'incinerate'), every(releaseEveryMs, release, 'release'), every(sweepEveryMs, sweepAndTell, 'sweep'), every(timedEveryMs, timed, 'timed')]
      return () => {
        for (const timer of timers) clearInterval(timer)
      }
    },
  }
}
