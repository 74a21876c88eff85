// The source of the feed: from memory mail that this process has just accepted, else from the table mail that is due.

import type { StoredMail } from '../../contracts/stored-mail.ts'
import type { Pool } from '../../db/pool.ts'
import { claimMails } from './claim.ts'

const maxBatch = 128
const maxBatchBytes = 4 * 1024 * 1024
// However much new mail is due, one that was tried before has its turn.
const retriesEvery = 8
const maxHeld = 5_000
const maxHeldBytes = 24 * 1024 * 1024

/**
 * Batches of at most 128 mails or 4 MB; from memory and table in turn while both may have some, so that a steady stream
 * starves no retry. Mail that arrives when memory is full stays in the table, and so does later mail, until that is
 * done: the order is kept.
 */
export function createSource(pool: Pool) {
  const memory = createMemory()
  let mayHaveDue = true
  let isTurnOfTable = false
  let isOverflowing = false
  let claims = 0
  return {
    /** Memory has mail: another batch needs no query of the table. */
    hasHeld: () => memory.count() > 0,
    /** A whole batch is in memory. */
    hasBatch: () => memory.count() >= maxBatch,
    mayHaveMore: () => memory.count() > 0 || mayHaveDue,
    hasRoom: (): boolean => {
      isOverflowing ||= !memory.hasRoom()
      return !isOverflowing
    },
    add: memory.add,
    held: memory.all,
    noteDue: () => {
      mayHaveDue = true
    },
    take: async (): Promise<readonly StoredMail[]> => {
      const askTable = mayHaveDue && (memory.count() === 0 || (isTurnOfTable && !isOverflowing))
      isTurnOfTable = !askTable
      if (!askTable) return memory.take()
      mayHaveDue = false
      const claimed = await claimMails(pool, maxBatch, ++claims % retriesEvery === 0)
      mayHaveDue ||= claimed.length > 0
      isOverflowing &&= claimed.length > 0
      return claimed.length === 0 ? memory.take() : claimed
    },
  }
}

// Mails that this process has accepted and leased, the oldest first, within bounds of number and size.
function createMemory() {
  const held: StoredMail[] = []
  let heldBytes = 0
  return {
    count: () => held.length,
    hasRoom: () => held.length < maxHeld && heldBytes < maxHeldBytes,
    add: (mails: readonly StoredMail[]) => {
      held.push(...mails)
      heldBytes += bytesOf(mails)
    },
    take: (): readonly StoredMail[] => {
      const batch = takeBatch(held)
      heldBytes -= bytesOf(batch)
      return batch
    },
    all: (): readonly StoredMail[] => held,
  }
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
