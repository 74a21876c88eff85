// A saved filter as it is inserted: at most a thousand for one person in an account.

import { inTransaction, type Pool, queryOne } from '../../db/pool.ts'
import type { Json } from '../records/rows.ts'

export const filterTypes = ['conversation', 'contact', 'report'] as const
export type FilterType = (typeof filterTypes)[number]

export interface CustomFilterFields {
  readonly name?: string | null | undefined
  readonly filterType?: FilterType | undefined
  readonly query?: Json | undefined
}

/** The owner of the filters: one person in one account. */
export interface FilterOwner {
  readonly accountId: number
  readonly userId: number
}

const maxFilters = 1_000

/** The id of the new filter; null at the limit. The membership is locked, so that two at once do not both find room. */
export async function insertFilter(
  pool: Pool,
  { accountId, userId }: FilterOwner,
  { name, filterType = 'conversation', query = {} }: CustomFilterFields,
): Promise<number | null> {
  return inTransaction(pool, async (tx) => {
    await tx.query('select 1 from account_users where account_id = $1 and user_id = $2 for update', [accountId, userId])
    const row = await queryOne<{ id: number }>(
      tx,
      `insert into custom_filters (account_id, user_id, name, filter_type, query) select $1, $2, $3, $4, $5
       where (select count(*) from custom_filters where account_id = $1 and user_id = $2) < $6 returning id`,
      [accountId, userId, name?.trim(), filterType, JSON.stringify(query), maxFilters],
    )
    return row?.id ?? null
  })
}
