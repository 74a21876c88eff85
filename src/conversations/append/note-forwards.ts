// A customer's mail that a verified agent forwarded: the message is the customer's, the agent's words above it are a
// private note below.

import type { Tx } from '../../db/pool.ts'
import { writeNote } from '../messages/write-note.ts'
import type { Ready } from './append-message.ts'

/** Writes what the agents wrote above the mails that they forwarded. Throws what `writeNote` throws. */
export async function noteForwards(tx: Tx, ready: readonly Ready[], replyDomain: string): Promise<void> {
  for (const { request } of ready) {
    const { decision } = request
    if (decision.action !== 'append' || decision.forward === undefined) continue
    const { userId, above } = decision.forward
    if (above !== '') await writeNote(tx, decision.conversationId, { content: above, userId, replyDomain })
  }
}
