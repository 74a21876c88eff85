// A database of its own for each test file, copied from a template that is migrated once per version of the
// migrations; on the embedded PostgreSQL of the run, or on the machine's own server (test/global-setup.ts). Where
// neither is there, the tests that need one are skipped.

import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'

import pg from 'pg'
import { describe, inject } from 'vitest'

import { migrate } from '../../src/db/migrate.ts'
import { connectionOf, createPool, type Pool } from '../../src/db/pool.ts'

/** The members of the database contract: a name for the test's title, and the administrator's URL. */
export interface DatabaseMember {
  readonly name: 'embedded' | 'server'
  readonly url: string
}

export interface TestDatabase {
  readonly url: string
  readonly pool: Pool
  readonly drop: () => Promise<void>
}

const servers = inject('servers')
const server: DatabaseMember | null = servers.server === null ? null : { name: 'server', url: servers.server }
/** Where tests run that do not say where: the embedded PostgreSQL of the run, else the server; null = neither. */
export const defaultMember: DatabaseMember | null =
  servers.embedded === null ? server : { name: 'embedded', url: servers.embedded }

/** `describe` for tests that need a PostgreSQL, whichever. */
export const describeWithDatabase = describe.skipIf(defaultMember === null)

/** `describe` once per member of the database contract; one that is not there is skipped. */
export function describeOnEachDatabase(title: string, tests: (member: DatabaseMember) => void): void {
  for (const name of ['embedded', 'server'] as const) {
    const url = servers[name]
    describe.skipIf(url === null)(`${title} (${name} database)`, () => {
      tests({ name, url: url ?? '' })
    })
  }
}

/**
 * `describe` on one member of the database contract: which, the title decides, so that each has about half of the
 * tests; where that one is not there, on the other. For tests of behaviour, whose SQL test/contract runs on both.
 */
export function describeOnEitherDatabase(title: string, tests: (member: DatabaseMember) => void): void {
  const isFirst = (createHash('sha256').update(title).digest()[0] ?? 0) % 2 === 0
  const [first, second] = isFirst ? (['embedded', 'server'] as const) : (['server', 'embedded'] as const)
  const name = servers[first] === null ? second : first
  const url = servers[name]
  describe.skipIf(url === null)(`${title} (${name} database)`, () => {
    tests({ name, url: url ?? '' })
  })
}

/** A fresh, migrated database. `drop` closes its pool and removes it. */
export async function createTestDatabase(member: DatabaseMember | null = defaultMember): Promise<TestDatabase> {
  if (member === null) throw new Error('there is no PostgreSQL for tests; use describeWithDatabase')
  const template = `rethread_test_${await migrationsHash()}`
  return createDatabase(member, async (client, name) => {
    await client.query(`select pg_advisory_lock(hashtext('rethread.test.template'))`)
    await makeTemplate(client, { member, template })
    await client.query(`create database ${name} template ${template}`)
  })
}

/** A database without any table. */
export function createEmptyDatabase(member: DatabaseMember): Promise<TestDatabase> {
  return createDatabase(member, (client, name) => client.query(`create database ${name}`))
}

async function createDatabase(
  member: DatabaseMember,
  create: (client: pg.Client, name: string) => Promise<unknown>,
): Promise<TestDatabase> {
  const name = `rethread_test_${randomBytes(8).toString('hex')}`
  await asAdministrator(member, (client) => create(client, name))
  const url = urlOf(member, name)
  const pool = createPool(connectionOf(url), 10, () => undefined)
  let dropped: Promise<void> | null = null
  const remove = async () => {
    if (!pool.ended) await pool.end()
    await asAdministrator(member, (client) => client.query(`drop database if exists ${name} with (force)`))
  }
  return { url, pool, drop: () => (dropped ??= remove()) }
}

// A template whose migration was cut off is under another name until it is done.
async function makeTemplate(
  client: pg.Client,
  { member, template }: { member: DatabaseMember; template: string },
): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [template])
  if (rowCount !== 0) return
  const fresh = `${template}_fresh`
  await client.query(`drop database if exists ${fresh} with (force)`)
  await client.query(`create database ${fresh}`)
  const pool = createPool(connectionOf(urlOf(member, fresh)), 1, () => undefined)
  await migrate(pool)
  await pool.end()
  await client.query(`alter database ${fresh} rename to ${template}`)
}

/** Runs `action` on a connection to the member's own database. */
export async function asAdministrator<T>(
  member: DatabaseMember,
  action: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: member.url, connectionTimeoutMillis: 3_000 })
  await client.connect()
  try {
    return await action(client)
  } finally {
    await client.end()
  }
}

function urlOf(member: DatabaseMember, database: string): string {
  const url = new URL(member.url)
  url.pathname = `/${database}`
  return url.href
}

async function migrationsHash(): Promise<string> {
  const folder = new URL('../../prisma/migrations/', import.meta.url)
  const hash = createHash('sha256')
  for (const entry of (await readdir(folder, { withFileTypes: true }))
    .filter((item) => item.isDirectory())
    .map((item) => item.name)
    .sort()) {
    hash.update(await readFile(new URL(`${entry}/migration.sql`, folder)))
  }
  return hash.digest('hex').slice(0, 12)
}
