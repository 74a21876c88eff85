// Addresses of contacts and their states. "claimed": an unproven visitor named it. "given": the account's people or
// programs set it, or a mail came from it. "proven": authenticated mail came from it, or the link mailed there was
// opened. Mail matches given and proven addresses only. A trigger synchronises those rows with the contact's own
// columns.

import { columns } from '../../db/columns.ts'
import { queryOne, type Sql, statement, type Tx } from '../../db/pool.ts'
import { isKnown } from '../../db/rules.ts'

/**
 * The contact of an account that has this address, in lower case; null for an address that is unknown or only
 * claimed.
 */
export async function findOwner(sql: Sql, accountId: number, email: string): Promise<number | null> {
  const row = await queryOne<{ contact_id: number }>(
    sql,
    `select a.contact_id from contact_addresses a where a.account_id = $1 and a.email = $2 and ${isKnown('a')}`,
    [accountId, email],
  )
  return row?.contact_id ?? null
}

/** Stores a visitor's unverified address, instead of an earlier one; null removes it. */
export async function recordUnverifiedAddress(tx: Tx, contactInboxId: number, email: string | null): Promise<void> {
  if (email === null) {
    await tx.query(`delete from contact_addresses where contact_inbox_id = $1 and state = 'claimed'`, [contactInboxId])
    return
  }
  await tx.query(
    `insert into contact_addresses (account_id, contact_id, contact_inbox_id, email, state)
     select k.account_id, k.id, p.id, $2, 'claimed'
     from contact_inboxes p
       join contacts k on k.id = p.contact_id
     where p.id = $1
     on conflict (contact_inbox_id) where state = 'claimed' do update set email = excluded.email, created_at = now()`,
    [contactInboxId, email],
  )
}

const authenticatedSenders = columns({ conversation_id: 'int', email: 'text' })

const proveSql = statement(`update contact_addresses a
  set state = 'proven', proven_at = now()
  from ${authenticatedSenders.from('n')}
    join conversations c on c.id = n.conversation_id
  where a.account_id = c.account_id
    and a.email = n.email
    and a.state = 'given'`)

/** Notes that authenticated mail came from these addresses, in lower case. */
export async function noteAuthenticated(
  tx: Tx,
  senders: readonly { readonly conversationId: number; readonly email: string }[],
): Promise<void> {
  if (senders.length === 0) return
  const rows = senders.map(({ conversationId, email }) => ({ conversation_id: conversationId, email }))
  await tx.query(proveSql(authenticatedSenders.values(rows)))
}
