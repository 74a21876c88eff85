// The servers of a test run: one embedded PostgreSQL of its own, and what this machine has beside it
// (TEST_DATABASE_URL, TEST_REDIS_URL). What is not there is said once; the tests that need it are skipped.

import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Redis } from 'ioredis'
import pg from 'pg'
import type { TestProject } from 'vitest/node'

import { startEmbedded } from '../src/db/embedded.ts'

export interface Servers {
  /** Administrator's URLs; null = not there. */
  readonly embedded: string | null
  readonly server: string | null
  readonly redis: string | null
}

declare module 'vitest' {
  interface ProvidedContext {
    servers: Servers
  }
}

interface Run {
  readonly servers: Servers
  readonly stop: () => Promise<void>
}

// Each project of the run loads this file anew; they share the servers.
const shared = globalThis as typeof globalThis & { rethreadTestRun?: { users: number; run: Promise<Run> } }

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const state = (shared.rethreadTestRun ??= { users: 0, run: start() })
  state.users++
  project.provide('servers', (await state.run).servers)
  return async () => {
    if (--state.users > 0) return
    delete shared.rethreadTestRun
    await (await state.run).stop()
  }
}

async function start(): Promise<Run> {
  const serverUrl = process.env['TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
  const redisUrl = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379'
  const [embedded, server, redis] = await Promise.all([
    startOwn(),
    whenThere('PostgreSQL server', serverUrl, askPostgres),
    whenThere('Redis server', redisUrl, askRedis),
  ])
  return { servers: { embedded: embedded?.url ?? null, server, redis }, stop: async () => embedded?.stop() }
}

async function startOwn(): Promise<{ url: string; stop: () => Promise<void> } | null> {
  const folder = await mkdtemp(join(tmpdir(), 'rethread-test-'))
  // Started by root, PostgreSQL runs as another user, who must get in.
  await chmod(folder, 0o755)
  try {
    const server = await startEmbedded(folder)
    const { host, user, database } = server.connection
    const stop = async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    }
    return {
      url: `postgresql:///${String(database)}?host=${encodeURIComponent(String(host))}&user=${String(user)}`,
      stop,
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    console.warn(`skipped: no embedded PostgreSQL here (${reasonOf(error)})`)
    return null
  }
}

async function whenThere(name: string, url: string, ask: (url: string) => Promise<void>): Promise<string | null> {
  try {
    await ask(url)
    return url
  } catch (error) {
    console.warn(`skipped: no ${name} at ${url.replace(/:[^:@/]*@/, ':…@')} (${reasonOf(error)})`)
    return null
  }
}

async function askPostgres(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000 })
  await client.connect()
  await client.query('select 1').finally(() => client.end())
}

async function askRedis(url: string): Promise<void> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 3_000,
    maxRetriesPerRequest: 1,
    retryStrategy: () => null,
  })
  client.on('error', () => undefined)
  await client.connect()
  await client.ping().finally(() => {
    client.disconnect()
  })
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error ? String(error.code) : error.message
}
