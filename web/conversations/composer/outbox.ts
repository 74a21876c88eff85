// Messages that the server has not confirmed yet. They are kept in the browser until it has: a reload, a lost network
// or a closed tab loses none, and an idempotency key makes trying again safe.

import { useMemo, useSyncExternalStore } from 'react'

import { ownerId, readOwn, writeOwn } from '../../api/own-storage'

/** What the message is asked to be (POST …/messages). */
export interface MessageRequest {
  readonly content: string
  readonly private: boolean
  readonly echo_id: string
  readonly to_emails?: readonly string[]
  readonly cc_emails?: readonly string[]
  readonly bcc_emails?: readonly string[]
  /** `blob_id`s of uploaded files. */
  readonly attachments?: readonly string[]
  readonly send_after_seconds?: number
  /** The writer's draft of the conversation is deleted with it. */
  readonly draft: true
}

export interface Unconfirmed {
  readonly accountId: number
  readonly displayId: number
  readonly userId: number
  readonly request: MessageRequest
  /** Names of its files, to be shown. */
  readonly files: readonly string[]
  /** ms since 1970. */
  readonly at: number
  readonly state: 'sending' | 'failed'
  readonly error: string | null
}

const storageName = 'outbox'
/** The server keeps the answers of idempotency keys for a day: later, trying again could double. */
const keptMs = 23 * 3_600_000

const listeners = new Set<() => void>()
let owner: number | null = null
let entries: readonly Unconfirmed[] = []

/** Those of the signed-in person. */
export function listUnconfirmed(): readonly Unconfirmed[] {
  if (owner !== ownerId()) {
    owner = ownerId()
    entries = read().map((entry) => ({ ...entry, state: 'failed' }))
  }
  return entries
}

function read(): readonly Unconfirmed[] {
  try {
    const all = JSON.parse(readOwn(storageName) ?? '[]') as readonly Unconfirmed[]
    return all.filter(({ at }) => at > Date.now() - keptMs)
  } catch {
    return []
  }
}

function change(next: readonly Unconfirmed[]): void {
  entries = next
  try {
    writeOwn(storageName, JSON.stringify(next))
  } catch {
    // Storage is full or refused: they are kept until the page is left.
  }
  for (const listener of listeners) listener()
}

export function keepUnconfirmed(entry: Unconfirmed): void {
  change([...listUnconfirmed().filter(({ request }) => request.echo_id !== entry.request.echo_id), entry])
}

export function dropUnconfirmed(echoId: string): void {
  change(listUnconfirmed().filter(({ request }) => request.echo_id !== echoId))
}

export function findUnconfirmed(echoId: string): Unconfirmed | null {
  return listUnconfirmed().find(({ request }) => request.echo_id === echoId) ?? null
}

/** Those of a conversation, oldest first. */
export function useUnconfirmed(accountId: number, displayId: number): readonly Unconfirmed[] {
  const all = useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, listUnconfirmed)
  return useMemo(
    () => all.filter((entry) => entry.accountId === accountId && entry.displayId === displayId),
    [all, accountId, displayId],
  )
}
