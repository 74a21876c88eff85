// Merges two contacts: the base keeps its values and takes over those that only the other had, at every depth of
// attributes; all records of the other move to the base. An address, number or identifier of the other that the base
// has no room for becomes a further one of the base.

import { toJsonb } from '../../db/json.ts'
import { type Pool, queryOne, type Tx, withDeadlockRetry } from '../../db/pool.ts'
import { lockContacts } from '../locked-contacts.ts'
import { recordEvent } from '../record-event.ts'
import type { Json } from '../records/rows.ts'
import { isTooMuch } from '../records/save.ts'
import { unverifiedHints, unverifiedMark } from './unverified-identifiers.ts'

export interface Merging {
  readonly accountId: number
  readonly baseId: number
  readonly mergeeId: number
  /** The mergee's visitor proved to be the base: their sessions keep what they proved. */
  readonly isProven?: boolean
}

interface Mergee {
  readonly email: string | null
  readonly phone_number: string | null
  readonly identifier: string | null
  readonly additional_emails: string[]
  readonly additional_phone_numbers: string[]
  readonly additional_identifiers: string[]
  readonly name: string
  readonly avatar_url: string | null
  readonly labels: string[]
  readonly additional_attributes: Json
  readonly custom_attributes: Json
  readonly last_activity_at: Date | null
}

/** Merges, with an event; false if one of the two does not exist. Two simultaneous merges run one after another. */
export function mergeContacts(pool: Pool, merging: Merging): Promise<boolean> {
  return withDeadlockRetry(pool, (tx) => mergeContactsIn(tx, merging))
}

/** As `mergeContacts`, in the caller's transaction. */
export async function mergeContactsIn(tx: Tx, merging: Merging): Promise<boolean> {
  const { accountId, baseId, mergeeId } = merging
  if ((await lockContacts(tx, { accountId, contactIds: [baseId, mergeeId], contactId: mergeeId })) !== 2) return false
  await moveAll(tx, merging)
  const { rows } = await tx.query<Mergee>(
    `
      delete from contacts
      where id = $1
      returning
        email,
        phone_number,
        identifier,
        additional_emails,
        additional_phone_numbers,
        additional_identifiers,
        name,
        avatar_url,
        labels,
        additional_attributes,
        custom_attributes,
        last_activity_at
    `,
    [mergeeId],
  )
  const [mergee] = rows
  if (mergee === undefined) return false
  await fill(tx, { baseId, mergee, identifiers: await identifiersOf(tx, merging, mergee) })
  await recordEvent(tx, { accountId, name: 'contact_merged', contactId: baseId })
  return true
}

// Rows with a foreign key to the mergee move to the base before the mergee is deleted; of rows that both have, the
// base's stays.
async function moveAll(tx: Tx, { baseId, mergeeId, isProven = false }: Merging): Promise<void> {
  const values = [baseId, mergeeId]
  // A visitor gains no access by another person's decision: sessions of the merged contact, and of a base that its
  // visitor created, write unverified data only from now on, and see their own messages only.
  await tx.query(
    `update contact_inboxes set made_contact = false, hmac_verified = false, merged = true
     where key_issued and (contact_id = $2 and not $3 or contact_id = $1 and made_contact)`,
    [...values, isProven],
  )
  await tx.query('update contact_inboxes set contact_id = $1, updated_at = now() where contact_id = $2', values)
  // With the state of each address; the base's columns follow in `fill`.
  await tx.query('update contact_addresses set contact_id = $1 where contact_id = $2', values)
  await tx.query('update conversations set contact_id = $1, updated_at = now() where contact_id = $2', values)
  await tx.query(
    `
      insert into conversation_contacts (conversation_id, contact_id)
      select conversation_id, $1
      from conversation_contacts
      where contact_id = $2
      on conflict do nothing
    `,
    values,
  )
  await tx.query(
    `
      delete from conversation_contacts p
      using conversations c
      where p.contact_id = $1 and c.id = p.conversation_id and c.contact_id = $1
    `,
    [baseId],
  )
  await tx.query(`update messages set sender_id = $1 where sender_type = 'contact' and sender_id = $2`, values)
  await tx.query('update contact_notes set contact_id = $1 where contact_id = $2', values)
  // In a conversation that has a reply address for each of the two, the base's stays; the other is a thread match
  // from now on.
  await tx.query(
    `update reply_tokens t set revoked_at = now()
     where t.contact_id = $2 and t.revoked_at is null
       and exists (
         select 1 from reply_tokens b
         where b.contact_id = $1
           and b.conversation_id = t.conversation_id
           and b.role = t.role
           and b.revoked_at is null
       )`,
    values,
  )
  await tx.query('update reply_tokens set contact_id = $1 where contact_id = $2', values)
}

