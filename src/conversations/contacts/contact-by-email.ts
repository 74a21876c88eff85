// Finds or creates the contact of a sender address in an account and inbox. Unverified addresses do not match. Two
// simultaneous mails of one new sender make one contact: the unique index decides, and the loser reads the winner's
// row.

import { isEmail } from '../../contracts/channels.ts'
import { toSearchedText } from '../../db/json.ts'
import { queryOne, type Sql } from '../../db/pool.ts'
import { isKnown } from '../../db/rules.ts'
import { MailError } from '../../errors.ts'

export interface EmailContactQuery {
  readonly accountId: number
  readonly inboxId: number
  readonly email: string
  /** Display name for a new contact; empty or null = the local part of the address. */
  readonly name: string | null
}

export interface EmailContact {
  readonly contactId: number
  readonly contactInboxId: number
  readonly blocked: boolean
  /** True if this call created the contact. */
  readonly created: boolean
}

interface Found {
  readonly id: number
  readonly blocked: boolean
}

/**
 * The contact of an address and its contact inbox, made when missing. Call it inside a transaction; concurrent
 * callers get the same contact.
 */
export async function findOrCreateContactByEmail(tx: Sql, query: EmailContactQuery): Promise<EmailContact> {
  const email = toSearchedText(query.email).trim().toLowerCase()
  for (let attempt = 0; attempt < 3; attempt++) {
    const known = await findByAddress(tx, query.accountId, email)
    const contact = known ?? (await createContact(tx, query, email))
    if (contact === null) continue
    const contactInboxId = await joinByMail(tx, { contactId: contact.id, inboxId: query.inboxId, email })
    return { contactId: contact.id, contactInboxId, blocked: contact.blocked, created: known === null }
  }
  throw new MailError('unavailable', `the contact ${email} changes faster than it can be read`)
}

function findByAddress(tx: Sql, accountId: number, email: string): Promise<Found | null> {
  return queryOne<Found>(
    tx,
    `select k.id, k.blocked
     from contact_addresses a
       join contacts k on k.id = a.contact_id
     where a.account_id = $1 and a.email = $2 and ${isKnown('a')}`,
    [accountId, email],
  )
}

// Null when another transaction made it first: it is committed by then, so the next look finds it.
function createContact(tx: Sql, query: EmailContactQuery, email: string): Promise<Found | null> {
  const name = toSearchedText(query.name ?? '').trim() || email.slice(0, email.lastIndexOf('@')) || email
  return queryOne<Found>(
    tx,
    `insert into contacts (account_id, name, email, updated_at) values ($1, $2, $3, now())
     on conflict (account_id, email) do nothing returning id, blocked`,
    [query.accountId, name, email],
  )
}

// In an email inbox the source id is the address, as in Chatwoot. In any other it would open the public API to
// anyone who knows the address: there it is random, and no key.
async function joinByMail(
  tx: Sql,
  { contactId, inboxId, email }: { readonly contactId: number; readonly inboxId: number; readonly email: string },
): Promise<number> {
  const there = await queryOne<{ id: number | null; channel_type: string; random: string }>(
    tx,
    `select ch.channel_type,
       gen_random_uuid()::text as random,
       (select p.id from contact_inboxes p where p.contact_id = $1 and p.inbox_id = $2 order by p.id desc limit 1) as id
     from inboxes i
       join channels ch on ch.id = i.channel_id
     where i.id = $2`,
    [contactId, inboxId],
  )
  if (there === null) throw new MailError('unavailable', `inbox ${String(inboxId)} is gone`)
  if (isEmail(there.channel_type)) return findOrCreateContactInbox(tx, { contactId, inboxId, sourceId: email })
  return there.id ?? findOrCreateContactInbox(tx, { contactId, inboxId, sourceId: there.random })
}

/**
 * The contact inbox under `sourceId`, made when missing; another contact that had the source id keeps its row under a
 * new one.
 */
export async function findOrCreateContactInbox(
  tx: Sql,
  wanted: { readonly contactId: number; readonly inboxId: number; readonly sourceId: string },
): Promise<number> {
  const values = [wanted.contactId, wanted.inboxId, wanted.sourceId]
  for (let attempt = 0; attempt < 3; attempt++) {
    const row = await queryOne<{ id: number }>(
      tx,
      `
        with there as (select id from contact_inboxes where contact_id = $1 and inbox_id = $2 and source_id = $3),
        made as (
          insert into contact_inboxes (contact_id, inbox_id, source_id, updated_at)
          select $1, $2, $3, now()
          where not exists (select 1 from there)
          on conflict (inbox_id, source_id) do nothing
          returning id
        )
        select id from there union all select id from made
      `,
      values,
    )
    if (row !== null) return row.id
    await tx.query(
      `update contact_inboxes set source_id = gen_random_uuid()::text, key_issued = false, updated_at = now()
       where contact_id <> $1 and inbox_id = $2 and source_id = $3`,
      values,
    )
  }
  throw new MailError(
    'unavailable',
    `the source id ${wanted.sourceId} of inbox ${String(wanted.inboxId)} changes faster than it can be read`,
  )
}
