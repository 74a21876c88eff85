// A database of its own for each test file, copied from a template that is migrated once per version of the migrations.
// Where no PostgreSQL server answers, the tests that need one are skipped, and say so.

import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'

import pg from 'pg'
import { describe } from 'vitest'

import { migrate } from '../../src/db/migrate.ts'
import { connectionOf, createPool, type Pool } from '../../src/db/pool.ts'

const serverUrl = process.env['DATABASE_URL_TEST'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const lock = `hashtext('rethread.test.template')`

export interface TestDatabase {
  readonly url: string
  readonly pool: Pool
  readonly drop: () => Promise<void>
}

const isThere = await answers()

/** `describe` for tests that need a PostgreSQL server. */
export const describeWithDatabase = describe.skipIf(!isThere)

/** A fresh, migrated database. `drop` closes its pool and removes it. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const template = `rethread_test_${await migrationsHash()}`
  const name = `${template}_${randomBytes(5).toString('hex')}`
  await asAdministrator(async (client) => {
    await client.query(`select pg_advisory_lock(${lock})`)
    await makeTemplate(client, template)
    await client.query(`create database ${name} template ${template}`)
  })
  const url = urlOf(name)
  const pool = createPool(connectionOf(url), 10, () => undefined)
  const drop = async () => {
    await pool.end()
    await asAdministrator((client) => client.query(`drop database if exists ${name} with (force)`))
  }
  return { url, pool, drop }
}

// A template whose migration was cut off is under another name until it is done.
async function makeTemplate(client: pg.Client, template: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [template])
  if (rowCount !== 0) return
  const fresh = `${template}_fresh`
  await client.query(`drop database if exists ${fresh} with (force)`)
  await client.query(`create database ${fresh}`)
  const pool = createPool(connectionOf(urlOf(fresh)), 1, () => undefined)
  await migrate(pool)
  await pool.end()
  await client.query(`alter database ${fresh} rename to ${template}`)
}

async function asAdministrator<T>(act: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: serverUrl, connectionTimeoutMillis: 3_000 })
  await client.connect()
  try {
    return await act(client)
  } finally {
    await client.end()
  }
}

async function answers(): Promise<boolean> {
  try {
    await asAdministrator((client) => client.query('select 1'))
    return true
  } catch (error) {
    console.warn(`No PostgreSQL server answers (${error instanceof Error ? error.message : String(error)}): tests that need one are skipped. Set DATABASE_URL_TEST to a server where databases may be made.`)
    return false
  }
}

function urlOf(database: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  return url.href
}

async function migrationsHash(): Promise<string> {
  const folder = new URL('../../prisma/migrations/', import.meta.url)
  const hash = createHash('sha256')
  for (const entry of (await readdir(folder, { withFileTypes: true })).filter((item) => item.isDirectory()).map((item) => item.name).sort()) {
    hash.update(await readFile(new URL(`${entry}/migration.sql`, folder)))
  }
  return hash.digest('hex').slice(0, 12)
}
