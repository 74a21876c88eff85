// Contacts: found, made and changed. An address, number or identifier belongs to one contact of an account; the
// database decides.

import type { Db } from '../../db/client.ts'
import { inTransaction, type Pool, queryOne, type Tx, withDeadlockRetry } from '../../db/pool.ts'
import { cleanLabels, type LabelChange, maxLabels, tooManyLabels } from '../actions/describe.ts'
import { type ContactEditor, followAddress, lockConversationsOf } from '../actions/recipient.ts'
import { deleteContact } from '../erasure/delete-contact.ts'
import { readContacts } from '../records/contact-records.ts'
import { type Problem, type Saved, taken } from '../records/problem.ts'
import type { ContactWithInboxes, Json } from '../records/rows.ts'
import { findTooMuch } from '../records/save.ts'
import { violatedColumn } from '../records/unique.ts'
import { columnsOf, type ContactFields, findContactProblems } from './contact-fields.ts'
import { joinInbox } from './contact-inboxes.ts'
import { type ContactListQuery, filterContacts, listContacts, searchContacts } from './contact-list.ts'
import { mergeContacts, type Merging } from './merge-contacts.ts'
import { createReachableInboxes } from './reachable-inboxes.ts'
import { releaseUnverifiedIdentifiers, vouchedIdentifier } from './unverified-identifiers.ts'

/** The inbox of a new contact. */
export interface FirstInbox {
  readonly inboxId: number
  readonly sourceId: string | null
  /** The visitor has proven their identifier. */
  readonly verified?: boolean
  /** The visitor made the contact. */
  readonly madeContact?: boolean
}

export interface NewContact {
  readonly contact: ContactWithInboxes
  /** Id of the contact inbox in the named inbox; null if none was named. */
  readonly contactInboxId: number | null
}

const uniqueColumns = ['email', 'phone_number', 'identifier'] as const

export function createContacts(sql: { readonly db: Db; readonly pool: Pool; readonly wake: () => void }) {
  const findContact = async (accountId: number, contactId: number): Promise<ContactWithInboxes | null> => {
    const [contact] = await readContacts(sql.db, [contactId])
    return contact?.accountId === accountId ? contact : null
  }
  return {
    findContact,
    listContacts: (query: ContactListQuery) => listContacts(sql, query),
    filterContacts: (query: Omit<ContactListQuery, 'labels'> & { readonly payload: unknown }) =>
      filterContacts(sql, query),
    searchContacts: (query: ContactListQuery & { readonly text: string }) => searchContacts(sql, query),

    /** Makes a contact, in `firstInbox` if there is one; all or nothing. */
    async createContact(
      accountId: number,
      fields: ContactFields,
      firstInbox: FirstInbox | null,
    ): Promise<Saved<NewContact>> {
      const columns = columnsOf(fields)
      const done = await guarded([...findContactProblems(columns), ...findTooMuch(fields)], () =>
        inTransaction(sql.pool, async (tx) => {
          await releaseUnverifiedIdentifiers(tx, { accountId, identifiers: identifiersOf(fields) })
          const contactId = await insert(tx, accountId, columns)
          return {
            saved: {
              contactId,
              contactInboxId: firstInbox === null ? null : await joinInbox(tx, { ...firstInbox, contactId }),
            },
          }
        }),
      )
      if ('problems' in done) return done
      const contact = await findContact(accountId, done.saved.contactId)
      return contact === null ? { problems: [] } : { saved: { contact, contactInboxId: done.saved.contactInboxId } }
    },

    mergeContacts: (merging: Merging) => mergeContacts(sql.pool, merging),
    deleteContact: (accountId: number, contactId: number) => deleteContact(sql, accountId, contactId),
    ...createReachableInboxes(sql),

    /** Replaces the contact's labels, in lower case; returns them. */
    async setLabels(contactId: number, labels: readonly string[]): Promise<readonly string[]> {
      const kept = cleanLabels(labels)
      await sql.pool.query('update contacts set labels = $2, updated_at = now() where id = $1', [contactId, kept])
      return kept
    },

    /** Adds or removes one label, as `cleanLabels` gives it; returns the new list. */
    async changeLabel(contactId: number, { label, isThere }: LabelChange): Promise<Saved<readonly string[]>> {
      const row = await queryOne<{ labels: string[] }>(
        sql.pool,
        `update contacts
         set labels = case
             when not $3 then array_remove(labels, $2::text)
             when $2::text = any(labels) or cardinality(labels) >= ${String(maxLabels)} then labels
             else labels || $2::text
           end,
           updated_at = now()
         where id = $1
         returning labels`,
        [contactId, label, isThere],
      )
      const labels = row?.labels ?? []
      return isThere && !labels.includes(label) ? { problems: [tooManyLabels] } : { saved: labels }
    },

    /** Removes custom attributes. */
    async destroyCustomAttributes(contact: ContactWithInboxes, names: readonly string[]): Promise<ContactWithInboxes> {
      await sql.pool.query(
        'update contacts set custom_attributes = custom_attributes - $2::text[], updated_at = now() where id = $1',
        [contact.id, names],
      )
      return (await findContact(contact.accountId, contact.id)) ?? contact
    },

    /**
     * Changes the given fields; attributes are merged into the existing ones. With `editor`, answers follow a new
     * address.
     */
    async updateContact(
      contact: ContactWithInboxes,
      fields: ContactFields,
      editor: ContactEditor | null = null,
    ): Promise<Saved<ContactWithInboxes>> {
      const columns = columnsOf(fields)
      const done = await guarded(findContactProblems(columns), () =>
        withDeadlockRetry(sql.pool, (tx) => change(tx, contact, { fields, columns, editor })),
      )
      if ('problems' in done) return done
      return { saved: (await findContact(contact.accountId, contact.id)) ?? contact }
    },
  }
}

