// The messages of a conversation, in windows of 20 by their ids: the newest first, earlier ones when asked for.

import { type InfiniteData, infiniteQueryOptions, type QueryClient } from '@tanstack/react-query'

import { api, ask, type Message } from '../../api/client'

/** A message of the server, or one of the outbox, which has no id of the server's yet. */
export interface ShownMessage extends Omit<Message, 'conversation'> {
  readonly conversation?: Message['conversation']
  readonly echo_id?: string
  readonly sending?: { readonly state: 'sending' | 'failed'; readonly error: string | null }
}

export interface MessagePage {
  /** Oldest first. */
  readonly messages: readonly ShownMessage[]
  readonly hasEarlier: boolean
  /** Of the last page: there are messages behind it that were not read. */
  readonly hasLater: boolean
}

/** Where a window lies: the newest messages, those before or after a message, or around it. */
type Window = 'newest' | { readonly before: number } | { readonly after: number } | { readonly around: number }

export type MessageList = InfiniteData<MessagePage, Window>

const pageSize = 20

export const messagesKey = (accountId: number, displayId: number) => ['messages', accountId, displayId] as const

/** The newest messages; with `around`, the window in which that message stands. */
export function messagesQuery(accountId: number, displayId: number, around: number | null = null) {
  return infiniteQueryOptions({
    queryKey: [...messagesKey(accountId, displayId), around] as const,
    initialPageParam: around === null ? 'newest' : { around },
    // Pages lie from the oldest to the newest.
    getNextPageParam: ({ messages, hasLater }: MessagePage): Window | null =>
      hasLater ? { after: messages.at(-1)?.id ?? 0 } : null,
    getPreviousPageParam: ({ messages, hasEarlier }: MessagePage): Window | null =>
      hasEarlier && messages[0] !== undefined ? { before: messages[0].id } : null,
    queryFn: async ({ pageParam: window, signal }): Promise<MessagePage> => {
      const { payload } = await ask(
        api.GET('/api/v1/accounts/{accountId}/conversations/{displayId}/messages', {
          params: {
            path: { accountId, displayId },
            query: { without_html: true, ...(window === 'newest' ? {} : window) },
          },
          signal,
        }),
      )
      return toPage(payload as unknown as readonly ShownMessage[], window)
    },
  })
}

function toPage(messages: readonly ShownMessage[], window: Window): MessagePage {
  if (window === 'newest' || 'before' in window)
    return { messages, hasEarlier: messages.length >= pageSize, hasLater: false }
  if ('after' in window) return { messages, hasEarlier: true, hasLater: messages.length >= pageSize }
  const position = messages.findIndex(({ id }) => id === window.around)
  return { messages, hasEarlier: position >= pageSize, hasLater: messages.length - position > pageSize }
}

/** Adds a message to its conversation, or replaces it there; nothing where the conversation was not read. */
export function putMessage(queries: QueryClient, accountId: number, message: ShownMessage): void {
  queries.setQueriesData<MessageList>({ queryKey: messagesKey(accountId, message.conversation_id) }, (list) =>
    list === undefined ? undefined : { ...list, pages: put(list.pages, message) },
  )
}

function put(pages: readonly MessagePage[], message: ShownMessage): MessagePage[] {
  const isSame = (one: ShownMessage): boolean =>
    one.id === message.id || (message.echo_id !== undefined && one.echo_id === message.echo_id)
  const isKnown = pages.some(({ messages }) => messages.some(isSame))
  return pages.map((page, position) => {
    if (isKnown)
      return { ...page, messages: inOrder(page.messages.map((one) => (isSame(one) ? { ...one, ...message } : one))) }
    const isItsPage = position === pages.length - 1 && !page.hasLater
    return isItsPage ? { ...page, messages: inOrder([...page.messages, message]) } : page
  })
}

// A message that arrives twice, by the answer and by an event, is shown once.
function inOrder(messages: readonly ShownMessage[]): ShownMessage[] {
  const byId = new Map(messages.map((message) => [message.id, message]))
  return [...byId.values()].sort((a, b) => a.id - b.id)
}
