// The messages of a conversation as clients page through them: windows by id, order by time (chatwoot.md §4.4).

import type { Db, Prisma } from '../../db/client.ts'
import { readMessages } from './message-rows.ts'
import type { MessageRow } from '../rows.ts'

export interface MessageWindow {
  readonly before?: number | undefined
  readonly after?: number | undefined
  /** Leaves out private notes and activity. */
  readonly withoutInternal?: boolean | undefined
}

const newestFirst: Prisma.MessageOrderByWithRelationInput[] = [{ createdAt: 'desc' }, { id: 'desc' }]
const oldestFirst: Prisma.MessageOrderByWithRelationInput[] = [{ createdAt: 'asc' }, { id: 'asc' }]

export function createMessages(db: Db) {
  return {
    /** One message of an account, or null. */
    async findMessage(accountId: number, messageId: number): Promise<MessageRow | null> {
      const [message] = await readMessages(db, accountId, { where: { id: messageId } })
      return message ?? null
    },

    /** The messages of an account with these ids, in no order. */
    findMessages: (accountId: number, messageIds: readonly number[]): Promise<MessageRow[]> => readMessages(db, accountId, { where: { id: { in: [...messageIds] } } }),

    /** Oldest first. Neither bound: the latest 20; `before`: the 20 below it; `after`: 100 above it; both: `after` ≤ id < `before`, up to 1000. */
    async listMessages(conversation: { readonly id: number; readonly accountId: number }, window: MessageWindow): Promise<MessageRow[]> {
      const where: Prisma.MessageWhereInput = { conversationId: conversation.id, ...(window.withoutInternal === true ? { private: false, messageType: { not: 'activity' } } : {}) }
      if (window.after === undefined) {
        const page = { where: window.before === undefined ? where : { ...where, id: { lt: window.before } }, orderBy: newestFirst, take: 20 }
        return (await readMessages(db, conversation.accountId, page)).reverse()
      }
      const range = window.before === undefined ? { gt: window.after } : { gte: window.after, lt: window.before }
      return readMessages(db, conversation.accountId, { where: { ...where, id: range }, orderBy: oldestFirst, take: window.before === undefined ? 100 : 1000 })
    },
  }
}
