// A visitor's session: the contact inbox whose random key they hold, the data that they gave and proved, and their
// permissions.

import { queryOne, type Sql } from '../../db/pool.ts'
import { isKnown } from '../../db/rules.ts'
import type { createContacts } from '../contacts/contacts.ts'
import { unverifiedMark } from '../contacts/unverified-identifiers.ts'
import type { ContactWithInboxes, InboxRow, Json } from '../records/rows.ts'

export interface Visitor {
  readonly contact: ContactWithInboxes
  /** Their contact inbox. */
  readonly contactInbox: {
    readonly id: number
    /** Their key. */
    readonly sourceId: string
    readonly pubsubToken: string
    /** They proved the contact's identifier. */
    readonly verified: boolean
    /** {name, email, phone_number}, as they last gave it. */
    readonly claims: Json
    /** Addresses that they proved to read, in lower case. */
    readonly provenEmails: readonly string[]
  }
  /**
   * Answers go to the contact's address, where the session claims none: it was not made part of the contact by a
   * merge.
   */
  readonly isAnsweredAsContact: boolean
  /**
   * True if the contact belongs to the visitor: they created it and the account has no other source
   * for it, or they proved their identity. Otherwise their data is unverified.
   */
  readonly speaksForContact: boolean
}

interface VisitorRow {
  readonly id: number
  readonly contact_id: number
  readonly pubsub_token: string
  readonly hmac_verified: boolean
  readonly made_contact: boolean
  readonly merged: boolean
  readonly claims: Json
  readonly proven_emails: string[]
  readonly known_emails: string[] | null
}

/** The visitor who holds this key of an inbox; null for a key that we never issued. */
export async function findVisitor(
  { pool, contacts }: { readonly pool: Sql; readonly contacts: Pick<ReturnType<typeof createContacts>, 'findContact'> },
  inbox: Pick<InboxRow, 'id' | 'accountId'>,
  key: string,
): Promise<Visitor | null> {
  const contactInbox = await queryOne<VisitorRow>(
    pool,
    `select p.id,
       p.contact_id,
       p.pubsub_token,
       p.hmac_verified,
       p.made_contact,
       p.merged,
       p.claims,
       p.proven_emails,
       (
         select array_agg(a.email::text) from contact_addresses a
         where a.contact_id = p.contact_id and ${isKnown('a')}
       ) as known_emails
     from contact_inboxes p
     where p.inbox_id = $1 and p.source_id = $2 and p.key_issued`,
    [inbox.id, key],
  )
  const contact = contactInbox === null ? null : await contacts.findContact(inbox.accountId, contactInbox.contact_id)
  if (contactInbox === null || contact === null) return null
  return {
    contact,
    contactInbox: {
      id: contactInbox.id,
      sourceId: key,
      pubsubToken: contactInbox.pubsub_token,
      verified: contactInbox.hmac_verified,
      claims: contactInbox.claims,
      provenEmails: contactInbox.proven_emails,
    },
    isAnsweredAsContact:
      contactInbox.hmac_verified || (!contactInbox.merged && typeof contactInbox.claims['email'] !== 'string'),
    speaksForContact: contactInbox.hmac_verified || provesAddress(contactInbox) || isOwn(contactInbox, contact),
  }
}

function provesAddress({ proven_emails: proven, known_emails: known }: VisitorRow): boolean {
  return proven.some((email) => known?.includes(email) === true)
}

// Once another source has identified the contact, the visitor may not change it.
function isOwn({ made_contact: made, known_emails: known }: VisitorRow, contact: ContactWithInboxes): boolean {
  const isUnverified =
    contact.identifier === null || contact.additionalAttributes[unverifiedMark] === contact.identifier
  return made && known === null && contact.phoneNumber === null && isUnverified
}
