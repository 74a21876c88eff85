// Muting: the contact is blocked, in all conversations, and this one is resolved. Unmuting opens nothing.

import type { Pool, Tx } from '../../db/pool.ts'
import { changeLocked, type LockedConversation, noteActivities } from '../locked-conversation.ts'
import { nameOf, type Performer } from '../performer.ts'
import { setStatus } from './change-status.ts'

/** Null when the conversation is gone. */
export function mute(pool: Pool, conversationId: number, by: Performer): Promise<true | null> {
  return changeLocked(pool, { conversationId, by }, async (tx, locked) => {
    await setMuted(tx, locked, by)
    return true as const
  })
}

/** As `mute`, in a transaction that has locked the conversation. */
export async function setMuted(tx: Tx, locked: LockedConversation, by: Performer): Promise<void> {
  if (locked.status !== 'resolved') await setStatus(tx, locked, { status: 'resolved', snoozedUntil: null, by })
  await tx.query('update contacts set blocked = true, updated_at = now() where id = $1', [locked.contact_id])
  await noteActivities(tx, locked, [sentence(by, 'has muted the conversation')])
}

/** Null when the conversation is gone. */
export function unmute(pool: Pool, conversationId: number, by: Performer): Promise<true | null> {
  return changeLocked(pool, { conversationId, by }, async (tx, locked) => {
    await tx.query('update contacts set blocked = false, updated_at = now() where id = $1', [locked.contact_id])
    await noteActivities(tx, locked, [sentence(by, 'has unmuted the conversation')])
    return true as const
  })
}

function sentence(by: Performer, words: string): string | null {
  const name = nameOf(by)
  return name === null ? null : `${name} ${words}`
}
