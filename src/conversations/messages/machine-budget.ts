// How much machines say to one contact in public: what answers each of their messages by machine is not answered for ever.

import { queryOne, type Tx } from '../../db/pool.ts'

interface Budget {
  readonly most: number
  readonly hours: number
}

/** For rules and templates together. */
export const usualBudget: Budget = { most: 10, hours: 1 }
/** To an address that only claims to have written: who forges senders makes no flood of it. */
export const unprovenBudget: Budget = { most: 1, hours: 24 }

/** Whether rules and templates have said fewer than `most` to the conversation's contact, in all their conversations, within the last hours. */
export async function hasBudget(tx: Tx, conversationId: number, { most, hours }: Budget): Promise<boolean> {
  const row = await queryOne<{ lately: number }>(
    tx,
    `select count(*)::int as lately from conversations c join conversations o on o.contact_id = c.contact_id join messages m on m.conversation_id = o.id
     where c.id = $1 and m.created_at > now() - $2 * interval '1 hour' and not m.private and (m.message_type = 'template' or (m.message_type = 'outgoing' and m.content_attributes ? 'automation_rule_id'))`,
    [conversationId, hours],
  )
  return (row?.lately ?? 0) < most
}
