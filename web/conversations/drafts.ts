// Which conversations have a draft of the signed-in person: in this browser, and on the server.

import { queryOptions, useQuery } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'

import { api, ask } from '../api/client'
import { listenToOwn, listOwn, readOwn, writeOwn } from '../api/own-storage'

const prefix = 'draft.'
const listeners = new Set<() => void>()

export interface Draft {
  readonly content: string
  readonly isNote: boolean
  readonly savedAt: number
}

export interface DraftPlace {
  readonly accountId: number
  readonly displayId: number
}

function tellAll(): void {
  for (const listener of listeners) listener()
}

listenToOwn(prefix, tellAll)

const nameOf = ({ accountId, displayId }: DraftPlace): string => `${prefix}${String(accountId)}.${String(displayId)}`

export function readDraft(place: DraftPlace): Draft | null {
  return parse(readOwn(nameOf(place)))
}

function parse(text: string | null): Draft | null {
  try {
    return text === null ? null : (JSON.parse(text) as Draft)
  } catch {
    return null
  }
}

/** All of the signed-in person in this browser. */
export function listDrafts(): readonly (Draft & DraftPlace)[] {
  return [...listOwn(prefix)].flatMap(([name, text]) => {
    const [accountId = 0, displayId = 0] = name.split('.').map(Number)
    const draft = parse(text)
    return draft === null ? [] : [{ ...draft, accountId, displayId }]
  })
}

/** Keeps a draft in this browser; an empty one is removed. */
export function keepDraft(place: DraftPlace, draft: Draft | null): void {
  try {
    writeOwn(nameOf(place), draft === null || draft.content.trim() === '' ? null : JSON.stringify(draft))
  } catch {
    // Storage is full or refused: the server's draft remains.
  }
  tellAll()
}

const draftsQuery = (accountId: number) =>
  queryOptions({
    queryKey: ['drafts', accountId],
    queryFn: async ({ signal }) => {
      const { payload } = await ask(
        api.GET('/api/v1/accounts/{accountId}/drafts', { params: { path: { accountId } }, signal }),
      )
      return new Set(payload.map(({ conversation_id: id }) => id))
    },
  })

/** Whether the conversation has one. */
export function useDraftMark(accountId: number, displayId: number): boolean {
  const { data: onServer } = useQuery(draftsQuery(accountId))
  const isHere = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => readDraft({ accountId, displayId }) !== null,
  )
  return isHere || (onServer?.has(displayId) ?? false)
}
