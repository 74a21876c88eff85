// An automatic answer (RFC 3834) of a customer's mailbox says that our mail arrived: it is noted on the message that it
// answers, by its In-Reply-To, or, where it has none, on the last one that was mailed to its sender.

import type { AppendIncoming } from '../../contracts/decision.ts'
import type { Tx } from '../../db/pool.ts'
import type { AppendRequest } from '../records/append-request.ts'
import { recordDeliveryIn } from './record-delivery.ts'

// A continued chat has one mail for several messages.
const answeredSql = `
  select m.id
  from messages m
  where m.conversation_id = $1
    and m.message_type in ('outgoing', 'template')
    and not m.private
    and (
      m.source_id = any($2)
      or m.content_attributes #>> '{delivery,message_id}' = any($2)
    )
    and m.content_attributes #> '{delivery,to}' is not null
  order by m.id desc
  limit 20`

const latestSql = `
  select m.id
  from messages m
  where m.conversation_id = $1
    and m.message_type in ('outgoing', 'template')
    and not m.private
    and m.content_attributes #> '{delivery,to}' ? $2
  order by m.id desc
  limit 1`

/** Notes the automatic answers among the mails that are appended; the conversations are locked. */
export async function noteAutoAnswers(tx: Tx, requests: readonly AppendRequest[]): Promise<void> {
  for (const { decision, mail } of requests) {
    if (decision.action !== 'append' || !decision.marks.autoReply) continue
    const ids = await findAnswered(tx, decision, mail.inReplyTo)
    const recipients = [{ email: decision.speaker.address }]
    if (ids.length > 0) await recordDeliveryIn(tx, ids, { state: 'auto_answered', recipients })
  }
}

async function findAnswered(
  tx: Tx,
  { conversationId, speaker }: AppendIncoming,
  inReplyTo: readonly string[],
): Promise<number[]> {
  const { rows } =
    inReplyTo.length > 0
      ? await tx.query<{ id: number }>(answeredSql, [conversationId, inReplyTo.slice(0, 20)])
      : await tx.query<{ id: number }>(latestSql, [conversationId, speaker.address])
  return rows.map(({ id }) => id)
}
