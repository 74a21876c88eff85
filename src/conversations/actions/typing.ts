// A person types, or has stopped. Only the event is stored, for live streams.

import type { Pool } from '../../db/pool.ts'
import { type Performer, performerKey } from '../performer.ts'
import { recordEvent } from '../record-event.ts'

export interface Typing {
  readonly on: boolean
  /** A private note, which the contact does not see. */
  readonly isPrivate: boolean
  readonly by: Performer
}

export function noteTyping(
  pool: Pool,
  conversation: { readonly id: number; readonly accountId: number },
  { on, isPrivate, by }: Typing,
): Promise<void> {
  return recordEvent(pool, {
    accountId: conversation.accountId,
    conversationId: conversation.id,
    name: on ? 'conversation_typing_on' : 'conversation_typing_off',
    performer: performerKey(by),
    facts: { is_private: isPrivate },
  })
}
