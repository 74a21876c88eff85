// The timers of the store: retention, the release of held mail, the sweep, and conversations that are due.

import type { Config } from '../config.ts'
import { sweepViewers } from '../conversations/actions/viewing.ts'
import { sweepAutomaticMail } from '../conversations/automatic-budget.ts'
import { noteReplyDomains, sweepReplyDomains } from '../conversations/domains/reply-domains.ts'
import { sweepUploads } from '../conversations/files/uploads.ts'
import { sweepTransfers } from '../conversations/import/purge-transfers.ts'
import { sweepLinks } from '../conversations/links/one-time-links.ts'
import { sweepIdempotencyKeys } from '../conversations/retries/idempotency-keys.ts'
import { sweepSessions } from '../conversations/sign-in/sessions.ts'
import type { Database } from '../db/open.ts'
import { sweepEvents } from '../events/sweep-events.ts'
import type { Log } from '../log.ts'
import { forgetStored } from '../queue/quotas.ts'
import { forgetTokens } from '../store/acceptance/one-time-tokens.ts'
import { createSweep } from '../store/feed/sweep.ts'
import { forgetPointers } from '../store/fetch-mail.ts'
import { noteHeldDigests } from '../store/held-digest.ts'
import { incinerateDue } from '../store/incinerate.ts'
import { releaseHeld } from '../store/release-held.ts'
import { retentionOf } from './limits.ts'

export interface MaintenanceParts {
  readonly config: Config
  readonly log: Log
  readonly database: Database
  readonly onReleased: () => void
  /** Timed changes of conversations. */
  readonly timed: () => Promise<unknown>
  /** Sends and judges canaries; true when work was queued. */
  readonly canary: () => Promise<boolean>
}

const incinerateEveryMs = 600_000
const releaseEveryMs = 5_000
const sweepEveryMs = 1_000
const timedEveryMs = 5_000
const digestEveryMs = 600_000
const canaryEveryMs = 2_000
const domainsEveryMs = 3_600_000

/** Starts them; the returned function stops them. Mail is released whose account may receive again. */
export function startMaintenance({ config, log, database, onReleased, timed, canary }: MaintenanceParts): () => void {
  const { pool } = database
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
  const release = async (): Promise<void> => {
    if ((await releaseHeld(pool)) > 0) onReleased()
  }
  const sweep = createSweep(pool, database.owner)
  const sweepAndNotify = async (): Promise<void> => {
    if ((await sweep()) > 0) onReleased()
  }
  const digest = async (): Promise<void> => {
    if ((await noteHeldDigests(pool)) > 0) onReleased()
  }
  const watchCanaries = async (): Promise<void> => {
    if (await canary()) onReleased()
  }
  const every = (ms: number, task: () => Promise<unknown>, during: string): NodeJS.Timeout => {
    const action = (): void => {
      task().catch((error: unknown) => {
        log.warn('fault', { error, during })
      })
    }
    action()
    return setInterval(action, ms)
  }
  const timers = [
    every(incinerateEveryMs, incinerate, 'incinerate'),
    every(releaseEveryMs, release, 'release'),
    every(sweepEveryMs, sweepAndNotify, 'sweep'),
    every(timedEveryMs, timed, 'timed'),
    every(digestEveryMs, digest, 'held digest'),
    every(canaryEveryMs, watchCanaries, 'canary'),
    every(domainsEveryMs, noteDomains, 'reply domains'),
  ]
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}
