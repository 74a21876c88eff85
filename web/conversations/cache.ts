// Conversations in the cache: one reading of a conversation changes it in every list that shows it.

import type { InfiniteData, QueryClient } from '@tanstack/react-query'

import type { Conversation } from '../api/client'
import { type ConversationList, type ConversationPage, listKey } from './list-query'
import { latestFirst, type View } from './view'

/** Whether a conversation belongs into a view; null: only the server knows. */
export type Belongs = (conversation: Conversation, view: View) => boolean | null

export const conversationKey = (accountId: number, displayId: number) => ['conversation', accountId, displayId] as const

/** The conversation as it was read last, in whichever place. */
export function findConversation(queries: QueryClient, accountId: number, displayId: number): Conversation | null {
  const whole = queries.getQueryData<Conversation>(conversationKey(accountId, displayId))
  if (whole !== undefined) return whole
  for (const [, list] of queries.getQueriesData<ConversationList>({ queryKey: listKey(accountId) })) {
    const found = list?.pages.flatMap(({ conversations }) => conversations).find(({ id }) => id === displayId)
    if (found !== undefined) return found
  }
  return null
}

/** Replaces a conversation everywhere, puts it where its views have it, and takes it out of those it left. */
export function putConversation(queries: QueryClient, conversation: Conversation, belongs: Belongs): void {
  const accountId = conversation.account_id
  queries.setQueryData<Conversation>(conversationKey(accountId, conversation.id), (known) =>
    known === undefined ? undefined : conversation,
  )
  for (const [key, list] of queries.getQueriesData<ConversationList>({ queryKey: listKey(accountId) })) {
    if (list === undefined) continue
    const view = key[2] as View
    const isShown = list.pages.some(({ conversations }) => conversations.some(({ id }) => id === conversation.id))
    const isWanted = belongs(conversation, view)
    if (isWanted === null) {
      if (isShown)
        queries.setQueryData<ConversationList>(
          key,
          mapList(list, (one) => (one.id === conversation.id ? conversation : one)),
        )
      void queries.invalidateQueries({ queryKey: key, exact: true })
      continue
    }
    if (!isShown && !isWanted) continue
    queries.setQueryData<ConversationList>(
      key,
      place(list, isWanted ? conversation : null, { id: conversation.id, view }),
    )
  }
}

/** Takes a conversation out of every list. */
export function dropConversation(queries: QueryClient, accountId: number, displayId: number): void {
  queries.setQueriesData<ConversationList>({ queryKey: listKey(accountId) }, (list) =>
    list === undefined ? undefined : place(list, null, { id: displayId, view: {} }),
  )
}

function mapList(list: ConversationList, change: (one: Conversation) => Conversation): ConversationList {
  return { ...list, pages: list.pages.map((page) => ({ ...page, conversations: page.conversations.map(change) })) }
}

// In the order by last activity a conversation moves; in the others it stays where it was read.
function place(
  list: InfiniteData<ConversationPage, string>,
  conversation: Conversation | null,
  { id, view }: { readonly id: number; readonly view: View },
): ConversationList {
  const isLatestFirst = (view.order ?? latestFirst) === latestFirst
  const isShown = list.pages.some(({ conversations }) => conversations.some((one) => one.id === id))
  if (conversation !== null && isShown && !isLatestFirst)
    return mapList(list, (one) => (one.id === id ? conversation : one))
  const pages = list.pages.map((page) => ({
    ...page,
    conversations: page.conversations.filter((one) => one.id !== id),
  }))
  if (conversation === null) return { ...list, pages }
  const target = isLatestFirst
    ? pages.findIndex(
        ({ conversations, next }) =>
          next === null || (conversations.at(-1)?.last_activity_at ?? 0) <= conversation.last_activity_at,
      )
    : 0
  if (target < 0) return { ...list, pages }
  const page = pages[target]
  if (page === undefined) return { ...list, pages }
  const position = isLatestFirst
    ? page.conversations.findIndex(({ last_activity_at: at }) => at <= conversation.last_activity_at)
    : 0
  const before = position < 0 ? page.conversations.length : position
  return {
    ...list,
    pages: pages.with(target, {
      ...page,
      conversations: [...page.conversations.slice(0, before), conversation, ...page.conversations.slice(before)],
    }),
  }
}
