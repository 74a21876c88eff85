// Facts about the collation of a database (docs/adr/0030-letters.md).

import { queryOne, type Sql } from './pool.ts'

export interface Collation {
  /** fold() takes letters outside ASCII as one, whatever their case and accents. */
  readonly folds: boolean
  /** Contacts are searched by an index. */
  readonly indexed: boolean
}

/** Throws what the database throws. */
export async function readCollation(sql: Sql): Promise<Collation> {
  const row = await queryOne<Collation>(
    sql,
    `select fold('ÉØИ') = 'eoи' as folds,
       to_regclass('contacts_search_text_idx') is not null as indexed`,
  )
  return row ?? { folds: false, indexed: false }
}
