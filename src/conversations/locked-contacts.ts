// Contacts that are about to be deleted, locked with their conversations in the one order of all locks:
// conversations by id, then contacts.

import type { Tx } from '../db/pool.ts'

export interface LockedContacts {
  readonly accountId: number
  /** All that are to be held. */
  readonly contactIds: readonly number[]
  /** The contacts whose conversations are locked before them. */
  readonly contactId: number
}

// Conversations that they have or take part in, and those that refer to one of them.
const conversationsSql = `
  select 1
  from conversations
  where account_id = $1
    and id in (
      select id
      from conversations
      where contact_id = $2
      union
      select conversation_id
      from conversation_contacts
      where contact_id = $2
      union
      select l.id
      from conversations l
      join conversations c on c.id = l.linked_to_id
      where c.contact_id = $2
    )
  order by id
  for no key update
`

/**
 * Locks them until the transaction ends; returns how many of the contacts exist. From now on no
 * conversation with them can begin.
 */
export async function lockContacts(tx: Tx, { accountId, contactIds, contactId }: LockedContacts): Promise<number> {
  await tx.query(conversationsSql, [accountId, contactId])
  const { rowCount } = await tx.query(
    'select 1 from contacts where account_id = $1 and id = any($2) order by id for update',
    [accountId, contactIds],
  )
  // Conversations that were created meanwhile.
  await tx.query(conversationsSql, [accountId, contactId])
  return rowCount ?? 0
}
