// A batch of rows becomes contacts in one transaction: the contact of each row is decided in memory, in the order of
// the file, after one query for all possible contacts; then one insert and one update write it all.

import type { Tx } from '../../db/pool.ts'
import { maxLabels } from '../actions/describe.ts'
import { releaseUnverifiedIdentifiers } from '../contacts/unverified-identifiers.ts'
import type { Json } from '../records/rows.ts'
import { findTooMuch, maxAttributes } from '../records/save.ts'
import {
  blankContact,
  findKnown,
  hasMain,
  insertContacts,
  type Known,
  type Named,
  noFurther,
  updateContacts,
} from './known-contacts.ts'
import { exportColumns } from './read-header.ts'
import { type ContactRowFields, type Key, keys } from './row-fields.ts'

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

const attributes: Readonly<Record<Key, readonly [main: string, further: string]>> = {
  identifier: ['Identifier', 'Additional identifier'],
  email: ['Email', 'Additional email'],
  phoneNumber: ['Phone number', 'Additional phone number'],
}

/**
 * Writes the rows. Throws the database's error when another transaction made one of the contacts meanwhile: the
 * caller does the batch again.
 */
export async function importBatch(tx: Tx, accountId: number, rows: readonly NumberedRow[]): Promise<BatchResult> {
  const identifiers = rows.flatMap(({ row }) => [row.identifier ?? [], row.further.identifier].flat())
  await releaseUnverifiedIdentifiers(tx, { accountId, identifiers })
  const known = await findKnown(
    tx,
    accountId,
    rows.map(({ row }) => row),
  )
  const index: Index = new Map(known.flatMap((contact) => namesOf(contact).map((name) => [name, contact] as const)))
  const made: Known[] = []
  const refused: { number: number; errors: string }[] = []
  for (const { number, row } of rows) {
    const matching = matchedBy(index, row)
    const errors = findErrors(index, row, matching)
    if (errors !== '') refused.push({ number, errors })
    else if (matching === null) made.push(remember(index, blankContact(), row))
    else remember(index, matching, row)
  }
  await insertContacts(tx, accountId, made)
  const changed = known.filter((contact) => contact.changed)
  await updateContacts(tx, changed)
  return { created: made.length, changed: changed.length, refused }
}

type Index = Map<string, Known>

function findErrors(index: Index, row: ContactRowFields, matching: Known | null): string {
  const isOthers = (key: Key, value: string) => {
    const owner = index.get(`${key} ${value}`)
    return owner !== undefined && owner !== matching
  }
  const taken = keys.flatMap((key) => {
    const [main, further] = attributes[key]
    return [
      ...(row[key] !== null && isOthers(key, row[key]) ? [main] : []),
      ...row.further[key].filter((value) => isOthers(key, value)).map((value) => `${further} ${value}`),
    ]
  })
  if (taken.length > 0) return taken.map((what) => `${what} has already been taken`).join(', ')
  if (!hasMain(row) && keys.every((key) => row.further[key].length === 0) && row.name === null && row.id === null)
    return 'Row names no contact: identifier, email, phone_number and name are empty'
  if (isTooMuchWith(matching, row))
    return `The contact would have too many attributes (maximum is ${String(maxAttributes)} characters)`
  return ''
}

// The identifiers that match a contact or a row. The phone number counts if it is the contact's only identifier, or
// together with the name; in another installation's export it can belong to another contact.
function namesOf(contact: Named & { readonly id: number | null; readonly name: string | null }): string[] {
  const main = keys.flatMap((key) => (contact[key] === null ? [] : [`${key} ${contact[key]}`]))
  const further = keys.flatMap((key) => contact.further[key].map((value) => `${key} ${value}`))
  const number =
    hasMain(contact) || contact.id === null ? [] : [`id ${String(contact.id)} ${(contact.name ?? '').trim()}`]
  return [...main, ...further, ...number]
}

// By identifier, else by email, else by phone number; a row without any, by those beside them.
function matchedBy(index: Index, row: ContactRowFields): Known | null {
  const names = hasMain(row) ? namesOf({ ...row, further: noFurther }) : namesOf(row)
  for (const name of names) {
    const contact = index.get(name)
    if (contact !== undefined) return contact
  }
  return null
}

function isTooMuchWith(matching: Known | null, row: ContactRowFields): boolean {
  return (
    findTooMuch({
      additionalAttributes: { ...matching?.additionalAttributes, ...row.additionalAttributes },
      customAttributes: { ...matching?.customAttributes, ...row.customAttributes },
    }).length > 0
  )
}

function remember(index: Index, contact: Known, row: ContactRowFields): Known {
  const before = JSON.stringify(contact)
  for (const name of namesOf(contact)) index.delete(name)
  for (const key of keys) {
    if (!isFurther(contact, key, row[key])) contact[key] = row[key] ?? contact[key]
    const further = [...new Set([...contact.further[key], ...row.further[key]])].filter(
      (value) => value !== contact[key],
    )
    contact.further = { ...contact.further, [key]: further }
  }
  contact.name = row.name ?? contact.name
  contact.labels = [...new Set([...contact.labels, ...row.labels])].slice(0, Math.max(maxLabels, contact.labels.length))
  const { columns, custom } = contact.exported
  const additional = withoutEcho(row.additionalAttributes, columns)
  contact.additionalAttributes = { ...contact.additionalAttributes, ...withObjects(additional) }
  const isEcho = ([name, value]: [string, unknown]) => exportColumns.includes(name) && columns[name] === value
  const said = Object.fromEntries(Object.entries(row.customAttributes).filter((entry) => !isEcho(entry)))
  contact.customAttributes = { ...contact.customAttributes, ...withoutEcho(said, custom) }
  contact.changed ||= JSON.stringify(contact) !== before
  for (const name of namesOf(contact)) index.set(name, contact)
  return contact
}

// A number or a list is text in a file: the text that an export wrote for the stored value changes nothing.
function withoutEcho(given: Json, exported: Readonly<Record<string, string | null>>): Json {
  const isEcho = (name: string, value: unknown) => Object.hasOwn(exported, name) && exported[name] === value
  return Object.fromEntries(Object.entries(given).filter(([name, value]) => !isEcho(name, value)))
}

// An additional attribute that is a list or an object (social_profiles) is JSON in an export.
function withObjects(given: Json): Json {
  const read = (name: string, value: unknown): unknown => {
    if (exportColumns.includes(name) || typeof value !== 'string' || !/^[[{]/.test(value)) return value
    try {
      return JSON.parse(value) as unknown
    } catch {
      return value
    }
  }
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, read(name, value)]))
}

// A row that matches a contact by a secondary address, number or identifier leaves the main one unchanged.
function isFurther(contact: Known, key: Key, value: string | null): boolean {
  return contact[key] !== null && value !== null && contact.further[key].includes(value)
}
