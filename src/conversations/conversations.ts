// Conversations: found by their number, listed, begun, opened and resolved.

import type { Db } from '../db/client.ts'
import { countConversations, listConversationIds, type ConversationFilter, type ConversationPage } from './conversation-list.ts'
import { readConversations, withOverview } from './conversation-rows.ts'
import { createConversation, type NewConversation } from './create-conversation.ts'
import type { Writing } from './messages/create-message.ts'
import type { ConversationOverview, ConversationRow } from './rows.ts'
import { changeStatus, type StatusChange, type StatusNow } from './toggle-status.ts'

export type Conversations = ReturnType<typeof createConversations>

export function createConversations(ground: Writing & { readonly db: Db }) {
  return {
    /** The account's conversation with this display id, or null. */
    async findConversation(accountId: number, displayId: number): Promise<ConversationRow | null> {
      const [row] = await readConversations(ground.db, accountId, { displayId })
      return row ?? null
    },

    /** A conversation as lists show it. */
    async readOverview(conversation: ConversationRow): Promise<ConversationOverview> {
      const [overview] = await withOverview(ground, [conversation])
      return overview ?? { ...conversation, unreadCount: 0, lastMessage: null, lastNonActivityMessage: null }
    },

    /** A page, in order. */
    async listConversations(filter: ConversationFilter, page: ConversationPage): Promise<ConversationOverview[]> {
      const ids = await listConversationIds(ground.pool, filter, page)
      if (ids.length === 0) return []
      const rows = new Map((await readConversations(ground.db, filter.accountId, { id: { in: ids } })).map((row) => [row.id, row]))
      return withOverview(
        ground,
        ids.map((id) => rows.get(id)).filter((row) => row !== undefined),
      )
    },

    countConversations: (filter: ConversationFilter) => countConversations(ground.pool, filter),
    createConversation: (conversation: NewConversation) => createConversation(ground, conversation),
    changeStatus: (conversationId: number, change: StatusChange): Promise<StatusNow | null> => changeStatus(ground.pool, conversationId, change),
  }
}
