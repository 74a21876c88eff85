// The recipient of a conversation's replies. It is the address that wrote, and changes only by an action that leaves an
// activity: an agent chooses another, or corrects the contact's address where it was the recipient
// (docs/adr/0024-claimed-given-proven.md).

import type { Pool, Tx } from '../../db/pool.ts'
import { changeLocked, type LockedConversation, noteActivities } from '../locked-conversation.ts'
import { nameOf, type Performer, setPerformer } from '../performer.ts'

/** Sends the answers of a conversation to `email`, lower case; null when the conversation is gone. */
export function setRecipient(
  pool: Pool,
  conversationId: number,
  { email, by }: { readonly email: string; readonly by: Performer },
): Promise<true | null> {
  return changeLocked(pool, { conversationId, by }, async (tx, locked) => {
    const { rows } = await tx.query<{ before: string | null }>(
      `update conversations c set recipient_email = $2, updated_at = now()
       from conversation_recipients r
       where c.id = $1 and r.conversation_id = c.id
       returning r.email as before`,
      [conversationId, email],
    )
    if (rows[0]?.before !== email) await noteActivities(tx, locked, [sentence(by, email)])
    return true as const
  })
}

/** The author of the contact's change, which the recipients of its conversations follow. */
export interface ContactEditor {
  readonly by: Performer
  /** The inboxes that they see; null = all. */
  readonly visibleInboxes: readonly number[] | null
}

/** Holds the conversations of a contact, before the contact itself (docs/adr/0019-one-order-of-locks.md). */
export async function lockConversationsOf(tx: Tx, contactId: number): Promise<void> {
  await tx.query('select 1 from conversations where contact_id = $1 order by id for no key update', [contactId])
}

/**
 * The contact's address was changed by hand: conversations whose replies went to the old one, or to no known address,
 * follow, in the inboxes that the editor sees. The caller has locked them.
 */
export async function followAddress(
  tx: Tx,
  { contactId, from, to }: { readonly contactId: number; readonly from: string | null; readonly to: string },
  { by, visibleInboxes }: ContactEditor,
): Promise<void> {
  await setPerformer(tx, by)
  const { rows } = await tx.query<Pick<LockedConversation, 'id' | 'account_id' | 'inbox_id'>>(
    `update conversations set recipient_email = $3, updated_at = now()
     where contact_id = $1
       and (recipient_email is null or recipient_email = $2)
       and ($4::int[] is null or inbox_id = any($4))
     returning id, account_id, inbox_id`,
    [contactId, from, to, visibleInboxes],
  )
  for (const conversation of rows) await noteActivities(tx, conversation, [sentence(by, to)])
}

function sentence(by: Performer, email: string): string | null {
  const name = nameOf(by)
  return name === null ? null : `${name} sends the answers of this conversation to ${email}`
}
