// The contacts that rows of a CSV may mean, read at once and written at once.

import { columns, type RowOf } from '../../db/columns.ts'
import { toJsonb } from '../../db/json.ts'
import { queryOne, type Tx } from '../../db/pool.ts'
import { isKnown } from '../../db/rules.ts'
import { isUnverifiedSql, unverifiedMark } from '../contacts/unverified-identifiers.ts'
import type { Json } from '../records/rows.ts'
import { type ContactRowFields, type Further, type Key, keys } from './row-fields.ts'

export interface Known extends Record<Key, string | null> {
  id: number | null
  /** Addresses, numbers and identifiers beside the main ones. */
  further: Further
  labels: readonly string[]
  name: string
  additionalAttributes: Json
  customAttributes: Json
  /** The exported form of a contact as it is in the database: by columns, and by custom attributes. */
  readonly exported: Readonly<Record<'columns' | 'custom', Readonly<Record<string, string | null>>>>
  changed: boolean
}

/** A contact of whom nothing is known yet. */
export function blankContact(): Known {
  return {
    id: null,
    identifier: null,
    email: null,
    phoneNumber: null,
    further: noFurther,
    labels: [],
    name: '',
    additionalAttributes: {},
    customAttributes: {},
    exported: { columns: {}, custom: {} },
    changed: false,
  }
}

export type Named = Pick<Known, Key | 'further' | 'additionalAttributes'>

export const noFurther: Further = { identifier: [], email: [], phoneNumber: [] }

/** True if the contact has a main address, number or identifier that is not only a visitor's claim. */
export function hasMain(contact: Named): boolean {
  const isUnverified = contact.additionalAttributes[unverifiedMark] === contact.identifier
  return keys.some((key) => contact[key] !== null && !(key === 'identifier' && isUnverified))
}

/** The contacts that any of the rows may mean, held until the end of the transaction. */
export async function findKnown(tx: Tx, accountId: number, rows: readonly ContactRowFields[]): Promise<Known[]> {
  const wanted = keys.map((key) =>
    rows.flatMap((row) => [...(row[key] === null ? [] : [row[key]]), ...row.further[key]]),
  )
  const ids = rows.flatMap((row) => (row.id === null || hasMain(row) ? [] : [row.id]))
  const { rows: found } = await tx.query<Omit<Known, 'changed'>>(
    `select k.id,
       k.identifier,
       k.email,
       k.phone_number as "phoneNumber",
       jsonb_build_object(
         'identifier', k.additional_identifiers,
         'email', k.additional_emails,
         'phoneNumber', k.additional_phone_numbers
       ) as "further",
       k.labels,
       k.name,
       k.additional_attributes as "additionalAttributes",
       k.custom_attributes as "customAttributes",
       jsonb_build_object(
         'columns', (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each_text(k.additional_attributes))
           || jsonb_build_object('id', k.id::text),
         'custom', (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each_text(k.custom_attributes))
       ) as exported
     from contacts k
     where k.id in (
       select id from contacts where account_id = $1 and identifier = any($2::text[])
       union
       select a.contact_id from contact_addresses a
       where a.account_id = $1 and a.email = any($3::text[]) and ${isKnown('a')}
       union
       select id from contacts where account_id = $1 and phone_number = any($4::text[])
       union
       select m.contact_id from merged_contact_keys m
       where m.account_id = $1 and m.kind = 'identifier' and m.value = any($2::text[])
       union
       select m.contact_id from merged_contact_keys m
       where m.account_id = $1 and m.kind = 'phone_number' and m.value = any($4::text[])
       union
       select id from contacts
       where account_id = $1 and id = any($5::int[]) and email is null and phone_number is null
         and (identifier is null or ${isUnverifiedSql})
     )
     order by k.id
     for no key update of k`,
    [accountId, ...wanted, ids],
  )
  return found.map((contact) => ({ ...contact, changed: false }))
}

const columnTypes = {
  id: 'int',
  identifier: 'text',
  email: 'text',
  phone_number: 'text',
  name: 'text',
  additional: 'jsonb',
  custom: 'jsonb',
  labels: 'jsonb',
  further_identifiers: 'jsonb',
  further_emails: 'jsonb',
  further_phone_numbers: 'jsonb',
} as const

const insertedContacts = columns(columnTypes, 2)
const updatedContacts = columns(columnTypes)
const arrayOf = (column: string) => `array(select jsonb_array_elements_text(n.${column}))`

function toColumns(contact: Known): RowOf<typeof columnTypes> {
  return {
    id: contact.id,
    identifier: contact.identifier,
    email: contact.email,
    phone_number: contact.phoneNumber,
    name: contact.name,
    additional: toJsonb(contact.additionalAttributes),
    custom: toJsonb(contact.customAttributes),
    labels: toJsonb(contact.labels),
    further_identifiers: toJsonb(contact.further.identifier),
    further_emails: toJsonb(contact.further.email),
    further_phone_numbers: toJsonb(contact.further.phoneNumber),
  }
}

/** Makes the contacts. Throws the database's error for what another contact has. */
export async function insertContacts(tx: Tx, accountId: number, contacts: readonly Known[]): Promise<void> {
  if (contacts.length === 0) return
  await tx.query(
    `insert into contacts (account_id, identifier, email, phone_number, name, additional_attributes, custom_attributes,
       labels, additional_identifiers, additional_emails, additional_phone_numbers, updated_at)
     select $1::int, n.identifier, n.email, n.phone_number, n.name, n.additional, n.custom, ${arrayOf('labels')},
       ${arrayOf('further_identifiers')}, ${arrayOf('further_emails')}, ${arrayOf('further_phone_numbers')}, now()
     from ${insertedContacts.from('n')}`,
    [accountId, ...insertedContacts.values(contacts.map(toColumns))],
  )
}

/** Writes the contacts as they are now. Throws the database's error for what another contact has. */
export async function updateContacts(tx: Tx, contacts: readonly Known[]): Promise<void> {
  if (contacts.length === 0) return
  await queryOne(
    tx,
    `update contacts c
     set identifier = n.identifier,
       email = n.email,
       phone_number = n.phone_number,
       name = n.name,
       additional_attributes = n.additional,
       custom_attributes = n.custom,
       labels = ${arrayOf('labels')},
       additional_identifiers = ${arrayOf('further_identifiers')},
       additional_emails = ${arrayOf('further_emails')},
       additional_phone_numbers = ${arrayOf('further_phone_numbers')},
       updated_at = now()
     from ${updatedContacts.from('n')}
     where c.id = n.id`,
    updatedContacts.values(contacts.map(toColumns)),
  )
}
