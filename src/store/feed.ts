// Brings stored mails to the belt, a batch at a time: from memory while this process has just accepted them, else from the table.
// Batches run two at a time and finish in order, so that mails of one conversation stay in order; a batch that is stuck is overtaken.

import type { Pool } from '../db/pool.ts'
import { toMailError } from '../errors.ts'
import type { Log } from '../log.ts'
import { claimMails, giveBack } from './claim.ts'
import type { StoredMail } from './insert-group.ts'

/** Runs a batch to its end; `turn` resolves when the batches before it are done. Never throws: each mail has its own result. */
export type Belt = (mails: readonly StoredMail[], turn: Promise<void>) => Promise<readonly { readonly inboundEmailId: number; readonly error: unknown }[]>

export interface FeedOptions {
  readonly pool: Pool
  readonly log: Log
  readonly belt: Belt
  /** How often the table is asked when nothing wakes us. */
  readonly pollMs: number
}

export interface Feed {
  /** Whether mails accepted now would be taken from memory soon. */
  readonly room: () => boolean
  /** Takes mails that this process leased at birth. */
  readonly offer: (mails: readonly StoredMail[]) => void
  /** There may be due mails in the table. */
  readonly wake: () => void
  /** Finishes the batches under way; what is still in memory stays in the table. */
  readonly stop: () => Promise<void>
}

const maxBatch = 32
const maxBatchBytes = 4 * 1024 * 1024
const maxHeld = 1_000
const maxHeldBytes = 32 * 1024 * 1024
const batchesAtOnce = 2
const stuckMs = 1_500

/** Starts at once. */
export function createFeed(options: FeedOptions): Feed {
  const held: StoredMail[] = []
  let heldBytes = 0
  let running = 0
  let stopped = false
  let mayHaveDue = true
  let last: Promise<unknown> = Promise.resolve()
  const idle: (() => void)[] = []

  const take = async (): Promise<readonly StoredMail[]> => {
    const batch = takeBatch(held)
    heldBytes -= bytesOf(batch)
    if (batch.length > 0) return batch
    if (!mayHaveDue) return []
    mayHaveDue = false
    const claimed = await claimMails(options.pool, maxBatch)
    if (claimed.length > 0) mayHaveDue = true
    return claimed
  }

  const step = async (): Promise<boolean> => {
    const before = last
    const batch = await take()
    if (batch.length === 0) return false
    const turn = Promise.race([before.then(noValue), new Promise<void>((resolve) => setTimeout(resolve, stuckMs).unref())])
    const done = runBatch(batch, turn, options)
    last = done
    await done
    return true
  }

  const pump = (): void => {
    while (!stopped && running < batchesAtOnce && (held.length > 0 || mayHaveDue)) {
      running++
      void step()
        .catch((error: unknown) => {
          options.log.warn('fault', { error, during: 'feed' })
          return false
        })
        .then((again) => {
          running--
          if (again) pump()
          if (running === 0) for (const resolve of idle.splice(0)) resolve()
        })
      // The second claim would only see what the first has not taken; wait for its answer.
      if (held.length === 0) break
    }
  }

  const wake = (): void => {
    mayHaveDue = true
    pump()
  }
  const timer = setInterval(wake, options.pollMs)
  pump()

  return {
    room: () => !stopped && held.length < maxHeld && heldBytes < maxHeldBytes,
    offer: (mails) => {
      held.push(...mails)
      heldBytes += bytesOf(mails)
      pump()
    },
    wake,
    stop: async () => {
      stopped = true
      clearInterval(timer)
      if (running > 0) await new Promise<void>((resolve) => idle.push(resolve))
      await release(options.pool, held)
    },
  }
}

async function runBatch(batch: readonly StoredMail[], turn: Promise<void>, options: FeedOptions): Promise<void> {
  const results = await options.belt(batch, turn)
  for (const result of results.filter(({ error }) => error !== null)) {
    const mail = batch.find(({ id }) => id === result.inboundEmailId)
    if (mail === undefined) continue
    const { message } = toMailError(result.error)
    const isEnd = await giveBack(options.pool, { ...mail, attempts: Math.max(mail.attempts, 1) }, message)
    options.log[isEnd ? 'error' : 'warn'](isEnd ? 'failed' : 'retry', { inboundEmail: mail.id, attempts: mail.attempts, error: result.error })
  }
}

// What we leased but did not begin is free for others at once.
async function release(pool: Pool, mails: readonly StoredMail[]): Promise<void> {
  if (mails.length === 0) return
  await pool.query(`update inbound_emails set run_at = now() where id = any($1) and status = 'pending'`, [mails.map(({ id }) => id)])
}

function takeBatch(held: StoredMail[]): StoredMail[] {
  let bytes = 0
  let count = 0
  while (count < held.length && count < maxBatch) {
    bytes += held[count]?.raw.length ?? 0
    if (count > 0 && bytes > maxBatchBytes) break
    count++
  }
  return held.splice(0, count)
}

function bytesOf(mails: readonly StoredMail[]): number {
  return mails.reduce((sum, mail) => sum + mail.raw.length, 0)
}

function noValue(): void {
  // Only the order matters.
}
