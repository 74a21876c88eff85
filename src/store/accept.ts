// Acceptance. No mail is acknowledged before `accept` has resolved: by then its row and its raw bytes are committed.
// Group commit: mails that arrive during a commit are written together by the next one, one fsync for many.

import type { StoredMail } from '../contracts/stored-mail.ts'
import type { Pool } from '../db/pool.ts'
import { MailError, toMailError } from '../errors.ts'
import type { Submission } from '../mail/envelope.ts'
import { arrivalKey } from './acceptance/idempotency-key.ts'
import { type Accepted, type Arrival, insertGroup } from './acceptance/insert-group.ts'

export type { Accepted } from './acceptance/insert-group.ts'

/** Resolves once the whole mail is on stable storage. Throws `MailError`: the sender must keep the mail. */
export type Accept = (submission: Submission) => Promise<Accepted>

export interface AcceptOptions {
  readonly pool: Pool
  /** Asked before each commit: true if this process will process the mails from memory, leased from the start. */
  readonly hasRoom: () => boolean
  /** Called after each commit; its result is not awaited. */
  readonly onStored: (mails: readonly StoredMail[], leased: boolean) => void
}

// Bounds of one statement: enough to share an fsync widely, small enough to keep a parameter and a commit short.
const maxGroup = 64
const maxGroupBytes = 8 * 1024 * 1024
const maxCommitsAtOnce = 2
// Half a second of work: above this queue length new mail is deferred immediately, before its client times out.
const maxWaiting = 1_000

interface Waiting {
  readonly arrival: Arrival
  readonly resolve: (accepted: Accepted) => void
  readonly reject: (error: Error) => void
}

/** Group commit: at most two commits are in progress; mails that arrive meanwhile join the next one. */
export function createAccept(options: AcceptOptions): Accept {
  const queue: Waiting[] = []
  let committing = 0

  const commit = async (group: readonly Waiting[]): Promise<void> => {
    const leased = options.hasRoom()
    try {
      const stored = await insertGroup(
        options.pool,
        group.map((waiting) => waiting.arrival),
        leased,
      )
      for (const [index, waiting] of group.entries()) answer(waiting, stored.answers[index])
      if (stored.fresh.length > 0) options.onStored(stored.fresh, leased)
    } catch (error) {
      for (const waiting of group) waiting.reject(toMailError(error))
    }
  }

  const startCommits = (): void => {
    while (committing < maxCommitsAtOnce && queue.length > 0) {
      committing++
      void commit(takeGroup(queue)).finally(() => {
        committing--
        startCommits()
      })
    }
  }

  return (submission) =>
    new Promise((resolve, reject) => {
      if (queue.length >= maxWaiting) {
        reject(
          new MailError('unavailable', `${String(queue.length)} mails wait to be stored`, {
            publicMessage: 'Too busy now, try again later',
          }),
        )
        return
      }
      queue.push({ arrival: { submission, key: arrivalKey(submission) }, resolve, reject })
      // The rest of this turn of the event loop may bring more mails for the same commit.
      setImmediate(startCommits)
    })
}

function answer(waiting: Waiting, accepted: Accepted | undefined): void {
  if (accepted === undefined) waiting.reject(toMailError(new Error('the database returned no result for this mail')))
  else waiting.resolve(accepted)
}

function takeGroup(queue: Waiting[]): Waiting[] {
  let bytes = 0
  let count = 0
  for (const waiting of queue) {
    bytes += waiting.arrival.submission.raw.length
    if (count === maxGroup || (count > 0 && bytes > maxGroupBytes)) break
    count++
  }
  return queue.splice(0, count)
}
