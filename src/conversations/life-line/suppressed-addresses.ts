// The list of addresses that an account does not mail, as its people see and change it.

import type { Db } from '../../db/client.ts'
import { escapeLike } from '../../db/like.ts'
import { addressKey, isEmailAddress } from '../../mail/address.ts'
import { refuse } from '../records/problem.ts'
import type { Json } from '../records/rows.ts'
import { type CausingMessage, reportAbout } from './causing-message.ts'

export interface SuppressedAddress {
  readonly id: number
  readonly accountId: number
  readonly address: string
  /** bounce, complaint, manual */
  readonly reason: string
  readonly detail: string
  readonly messageId: number | null
  readonly createdById: number | null
  readonly createdAt: Date
}

/** An entry with the message that caused it, as far as that is still there. */
export interface ListedAddress extends SuppressedAddress {
  readonly cause: CausingMessage | null
}

interface Wanted {
  /** Part of the address; null: all. */
  readonly search: string | null
  readonly offset: number
  readonly limit: number
}

interface Added {
  readonly email: string
  /** Why, in the words of the person who adds it. */
  readonly note: string | null
  readonly userId: number
}

const maxNoteLength = 500

export function createSuppressedAddresses({ db }: { readonly db: Db }) {
  return {
    /** One page, newest first, and the number of all. */
    async listSuppressed(
      accountId: number,
      { search, offset, limit }: Wanted,
    ): Promise<{ count: number; rows: ListedAddress[] }> {
      const where = {
        accountId,
        ...(search === null ? {} : { address: { contains: escapeLike(search.toLowerCase()) } }),
      }
      const [count, rows] = await Promise.all([
        db.suppressedAddress.count({ where }),
        db.suppressedAddress.findMany({ where, orderBy: { id: 'desc' }, skip: offset, take: limit }),
      ])
      const causes = await readCauses(
        db,
        rows.flatMap(({ messageId }) => messageId ?? []),
      )
      return { count, rows: rows.map((row) => ({ ...row, cause: causeOf(row, causes) })) }
    },

    /** Adds an address; one that is on the list stays as it is. Throws 422 for what is no address. */
    async addSuppressed(accountId: number, { email, note, userId }: Added): Promise<SuppressedAddress> {
      const address = addressKey(email)
      if (!isEmailAddress(address)) throw refuse('email: this is not an email address')
      const detail = (note ?? '').slice(0, maxNoteLength)
      return db.suppressedAddress.upsert({
        where: { accountId_address: { accountId, address } },
        create: { accountId, address, reason: 'manual', detail, createdById: userId },
        update: {},
      })
    },

    /** Mail to the address leaves again; what was not sent stays so. False if it is not on the list. */
    async removeSuppressed(accountId: number, id: number): Promise<boolean> {
      const { count } = await db.suppressedAddress.deleteMany({ where: { accountId, id } })
      return count > 0
    },
  }
}

interface Cause {
  readonly displayId: number
  readonly attributes: Json
}

async function readCauses(db: Db, messageIds: readonly number[]): Promise<ReadonlyMap<number, Cause>> {
  const messages = await db.message.findMany({
    where: { id: { in: [...messageIds] } },
    select: { id: true, contentAttributes: true, conversation: { select: { displayId: true } } },
  })
  return new Map(
    messages.map(({ id, contentAttributes, conversation: { displayId } }) => [
      id,
      { displayId, attributes: contentAttributes as Json },
    ]),
  )
}

function causeOf({ messageId, address }: SuppressedAddress, causes: ReadonlyMap<number, Cause>): CausingMessage | null {
  const cause = causes.get(messageId ?? 0)
  if (cause === undefined) return null
  return { displayId: cause.displayId, reportId: reportAbout(cause.attributes, address) }
}
