// Sends a message: it is shown at once, kept until the server has it, and can be taken back while it waits to leave.

import type { QueryClient } from '@tanstack/react-query'

import { ApiError, toApiError } from '../../api/client'
import { ownerId } from '../../api/own-storage'
import { putMessage, type ShownMessage } from '../thread/messages-query'
import type { ConversationKey } from './conversation-key'
import { dropUnconfirmed, findUnconfirmed, keepUnconfirmed, type MessageRequest, type Unconfirmed } from './outbox'
import { forgetServerDraft, settleServerDraft } from './server-draft'

/** Seconds in which a reply by mail can be taken back. */
export const undoSeconds = 10

export interface Outgoing {
  readonly request: Omit<MessageRequest, 'echo_id'>
  readonly files: readonly string[]
}

/** The message as the server has it; null: it stays in the outbox, and the thread says why. Never throws. */
export function send(
  queries: QueryClient,
  conversation: ConversationKey,
  { request, files }: Outgoing,
): Promise<ShownMessage | null> {
  const entry: Unconfirmed = {
    ...conversation,
    userId: ownerId() ?? 0,
    request: { ...request, echo_id: crypto.randomUUID() },
    files,
    at: Date.now(),
    state: 'sending',
    error: null,
  }
  return post(queries, entry)
}

/** Sends a message of the outbox once more. */
export async function resend(queries: QueryClient, echoId: string): Promise<void> {
  const entry = findUnconfirmed(echoId)
  if (entry !== null) await post(queries, { ...entry, state: 'sending', error: null })
}

async function post(queries: QueryClient, entry: Unconfirmed): Promise<ShownMessage | null> {
  keepUnconfirmed(entry)
  const { accountId, request } = entry
  await settleServerDraft(entry)
  // Another person has signed in meanwhile: these are not their words.
  if (entry.userId !== ownerId()) return null
  try {
    const message = await ask('POST', messagesPath(entry), { body: request, key: request.echo_id })
    putMessage(queries, accountId, message)
    dropUnconfirmed(request.echo_id)
    forgetServerDraft(entry)
    void queries.invalidateQueries({ queryKey: recipientsKey(entry) })
    return message
  } catch (error) {
    const sentence = error instanceof ApiError && error.status > 0 ? error.message : null
    keepUnconfirmed({ ...entry, state: 'failed', error: sentence })
    return null
  }
}

export interface TakenBack {
  readonly content: string
  readonly blobIds: readonly string[]
}

/** Takes a message back that has not left. Throws `ApiError`: 409 when it has. */
export async function cancelSend(queries: QueryClient, accountId: number, message: ShownMessage): Promise<TakenBack> {
  const path = `${messagesPath({ accountId, displayId: message.conversation_id })}/${String(message.id)}/cancel_send`
  const taken = await ask('POST', path, { body: {}, key: crypto.randomUUID() })
  putMessage(queries, accountId, {
    ...message,
    content_attributes: { ...message.content_attributes, send_cancelled: true },
  })
  return { content: taken.content ?? '', blobIds: (taken as { blob_ids?: readonly string[] }).blob_ids ?? [] }
}

export const recipientsKey = ({ accountId, displayId }: ConversationKey) =>
  ['reply-recipients', accountId, displayId] as const

const messagesPath = ({ accountId, displayId }: ConversationKey): string =>
  `/api/v1/accounts/${String(accountId)}/conversations/${String(displayId)}/messages`

async function ask(
  method: string,
  path: string,
  { body, key }: { readonly body: object; readonly key: string },
): Promise<ShownMessage> {
  const response = await fetch(path, {
    method,
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new ApiError(0, 'offline')
  })
  const answer: unknown = await response.json().catch(() => ({}))
  if (!response.ok) throw toApiError(response.status, answer)
  return answer as ShownMessage
}
