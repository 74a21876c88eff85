// Pools of connections for plain SQL; plain records go through Prisma (db/client). open.ts makes one pool for mail and
// one for the API.

import { createHash } from 'node:crypto'

import pg from 'pg'

// int8 ids and counts stay far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

export type Pool = pg.Pool
/** A connection inside a transaction. */
export type Tx = pg.PoolClient
/** Anything that runs a statement: the pool, or a connection inside a transaction. */
export type Sql = Pick<pg.Pool, 'query'>

export interface Connection extends pg.PoolConfig {
  /** Settings of each connection of one pool, besides the common ones. */
  readonly settings?: Readonly<Record<string, string>>
}

/** The options of `pg` for a server's URL; `?host=/folder` reaches a unix socket. */
export function connectionOf(url: string): Connection {
  return { connectionString: url }
}

/**
 * A statement of the hot path: parsed and planned once by each connection, then only run. Written at the top of its
 * file, `tx.query(sql([…]))`. Its name is made of its text, so that two of one text are one.
 */
export function statement(text: string): (values: readonly unknown[]) => pg.QueryConfig {
  const name = createHash('sha256').update(text).digest('hex').slice(0, 16)
  return (values) => ({ name, text, values: [...values] })
}

// As for discs without arms, and one processor a statement: lists count by their index, and leave the other
// processors to others.
const usual = { random_page_cost: '1.1', max_parallel_workers_per_gather: '0', jit: 'off', lock_timeout: '30s' }

/**
 * A pool that gives up a connection attempt after 5 s and a wait for a lock after 30 s, and reports lost idle
 * connections instead of throwing. Queries on one connection are pipelined and answered in order.
 */
export function createPool(
  { settings = {}, ...connection }: Connection,
  size: number,
  onError: (error: Error) => void,
): Pool {
  const wanted = Object.entries({ ...usual, ...settings })
  // After the connection is made: a pooler rejects such settings at the start of a connection.
  const onConnect = async (client: Sql): Promise<void> => {
    await client.query(
      'select set_config(name, value, false) from unnest($1::text[], $2::text[]) as wanted(name, value)',
      [wanted.map(([name]) => name), wanted.map(([, value]) => value)],
    )
  }
  // The pool waits for it, whatever its type says.
  const pool = new pg.Pool(
    Object.assign(
      {
        pipeline: true,
        ...connection,
        max: size,
        connectionTimeoutMillis: 5_000,
        application_name: 'rethread',
        keepAlive: true,
      },
      { onConnect },
    ),
  )
  pool.on('error', onError)
  // Attached at creation: between the pool and its borrower there is a moment in which no other listener would notice a
  // lost connection.
  pool.on('connect', (client) => client.on('error', ignoreError))
  return pool
}

/** Cuts the connections of a pool, busy or idle: the server undoes what was not committed. Never throws. */
export function cutSessions(pool: Pool): void {
  const { _clients: clients } = pool as unknown as {
    readonly _clients: readonly { readonly connection: { readonly stream: { readonly destroy: () => void } } }[]
  }
  for (const client of [...clients]) client.connection.stream.destroy()
}

/** Runs `action` in one transaction; rolls back and rethrows when it throws. */
export async function inTransaction<T>(pool: Pool, action: (tx: Tx) => Promise<T>): Promise<T> {
  const tx = await pool.connect()
  let lost: Error | undefined
  try {
    await tx.query('begin')
    const result = await action(tx)
    await tx.query('commit')
    return result
  } catch (error) {
    await tx.query('rollback').catch((rollbackError: unknown) => {
      lost = rollbackError instanceof Error ? rollbackError : new Error(String(rollbackError))
    })
    throw error
  } finally {
    tx.release(lost)
  }
}

const deadlockRetries = 2

/**
 * As `inTransaction`, and repeated when PostgreSQL has ended it to break a deadlock: locks are taken in one order
 * (docs/adr/0019-one-order-of-locks.md), but cascades and foreign keys take theirs in any order. Only for an `action`
 * whose every effect is rolled back with its transaction.
 */
export async function withDeadlockRetry<T>(pool: Pool, action: (tx: Tx) => Promise<T>): Promise<T> {
  for (let retries = 0; ; retries++) {
    try {
      return await inTransaction(pool, action)
    } catch (error) {
      if (!(error instanceof pg.DatabaseError && error.code === '40P01') || retries === deadlockRetries) throw error
    }
  }
}

/**
 * Waits for statements that one transaction sends without waiting in between; the results have the statements' names.
 * Throws what failed first, once all have ended: none may reach the connection after the rollback.
 */
export async function pipelined<Statements extends Readonly<Record<string, unknown>>>(
  statements: Statements,
): Promise<{ readonly [Name in keyof Statements]: Awaited<Statements[Name]> }> {
  const names = Object.keys(statements)
  const results = await Promise.allSettled(Object.values(statements))
  const faults = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  if (faults.length > 0) throw faults.find((fault) => !isEcho(fault)) ?? faults[0]
  const values = results.map((result, index) => [names[index], result.status === 'fulfilled' ? result.value : null])
  return Object.fromEntries(values) as { readonly [Name in keyof Statements]: Awaited<Statements[Name]> }
}

// The error of PostgreSQL for every statement after the one that failed.
function isEcho(fault: unknown): boolean {
  return fault instanceof pg.DatabaseError && fault.code === '25P02'
}

// A lost connection is an event of the client as well as an error of the query; without a listener it would end the
// process.
function ignoreError(): void {
  // The query under way, or the next one, fails with it.
}

/** A connection outside the pool, for session-bound features. The caller ends it; `end` reports that it was cut. */
export async function connectAlone(connection: Connection): Promise<pg.Client> {
  const client = new pg.Client({
    ...connection,
    application_name: 'rethread-listen',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  })
  // Attached before connecting: a server that shuts down may send its welcome and the end of the connection together.
  client.on('error', ignoreError)
  await client.connect()
  return client
}

/** The first row, or null. */
export async function queryOne<Row extends pg.QueryResultRow>(
  sql: Sql,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row | null> {
  const { rows } = await sql.query<Row>(text, [...values])
  return rows[0] ?? null
}
