// Says in a conversation what became of its outgoing mail, for people who do not look at the message.

import { type Pool, queryOne } from '../../db/pool.ts'
import { changeLocked, noteActivities } from '../locked-conversation.ts'

/** Writes the sentence as an activity; nothing where the conversation is gone. */
export async function noteActivity(
  pool: Pool,
  on: { readonly messageId: number } | { readonly conversationId: number },
  sentence: string,
): Promise<void> {
  const conversationId = 'conversationId' in on ? on.conversationId : await findConversation(pool, on.messageId)
  if (conversationId === null) return
  await changeLocked(pool, { conversationId, by: { kind: 'system' } }, (tx, locked) =>
    noteActivities(tx, locked, [sentence]),
  )
}

async function findConversation(pool: Pool, messageId: number): Promise<number | null> {
  const row = await queryOne<{ conversation_id: number }>(pool, 'select conversation_id from messages where id = $1', [
    messageId,
  ])
  return row?.conversation_id ?? null
}
