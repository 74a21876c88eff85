// Filters that users save for themselves; others do not see them.

import type { Db } from '../../db/client.ts'
import type { Pool } from '../../db/pool.ts'
import type { Saved } from '../records/problem.ts'
import { toJson } from '../records/row-mapping.ts'
import type { Json } from '../records/rows.ts'
import { defined, findProblems, isBlank, isLine, type Rule, saveRecord } from '../records/save.ts'
import { type CustomFilterFields, type FilterOwner, type FilterType, insertFilter } from './insert-filter.ts'

export interface CustomFilterRow {
  readonly id: number
  readonly name: string
  readonly filterType: string
  readonly query: Json
  readonly createdAt: Date
  readonly updatedAt: Date
}

const rules: readonly Rule<CustomFilterFields>[] = [
  ['name', "can't be blank", ({ name }) => isBlank(name)],
  ['name', 'is invalid', ({ name }) => !isLine(name)],
  ['query', 'is too long (maximum is 65536 characters)', ({ query }) => JSON.stringify(query ?? {}).length > 65_536],
]

export function createCustomFilters(sql: { readonly db: Db; readonly pool: Pool }) {
  const { db, pool } = sql
  const find = async (owner: FilterOwner, id: number): Promise<CustomFilterRow | null> => {
    const record = await db.customFilter.findFirst({ where: { ...owner, id } })
    return record === null ? null : { ...record, query: toJson(record.query) }
  }
  return {
    async listFilters(owner: FilterOwner, filterType: FilterType): Promise<CustomFilterRow[]> {
      const records = await db.customFilter.findMany({ where: { ...owner, filterType }, orderBy: { id: 'asc' } })
      return records.map((record) => ({ ...record, query: toJson(record.query) }))
    },

    findFilter: find,

    /** At most a thousand for one person in an account. */
    async createFilter(owner: FilterOwner, given: CustomFilterFields): Promise<Saved<CustomFilterRow>> {
      const problems = findProblems(rules, { ...given, name: given.name ?? '' })
      if (problems.length > 0) return { problems }
      const id = await insertFilter(pool, owner, given)
      const row = id === null ? null : await find(owner, id)
      return row === null
        ? {
            problems: [
              {
                attribute: 'account_id',
                message: 'Limit reached. The maximum number of allowed filters for a user per account is 1000.',
              },
            ],
          }
        : { saved: row }
    },

    async updateFilter(row: CustomFilterRow, given: CustomFilterFields): Promise<Saved<CustomFilterRow>> {
      const { name, filterType, query } = given
      const data = {
        ...defined({ name: name?.trim(), filterType }),
        ...(query === undefined ? {} : { query: query as object }),
      }
      return saveRecord({ problems: findProblems(rules, given), unique: 'name' }, async () => {
        const record = await db.customFilter.update({ where: { id: row.id }, data })
        return { ...record, query: toJson(record.query) }
      })
    },

    async deleteFilter(row: CustomFilterRow): Promise<void> {
      await db.customFilter.deleteMany({ where: { id: row.id } })
    },
  }
}
