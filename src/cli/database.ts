// `rethread database copy --to URL`: moves an installation from the embedded database of DATA_DIR to a PostgreSQL
// server (docs/operate/postgresql.md). The service must not run meanwhile: the embedded database has one process at a
// time. Nothing is changed in the embedded one.

import { parseArgs } from 'node:util'

import { ConfigError, readConfig } from '../config.ts'
import { copyDatabase } from '../db/copy.ts'
import { openDatabase } from '../db/open.ts'
import { connectionOf, type Pool, queryOne } from '../db/pool.ts'
import { MailError } from '../errors.ts'
import { cannotConnect } from './serve/cannot-connect.ts'

const usage = 'Usage: rethread database copy --to postgres://user:password@host/database'

/**
 * Exit 0 when everything is on the server; 64 for usage, 78 for a wrong set-up, 75 for a temporary fault.
 * One line on stderr.
 */
export async function run(args: string[]): Promise<number> {
  const to = targetOf(args)
  if (to === null) {
    process.stderr.write(`${usage}\n`)
    return 64
  }
  try {
    await move(to)
    return 0
  } catch (error) {
    return fail(to, error)
  }
}

function fail(to: string, error: unknown): number {
  const refused = cannotConnect(to, error)
  const sentence = refused ?? (error instanceof Error ? error.message || error.name : String(error))
  process.stderr.write(`rethread database: ${sayRunning(sentence)}\n`)
  const isHeldByUs =
    error instanceof ConfigError ||
    (error instanceof MailError && (error.kind === 'misconfigured' || error.kind === 'conflict'))
  return refused !== null || isHeldByUs ? 78 : 75
}

// The advice of a start does not fit here.
function sayRunning(sentence: string): string {
  return sentence.startsWith('Another rethread process is running')
    ? 'The service is running. Stop it, then run the copy again.'
    : sentence
}

function targetOf(args: string[]): string | null {
  try {
    const { positionals, values } = parseArgs({ args, allowPositionals: true, options: { to: { type: 'string' } } })
    const { to = '' } = values
    return positionals.join(' ') === 'copy' && /^postgres(?:ql)?:\/\//.test(to) && URL.canParse(to) ? to : null
  } catch {
    return null
  }
}

async function move(to: string): Promise<void> {
  const { DATA_DIR } = readConfig()
  const source = await openDatabase({ url: undefined, dataDir: DATA_DIR, poolSize: 1, onError: () => undefined })
  try {
    if (!(await holdsInstallation(source.pool)))
      throw new MailError(
        'misconfigured',
        `there is nothing to copy: the embedded database of DATA_DIR (${DATA_DIR}) has never been used`,
      )
    const tables = await copyDatabase(source.connection, connectionOf(to), ({ name, rows }) =>
      process.stdout.write(`${name.padEnd(26)}${String(rows)}\n`),
    )
    const rows = tables.reduce((sum, table) => sum + table.rows, 0)
    process.stdout.write(
      `Copied ${String(rows)} rows of ${String(tables.length)} tables. Now set DATABASE_URL to the server, ` +
        `keep DATA_DIR (its secret-key is needed), and start.\n`,
    )
  } finally {
    await source.close()
  }
}

async function holdsInstallation(pool: Pool): Promise<boolean> {
  return (await queryOne(pool, 'select from installation limit 1')) !== null
}
