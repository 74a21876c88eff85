// A customer's mail that a verified agent forwarded: the message is the customer's, the agent's words above it are a
// private note below.

import type { Tx } from '../../db/pool.ts'
import { readForwarded } from '../../mail/reply-text/forwarded.ts'
import { writeNote } from '../messages/write-note.ts'
import type { Ready } from './append-message.ts'

/** Writes what the agents wrote above the mails that they forwarded. Throws what `writeNote` throws. */
export async function noteForwards(tx: Tx, ready: readonly Ready[], replyDomain: string): Promise<void> {
  for (const { request } of ready) {
    const { decision, mail } = request
    if (decision.action !== 'append' || decision.forward === undefined) continue
    const { userId, depth } = decision.forward
    const words = readForwarded(mail)
      .slice(0, depth + 1)
      .map(({ above }) => above)
      .filter((above) => above !== '')
    if (words.length === 0) continue
    await writeNote(tx, decision.conversationId, { content: words.join('\n\n'), userId, replyDomain })
  }
}
