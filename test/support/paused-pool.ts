// A pool that stops before a statement until the test lets it go on: what two transactions do to each other, in a
// given order.

import type { QueryConfig } from 'pg'

import type { Pool, Tx } from '../../src/db/pool.ts'
import { until } from './until.ts'

export interface PausedPool {
  readonly pool: Pool
  /** Resolves when the transaction has come to the statement. */
  readonly reached: Promise<void>
  readonly goOn: () => void
}

/** Stops before the first statement that begins with `statement`, once. */
export function pauseBefore(pool: Pool, statement: string): PausedPool {
  const reached = createSignal()
  const gate = createSignal()
  const pause = (target: Pool | Tx) => async (asked: string | QueryConfig, values?: unknown[]) => {
    if ((typeof asked === 'string' ? asked : asked.text).trimStart().startsWith(statement)) {
      reached.resolve()
      await gate.promise
    }
    return (target as Tx).query(asked, values)
  }
  const connect = async () => {
    const tx = await pool.connect()
    return forward(tx, { query: pause(tx) })
  }
  return {
    pool: forward(pool, { connect, query: pause(pool) }),
    reached: reached.promise,
    goOn: gate.resolve,
  }
}

/** Waits until `other` waits for a lock of another transaction, or is done. */
export async function blockedOrDone(pool: Pool, other: Promise<unknown>): Promise<void> {
  let done = false
  const end = () => (done = true)
  other.then(end, end)
  await until(
    'a transaction behind a lock, or done',
    async () =>
      done ||
      (
        await pool.query(
          `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
      ).rowCount !== 0,
  )
}

function createSignal(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((done) => (resolve = done))
  return {
    promise,
    resolve: () => {
      resolve()
    },
  }
}

function forward<T extends object>(target: T, own: Record<string, unknown>): T {
  return new Proxy(target, {
    get: (_target, name) => {
      if (typeof name === 'string' && name in own) return own[name]
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value as (...values: unknown[]) => unknown).bind(target) : value
    },
  })
}
