// The draft on the server (…/draft), so that another browser goes on with it. One request at a time for each
// conversation, so that none overtakes another. A failure changes nothing: the browser has its own draft.

import type { Draft } from '../drafts'
import type { Place } from './send'

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

const pathOf = ({ accountId, displayId }: Place): string =>
  `/api/v1/accounts/${String(accountId)}/conversations/${String(displayId)}/draft`

/** Null: there is none. Never throws. */
export async function readServerDraft(place: Place): Promise<Draft | null> {
  const { draft } = await inTurn(place, () => ask('GET', place))
  if (draft === null || draft.content === null || draft.content === '') return null
  const { content, mode, updated_at: at } = draft
  return { content, isNote: mode === 'note', savedAt: typeof at === 'number' ? at * 1000 : Date.parse(at) }
}

/** Whether it is on the server now. Never throws. */
export function putServerDraft(place: Place, draft: Draft): Promise<boolean> {
  return inTurn(place, async () => {
    if (draft.content.trim() === '') return isDone(await ask('DELETE', place))
    const first = await put(place, draft)
    // Another tab has written since: what is written here now is the latest.
    return isDone(first.status === 409 ? await put(place, draft) : first)
  })
}

/** Resolves when no request about the draft is under way. Never throws. */
export async function settleServerDraft(place: Place): Promise<void> {
  await queues.get(pathOf(place))
}

/** The server has deleted the draft with the message that was made of it. */
export function forgetServerDraft(place: Place): void {
  versions.delete(pathOf(place))
}

function put(place: Place, { content, isNote }: Draft): Promise<Answer> {
  return ask('PUT', place, {
    content,
    mode: isNote ? 'note' : 'reply',
    version: versions.get(pathOf(place)) ?? 0,
  })
}

const isDone = ({ status }: Answer): boolean => status >= 200 && status < 300

function inTurn<Result>(place: Place, act: () => Promise<Result>): Promise<Result> {
  const path = pathOf(place)
  const result = (queues.get(path) ?? Promise.resolve()).then(act)
  queues.set(path, result)
  return result
}

async function ask(method: string, place: Place, body?: object): Promise<Answer> {
  const path = pathOf(place)
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
