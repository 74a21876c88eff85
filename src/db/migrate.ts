// Runs prisma/migrations in order of name, once each, in one transaction, and keeps Prisma's own ledger,
// so that `prisma migrate deploy` elsewhere agrees with what was done here. Needs no engine.

import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'

import { MailError } from '../errors.ts'
import { inTransaction, type Pool, type Tx } from './pool.ts'

const folder = new URL('../../prisma/migrations/', import.meta.url)

// The table as Prisma's engine makes it.
const ledger = `create table if not exists _prisma_migrations (
  id varchar(36) primary key not null,
  checksum varchar(64) not null,
  finished_at timestamptz,
  migration_name varchar(255) not null,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz not null default now(),
  applied_steps_count integer not null default 0
)`

/** Names of the migrations that were run now. Throws when a known one was edited or a former run failed half-way. */
export async function migrate(pool: Pool): Promise<string[]> {
  const migrations = await readMigrations()
  return inTransaction(pool, async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtext('rethread.migrate'))`)
    await tx.query(ledger)
    const { rows } = await tx.query<{ migration_name: string; checksum: string; finished_at: Date | null }>(
      'select migration_name, checksum, finished_at from _prisma_migrations where rolled_back_at is null',
    )
    const known = new Map(rows.map((row) => [row.migration_name, row]))
    const done: string[] = []
    for (const migration of migrations) {
      const row = known.get(migration.name)
      if (row === undefined) {
        await run(tx, migration)
        done.push(migration.name)
      } else if (row.finished_at === null) {
        throw new MailError(
          'misconfigured',
          `migration ${migration.name} was started by another tool and did not finish; see "prisma migrate resolve"`,
        )
      } else if (row.checksum !== migration.checksum) {
        throw new MailError(
          'misconfigured',
          `migration ${migration.name} was edited after it ran; restore the file, put the change into a new one`,
        )
      }
    }
    return done
  })
}

interface Migration {
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

async function readMigrations(): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
  return Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(new URL(`${name}/migration.sql`, folder))
      return { name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') }
    }),
  )
}

async function run(tx: Tx, migration: Migration): Promise<void> {
  await tx.query(migration.sql)
  await tx.query(
    `
      insert into _prisma_migrations (
        id, checksum, migration_name, started_at, finished_at, applied_steps_count
      )
      values ($1, $2, $3, now(), now(), 1)
    `,
    [randomUUID(), migration.checksum, migration.name],
  )
}
