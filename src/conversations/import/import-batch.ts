// A batch of rows becomes contacts in one transaction: whom each row means is decided in memory, in the order of the file, from one look at
// the contacts that any of them might mean; then one insert and one update write it all.

import { queryOne, type Tx } from '../../db/pool.ts'
import { takeClaims } from '../contacts/claims.ts'
import type { Json } from '../rows.ts'
import { findTooMuch, maxAttributes } from '../save.ts'
import type { ContactRowFields } from './import-row.ts'

export interface NumberedRow {
  /** Counted from 1, the header not counted. */
  readonly number: number
  readonly row: ContactRowFields
}

export interface BatchResult {
  readonly created: number
  readonly changed: number
  readonly refused: readonly { readonly number: number; readonly errors: string }[]
}

interface Known {
  id: number | null
  identifier: string | null
  email: string | null
  phoneNumber: string | null
  name: string
  additionalAttributes: Json
  customAttributes: Json
  changed: boolean
}

const keys = ['identifier', 'email', 'phoneNumber'] as const
type Key = (typeof keys)[number]
const attributes: Readonly<Record<Key, string>> = { identifier: 'Identifier', email: 'Email', phoneNumber: 'Phone number' }

/** Writes the rows. Throws the database's error when another transaction made one of the contacts meanwhile: the caller does the batch again. */
export async function importBatch(tx: Tx, accountId: number, rows: readonly NumberedRow[]): Promise<BatchResult> {
  await takeClaims(tx, { accountId, identifiers: rows.flatMap(({ row }) => row.identifier ?? []) })
  const known = await findKnown(
    tx,
    accountId,
    rows.map(({ row }) => row),
  )
  const index = new Map(known.flatMap((contact) => keysOf(contact).map((key) => [key, contact] as const)))
  const made: Known[] = []
  const refused: { number: number; errors: string }[] = []
  for (const { number, row } of rows) {
    const meant = meantBy(index, row)
    const taken = keys.filter((key) => isOthers(index, { key, value: row[key], contact: meant }))
    if (taken.length > 0) refused.push({ number, errors: taken.map((key) => `${attributes[key]} has already been taken`).join(', ') })
    else if (keys.every((key) => row[key] === null) && row.name === null) refused.push({ number, errors: 'Row names no contact: identifier, email, phone_number and name are empty' })
    else if (isTooMuchWith(meant, row)) refused.push({ number, errors: `The contact would have too many attributes (maximum is ${String(maxAttributes)} characters)` })
    else if (meant === null) made.push(remember(index, blank(), row))
    else remember(index, meant, row)
  }
  await insertContacts(tx, accountId, made)
  const changed = known.filter((contact) => contact.changed)
  await updateContacts(tx, changed)
  return { created: made.length, changed: changed.length, refused }
}

function blank(): Known {
  return { id: null, identifier: null, email: null, phoneNumber: null, name: '', additionalAttributes: {}, customAttributes: {}, changed: false }
}

function keysOf(contact: Pick<Known, Key>): string[] {
  return keys.flatMap((key) => (contact[key] === null ? [] : [`${key} ${contact[key]}`]))
}

// By identifier, else by email, else by phone number.
function meantBy(index: ReadonlyMap<string, Known>, row: ContactRowFields): Known | null {
  for (const key of keysOf(row)) {
    const contact = index.get(key)
    if (contact !== undefined) return contact
  }
  return null
}

function isOthers(index: ReadonlyMap<string, Known>, { key, value, contact }: { key: Key; value: string | null; contact: Known | null }): boolean {
  const owner = value === null ? undefined : index.get(`${key} ${value}`)
  return owner !== undefined && owner !== contact
}

function isTooMuchWith(meant: Known | null, row: ContactRowFields): boolean {
  return findTooMuch({ additionalAttributes: { ...meant?.additionalAttributes, ...row.additionalAttributes }, customAttributes: { ...meant?.customAttributes, ...row.customAttributes } }).length > 0
}

function remember(index: Map<string, Known>, contact: Known, row: ContactRowFields): Known {
  const before = JSON.stringify(contact)
  for (const key of keysOf(contact)) index.delete(key)
  for (const key of keys) contact[key] = row[key] ?? contact[key]
  contact.name = row.name ?? contact.name
  contact.additionalAttributes = { ...contact.additionalAttributes, ...row.additionalAttributes }
  contact.customAttributes = { ...contact.customAttributes, ...row.customAttributes }
  contact.changed ||= JSON.stringify(contact) !== before
  for (const key of keysOf(contact)) index.set(key, contact)
  return contact
}

async function findKnown(tx: Tx, accountId: number, rows: readonly ContactRowFields[]): Promise<Known[]> {
  const wanted = keys.map((key) => rows.flatMap((row) => (row[key] === null ? [] : [row[key]])))
  const { rows: found } = await tx.query<Omit<Known, 'changed'>>(
    `select id, identifier, email, phone_number as "phoneNumber", name, additional_attributes as "additionalAttributes", custom_attributes as "customAttributes" from contacts
     where id in (select id from contacts where account_id = $1 and identifier = any($2::text[]) union select id from contacts where account_id = $1 and email = any($3::text[])
       union select id from contacts where account_id = $1 and phone_number = any($4::text[])) order by id for no key update`,
    [accountId, ...wanted],
  )
  return found.map((contact) => ({ ...contact, changed: false }))
}

const fields = '$2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::jsonb[]'

function columnsOf(contacts: readonly Known[]): unknown[] {
  const json = (pick: (contact: Known) => Json) => contacts.map((contact) => JSON.stringify(pick(contact)))
  return [
    contacts.map(({ identifier }) => identifier),
    contacts.map(({ email }) => email),
    contacts.map(({ phoneNumber }) => phoneNumber),
    contacts.map(({ name }) => name),
    json((contact) => contact.additionalAttributes),
    json((contact) => contact.customAttributes),
  ]
}

async function insertContacts(tx: Tx, accountId: number, contacts: readonly Known[]): Promise<void> {
  if (contacts.length === 0) return
  await tx.query(
    `insert into contacts (account_id, identifier, email, phone_number, name, additional_attributes, custom_attributes, updated_at)
     select $1::int, n.*, now() from unnest(${fields}) as n`,
    [accountId, ...columnsOf(contacts)],
  )
}

async function updateContacts(tx: Tx, contacts: readonly Known[]): Promise<void> {
  if (contacts.length === 0) return
  await queryOne(
    tx,
    `update contacts c set identifier = n.identifier, email = n.email, phone_number = n.phone_number, name = n.name, additional_attributes = n.additional, custom_attributes = n.custom, updated_at = now()
     from unnest($1::int[], ${fields}) as n(id, identifier, email, phone_number, name, additional, custom) where c.id = n.id`,
    [contacts.map(({ id }) => id), ...columnsOf(contacts)],
  )
}