interface Change {
  readonly fields: ContactFields
  readonly columns: Columns
  readonly editor: ContactEditor | null
}

async function change(tx: Tx, contact: ContactWithInboxes, { fields, columns, editor }: Change): Promise<Saved<null>> {
  const email = new Map(columns).get('email')
  const follows = editor !== null && typeof email === 'string'
  if (follows) await lockConversationsOf(tx, contact.id)
  const there = await queryOne<{ email: string | null }>(
    tx,
    'select email from contacts where id = $1 for no key update',
    [contact.id],
  )
  const problems = findTooMuch(await mergedWith(tx, contact.id, fields))
  if (problems.length > 0) return { problems }
  await releaseUnverifiedIdentifiers(tx, {
    accountId: contact.accountId,
    identifiers: identifiersOf(fields),
    keeperId: contact.id,
  })
  await update(tx, contact.id, columns)
  if (follows && there?.email !== email)
    await followAddress(tx, { contactId: contact.id, from: there?.email ?? null, to: email }, editor)
  return { saved: null }
}

const identifiersOf = (fields: ContactFields): string[] =>
  [vouchedIdentifier(fields)].filter((identifier) => identifier !== null)

type Columns = ReturnType<typeof columnsOf>

// The attributes that would result from the given ones; the contact is locked meanwhile.
async function mergedWith(
  tx: Tx,
  contactId: number,
  { additionalAttributes: additional, customAttributes: custom }: ContactFields,
): Promise<ContactFields> {
  if (additional === undefined && custom === undefined) return {}
  const there = await queryOne<{ additional: Json; custom: Json }>(
    tx,
    `
      select additional_attributes as additional, custom_attributes as custom
      from contacts
      where id = $1
      for no key update
    `,
    [contactId],
  )
  return {
    ...(additional === undefined ? {} : { additionalAttributes: { ...there?.additional, ...additional } }),
    ...(custom === undefined ? {} : { customAttributes: { ...there?.custom, ...custom } }),
  }
}

async function guarded<T>(problems: readonly Problem[], action: () => Promise<Saved<T>>): Promise<Saved<T>> {
  if (problems.length > 0) return { problems }
  try {
    return await action()
  } catch (error) {
    const column = violatedColumn(error, uniqueColumns)
    if (column === null) throw error
    return { problems: [taken(column)] }
  }
}

// Column names come from `columnsOf`, never from a client.
async function insert(tx: Tx, accountId: number, columns: Columns): Promise<number> {
  const names = ['account_id', 'updated_at', ...columns.map(([name]) => name)]
  const parameters = ['$1', 'now()', ...columns.map((_, index) => `$${String(index + 2)}`)]
  const row = await queryOne<{ id: number }>(
    tx,
    `insert into contacts (${names.join(', ')}) values (${parameters.join(', ')}) returning id`,
    [accountId, ...columns.map(([, value]) => value)],
  )
  return row?.id ?? 0
}

async function update(tx: Tx, contactId: number, columns: Columns): Promise<void> {
  const changes = columns.map(([name], index) => {
    const parameter = `$${String(index + 2)}`
    return name.endsWith('_attributes') ? `${name} = ${name} || ${parameter}::jsonb` : `${name} = ${parameter}`
  })
  await tx.query(`update contacts set ${['updated_at = now()', ...changes].join(', ')} where id = $1`, [
    contactId,
    ...columns.map(([, value]) => value),
  ])
}
