// Visitors come through a website's widget or an app, without a user account, and are identified by a random key that
// Rethread issued. Their own data is unverified until the site's server, or a link mailed to the address, proves it
// (docs/adr/0015-visitors-prove-who-they-are.md, docs/adr/0024-claimed-given-proven.md).

import type { Db } from '../../db/client.ts'
import { toComposed } from '../../db/json.ts'
import { type Pool, queryOne, withDeadlockRetry } from '../../db/pool.ts'
import { recordUnverifiedAddress } from '../contacts/addresses.ts'
import { columnsOf, type ContactFields, findContactProblems } from '../contacts/contact-fields.ts'
import { guardLength } from '../contacts/contact-inboxes.ts'
import type { createContacts } from '../contacts/contacts.ts'
import { isUnverifiedSql, releaseUnverifiedIdentifiers, unverifiedMark } from '../contacts/unverified-identifiers.ts'
import type { Problem, Saved } from '../records/problem.ts'
import type { ContactWithInboxes, InboxRow } from '../records/rows.ts'
import { addressOf, type Introduction, type Proof, readProof } from './proofs.ts'
import { proveAddress } from './prove-address.ts'
import { findVisitor, type Visitor } from './visitor.ts'
import { findWebsiteInbox } from './website-inbox.ts'

export type Entered = { readonly visitor: Visitor } | 'unproven' | Exclude<Saved<never>, { saved: never }>

interface Deps {
  readonly db: Db
  readonly pool: Pool
  readonly contacts: ReturnType<typeof createContacts>
}

export function createVisitors(deps: Deps) {
  return {
    findWebsiteInbox: (identifier: string) => findWebsiteInbox(deps.db, identifier),

    findVisitor: (inbox: InboxRow, key: string) => findVisitor(deps, inbox, key),

    /**
     * The visitor who holds the given key, or a new one with a generated key; a key that was never issued opens
     * nothing.
     */
    async enter(inbox: InboxRow, introduction: Introduction): Promise<Entered> {
      const proof = readProof(inbox, introduction)
      if (proof === 'wrong') return 'unproven'
      guardLength(introduction.sourceId)
      const there = introduction.sourceId === null ? null : await findVisitor(deps, inbox, introduction.sourceId)
      if (there !== null) return { visitor: there }
      const problems = findContactProblems(columnsOf(introduction.fields))
      if (problems.length > 0) return { problems }
      const known = await findByIdentifier(deps, inbox.accountId, { introduction, proof })
      if (known !== null && !proof.identifier) return 'unproven'
      const contactInbox = {
        inboxId: inbox.id,
        sourceId: null,
        verified: proof.identifier,
        madeContact: known === null,
      }
      const key =
        known === null
          ? await create(deps, inbox, { introduction, proof, contactInbox })
          : await join(deps, known, contactInbox)
      if (typeof key !== 'string') return key
      return note(deps, inbox, { key, introduction, proof })
    },

    /** Stores the data that a visitor gives; a visitor who is proven to be a known contact is merged with it. */
    async introduce(inbox: InboxRow, visitor: Visitor, introduction: Introduction): Promise<Entered> {
      const proof = readProof(inbox, introduction, visitor.contactInbox.verified)
      if (proof === 'wrong') return 'unproven'
      const problems = [
        ...findContactProblems(columnsOf(introduction.fields)),
        ...(isSomeoneElse(visitor, introduction, proof) ? [someoneElse] : []),
      ]
      if (problems.length > 0) return { problems }
      const given = { introduction, proof }
      const contactId = await becomeKnown(deps, visitor, given)
      if (contactId === 'unproven') return 'unproven'
      if (visitor.speaksForContact || proof.identifier) {
        const saved = await describe(deps, visitor, { contactId, ...given })
        if (saved !== null) return saved
      }
      if (proof.identifier) await markVerified(deps.pool, visitor.contactInbox.id)
      return note(deps, inbox, { key: visitor.contactInbox.sourceId, ...given })
    },
  }
}

// The contact that has the identifier, which takes over the visitor's own; only with a proof.
async function becomeKnown(deps: Deps, { contact }: Visitor, given: Given): Promise<number | 'unproven'> {
  const known = await findByIdentifier(deps, contact.accountId, given)
  if (known === null || known === contact.id) return contact.id
  if (!given.proof.identifier) return 'unproven'
  await deps.contacts.mergeContacts({
    accountId: contact.accountId,
    baseId: known,
    mergeeId: contact.id,
    isProven: true,
  })
  return known
}

// Null, or what is wrong.
async function describe(
  { contacts }: Deps,
  visitor: Visitor,
  { contactId, introduction, proof }: Given & { readonly contactId: number },
): Promise<{ readonly problems: readonly Problem[] } | null> {
  const contact = (await contacts.findContact(visitor.contact.accountId, contactId)) ?? visitor.contact
  const { identifier } = introduction.fields
  const isFurther = contact.additionalIdentifiers.includes(identifier?.trim() ?? '')
  const fields = isFurther ? { ...introduction.fields, identifier: undefined } : introduction.fields
  const saved = await contacts.updateContact(contact, withoutUnverified(fields, proof))
  return 'problems' in saved ? saved : null
}

