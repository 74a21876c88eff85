// Two envelopes of a mail without a Message-ID at the same moment are judged one after the other.

import type { Tx } from '../../db/pool.ts'
import { lockCopies } from '../lookup/copies-sql.ts'
import type { AppendRequest } from '../records/append-request.ts'
import { RaceError } from './append-message.ts'

/** Throws `RaceError` if another envelope has become a message meanwhile, where this one is to become one. */
export async function raceCopies(tx: Tx, { inboundEmailId, decision, mail }: AppendRequest): Promise<void> {
  if (mail.messageId !== null || !('marks' in decision)) return
  if (decision.marks.reusedMessageId) return
  const target = {
    conversationId: 'conversationId' in decision ? decision.conversationId : null,
    inboxId: 'inboxId' in decision ? decision.inboxId : null,
  }
  if (await lockCopies(tx, { inboundEmailId, isDated: mail.date !== null }, target)) throw new RaceError(null)
}