// The merged contact's unverified identifiers become known or are dropped, because a person decided who it is.
function withoutHints(attributes: Json): Json {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !unverifiedHints.includes(name)))
}

// An unverified identifier matches nothing, and those of a visitor who did not prove to be the base would match the
// base the next time.
async function identifiersOf(tx: Tx, { baseId, isProven = false }: Merging, mergee: Mergee): Promise<string[]> {
  const isUnverified = mergee.additional_attributes[unverifiedMark] === mergee.identifier
  const known = [
    ...(isUnverified || mergee.identifier === null ? [] : [mergee.identifier]),
    ...mergee.additional_identifiers,
  ]
  if (known.length === 0 || isProven) return known
  const visitor = await queryOne(tx, 'select 1 from contact_inboxes where contact_id = $1 and merged limit 1', [baseId])
  return visitor === null ? known : []
}

interface Base {
  readonly phone_number: string | null
  readonly identifier: string | null
  readonly additional_phone_numbers: string[]
  readonly additional_identifiers: string[]
  readonly additional_attributes: Json
  readonly custom_attributes: Json
}

async function fill(tx: Tx, { baseId, mergee, identifiers }: Filling): Promise<void> {
  const base = await queryOne<Base>(
    tx,
    `select phone_number,
       identifier,
       additional_phone_numbers,
       additional_identifiers,
       additional_attributes,
       custom_attributes
     from contacts
     where id = $1`,
    [baseId],
  )
  if (base === null) return
  const phones = [
    base.phone_number,
    ...base.additional_phone_numbers,
    mergee.phone_number,
    ...mergee.additional_phone_numbers,
  ]
  const [phoneNumber, furtherPhones] = firstOf(phones)
  const [identifier, furtherIdentifiers] = firstOf([base.identifier, ...base.additional_identifiers, ...identifiers])
  await tx.query(
    `update contacts set email = coalesce(email, $2),
       additional_emails = array(
         select distinct e
         from unnest(additional_emails || $3::text[] || $2::text) as e
         where e is not null and e is distinct from coalesce(email, $2)
       ),
       phone_number = $4,
       additional_phone_numbers = $5,
       identifier = $6,
       additional_identifiers = $7,
       name = case when name = '' then coalesce($8, '') else name end,
       avatar_url = coalesce(avatar_url, $9),
       labels = array(select distinct l from unnest(labels || $10::text[]) as l order by l),
       additional_attributes = $11,
       custom_attributes = $12,
       last_activity_at = greatest(last_activity_at, $13),
       updated_at = now()
     where id = $1`,
    [
      baseId,
      mergee.email,
      mergee.additional_emails,
      phoneNumber,
      furtherPhones,
      identifier,
      furtherIdentifiers,
      mergee.name,
      mergee.avatar_url,
      mergee.labels,
      toJsonb(taking(base.additional_attributes, withoutHints(mergee.additional_attributes))),
      toJsonb(taking(base.custom_attributes, mergee.custom_attributes)),
      mergee.last_activity_at,
    ],
  )
}

interface Filling {
  readonly baseId: number
  readonly mergee: Mergee
  /** Those of the mergee that the base may have. */
  readonly identifiers: readonly string[]
}

/** The first value, and the others, each once. */
function firstOf(values: readonly (string | null)[]): [first: string | null, others: string[]] {
  const [first = null, ...others] = [...new Set(values.filter((value) => value !== null))]
  return [first, others]
}

// Visitors can be merged into a contact any number of times: values beyond the limit are dropped.
function taking(base: Json, other: Json): Json {
  const merged = mergeDeep(base, other)
  return isTooMuch(merged) ? base : merged
}

/**
 * `base`, completed at every depth with the values that only `other` has; null and blank count as missing. Never
 * throws.
 */
function mergeDeep(base: Json, other: Json): Json {
  const merged: Record<string, unknown> = { ...other }
  for (const [key, value] of Object.entries(base)) {
    const there = Object.hasOwn(other, key) ? other[key] : undefined
    if (isObject(value) && isObject(there)) merged[key] = mergeDeep(value, there)
    else if (there === undefined || !(value === null || value === '')) merged[key] = value
  }
  return merged
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
