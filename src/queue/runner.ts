// Runs the rows of the work table: claims due rows, a few at once, and releases failed ones with a growing delay, in
// bounded time.

import type { Pool } from '../db/pool.ts'
import { statusOf, toMailError } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Rounds, startRounds } from './rounds.ts'
import { claimWork, finishWork, type Lane, retryWork, type WorkKind, type WorkPayloads, type WorkRow } from './work.ts'

export interface Handler<Payload> {
  readonly run: (payload: Payload) => Promise<void>
  /** The row will be tried again. */
  readonly onRetry?: (
    payload: Payload,
    failure: { readonly error: string; readonly attempts: number; readonly nextAt: Date },
  ) => Promise<void>
  /** The row was tried to the end (`isTriedOut`), or met an error that no retry mends. */
  readonly onGiveUp?: (payload: Payload, error: string, end: { readonly isTriedOut: boolean }) => Promise<void>
}
export type Handlers = { readonly [Kind in WorkKind]: Handler<WorkPayloads[Kind]> }

export interface RunnerOptions {
  readonly pool: Pool
  readonly log: Log
  /**
   * Work of a kind that has none is tried again as any that failed, for another process to take, and given up in the
   * end.
   */
  readonly handlers: Partial<Handlers>
  readonly pollMs: number
  /** The work of this runner, and how many rows at once. Default: all, eight at once. */
  readonly lane?: Lane & { readonly atOnce: number }
  /** Called after each round that did something. */
  readonly onDone?: () => void
}

/** `stop` finishes running work. */
export type Runner = Rounds

const allWork = { atOnce: 8 }
const workLeaseMs = 120_000

/** The last attempt is 48 hours after the first, if each fails at once. */
const maxAttempts = 22

const longestMs = 4 * 3_600_000

/** When a failed row is tried again, in ms: 15 s, 30 s, … at most 4 h; later if the other side asks for it. */
export function workBackOffMs(attempts: number, retryAfterSeconds: number | null = null): number {
  return Math.min(Math.max(15_000 * 2 ** (attempts - 1), (retryAfterSeconds ?? 0) * 1_000), longestMs)
}

/** Starts at once. */
export function createRunner(options: RunnerOptions): Runner {
  const { atOnce, ...lane } = options.lane ?? allWork
  return startRounds({
    pollMs: options.pollMs,
    round: async () => {
      const rows = await claimWork(options.pool, atOnce, { leaseMs: workLeaseMs, lane })
      await Promise.all(rows.map((row) => runOne(row, options)))
      if (rows.length > 0) options.onDone?.()
      return rows.length > 0
    },
    onFault: (error) => {
      options.log.warn('fault', { error, during: 'work' })
    },
  })
}

// Never throws: a row whose end cannot be written comes back when its lease is over.
async function runOne(row: WorkRow, options: RunnerOptions): Promise<void> {
  const handler = options.handlers[row.kind as WorkKind] as Handler<unknown> | undefined
  try {
    if (handler === undefined) throw new Error(`this version does not know work of kind ${row.kind}`)
    // The process ended during this work; such work must also reach its last attempt.
    if (row.attempts > maxAttempts) throw new Error('no process has survived it')
    await handler.run(row.payload)
    await finishWork(options.pool, row)
  } catch (error) {
    await giveBack(row, { error, handler }, options).catch((fault: unknown) => {
      options.log.warn('fault', { error: fault, during: 'work' })
    })
  }
}

async function giveBack(
  row: WorkRow,
  { error, handler }: { error: unknown; handler: Handler<unknown> | undefined },
  { pool, log }: RunnerOptions,
): Promise<void> {
  const { message, retryAfterSeconds } = toMailError(error)
  const isFinal = !statusOf(toMailError(error)).retry
  const isEnd = isFinal || row.attempts >= maxAttempts
  const delayMs = workBackOffMs(row.attempts, retryAfterSeconds)
  log[isEnd ? 'error' : 'warn'](isEnd ? 'work-failed' : 'retry', {
    work: row.id,
    kind: row.kind,
    attempts: row.attempts,
    error,
  })
  const nextAt = new Date(Date.now() + delayMs)
  if (isEnd) await handler?.onGiveUp?.(row.payload, message, { isTriedOut: !isFinal })
  else await handler?.onRetry?.(row.payload, { error: message, attempts: row.attempts, nextAt })
  await retryWork(pool, row, { error: message, delayMs: isEnd ? null : delayMs })
}
