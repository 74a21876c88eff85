// Contacts in pages, sorted or searched: the ids in SQL, the rows in a constant number of queries.

import type { Db } from '../../db/client.ts'
import { containing } from '../../db/like.ts'
import type { Pool } from '../../db/pool.ts'
import type { FilterProblem } from '../filter/conditions.ts'
import { filterContactIds } from '../filter/filter.ts'
import { readContacts } from '../records/contact-records.ts'
import { phoneDigits } from '../records/phone-number.ts'
import type { ContactWithInboxes } from '../records/rows.ts'

export interface PageRange {
  readonly offset: number
  readonly limit: number
}

export interface ContactListQuery extends PageRange {
  readonly accountId: number
  readonly labels: readonly string[]
  /**
   * The sort parameter of clients: `name`, `-last_activity_at`, several separated by commas; unknown ones are skipped.
   */
  readonly sort: string | null
}

// Fixed text only: what a client says picks a line, it never becomes SQL.
const sortColumns = new Map<string, (table: string) => string>([
  ['name', (t) => `fold(${t}.name)`],
  ['email', (t) => `${t}.email`],
  ['phone_number', (t) => `${t}.phone_number`],
  ['last_activity_at', (t) => `${t}.last_activity_at`],
  ['created_at', (t) => `${t}.created_at`],
  ['company_name', (t) => `fold(${t}.additional_attributes->>'company_name')`],
  ['city', (t) => `fold(${t}.additional_attributes->>'city')`],
  ['country', (t) => `fold(${t}.additional_attributes->>'country')`],
])

/** People whom one can reach or recognise: those with an address, number or identifier. */
export async function listContacts(
  sql: { readonly db: Db; readonly pool: Pool },
  query: ContactListQuery,
): Promise<{ count: number; contacts: ContactWithInboxes[] }> {
  const where =
    `c.account_id = $1 and num_nonnulls(nullif(c.email, ''), nullif(c.phone_number, ''), ` +
    `nullif(c.identifier, '')) > 0 and ($2::text[] = '{}' or c.labels && $2)`
  const values = [query.accountId, query.labels]
  const [counted, { rows }] = await Promise.all([
    sql.pool.query<{ count: number }>(`select count(*)::int as count from contacts c where ${where}`, values),
    sql.pool.query<{ id: number }>(
      `select c.id from contacts c where ${where} order by ${orderOf(query.sort)} limit $3 offset $4`,
      [...values, query.limit, query.offset],
    ),
  ])
  return {
    count: counted.rows[0]?.count ?? 0,
    contacts: await readContacts(
      sql.db,
      rows.map((row) => row.id),
    ),
  }
}

const maxNameLength = 200

/**
 * The two patterns that find a contact by a part of what names it: as text, and as a phone number; null for a text
 * that is none. Never throws.
 */
export function namesOf(text: string): readonly [string, string | null] {
  const digits = phoneDigits(text)
  return [containing(text.trim().slice(0, maxNameLength)), digits === null ? null : containing(digits)]
}

/** As SQL: the contact has these patterns (see `namesOf`) in its name, addresses, numbers or identifiers. */
export function isNamed(table: string, [words, digits]: readonly [string, string]): string {
  return `(${table}.search_text like fold(${words}::text) or ${table}.search_text like ${digits}::text)`
}

/**
 * Contacts whose name, address, number or identifier contains `text`; one row more than `limit` shows that there are
 * further ones.
 */
export async function searchContacts(
  sql: { readonly db: Db; readonly pool: Pool },
  query: ContactListQuery & { readonly text: string },
): Promise<{ hasMore: boolean; contacts: ContactWithInboxes[] }> {
  const { rows } = await sql.pool.query<{ id: number }>(
    `select c.id from contacts c where c.account_id = $1 and ($2::text[] = '{}' or c.labels && $2)
       and (${isNamed('c', ['$3', '$4'])} or c.id = $5)
     order by ${orderOf(query.sort)} limit $6 offset $7`,
    [
      query.accountId,
      query.labels,
      ...namesOf(query.text),
      /^\d{1,9}$/.test(query.text) ? Number(query.text) : null,
      query.limit + 1,
      query.offset,
    ],
  )
  const contacts = await readContacts(
    sql.db,
    rows.slice(0, query.limit).map((row) => row.id),
  )
  return { hasMore: rows.length > query.limit, contacts }
}

/** A page of the contacts that a filter means, and how many there are; or what is wrong with the filter. */
export async function filterContacts(
  sql: { readonly db: Db; readonly pool: Pool },
  query: Omit<ContactListQuery, 'labels'> & { readonly payload: unknown },
): Promise<{ count: number; contacts: ContactWithInboxes[] } | FilterProblem> {
  const found = await filterContactIds(sql.pool, { ...query, orderBy: orderOf(query.sort, 'k') })
  return 'error' in found ? found : { count: found.count, contacts: await readContacts(sql.db, found.ids) }
}

function orderOf(sort: string | null, table = 'c'): string {
  const parts = (sort ?? '').split(',').flatMap((part) => {
    const descending = part.trim().startsWith('-')
    const column = sortColumns.get(part.trim().replace(/^[-+]/, ''))
    return column === undefined ? [] : [`${column(table)} ${descending ? 'desc' : 'asc'} nulls last`]
  })
  return [...parts, `${table}.id`].join(', ')
}
