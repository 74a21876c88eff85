// Conversations by their number: find one, show it, change its status.

import type { Db } from '../db/client.ts'
import type { Pool } from '../db/pool.ts'
import { readConversations, withOverview } from './conversation-rows.ts'
import type { ConversationOverview, ConversationRow } from './rows.ts'
import { changeStatus, type StatusChange, type StatusNow } from './toggle-status.ts'

export type Conversations = ReturnType<typeof createConversations>

export function createConversations(sql: { readonly db: Db; readonly pool: Pool }) {
  return {
    /** The account's conversation with this display id, or null. */
    async findConversation(accountId: number, displayId: number): Promise<ConversationRow | null> {
      const [row] = await readConversations(sql.db, accountId, { displayId })
      return row ?? null
    },

    /** A conversation as lists show it. */
    async readOverview(conversation: ConversationRow): Promise<ConversationOverview> {
      const [overview] = await withOverview(sql, [conversation])
      return overview ?? { ...conversation, unreadCount: 0, lastMessage: null, lastNonActivityMessage: null }
    },

    changeStatus: (conversationId: number, change: StatusChange): Promise<StatusNow | null> => changeStatus(sql.pool, conversationId, change),
  }
}
