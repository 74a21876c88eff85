// What the account's events change in lists of conversations, in the open conversation and in its messages.

import type { QueryClient } from '@tanstack/react-query'

import { api, ask, type Conversation, type Message } from '../api/client'
import { profileQuery } from '../api/session'
import type { LiveEvent } from '../live/protocol'
import { createBelongs } from './belongs'
import { conversationKey, dropConversation, findConversation, putConversation } from './cache'
import { countsKey } from './counts'
import { listKey } from './list-query'
import { messagesKey, putMessage } from './thread/messages-query'

const activityType = 2
/** Several events of one action are one question for counts. */
const settleMs = 300

export function applyToConversations(queries: QueryClient, accountId: number, { name, data }: LiveEvent): void {
  if (name === 'message.created' || name === 'message.updated') {
    const message = data as unknown as Message
    putMessage(queries, accountId, message)
    if (name === 'message.created') takeIn(queries, accountId, message)
    else applyToLastMessage(queries, accountId, message)
  } else if (name === 'conversation.deleted') {
    dropConversation(queries, accountId, Number(data['id']))
    void queries.invalidateQueries({ queryKey: conversationKey(accountId, Number(data['id'])) })
  } else if (isAboutConversation(name)) {
    const known = findConversation(queries, accountId, Number(data['id']))
    put(queries, mergeEvent(known, accountId, data))
    if (name.endsWith('merged')) readAgain(queries, accountId, [data['id'], data['merged_conversation_id']].map(Number))
  } else return
  recountSoon(queries, accountId)
}

function isAboutConversation(name: string): boolean {
  return (
    (name.startsWith('conversation.') && !name.startsWith('conversation.typing') && name !== 'conversation.viewing') ||
    ['assignee.changed', 'team.changed'].includes(name)
  )
}

// Messages have moved from one conversation to another.
function readAgain(queries: QueryClient, accountId: number, displayIds: readonly number[]): void {
  void queries.invalidateQueries({ queryKey: listKey(accountId) })
  for (const displayId of displayIds) {
    void queries.invalidateQueries({ queryKey: conversationKey(accountId, displayId) })
    void queries.invalidateQueries({ queryKey: messagesKey(accountId, displayId) })
  }
}

const put = (queries: QueryClient, conversation: Conversation): void => {
  putConversation(queries, conversation, createBelongs(queries.getQueryData(profileQuery.queryKey)?.id ?? null))
}

/** Puts a conversation into the cache as the server sent it. */
export const putRead = put

// A message moves its conversation; one that is in no list yet is asked for.
function takeIn(queries: QueryClient, accountId: number, message: Message): void {
  const known = findConversation(queries, accountId, message.conversation_id)
  if (known === null) {
    void readConversation(queries, accountId, message.conversation_id)
    return
  }
  const { unread_count: unread, last_activity_at: at } = message.conversation
  const isActivity = message.message_type === activityType
  put(queries, {
    ...known,
    unread_count: unread,
    last_activity_at: at,
    timestamp: at,
    messages: [message],
    last_non_activity_message: isActivity ? known.last_non_activity_message : message,
  })
}

function applyToLastMessage(queries: QueryClient, accountId: number, message: Message): void {
  const known = findConversation(queries, accountId, message.conversation_id)
  if (known?.last_non_activity_message?.id !== message.id) return
  put(queries, { ...known, last_non_activity_message: message })
}

async function readConversation(queries: QueryClient, accountId: number, displayId: number): Promise<void> {
  try {
    const conversation = await ask(
      api.GET('/api/v1/accounts/{accountId}/conversations/{displayId}', { params: { path: { accountId, displayId } } }),
    )
    put(queries, conversation)
  } catch {
    // Gone, or not for this person: then it belongs into no list.
  }
}

// An event has a conversation's state, but not all that the list's answer has.
function mergeEvent(
  known: Conversation | null,
  accountId: number,
  data: Readonly<Record<string, unknown>>,
): Conversation {
  const fresh = data as unknown as Conversation
  const last = fresh.messages[0]
  const isNewer = last !== undefined && last.id >= (known?.last_non_activity_message?.id ?? 0)
  const base = known ?? ({ muted: false, recipient: null, last_non_activity_message: null } as unknown as Conversation)
  return {
    ...base,
    ...fresh,
    account_id: accountId,
    meta: {
      ...base.meta,
      ...fresh.meta,
      sender: { ...known?.meta.sender, ...fresh.meta.sender },
    },
    messages: isNewer || known === null ? fresh.messages : known.messages,
    last_non_activity_message: isNewer && last.message_type !== activityType ? last : base.last_non_activity_message,
    muted: base.muted,
    recipient: base.recipient,
  }
}

const waiting = new Map<number, ReturnType<typeof setTimeout>>()

function recountSoon(queries: QueryClient, accountId: number): void {
  if (waiting.has(accountId)) return
  waiting.set(
    accountId,
    setTimeout(() => {
      waiting.delete(accountId)
      void queries.invalidateQueries({ queryKey: countsKey(accountId) })
    }, settleMs),
  )
}
