// What this process knows of its own health, for /ready, /metrics and doctor; and the timers of the store (retention).

import type { Config } from '../config.ts'
import { sweepViewers } from '../conversations/acts/viewing.ts'
import { noteReplyDomains, sweepReplyDomains } from '../conversations/domains/reply-domains.ts'
import { sweepEvents } from '../conversations/events/sweep-events.ts'
import { sweepUploads } from '../conversations/files/uploads.ts'
import { sweepTransfers } from '../conversations/import/forget-transfers.ts'
import { sweepLinks } from '../conversations/links/one-time-links.ts'
import { sweepAutomaticMail } from '../conversations/messages/automatic-budget.ts'
import { sweepIdempotencyKeys } from '../conversations/retries/idempotency-keys.ts'
import { sweepSessions } from '../conversations/sign-in/sessions.ts'
import type { Database } from '../db/open.ts'
import type { Log } from '../log.ts'
import { forgetStored } from '../queue/quotas.ts'
import { forgetTokens } from '../store/door/one-time-tokens.ts'
import { createSweep } from '../store/feed/sweep.ts'
import { forgetPointers } from '../store/fetch-mail.ts'
import { readBalance, readWork } from '../store/health.ts'
import { noteHeldDigests } from '../store/held-digest.ts'
import { incinerateDue } from '../store/incinerate.ts'
import { releaseHeld } from '../store/release-held.ts'
import { examine } from './doctor.ts'
import { retentionOf } from './limits.ts'

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
const digestEveryMs = 600_000
const domainsEveryMs = 3_600_000

// Counting all mail takes as long as there is mail, and anyone may ask: all who ask meanwhile wait for one count, and
// its answer is good for twenty times as long as it took.
function remember<T>(read: () => Promise<T>): () => Promise<T> {
  let known: { readonly value: T; readonly until: number } | null = null
  let reading: Promise<T> | null = null
  const readNow = async (): Promise<T> => {
    const start = performance.now()
    const value = await read()
    const end = performance.now()
    known = { value, until: end + 20 * (end - start) }
    return value
  }
  return () => {
    if (known !== null && performance.now() < known.until) return Promise.resolve(known.value)
    return (reading ??= readNow().finally(() => {
      reading = null
    }))
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
    const gone = await incinerateDue(pool, retentionOf(config))
    const given = await forgetPointers(pool, config.INCINERATE_UNDELIVERED_AFTER_DAYS)
    await forgetTokens(pool)
    await sweepEvents(pool, config.EVENTS_KEPT_DAYS)
    await sweepTransfers(pool)
    await sweepUploads(pool)
    await sweepViewers(pool)
    await forgetStored(pool)
    await sweepLinks(pool)
    await sweepSessions(pool)
    await sweepIdempotencyKeys(pool)
    await sweepReplyDomains(pool)
    await sweepAutomaticMail(pool)
    if (gone + given > 0) log.info('incinerated', { count: gone + given })
  }
  const noteDomains = () =>
    noteReplyDomains(pool, {
      domain: config.INBOUND_EMAIL_DOMAIN,
      expiresDays: config.REPLY_TOKEN_EXPIRES_DAYS,
    })
  let slowPeers = 0
  return {
    version,
    /** A client was cut off for its pace. */
    countSlowPeer: (): void => {
      slowPeers += 1
    },
    readSlowPeers: () => slowPeers,
    services: config.RAILS_INBOUND_EMAIL_SERVICE,
    findDown,
    readBalance: remember(() => readBalance(pool)),
    readWork: remember(() => readWork(pool)),
    examine: () => examine({ config, database }),
    /**
     * Retention, the release of mail whose account may receive again, the sweep, and what the clock does to
     * conversations; returns what stops them.
     */
    startTimers: (onReleased: () => void, timed: () => Promise<unknown>): (() => void) => {
      const release = async (): Promise<void> => {
        if ((await releaseHeld(pool)) > 0) onReleased()
      }
      const sweep = createSweep(pool, database.owner)
      const sweepAndTell = async (): Promise<void> => {
        if ((await sweep()) > 0) onReleased()
      }
      const digest = async (): Promise<void> => {
        if ((await noteHeldDigests(pool)) > 0) onReleased()
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
      const timers = [
        every(incinerateEveryMs, incinerate, 'incinerate'),
        every(releaseEveryMs, release, 'release'),
        every(sweepEveryMs, sweepAndTell, 'sweep'),
        every(timedEveryMs, timed, 'timed'),
        every(digestEveryMs, digest, 'held digest'),
        every(domainsEveryMs, noteDomains, 'reply domains'),
      ]
      return () => {
        for (const timer of timers) clearInterval(timer)
      }
    },
  }
}
