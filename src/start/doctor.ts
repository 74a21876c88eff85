// What `doctor` looks at: one check a line, each ending in what is the case or what to do.

import { statfs } from 'node:fs/promises'
import { join } from 'node:path'

import type { Config } from '../config.ts'
import { countAccounts } from '../conversations/people/first-start.ts'
import { readWebhookHealth } from '../conversations/webhooks/webhook-health.ts'
import { findDurabilityFaults, type Database } from '../db/open.ts'
import { examineWays } from './doctor-ways.ts'
import { isBalanced, readBacklogAge, readBalance, readWork } from '../store/health.ts'

/** One line of `doctor`. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  /** What is the case, or what to do. */
  readonly detail: string
}

interface Patient {
  readonly config: Config
  readonly database: Database
}
type Finding = Omit<Check, 'name'>

const minFreeBytes = 256 * 1024 * 1024

/** Every check. Each answers for itself: one that cannot be made has failed. Never throws. */
export async function examine(patient: Patient): Promise<Check[]> {
  const findings = Object.entries(checks).map(async ([name, look]) => {
    try {
      return { name, ...(await look(patient)) }
    } catch (error) {
      return { name, ok: false, detail: error instanceof Error ? error.message : String(error) }
    }
  })
  return [...(await Promise.all(findings)), ...(await examineWays(patient))]
}

const checks: Readonly<Record<string, (patient: Patient) => Finding | Promise<Finding>>> = {
  database: async ({ database }) => {
    const { rows } = await database.pool.query<{ version: string }>(`select current_setting('server_version') as version`)
    const where = database.embeddedFolder === null ? 'a server of yours' : `embedded in ${database.embeddedFolder}`
    return { ok: true, detail: `PostgreSQL ${rows[0]?.version ?? ''}, ${where}` }
  },
  durability: async ({ database }) => {
    const faults = await findDurabilityFaults(database.pool)
    return faults.length === 0 ? well('fsync, synchronous_commit and full_page_writes are on') : ill(`${faults.join('; ')}. Switch it on in postgresql.conf.`)
  },
  conservation: async ({ database }) => {
    const balance = await readBalance(database.pool)
    const counts = Object.entries(balance).map(([state, count]) => `${state} ${String(count)}`)
    return isBalanced(balance) ? well(counts.join(', ')) : ill(`${counts.join(', ')}. Mail has an end that nobody can see: this is a fault of ours, please report it.`)
  },
  backlog: async ({ database }) => {
    const age = await readBacklogAge(database.pool)
    return age < 60 ? well('mail is taken up at once') : ill(`the oldest waiting mail has waited ${String(Math.round(age))} s. Is a process with RUN_WORKER=true running?`)
  },
  'failed mail': async ({ database }) => {
    const { failed } = await readBalance(database.pool)
    return failed === 0 ? well('none') : ill(`${String(failed)}: see "rethread inbound list --status failed", then "rethread inbound replay ID"`)
  },
  outgoing: async ({ database }) => {
    const { waiting, failed } = await readWork(database.pool)
    return failed === 0 ? well(`${String(waiting)} waiting`) : ill(`${String(failed)} mails could not be sent; their messages say why`)
  },
  webhooks: async ({ database }) => {
    const { disabled, failing, waiting } = await readWebhookHealth(database.pool)
    const counts = `${String(waiting)} deliveries waiting, ${String(failing)} receivers failing`
    return disabled === 0 ? well(counts) : ill(`${counts}, ${String(disabled)} given up: GET webhooks says why; PATCH tells one again`)
  },
  accounts: async ({ database }) => {
    const { accounts, receiving } = await countAccounts(database.pool)
    return receiving > 0 ? well(`${String(receiving)} of ${String(accounts)} receive mail`) : ill('no active account has the feature inbound_emails: rethread account enable-feature ID inbound_emails')
  },
  disk: async ({ config }) => {
    const { bavail, bsize } = await statfs(config.DATA_DIR)
    return { ok: bavail * bsize > minFreeBytes, detail: `${String(Math.round((bavail * bsize) / 1024 / 1024))} MB free at ${config.DATA_DIR}` }
  },
  'ways in': ({ config }) => well(config.RAILS_INBOUND_EMAIL_SERVICE.join(' ')),
  'way out': ({ config }) => well(config.OUTBOUND_SMTP_URL === undefined ? `OUTBOUND_SMTP_URL is not set: mail is written to ${join(config.DATA_DIR, 'outbox')} and goes nowhere` : 'OUTBOUND_SMTP_URL is set'),
  'sender authentication': ({ config }) =>
    well(config.AUTHSERV_ID === undefined ? 'AUTHSERV_ID is not set: agents cannot answer from a mail client, as nobody vouches for their mail' : `the Authentication-Results of ${config.AUTHSERV_ID} count`),
}

function well(detail: string): Finding {
  return { ok: true, detail }
}

function ill(detail: string): Finding {
  return { ok: false, detail }
}
