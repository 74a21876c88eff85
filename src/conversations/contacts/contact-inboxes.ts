// A contact inbox, made for writing to the contact: its source id is their address or number, or a random key where
// visitors hold it. Only a key that we made is issued: it opens the public API, one that a client chose does not.

import { randomUUID } from 'node:crypto'

import { channelOf, isNamedByClients } from '../../contracts/channels.ts'
import { queryOne, type Sql, type Tx } from '../../db/pool.ts'
import { MailError } from '../../errors.ts'
import { refuse } from '../records/problem.ts'
import type { ContactInboxRow, ContactRow } from '../records/rows.ts'
import { findOrCreateContactInbox } from './contact-by-email.ts'

export interface Joining {
  readonly contactId: number
  readonly inboxId: number
  readonly sourceId: string | null
  /** The visitor has proven their identifier. */
  readonly verified?: boolean
  /** The visitor made the contact. */
  readonly madeContact?: boolean
}

interface Facts {
  readonly channel_type: string
  readonly email: string | null
  readonly phone_number: string | null
}

const maxSourceId = 255

/**
 * The id of the contact inbox, made when missing. Throws 404 when one of them is gone, 422 when the contact lacks
 * what the channel needs, or the source id is another's or too long.
 */
export async function joinInbox(tx: Tx, joining: Joining): Promise<number> {
  guardLength(joining.sourceId)
  const facts = await queryOne<Facts>(
    tx,
    `
      select ch.channel_type, c.email, c.phone_number
      from inboxes i
      join channels ch on ch.id = i.channel_id, contacts c
      where i.id = $1 and c.id = $2
    `,
    [joining.inboxId, joining.contactId],
  )
  if (facts === null)
    throw new MailError('not-found', `contact ${String(joining.contactId)} or inbox ${String(joining.inboxId)} is gone`)
  const sourceId = joining.sourceId ?? newSourceId(facts)
  if (isNamedByClients(facts.channel_type)) {
    const owner = await queryOne<{ contact_id: number }>(
      tx,
      'select contact_id from contact_inboxes where inbox_id = $1 and source_id = $2',
      [joining.inboxId, sourceId],
    )
    if (owner !== null && owner.contact_id !== joining.contactId) throw refuse('source_id should be unique')
  }
  const id = await findOrCreateContactInbox(tx, { contactId: joining.contactId, inboxId: joining.inboxId, sourceId })
  await noteKind(tx, id, {
    key_issued: joining.sourceId === null && isNamedByClients(facts.channel_type),
    hmac_verified: joining.verified ?? false,
    made_contact: joining.madeContact ?? false,
  })
  return id
}

/** Throws 422 for a source id that is too long to be one. */
export function guardLength(sourceId: string | null): void {
  if (sourceId !== null && sourceId.length > maxSourceId)
    throw refuse(`source_id is too long (maximum is ${String(maxSourceId)} characters)`)
}

type Kind = Readonly<Record<'key_issued' | 'hmac_verified' | 'made_contact', boolean>>

async function noteKind(tx: Tx, id: number, kind: Kind): Promise<void> {
  if (!Object.values(kind).includes(true)) return
  await tx.query(
    `update contact_inboxes set
       key_issued = key_issued or $2,
       hmac_verified = hmac_verified or $3,
       made_contact = made_contact or $4
     where id = $1`,
    [id, kind.key_issued, kind.hmac_verified, kind.made_contact],
  )
}

function newSourceId({ channel_type: type, email, phone_number: phone }: Facts): string {
  const kind = channelOf(type).sourceId
  if (kind === 'email') return need(email, 'contact email')
  if (kind === 'phone') return need(phone, 'contact phone number')
  if (kind === 'phone-digits') return need(phone, 'contact phone number').replace('+', '')
  return randomUUID()
}

function need(value: string | null, name: string): string {
  if (value === null) throw refuse(`param is missing or the value is empty: ${name}`)
  return value
}

interface Reaching {
  readonly channelType: string
  readonly contact: Pick<ContactRow, 'email' | 'phoneNumber'>
  /** The contact's contact inbox there. */
  readonly contactInbox: Pick<ContactInboxRow, 'sourceId'> | null
  /** True if a conversation is open there. */
  readonly isTalking: boolean
}

// By kind of source id: what a contact would be called there; null = they cannot be written to.
const sourceIds: Readonly<Record<ReturnType<typeof channelOf>['sourceId'], (reaching: Reaching) => string | null>> = {
  email: ({ contact }) => contact.email,
  phone: ({ contact }) => contact.phoneNumber,
  'phone-digits': ({ contact }) => contact.phoneNumber?.replace('+', '') ?? null,
  client: ({ contactInbox }) => contactInbox?.sourceId ?? randomUUID(),
  // A visitor of a website, before the first message.
  visitor: ({ contactInbox, isTalking }) => (isTalking ? null : (contactInbox?.sourceId ?? null)),
  random: () => null,
}

/** The source id under which a contact could be written to through a channel; null when they cannot. Never throws. */
export function reachableSourceId(reaching: Reaching): string | null {
  return sourceIds[channelOf(reaching.channelType).sourceId](reaching)
}

/** The source id of a contact inbox, or null. */
export async function findSourceId(sql: Sql, contactInboxId: number): Promise<string | null> {
  const row = await queryOne<{ source_id: string }>(sql, 'select source_id from contact_inboxes where id = $1', [
    contactInboxId,
  ])
  return row?.source_id ?? null
}

/** The contact who has this source id in an inbox of the account, or null. */
export async function findContactId(
  sql: Sql,
  accountId: number,
  contactInbox: { readonly inboxId: number; readonly sourceId: string },
): Promise<number | null> {
  const row = await queryOne<{ contact_id: number }>(
    sql,
    `
      select p.contact_id
      from contact_inboxes p
      join inboxes i on i.id = p.inbox_id
      where i.account_id = $1 and i.id = $2 and p.source_id = $3
    `,
    [accountId, contactInbox.inboxId, contactInbox.sourceId],
  )
  return row?.contact_id ?? null
}
