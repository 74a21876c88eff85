// Feeds stored mails to the pipeline, a batch at a time: from memory while this process has just accepted them, else
// from the table. Batches run two at a time and finish in order, but a stuck batch is overtaken; two batches never have
// mail for the same reply address, so that the mails of one conversation stay in order.

import type { StoredMail } from '../../contracts/stored-mail.ts'
import type { Pool } from '../../db/pool.ts'
import type { Log } from '../../log.ts'
import { leaseMs } from '../acceptance/insert-group.ts'
import { WaitError, waitMs } from './ahead.ts'
import { renewLeases } from './claim.ts'
import { createSource } from './feed-source.ts'
import { createReturns } from './returns.ts'

/**
 * Runs a batch to its end; `turn` resolves when the batches before it are done. Never throws: each mail has its own
 * result.
 */
export type ProcessBatch = (
  mails: readonly StoredMail[],
  turn: Promise<void>,
) => Promise<readonly { readonly inboundEmailId: number; readonly error: unknown }[]>

export interface FeedOptions {
  readonly pool: Pool
  readonly log: Log
  readonly processBatch: ProcessBatch
  /** How often the table is polled without a wake-up. */
  readonly pollMs: number
}

export interface Feed {
  /** True if mails accepted now would be processed from memory soon. */
  readonly hasRoom: () => boolean
  /** Takes mails that this process leased at birth. */
  readonly offer: (mails: readonly StoredMail[]) => void
  /** There may be due mails in the table. */
  readonly wake: () => void
  /** Finishes the batches under way; what is still in memory stays in the table. */
  readonly stop: () => Promise<void>
}

const batchesAtOnce = 2
const stuckMs = 1_500
const maxRestMs = 250

/** Starts at once. */
export function createFeed(options: FeedOptions): Feed {
  const source = createSource(options.pool)
  const returns = createReturns(options)
  const intake = createIntakeWatch(source)
  const step = createStep({
    options,
    source,
    returns,
    wake: () => {
      wake()
    },
  })
  const running = new Set<Promise<void>>()
  let stopped = false

  const startBatches = (): void => {
    while (!stopped && running.size < batchesAtOnce && source.mayHaveMore()) {
      const yieldToIntake = intake.watch()
      const one = step().then(async (again) => {
        if (again && !stopped) await yieldToIntake()
        running.delete(one)
        if (again) startBatches()
      })
      running.add(one)
      // A second claim would find only what the first leaves; wait for the first.
      if (!source.hasHeld()) break
    }
  }

  const wake = (): void => {
    returns.retry()
    source.noteDue()
    startBatches()
  }
  const timer = setInterval(wake, options.pollMs)
  startBatches()

  return {
    hasRoom: () => {
      intake.noteArrival()
      return !stopped && source.hasRoom()
    },
    offer: (mails) => {
      source.add(mails)
      startBatches()
    },
    wake,
    stop: async () => {
      stopped = true
      clearInterval(timer)
      await Promise.all(running)
      await release(options.pool, source.held())
    },
  }
}

interface Deps {
  readonly options: FeedOptions
  readonly source: ReturnType<typeof createSource>
  readonly returns: ReturnType<typeof createReturns>
  readonly wake: () => void
}

// Takes a batch to its end; false when there was none, or a fault.
function createStep({ options, source, returns, wake }: Deps): () => Promise<boolean> {
  const nextTurn = createSequence()
  return async (): Promise<boolean> => {
    const slot = nextTurn()
    try {
      const batch = await source.take()
      if (batch.length === 0) return false
      await runBatch(batch, slot.turn, { ...options, returns, wake }).finally(() => {
        source.done(batch)
      })
      return true
    } catch (error) {
      options.log.warn('fault', { error, during: 'feed' })
      return false
    } finally {
      slot.leave()
    }
  }
}

// Acceptance has priority: while more mail arrives than is processed, the pipeline pauses after each batch for as long
// as the batch took.
function createIntakeWatch(source: { readonly hasBatch: () => boolean }) {
  let arrivals = 0
  return {
    noteArrival: (): void => {
      arrivals++
    },
    /** Call it at the beginning of a batch; it returns a function to call at the end of the batch. */
    watch: () => {
      const since = { arrivals, at: performance.now() }
      return async (): Promise<void> => {
        if (arrivals === since.arrivals || !source.hasBatch()) return
        await new Promise((resolve) => setTimeout(resolve, Math.min(performance.now() - since.at, maxRestMs)))
      }
    },
  }
}

// Each batch gets a slot: its turn comes when the one before has left, or when that one is stuck.
function createSequence() {
  let before: Promise<void> = Promise.resolve()
  return (): { turn: Promise<void>; leave: () => void } => {
    const last = before
    let leave = (): void => undefined
    before = new Promise((resolve) => {
      leave = resolve
    })
    const stuck = new Promise<void>((resolve) => setTimeout(resolve, stuckMs).unref())
    return {
      turn: Promise.race([last, stuck]),
      leave: () => {
        leave()
      },
    }
  }
}

async function runBatch(
  batch: readonly StoredMail[],
  turn: Promise<void>,
  options: FeedOptions & Pick<Deps, 'returns' | 'wake'>,
): Promise<void> {
  const renewal = setInterval(() => {
    renewLeases(
      options.pool,
      batch.map(({ id }) => id),
    ).catch((error: unknown) => {
      options.log.warn('fault', { error, during: 'lease' })
    })
  }, leaseMs / 3)
  const results = await options.processBatch(batch, turn).finally(() => {
    clearInterval(renewal)
  })
  for (const { inboundEmailId, error } of results.filter((result) => result.error !== null)) {
    const mail = batch.find(({ id }) => id === inboundEmailId)
    if (mail === undefined) continue
    options.returns.add(mail, error)
    if (error instanceof WaitError) setTimeout(options.wake, waitMs(mail.waits) + 5).unref()
  }
  await options.returns.flush()
}

// Leases of mails that were not started are released at once.
async function release(pool: Pool, mails: readonly StoredMail[]): Promise<void> {
  if (mails.length === 0) return
  await pool.query(`update inbound_emails set run_at = now() where id = any($1) and status = 'pending'`, [
    mails.map(({ id }) => id),
  ])
}
