// A visitor proved to read an address: they opened the link that was mailed there, or their website's server signed
// it. The conversations of that session show the mail from it, and answers go there. If another contact has the
// address, the visitor is that contact.

import { queryOne, type Tx } from '../../db/pool.ts'
import { isKnown } from '../../db/rules.ts'
import { findOwner, recordUnverifiedAddress } from '../contacts/addresses.ts'
import { mergeContactsIn } from '../contacts/merge-contacts.ts'
import { isUnverifiedSql } from '../contacts/unverified-identifiers.ts'

interface Session {
  readonly account_id: number
  readonly contact_id: number
  readonly email: string | null
  readonly is_own: boolean
  readonly verified: boolean
}

/** Notes the proof, in the caller's transaction; false when the session is gone. */
export async function proveAddress(tx: Tx, contactInboxId: number, email: string): Promise<boolean> {
  const session = await queryOne<Session>(
    tx,
    `select k.account_id,
       k.id as contact_id,
       k.email,
       p.hmac_verified as verified,
       p.made_contact
         and k.phone_number is null
         and (k.identifier is null or k.${isUnverifiedSql})
         and not exists (
           select 1 from contact_addresses a where a.contact_id = k.id and ${isKnown('a')}
         ) as is_own
     from contact_inboxes p
       join contacts k on k.id = p.contact_id
     where p.id = $1
     for no key update of k`,
    [contactInboxId],
  )
  if (session === null) return false
  const ownerId = await findOwner(tx, session.account_id, email)
  if (ownerId === null) await give(tx, session, email)
  else if (ownerId !== session.contact_id && session.is_own && !session.verified)
    await mergeContactsIn(tx, {
      accountId: session.account_id,
      baseId: ownerId,
      mergeeId: session.contact_id,
      isProven: true,
    })
  await tx.query(
    `update contact_addresses set state = 'proven', proven_at = now()
     where account_id = $1 and email = $2 and state = 'given'`,
    [session.account_id, email],
  )
  await tx.query(
    `update contact_inboxes set proven_emails = array_append(array_remove(proven_emails, $2), $2), updated_at = now()
     where id = $1`,
    [contactInboxId, email],
  )
  await tx.query(
    `update conversations set recipient_email = $2, updated_at = now()
     where contact_inbox_id = $1 and recipient_email is null`,
    [contactInboxId, email],
  )
  await recordUnverifiedAddress(tx, contactInboxId, null)
  return true
}

// A contact that the account knows from elsewhere gets no further address from a visitor, who could then write as that
// contact.
async function give(tx: Tx, session: Session, email: string): Promise<void> {
  if (!session.is_own && !(session.verified && session.email === null)) return
  await tx.query(
    `update contacts set email = $2, additional_attributes = additional_attributes - 'claimed_email', updated_at = now()
     where id = $1 and email is null`,
    [session.contact_id, email],
  )
}
