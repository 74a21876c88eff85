// The draft on the server (…/draft), so that another browser goes on with it. One request at a time for each
// conversation, so that none overtakes another. A failure changes nothing: the browser has its own draft.

import type { Draft } from '../drafts'
import type { ConversationKey } from './conversation-key'

interface ServerDraft {
  readonly content: string | null
  readonly mode: 'reply' | 'note'
  /** Seconds since 1970, or ISO. */
  readonly updated_at: number | string
  readonly version: number
}

interface Answer {
  readonly status: number
  readonly draft: ServerDraft | null
}

const versions = new Map<string, number>()
const queues = new Map<string, Promise<unknown>>()

const pathOf = ({ accountId, displayId }: ConversationKey): string =>
  `/api/v1/accounts/${String(accountId)}/conversations/${String(displayId)}/draft`

/** Null: there is none. Never throws. */
export async function readServerDraft(conversation: ConversationKey): Promise<Draft | null> {
  const { draft } = await inTurn(conversation, () => ask('GET', conversation))
  if (draft === null || draft.content === null || draft.content === '') return null
  const { content, mode, updated_at: at } = draft
  return { content, isNote: mode === 'note', savedAt: typeof at === 'number' ? at * 1000 : Date.parse(at) }
}

/** Whether it is on the server now. Never throws. */
export function putServerDraft(conversation: ConversationKey, draft: Draft): Promise<boolean> {
  return inTurn(conversation, async () => {
    if (draft.content.trim() === '') return isDone(await ask('DELETE', conversation))
    const first = await put(conversation, draft)
    // Another tab has written since: what is written here now is the latest.
    return isDone(first.status === 409 ? await put(conversation, draft) : first)
  })
}

/** Resolves when no request about the draft is under way. Never throws. */
export async function settleServerDraft(conversation: ConversationKey): Promise<void> {
  await queues.get(pathOf(conversation))
}

/** The server has deleted the draft with the message that was made of it. */
export function forgetServerDraft(conversation: ConversationKey): void {
  versions.delete(pathOf(conversation))
}

function put(conversation: ConversationKey, { content, isNote }: Draft): Promise<Answer> {
  return ask('PUT', conversation, {
    content,
    mode: isNote ? 'note' : 'reply',
    version: versions.get(pathOf(conversation)) ?? 0,
  })
}

const isDone = ({ status }: Answer): boolean => status >= 200 && status < 300

function inTurn<Result>(conversation: ConversationKey, action: () => Promise<Result>): Promise<Result> {
  const path = pathOf(conversation)
  const result = (queues.get(path) ?? Promise.resolve()).then(action)
  queues.set(path, result)
  return result
}

async function ask(method: string, conversation: ConversationKey, body?: object): Promise<Answer> {
  const path = pathOf(conversation)
  try {
    const response = await fetch(path, {
      method,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    const answer = (await response.json().catch(() => ({}))) as { readonly payload?: ServerDraft | null }
    const draft = answer.payload ?? null
    if (draft !== null) versions.set(path, draft.version)
    else if (response.ok || response.status === 409) versions.delete(path)
    return { status: response.status, draft }
  } catch {
    return { status: 0, draft: null }
  }
}
