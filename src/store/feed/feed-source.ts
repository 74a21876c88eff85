// The source of the feed: from memory mail that this process has just accepted, else from the table mail that is due.

import type { StoredMail } from '../../contracts/stored-mail.ts'
import type { Pool } from '../../db/pool.ts'
import { readReplyToken } from '../../mail/reply-address.ts'
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
 * done: the order is kept. Mail for a reply address of a batch under way stays where it is until that batch is done,
 * however long it takes.
 */
export function createSource(pool: Pool) {
  const memory = createMemory()
  const busy = new Set<string>()
  const noted = (batch: readonly StoredMail[]): readonly StoredMail[] => {
    for (const address of replyAddresses(batch)) busy.add(address)
    return batch
  }
  let mayHaveDue = true
  let isTurnOfTable = false
  let isOverflowing = false
  let claims = 0
  const claim = async (): Promise<readonly StoredMail[]> => {
    mayHaveDue = false
    const claimed = await claimMails(pool, maxBatch, { retriesFirst: ++claims % retriesEvery === 0, busy: [...busy] })
    mayHaveDue ||= claimed.length > 0
    isOverflowing &&= claimed.length > 0
    return claimed
  }
  const takeNext = async (): Promise<readonly StoredMail[]> => {
    const askTable = mayHaveDue && (memory.count() === 0 || (isTurnOfTable && !isOverflowing))
    isTurnOfTable = !askTable
    const first = askTable ? await claim() : memory.take(busy)
    if (first.length > 0) return noted(first)
    // All that is in memory may have to wait for a batch under way: the mail of others does not.
    if (askTable) return noted(memory.take(busy))
    return mayHaveDue ? noted(await claim()) : []
  }
  // One after the other: what a claim finds is not known to be busy before it ends.
  let taking: Promise<unknown> = Promise.resolve()
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
    take: (): Promise<readonly StoredMail[]> => {
      const next = taking.then(takeNext, takeNext)
      taking = next
      return next
    },
    /** The batch is done: mail for its reply addresses may be taken. */
    done: (batch: readonly StoredMail[]): void => {
      for (const address of replyAddresses(batch)) busy.delete(address)
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
    take: (busy: ReadonlySet<string>): readonly StoredMail[] => {
      const batch = takeBatch(held, busy)
      heldBytes -= bytesOf(batch)
      return batch
    },
    all: (): readonly StoredMail[] => held,
  }
}

// The oldest that are free; the others keep their places, and those behind them for the same addresses too.
function takeBatch(held: StoredMail[], busy: ReadonlySet<string>): StoredMail[] {
  const batch: StoredMail[] = []
  const rest: StoredMail[] = []
  const waiting = new Set(busy)
  let bytes = 0
  for (const mail of held) {
    const addresses = batch.length < maxBatch ? replyAddresses([mail]) : []
    const isFree = batch.length < maxBatch && !addresses.some((address) => waiting.has(address))
    if (isFree && (batch.length === 0 || bytes + mail.raw.length <= maxBatchBytes)) {
      bytes += mail.raw.length
      batch.push(mail)
      continue
    }
    for (const address of addresses) waiting.add(address)
    rest.push(mail)
  }
  held.splice(0, held.length, ...rest)
  return batch
}

function bytesOf(mails: readonly StoredMail[]): number {
  return mails.reduce((sum, mail) => sum + mail.raw.length, 0)
}

// Of the envelopes, in lower case.
function replyAddresses(mails: readonly StoredMail[]): string[] {
  return mails
    .flatMap(({ envelope }) => envelope.recipients)
    .filter((address) => readReplyToken(address) !== null)
    .map((address) => address.toLowerCase())
}
