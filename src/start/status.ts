// What this process knows of its own health, for /ready, /metrics and doctor; and the timers of the store (retention).

import { join } from 'node:path'
import { statfs } from 'node:fs/promises'

import { countAccounts } from '../conversations/people/first-start.ts'
import type { Config } from '../config.ts'
import { findDurabilityFaults, type Database } from '../db/open.ts'
import type { Log } from '../log.ts'
import { isBalanced, readBacklogAge, readBalance, readWork } from '../store/health.ts'
import { incinerateDue } from '../store/incinerate.ts'
import { releaseHeld } from '../store/release-held.ts'

export interface StatusParts {
  readonly config: Config
  readonly log: Log
  readonly database: Database
  readonly version: string
}

/** One line of `doctor`. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  /** What is the case, or what to do. */
  readonly detail: string
}

const incinerateEveryMs = 600_000
const releaseEveryMs = 5_000
const minFreeBytes = 256 * 1024 * 1024

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
    if (gone > 0) log.info('incinerated', { count: gone })
  }
  return {
    version,
    services: config.RAILS_INBOUND_EMAIL_SERVICE,
    findDown,
    readBalance: () => readBalance(pool),
    readWork: () => readWork(pool),
    examine: () => examine({ config, database }),
    /** Retention, and the release of mail whose account may receive again; returns what stops them. */
    startTimers: (onReleased: () => void): (() => void) => {
      const release = async (): Promise<void> => {
        if ((await releaseHeld(pool)) > 0) onReleased()
      }
      const every = (ms: number, task: () => Promise<void>, during: string): NodeJS.Timeout => setInterval(() => {
        task().catch((error: unknown) => {
          log.warn('fault', { error, during })
        })
      }, ms)
      const timers = [every(incinerateEveryMs, incinerate, 'incinerate'), every(releaseEveryMs, release, 'release')]
      return () => {
        for (const timer of timers) clearInterval(timer)
      }
    },
  }
}

// Each answers for itself: a check that cannot be made is a check that failed.
async function examine({ config, database }: Pick<StatusParts, 'config' | 'database'>): Promise<Check[]> {
  const { pool } = database
  const checks: [name: string, look: () => Promise<Omit<Check, 'name'>>][] = [
    ['database', async () => {
      const { rows } = await pool.query<{ version: string }>(`select current_setting('server_version') as version`)
      return { ok: true, detail: `PostgreSQL ${rows[0]?.version ?? ''}, ${database.embeddedFolder === null ? 'a server of yours' : `embedded in ${database.embeddedFolder}`}` }
    }],
    ['durability', async () => {
      const faults = await findDurabilityFaults(pool)
      return { ok: faults.length === 0, detail: faults.length === 0 ? 'fsync, synchronous_commit and full_page_writes are on' : `${faults.join('; ')}. Switch it on in postgresql.conf.` }
    }],
    ['conservation', async () => {
      const balance = await readBalance(pool)
      const text = Object.entries(balance).map(([name, count]) => `${name} ${String(count)}`).join(', ')
      return { ok: isBalanced(balance), detail: isBalanced(balance) ? text : `${text}. Mail has an end that nobody can see: this is a fault of ours, please report it.` }
    }],
    ['backlog', async () => {
      const age = await readBacklogAge(pool)
      return { ok: age < 60, detail: age < 60 ? 'mail is taken up at once' : `the oldest waiting mail has waited ${String(Math.round(age))} s. Is a process with RUN_WORKER=true running?` }
    }],
    ['failed mail', async () => {
      const { failed } = await readBalance(pool)
      return { ok: failed === 0, detail: failed === 0 ? 'none' : `${String(failed)}: see "rethread inbound list --status failed", then "rethread inbound replay ID"` }
    }],
    ['outgoing', async () => {
      const { waiting, failed } = await readWork(pool)
      return { ok: failed === 0, detail: failed === 0 ? `${String(waiting)} waiting` : `${String(failed)} mails could not be sent; their messages say why` }
    }],
    ['accounts', async () => {
      const { accounts, receiving } = await countAccounts(pool)
      return { ok: receiving > 0, detail: receiving > 0 ? `${String(receiving)} of ${String(accounts)} receive mail` : 'no active account has the feature inbound_emails: rethread account enable-feature ID inbound_emails' }
    }],
    ['disk', async () => {
      const { bavail, bsize } = await statfs(config.DATA_DIR)
      const free = bavail * bsize
      return { ok: free > minFreeBytes, detail: `${String(Math.round(free / 1024 / 1024))} MB free at ${config.DATA_DIR}` }
    }],
    ['way out', () => Promise.resolve(config.OUTBOUND_SMTP_URL === undefined ? { ok: true, detail: `OUTBOUND_SMTP_URL is not set: mail is written to ${join(config.DATA_DIR, 'outbox')} and goes nowhere` } : { ok: true, detail: 'OUTBOUND_SMTP_URL is set' })],
    ['sender authentication', () => Promise.resolve({ ok: true, detail: config.AUTHSERV_ID === undefined ? 'AUTHSERV_ID is not set: agents cannot answer from a mail client, as nobody vouches for their mail' : `the Authentication-Results of ${config.AUTHSERV_ID} count` })],
  ]
  return Promise.all(checks.map(async ([name, look]) => ({ name, ...(await look().catch((error: unknown) => ({ ok: false, detail: error instanceof Error ? error.message : String(error) }))) })))
}