interface Given {
  readonly introduction: Introduction
  readonly proof: Proof
}

interface NewContactInbox {
  readonly inboxId: number
  readonly sourceId: null
  readonly verified: boolean
  readonly madeContact: boolean
}

async function create(
  { contacts }: Deps,
  inbox: InboxRow,
  { introduction, proof, contactInbox }: Given & { readonly contactInbox: NewContactInbox },
): Promise<string | { readonly problems: readonly Problem[] }> {
  const made = await contacts.createContact(
    inbox.accountId,
    withoutUnverified(introduction.fields, proof),
    contactInbox,
  )
  if ('problems' in made) return made
  return made.saved.contact.contactInboxes.find(({ id }) => id === made.saved.contactInboxId)?.sourceId ?? ''
}

function join({ contacts }: Deps, contactId: number, contactInbox: NewContactInbox): Promise<string> {
  return contacts.joinInbox({ ...contactInbox, contactId })
}

// Their own data, stored beside the contact: shown to them, and as a hint to agents.
async function note(
  deps: Deps,
  inbox: InboxRow,
  { key, introduction, proof }: Given & { readonly key: string },
): Promise<Entered> {
  const visitor = await findVisitor(deps, inbox, key)
  if (visitor === null) return { problems: [] }
  const { fields } = introduction
  const [email, proven] = [addressOf(fields), proof.email]
  const claims = {
    ...(fields.name == null ? {} : { name: fields.name.trim() }),
    ...(fields.email === undefined ? {} : { email }),
    ...(fields.phoneNumber === undefined ? {} : { phone_number: fields.phoneNumber?.trim() || null }),
  }
  if (Object.keys(claims).length > 0)
    await withDeadlockRetry(deps.pool, async (tx) => {
      await tx.query('update contact_inboxes set claims = claims || $2::jsonb, updated_at = now() where id = $1', [
        visitor.contactInbox.id,
        JSON.stringify(claims),
      ])
      if (proven !== null) await proveAddress(tx, visitor.contactInbox.id, proven)
      else if (fields.email !== undefined) await recordUnverifiedAddress(tx, visitor.contactInbox.id, email)
    })
  const now = await findVisitor(deps, inbox, key)
  return now === null ? { problems: [] } : { visitor: now }
}

// A proven identifier is moved from a contact that only claims it, no matter who created that one; the two are never
// merged.
async function findByIdentifier(
  { pool }: Deps,
  accountId: number,
  { introduction, proof }: Given,
): Promise<number | null> {
  const identifier = toComposed(introduction.fields.identifier?.trim() ?? '')
  if (identifier === '') return null
  if (proof.identifier) await releaseUnverifiedIdentifiers(pool, { accountId, identifiers: [identifier] })
  const row = await queryOne<{ id: number }>(
    pool,
    `select id from contacts where account_id = $1 and identifier = $2
     union all
     select contact_id from merged_contact_keys where account_id = $1 and kind = 'identifier' and value = $2`,
    [accountId, identifier],
  )
  return row?.id ?? null
}

const someoneElse: Problem = {
  attribute: 'identifier',
  message: 'is not the one this visitor is known by: come in anew, without their source_id',
}

// A session that an agent merged into a contact takes no data along to the contact that it proves to be.
function isSomeoneElse({ contact, speaksForContact }: Visitor, { fields }: Introduction, proof: Proof): boolean {
  if (fields.identifier === undefined) return false
  const identifier = fields.identifier?.trim() ?? ''
  const isSameIdentifier = identifier === contact.identifier
  if (proof.identifier && !speaksForContact && !isSameIdentifier) return true
  return isVouchedFor(contact) && !isSameIdentifier && !contact.additionalIdentifiers.includes(identifier)
}

function isVouchedFor(contact: ContactWithInboxes): boolean {
  return contact.identifier !== null && contact.additionalAttributes[unverifiedMark] !== contact.identifier
}

// An unverified address or number matches no mail and no import: agents see it as a hint.
function withoutUnverified(fields: ContactFields, proof: Proof): ContactFields {
  const hints = Object.entries({
    [unverifiedMark]: proof.identifier ? '' : fields.identifier?.trim(),
    claimed_email: proof.email === null ? addressOf(fields) : '',
    claimed_phone_number: fields.phoneNumber?.trim(),
  }).filter(([, value]) => value !== undefined && value !== null && value !== '')
  const additionalAttributes = { ...fields.additionalAttributes, ...Object.fromEntries(hints) }
  return { ...fields, email: undefined, phoneNumber: undefined, additionalAttributes }
}

async function markVerified(pool: Pool, contactInboxId: number): Promise<void> {
  await pool.query(
    `with contact_inbox as (
       update contact_inboxes set hmac_verified = true, updated_at = now() where id = $1 returning contact_id
     )
     update contacts set additional_attributes = additional_attributes - '${unverifiedMark}'
     where id = (select contact_id from contact_inbox) and ${isUnverifiedSql}`,
    [contactInboxId],
  )
}
