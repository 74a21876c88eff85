// Contacts in pages, sorted or searched: the ids in SQL, the rows in a constant number of queries.

import type { Db } from '../../db/client.ts'
import type { Pool } from '../../db/pool.ts'
import type { FilterProblem } from '../filter/conditions.ts'
import { filterContactIds } from '../filter/filter.ts'
import { inboxInclude, toContactRow, toInboxRow } from '../row-mapping.ts'
import type { ContactWithInboxes } from '../rows.ts'

export interface PageRange {
  readonly offset: number
  readonly limit: number
}

export interface ContactListQuery extends PageRange {
  readonly accountId: number
  readonly labels: readonly string[]
  /** As clients say it: `name`, `-last_activity_at`, several divided by commas; unknown ones are passed over. */
  readonly sort: string | null
}

// Fixed text only: what a client says picks a line, it never becomes SQL.
const sortColumns = new Map<string, (table: string) => string>([
  ['name', (t) => `lower(${t}.name)`],
  ['email', (t) => `${t}.email`],
  ['phone_number', (t) => `${t}.phone_number`],
  ['last_activity_at', (t) => `${t}.last_activity_at`],
  ['created_at', (t) => `${t}.created_at`],
  ['company_name', (t) => `lower(${t}.additional_attributes->>'company_name')`],
  ['city', (t) => `lower(${t}.additional_attributes->>'city')`],
  ['country', (t) => `lower(${t}.additional_attributes->>'country')`],
])

/** People whom one can reach or recognise: those with an address, number or identifier. */
export async function listContacts(sql: { readonly db: Db; readonly pool: Pool }, query: ContactListQuery): Promise<{ count: number; contacts: ContactWithInboxes[] }> {
  const where = `c.account_id = $1 and num_nonnulls(nullif(c.email, ''), nullif(c.phone_number, ''), nullif(c.identifier, '')) > 0 and ($2::text[] = '{}' or c.labels && $2)`
  const values = [query.accountId, query.labels]
  const [counted, { rows }] = await Promise.all([
    sql.pool.query<{ count: number }>(`select count(*)::int as count from contacts c where ${where}`, values),
    sql.pool.query<{ id: number }>(`select c.id from contacts c where ${where} order by ${orderOf(query.sort)} limit $3 offset $4`, [...values, query.limit, query.offset]),
  ])
  return {
    count: counted.rows[0]?.count ?? 0,
    contacts: await readContacts(
      sql.db,
      rows.map((row) => row.id),
    ),
  }
}

/** Contacts whose name, address, number or identifier holds `text`; one row more than `limit` tells whether there are further ones. */
export async function searchContacts(sql: { readonly db: Db; readonly pool: Pool }, query: ContactListQuery & { readonly text: string }): Promise<{ hasMore: boolean; contacts: ContactWithInboxes[] }> {
  const pattern = `%${query.text.replace(/[\\%_]/g, '\\$&')}%`
  const { rows } = await sql.pool.query<{ id: number }>(
    `select c.id from contacts c where c.account_id = $1 and ($2::text[] = '{}' or c.labels && $2)
       and (contact_text(c.name, c.email, c.phone_number, c.identifier, c.additional_emails) ilike $3 or c.id = $4)
     order by ${orderOf(query.sort)} limit $5 offset $6`,
    [query.accountId, query.labels, pattern, /^\d{1,9}$/.test(query.text) ? Number(query.text) : null, query.limit + 1, query.offset],
  )
  const contacts = await readContacts(
    sql.db,
    rows.slice(0, query.limit).map((row) => row.id),
  )
  return { hasMore: rows.length > query.limit, contacts }
}

/** A page of the contacts that a filter means (chatwoot.md §4.5), and how many there are; or what is wrong with the filter. */
export async function filterContacts(
  sql: { readonly db: Db; readonly pool: Pool },
  query: Omit<ContactListQuery, 'labels'> & { readonly payload: unknown },
): Promise<{ count: number; contacts: ContactWithInboxes[] } | FilterProblem> {
  const found = await filterContactIds(sql.pool, { ...query, orderBy: orderOf(query.sort, 'k') })
  return 'error' in found ? found : { count: found.count, contacts: await readContacts(sql.db, found.ids) }
}

/** Contacts with their inboxes, in the order of `ids`. */
export async function readContacts(db: Db, ids: readonly number[]): Promise<ContactWithInboxes[]> {
  if (ids.length === 0) return []
  const records = await db.contact.findMany({ where: { id: { in: [...ids] } }, include: { contactInboxes: { include: { inbox: { include: inboxInclude } }, orderBy: { id: 'asc' } } } })
  const byId = new Map(records.map((record) => [record.id, record]))
  return ids.flatMap((id) => {
    const record = byId.get(id)
    if (record === undefined) return []
    return [{ ...toContactRow(record), contactInboxes: record.contactInboxes.map((place) => ({ id: place.id, sourceId: place.sourceId, inbox: toInboxRow(place.inbox) })) }]
  })
}

function orderOf(sort: string | null, table = 'c'): string {
  const parts = (sort ?? '').split(',').flatMap((part) => {
    const descending = part.trim().startsWith('-')
    const column = sortColumns.get(part.trim().replace(/^[-+]/, ''))
    return column === undefined ? [] : [`${column(table)} ${descending ? 'desc' : 'asc'} nulls last`]
  })
  return [...parts, `${table}.id`].join(', ')
}
