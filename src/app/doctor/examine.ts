// The checks of `doctor`: one line each, with the finding or the next step.

import { statfs } from 'node:fs/promises'

import type { Config } from '../../config.ts'
import { countAccounts } from '../../conversations/people/first-start.ts'
import { readCollation } from '../../db/collation.ts'
import { type Database, findDurabilityFaults } from '../../db/open.ts'
import { isBalanced, readBacklogAge, readBalance } from '../../store/health.ts'
import { type Check, fail, type Finding, look, pass } from './finding.ts'
import { examineIgnored } from './ignored.ts'
import { examineInbound } from './ingress.ts'
import { examineAlerts, examineOutgoing, examineWebhooks } from './outgoing.ts'
import { examineAgents, examineDomains, examineHeld, examineInboxAddresses } from './people.ts'
import { examineQuotas } from './quotas.ts'
import { examineSenders } from './senders.ts'
import { examineCanaries, examineWaysOut } from './transports.ts'

interface Reporter {
  readonly config: Config
  readonly database: Database
}

const minFreeBytes = 256 * 1024 * 1024

/** Every check. Each is independent of the others: one that throws has failed. Never throws. */
export async function examine(reporter: Reporter): Promise<Check[]> {
  const found = await Promise.all([
    ...Object.entries(checks).map(([name, examineOne]) =>
      orFailed(name, async () => [{ name, ...(await examineOne(reporter)) }]),
    ),
    orFailed('way out', () => examineWaysOut(reporter)),
    orFailed('canary', () => examineCanaries(reporter)),
    orFailed('ingress', () => examineInbound(reporter)),
  ])
  return found.flat()
}

async function orFailed(name: string, check: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await check()
  } catch (error) {
    return [{ name, ok: false, detail: error instanceof Error ? error.message : String(error) }]
  }
}

const checks: Readonly<Record<string, (reporter: Reporter) => Finding | Promise<Finding>>> = {
  database: async ({ database }) => {
    const { rows } = await database.pool.query<{ version: string }>(
      `select current_setting('server_version') as version`,
    )
    const where = database.embeddedFolder === null ? 'an external server' : `embedded in ${database.embeddedFolder}`
    return { ok: true, detail: `PostgreSQL ${rows[0]?.version ?? ''}, ${where}` }
  },
  durability: async ({ database }) => {
    const faults = await findDurabilityFaults(database.pool)
    return faults.length === 0
      ? pass('fsync, synchronous_commit and full_page_writes are on')
      : fail(`${faults.join('; ')}. Switch it on in postgresql.conf.`)
  },
  conservation: async ({ database }) => {
    const balance = await readBalance(database.pool)
    const counts = Object.entries(balance).map(([state, count]) => `${state} ${String(count)}`)
    return isBalanced(balance)
      ? pass(counts.join(', '))
      : fail(`${counts.join(', ')}. Some accepted mail has no visible state. This is a bug, please report it.`)
  },
  backlog: async ({ database }) => {
    const age = await readBacklogAge(database.pool)
    return age < 60
      ? pass('mail is taken up at once')
      : fail(
          `the oldest waiting mail has waited ${String(Math.round(age))} s. Is a process with RUN_WORKER=true running?`,
        )
  },
  collation: async ({ database }) => {
    const { folds, indexed } = await readCollation(database.pool)
    if (!folds)
      return fail(
        'search, filters and sorting mind the case and accents of letters outside ASCII: the server has no ' +
          'collation of Unicode. ' +
          'Use a PostgreSQL with ICU, or a database with the encoding UTF8 and the locale C.UTF-8.',
      )
    return indexed ? pass('search and filters know the letters of all languages') : look(unindexed)
  },
  'failed mail': async ({ database }) => {
    const { failed } = await readBalance(database.pool)
    return failed === 0
      ? pass('none')
      : fail(`${String(failed)}: see "rethread inbound list --status failed", then "rethread inbound replay ID"`)
  },
  'held mail': examineHeld,
  'ignored mail': examineIgnored,
  outgoing: examineOutgoing,
  webhooks: examineWebhooks,
  alerts: examineAlerts,
  accounts: async ({ database }) => {
    const { accounts, receiving } = await countAccounts(database.pool)
    return receiving > 0
      ? pass(`${String(receiving)} of ${String(accounts)} receive mail`)
      : fail('no active account has the feature inbound_emails: rethread account enable-feature ID inbound_emails')
  },
  agents: examineAgents,
  domains: examineDomains,
  'inbox addresses': examineInboxAddresses,
  disk: examineDisk,
  'ways in': ({ config }) => pass(config.RAILS_INBOUND_EMAIL_SERVICE.join(' ')),
  'sender authentication': examineSenders,
  quotas: examineQuotas,
}

const unindexed =
  'search and filters know the letters of all languages, but the extension pg_trgm is not there: a ' +
  'search reads every contact of its account'

// Folders of raw mail, of the outbox and of the embedded database; for a server only the database's size is known.
async function examineDisk({ config, database }: Reporter): Promise<Finding> {
  const folders = [...new Set([config.DATA_DIR, database.embeddedFolder ?? config.DATA_DIR])]
  const free = await Promise.all(
    folders.map(async (folder) => {
      const { bavail, bsize } = await statfs(folder)
      return { folder, bytes: bavail * bsize }
    }),
  )
  const { rows } = await database.pool.query<{ bytes: string }>(
    'select pg_database_size(current_database())::text as bytes',
  )
  const detail = [
    ...free.map(({ folder, bytes }) => `${megabytes(bytes)} MB free at ${folder}`),
    `the database has ${megabytes(Number(rows[0]?.bytes ?? 0))} ` +
      `MB${database.embeddedFolder === null ? ' on its server' : ''}`,
  ].join(', ')
  return free.every(({ bytes }) => bytes > minFreeBytes) ? pass(detail) : fail(detail)
}

function megabytes(bytes: number): string {
  return String(Math.round(bytes / 1024 / 1024))
}
