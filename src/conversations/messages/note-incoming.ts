// Effects of an incoming API message on its conversation, the contact and the assignee.

import type { Tx } from '../../db/pool.ts'
import { reopenedStatus } from '../../db/rules.ts'
import { enqueue } from '../../queue/work.ts'
import { assignConversation } from '../assignment/assign.ts'
import { minLength } from '../language/note-language.ts'
import { noteFirstWords } from '../notices/watchers.ts'

// A resolved or snoozed conversation is reopened, unless its contact is blocked: for the bot that answers first, if
// there is one, or for the next agent.
export async function noteIncoming(
  tx: Tx,
  conversation: { readonly id: number; readonly contact_id: number; readonly blocked: boolean },
  { at, messageId, length }: { readonly at: Date; readonly messageId: number; readonly length: number },
): Promise<void> {
  const { rows } = await tx.query<{ opened: boolean; writesAsContact: boolean; first: boolean }>(
    `
      update conversations c
      set
        last_activity_at = $2,
        last_incoming_at = $2,
        updated_at = now(),
        waiting_since = coalesce(c.waiting_since, $2),
        status = case
          when $3 or c.status not in ('resolved', 'snoozed') then c.status
          else (${reopenedStatus('c')})::conversation_status
        end,
        snoozed_until = case when not $3 and c.status = 'snoozed' then null else c.snoozed_until end
      from (select status, last_incoming_at from conversations where id = $1) before
      where c.id = $1
      returning
        c.status = 'open' and before.status <> 'open' as opened,
        before.last_incoming_at is null as first,
        coalesce(c.additional_attributes ->> 'conversation_language', '') <> '' as "writesAsContact"
    `,
    [conversation.id, at, conversation.blocked],
  )
  if (rows[0]?.writesAsContact === false && length >= minLength)
    await enqueue(tx, [{ kind: 'detect-language', key: null, payload: { messageId } }])
  await tx.query('update contacts set last_activity_at = $2 where id = $1', [conversation.contact_id, at])
  if (rows[0]?.opened === true) await assignConversation(tx, conversation.id)
  if (rows[0]?.opened === true || rows[0]?.first === true)
    await noteFirstWords(tx, { conversationId: conversation.id, messageId })
}
