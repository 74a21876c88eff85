// Who writes from this address, in this account and inbox: a contact known by it (main or further address), or a new one.
// Two mails of one stranger at the same moment make one contact: the database decides, the loser reads what the winner wrote.

import { MailError } from '../../errors.ts'
import { toText } from '../../db/json.ts'
import { queryOne, type Sql } from '../../db/pool.ts'

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
  /** Whether the contact was made by this call. */
  readonly created: boolean
}

interface Found {
  readonly id: number
  readonly blocked: boolean
}

/** The contact of an address and its place in the inbox, made when missing. Call it inside a transaction; concurrent callers get the same contact. */
export async function findOrCreateContactByEmail(tx: Sql, query: EmailContactQuery): Promise<EmailContact> {
  const email = toText(query.email).trim().toLowerCase()
  for (let attempt = 0; attempt < 3; attempt++) {
    const known = (await findByAddress(tx, query.accountId, email)) ?? (await findBySourceId(tx, query.inboxId, email))
    const contact = known ?? (await createContact(tx, query, email))
    if (contact === null) continue
    const contactInboxId = await findOrCreateContactInbox(tx, { contactId: contact.id, inboxId: query.inboxId, sourceId: email })
    return { contactId: contact.id, contactInboxId, blocked: contact.blocked, created: known === null }
  }
  throw new MailError('unavailable', `the contact ${email} changes faster than it can be read`)
}

function findByAddress(tx: Sql, accountId: number, email: string): Promise<Found | null> {
  return queryOne<Found & { main: boolean }>(
    tx,
    `select id, blocked, email is not distinct from $2 as main from contacts
     where account_id = $1 and (email = $2 or additional_emails @> array[$2]::text[]) order by main desc, id limit 1`,
    [accountId, email],
  )
}

// As in Chatwoot: an address that once wrote to this inbox stays with its contact.
function findBySourceId(tx: Sql, inboxId: number, email: string): Promise<Found | null> {
  return queryOne<Found>(tx, `select c.id, c.blocked from contact_inboxes ci join contacts c on c.id = ci.contact_id where ci.inbox_id = $1 and ci.source_id = $2`, [inboxId, email])
}

// Null when another transaction made it first: it is committed by then, so the next look finds it.
function createContact(tx: Sql, query: EmailContactQuery, email: string): Promise<Found | null> {
  const name = toText(query.name ?? '').trim() || email.slice(0, email.lastIndexOf('@')) || email
  return queryOne<Found>(
    tx,
    `insert into contacts (account_id, name, email, updated_at) values ($1, $2, $3, now())
     on conflict (account_id, email) do nothing returning id, blocked`,
    [query.accountId, name, email],
  )
}

/** The contact's place in an inbox under `sourceId`, made when missing; a former owner of the same source id keeps its row under a new one. */
export async function findOrCreateContactInbox(tx: Sql, wanted: { contactId: number; inboxId: number; sourceId: string }): Promise<number> {
  const values = [wanted.contactId, wanted.inboxId, wanted.sourceId]
  for (let attempt = 0; attempt < 3; attempt++) {
    const row = await queryOne<{ id: number }>(
      tx,
      `with there as (select id from contact_inboxes where contact_id = $1 and inbox_id = $2 and source_id = $3),
            made as (insert into contact_inboxes (contact_id, inbox_id, source_id, updated_at)
              select $1, $2, $3, now() where not exists (select 1 from there) on conflict (inbox_id, source_id) do nothing returning id)
       select id from there union all select id from made`,
      values,
    )
    if (row !== null) return row.id
    await tx.query('update contact_inboxes set source_id = gen_random_uuid()::text, updated_at = now() where contact_id <> $1 and inbox_id = $2 and source_id = $3', values)
  }
  throw new MailError('unavailable', `the source id ${wanted.sourceId} of inbox ${String(wanted.inboxId)} changes faster than it can be read`)
}
