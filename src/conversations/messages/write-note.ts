// A private note of an agent that accompanies their mail, in the transaction that appends it.

import type { Tx } from '../../db/pool.ts'
import { writeMessage } from './create-message.ts'

/** Writes it in the caller's transaction, which holds the conversation. Throws what `writeMessage` throws. */
export async function writeNote(
  tx: Tx,
  conversationId: number,
  note: { readonly content: string; readonly userId: number; readonly replyDomain: string },
): Promise<void> {
  await writeMessage(tx, conversationId, {
    replyDomain: note.replyDomain,
    // A note causes no mail.
    continuityDelayMs: 0,
    message: {
      content: note.content,
      messageType: 'outgoing',
      private: true,
      contentType: 'text',
      contentAttributes: {},
      additionalAttributes: {},
      sourceId: null,
      attachments: [],
      author: { type: 'user', id: note.userId },
    },
  })
}
