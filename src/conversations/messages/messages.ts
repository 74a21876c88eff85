// The messages of a conversation in pages: windows by id, ordered by time.

import type { Sql } from '../../db/pool.ts'
import { readMessageRange, readMessages } from '../records/message-rows.ts'
import type { MessageRow } from '../records/rows.ts'

export interface MessageWindow {
  readonly before?: number | undefined
  readonly after?: number | undefined
  /** The message with this id, and those before and after it. */
  readonly around?: number | undefined
  /** Leaves out private notes and activity. */
  readonly withoutInternal?: boolean | undefined
}

// Ids are int4.
const afterAll = 2 ** 31 - 1

export function createMessages(sql: Sql) {
  return {
    /** One message of an account, or null. */
    async findMessage(accountId: number, messageId: number): Promise<MessageRow | null> {
      const [message] = await readMessages(sql, accountId, [messageId])
      return message ?? null
    },

    /** The messages of an account with these ids, oldest first. */
    findMessages: (accountId: number, messageIds: readonly number[]): Promise<MessageRow[]> =>
      readMessages(sql, accountId, messageIds),

    /**
     * Oldest first. Neither bound: the latest 20; `before`: the 20 below it; `after`: 100 above it; both: `after` ≤
     * id < `before`, up to 1000. `around`: the 20 below it, itself, and the 20 above it.
     */
    async listMessages(
      { id, accountId }: { readonly id: number; readonly accountId: number },
      { before, after, around, withoutInternal = false }: MessageWindow,
    ): Promise<MessageRow[]> {
      const range = { accountId, conversationId: id, below: before ?? afterAll, internal: !withoutInternal }
      if (around !== undefined) {
        const below = await readMessageRange(sql, { ...range, below: around, above: 0, keep: 'newest', limit: 20 })
        const above = { below: afterAll, above: around - 1, keep: 'oldest', limit: 21 } as const
        return [...below, ...(await readMessageRange(sql, { ...range, ...above }))]
      }
      if (after === undefined) return readMessageRange(sql, { ...range, above: 0, keep: 'newest', limit: 20 })
      if (before === undefined) return readMessageRange(sql, { ...range, above: after, keep: 'oldest', limit: 100 })
      return readMessageRange(sql, { ...range, above: after - 1, keep: 'oldest', limit: 1000 })
    },
  }
}
