// Opens the database of this process: an external server by DATABASE_URL, else the embedded one under DATA_DIR; runs
// migrations and checks durability.

import { createCancellablePool } from './cancellable-pool.ts'
import { createDb, type Db } from './client.ts'
import { startEmbedded } from './embedded.ts'
import { migrate } from './migrate.ts'
import { type Connection, connectionOf, createPool, cutSessions, type Pool, queryOne } from './pool.ts'
import { newOwner } from './presence.ts'

export interface Database {
  /** For mail and all work behind it. */
  readonly pool: Pool
  readonly db: Db
  /** For what clients of the API ask: connections of its own, whose statements end after a time. */
  readonly api: { readonly pool: Pool; readonly db: Db }
  readonly connection: Connection
  /** The number of this process, which the rows that it leases keep. */
  readonly owner: number
  /** Folder of the embedded server; null: an external server. */
  readonly embeddedFolder: string | null
  /** Names of the migrations that this start has run. */
  readonly migrated: readonly string[]
  readonly close: () => Promise<void>
  /**
   * Ends every session at once, even during statements: they fail, and uncommitted changes are rolled back. `close`
   * still has to follow.
   */
  readonly abort: () => void
}

export interface DatabaseOptions {
  readonly url: string | undefined
  readonly dataDir: string
  readonly poolSize: number
  readonly api?: { readonly poolSize: number; readonly statementTimeoutMs: number }
  readonly onError: (error: Error) => void
  /** Receives the progress of a conversion of the embedded database, in sentences for people. */
  readonly onProgress?: (sentence: string) => void
}

/** Throws `MailError` with a sentence for people if no database is available. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const embedded =
    options.url === undefined ? await startEmbedded(options.dataDir, options.onError, options.onProgress) : null
  const connection = embedded?.connection ?? connectionOf(options.url ?? '')
  const owner = newOwner()
  let closing = false
  // The default of the column `owner` reads it, so that no statement has to carry it.
  const settings = { 'rethread.owner': String(owner) }
  const onError = (error: Error): void => {
    if (!closing) options.onError(error)
  }
  const { poolSize: apiSize, statementTimeoutMs } = options.api ?? { poolSize: options.poolSize, statementTimeoutMs: 0 }
  const apiSettings = { ...settings, statement_timeout: `${String(statementTimeoutMs)}ms` }
  const pool = createPool({ ...connection, settings }, options.poolSize, onError)
  const apiPool = createPool({ ...connection, settings: apiSettings }, apiSize, onError)
  const abort = (): void => {
    closing = true
    for (const one of [pool, apiPool]) cutSessions(one)
  }
  const close = async (): Promise<void> => {
    closing = true
    await Promise.all([pool.end(), apiPool.end()])
    await embedded?.stop()
  }
  try {
    return {
      pool,
      db: createDb(pool),
      api: { pool: createCancellablePool(apiPool, connection), db: createDb(apiPool) },
      connection,
      owner,
      embeddedFolder: embedded?.folder ?? null,
      migrated: await migrate(pool),
      close,
      abort,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Settings of the server without which an acknowledged mail may be lost; empty = all is well. */
export async function findDurabilityFaults(pool: Pool): Promise<string[]> {
  const row = await queryOne<{ fsync: string; commit: string; pages: string }>(
    pool,
    `
      select
        current_setting('fsync') as fsync,
        current_setting('synchronous_commit') as commit,
        current_setting('full_page_writes') as pages
    `,
  )
  return [
    ...(row?.fsync === 'on' ? [] : ['fsync is off: a power cut may lose mail that was acknowledged']),
    ...(row?.commit === 'off'
      ? ['synchronous_commit is off: a crash of the server may lose mail that was acknowledged']
      : []),
    ...(row?.pages === 'on' ? [] : ['full_page_writes is off: a power cut may damage the database']),
  ]
}
