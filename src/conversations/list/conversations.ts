// Conversations: found by their number, listed, filtered, begun. What is done to them is in actions/.

import type { Db } from '../../db/client.ts'
import type { FilterProblem } from '../filter/conditions.ts'
import { compileConversations, type MatchingConversations } from '../filter/filter.ts'
import { createConversation, type NewConversation } from '../messages/create-conversation.ts'
import type { WriteDeps } from '../messages/create-message.ts'
import type { VisibleInboxes } from '../records/access.ts'
import type { ConversationOverview, ConversationRow } from '../records/rows.ts'
import type { RetryGuard } from '../retries/retry-guards.ts'
import { type ConversationFilter, scopeOf } from './conversation-list.ts'
import { readConversations, readOverviews } from './conversation-rows.ts'
import type { ListCursor } from './cursor.ts'
import {
  type AssigneeType,
  type ConversationCounts,
  type ConversationPage,
  countedPage,
  countScope,
} from './page-of-ids.ts'
import type { Scope } from './scope.ts'

export type Conversations = ReturnType<typeof createConversations>

export interface CountedPage {
  readonly counts: ConversationCounts
  readonly conversations: readonly ConversationOverview[]
  /** The cursor of the next page; null after the last one. */
  readonly next: ListCursor | null
}

type Deps = WriteDeps & { readonly db: Db }

export function createConversations(deps: Deps) {
  return {
    /** The account's conversation with this display id, or null. */
    async findConversation(accountId: number, displayId: number): Promise<ConversationRow | null> {
      const [row] = await readConversations(deps.pool, accountId, { displayId })
      return row ?? null
    },

    /** A conversation as lists show it. */
    async readOverview(conversation: ConversationRow): Promise<ConversationOverview> {
      const [overview] = await readOverviews(deps.pool, conversation.accountId, [conversation.id])
      return (
        overview ?? {
          ...conversation,
          unreadCount: 0,
          linked: [],
          lastMessage: null,
          lastNonActivityMessage: null,
          canReply: true,
        }
      )
    },

    /** A page, in order, with the counts above it. */
    listConversations: (filter: ConversationFilter, page: ConversationPage): Promise<CountedPage> =>
      readPage(deps, scopeOf(filter), { ...page, accountId: filter.accountId, assigneeType: filter.assigneeType }),

    /** As `listConversations`, for a filter; or the filter's problem. */
    async filterConversations(
      filter: MatchingConversations,
      page: ConversationPage,
    ): Promise<CountedPage | FilterProblem> {
      const scope = await compileConversations(deps.pool, filter)
      return 'error' in scope
        ? scope
        : readPage(deps, { ...scope, expensive: true }, { ...page, accountId: filter.accountId, assigneeType: 'all' })
    },

    /** The contact's latest twenty that someone sees, by last activity. */
    async listOfContact(
      { accountId, contactId }: { readonly accountId: number; readonly contactId: number },
      visibleInboxes: VisibleInboxes,
    ): Promise<ConversationOverview[]> {
      const inboxes = visibleInboxes === null ? {} : { inboxId: { in: [...visibleInboxes] } }
      const ids = await deps.db.conversation.findMany({
        where: { contactId, accountId, status: { not: 'merged' }, ...inboxes },
        orderBy: [{ lastActivityAt: 'desc' }, { id: 'desc' }],
        take: 20,
        select: { id: true },
      })
      return readOverviews(
        deps.pool,
        accountId,
        ids.map(({ id }) => id),
      )
    },

    countConversations: (filter: ConversationFilter): Promise<ConversationCounts> =>
      countScope(deps.pool, scopeOf(filter)),
    createConversation: (conversation: NewConversation, guards: readonly RetryGuard[] = []) =>
      createConversation({ ...deps, guards }, conversation),
  }
}

async function readPage(
  deps: Deps,
  scope: Scope,
  page: ConversationPage & { readonly accountId: number; readonly assigneeType: AssigneeType },
): Promise<CountedPage> {
  const { counts, ids, next } = await countedPage(deps.pool, scope, page)
  return { counts, next, conversations: await readOverviews(deps.pool, page.accountId, ids) }
}
