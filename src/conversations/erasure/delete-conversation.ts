// A conversation goes with its messages and files; the raw mail that it came from stays as long as retention says
// (store/incinerate).

import { type Pool, withDeadlockRetry } from '../../db/pool.ts'
import { removeConversations } from './erase-messages.ts'

/** False when it is gone already. */
export function deleteConversation(pool: Pool, conversationId: number): Promise<boolean> {
  return withDeadlockRetry(pool, async (tx) => (await removeConversations(tx, 'id', conversationId)).length === 1)
}
