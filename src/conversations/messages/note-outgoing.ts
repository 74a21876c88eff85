// Effects of an outgoing message on its conversation: the end of the contact's wait, and the first reply.

import type { Tx } from '../../db/pool.ts'
import { performedBy } from '../record-event.ts'
import { isByMachine, type NewMessage } from './new-message.ts'

/** A person wrote it in public, and no rule or campaign did. */
export function isHumanReply(message: NewMessage): boolean {
  const isOfCampaign = (message.additionalAttributes['campaign_id'] ?? null) !== null
  return message.messageType === 'outgoing' && !message.private && !isByMachine(message) && !isOfCampaign
}

/** The bot that wrote the public message; null for any other message. */
export function replyingBot({ messageType, private: isPrivate, author }: NewMessage): number | null {
  return messageType === 'outgoing' && !isPrivate && author?.type === 'agent_bot' ? author.id : null
}

// A person's reply ends the wait; a bot's only while the bot has the conversation: after a hand-off its contact waits
// for a person. A bot's message is marked as such: reports count the reply time of people.
const botHasIt = `(
           c.status = 'pending'
           or c.assignee_agent_bot_id = $4
           or (
             (select i.agent_bot_id from inboxes i where i.id = c.inbox_id) is distinct from $4
             and not exists (
               select 1 from reporting_events e
               where e.conversation_id = c.id and e.name = 'conversation_bot_handoff'
             )
           )
         )`
/** Effects of an outgoing message on its conversation. */
export async function noteOutgoing(
  tx: Tx,
  id: number,
  message: { readonly at: Date; readonly humanReply: boolean; readonly botId: number | null },
): Promise<void> {
  if (message.botId !== null) await performedBy(tx, `agent_bot:${String(message.botId) as `${number}`}`)
  await tx.query(
    `update conversations c set
       last_activity_at = $2,
       updated_at = now(),
       first_reply_created_at = case when $3 then coalesce(first_reply_created_at, $2) else first_reply_created_at end,
       waiting_since = case
         when $3 then null
         when $4::int is not null and ${botHasIt} then null
         else waiting_since
       end
     where id = $1`,
    [id, message.at, message.humanReply, message.botId],
  )
}
