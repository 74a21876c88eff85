// An embedded database that was created with the locale C handles letters of ASCII only. Here it gets PostgreSQL's own
// C.UTF-8 instead: both order text by its bytes, so that rows, keys and most indexes are the same in both, and one row
// of the catalogue names the locale (docs/adr/0030-letters.md). Affected indexes are rebuilt. A crash at any moment
// leaves the old locale, or the new one with a mark (the comment of the database) that makes the next start rebuild
// those indexes.

import { type Connection, createPool, inTransaction, type Pool, queryOne } from './pool.ts'

const mark = 'rethread: build the indexes of letters anew'

/**
 * Converts the database of `connection` where it has the locale C; says what it does, and nothing when there is
 * nothing to do.
 */
export async function convertCollation(connection: Connection, onProgress: (sentence: string) => void): Promise<void> {
  const started = performance.now()
  if (await withPool(connection, changeLocale))
    onProgress('The database now knows the letters of all languages (C.UTF-8).')
  // A session keeps the locale with which it began: the indexes are built by another.
  const built = await withPool(connection, (pool) => buildIndexes(pool, onProgress))
  if (built > 0)
    onProgress(
      `Letters: ${String(built)} indexes were rebuilt in ${String(Math.round(performance.now() - started))} ms.`,
    )
}

async function withPool<T>(connection: Connection, action: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = createPool(connection, 1, () => undefined)
  try {
    return await action(pool)
  } finally {
    await pool.end()
  }
}

// template1 as well, of which new databases are made.
async function changeLocale(pool: Pool): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query(
      `update pg_database d
       set datlocprovider = 'b',
         datlocale = c.colllocale,
         datcollversion = c.collversion
       from pg_collation c
       where c.collname = 'pg_c_utf8'
         and d.datname in (current_database(), 'template1')
         and d.datlocprovider = 'c'
         and d.datcollate in ('C', 'POSIX')
         and pg_encoding_to_char(d.encoding) = 'UTF8'
       returning d.oid`,
    )
    if (rows.length === 0) return false
    await tx.query(`do $$ begin execute format('comment on database %I is %L', current_database(), '${mark}'); end $$`)
    return true
  })
}

// Those of expressions, and of parts of words: both may look at letters.
const indexesSql = `
  select i.indexrelid::regclass::text as name
  from pg_index i
    join pg_class c on c.oid = i.indexrelid
  where c.relnamespace not in ('pg_catalog'::regnamespace, 'pg_toast'::regnamespace)
    and (
      i.indexprs is not null
      or i.indpred is not null
      or exists (select 1 from pg_opclass o where o.oid = any(i.indclass::oid[]) and o.opcname = 'gin_trgm_ops')
    )
  order by 1`

async function buildIndexes(pool: Pool, onProgress: (sentence: string) => void): Promise<number> {
  const marked = await queryOne(
    pool,
    `select 1
     from pg_database d
     where d.datname = current_database() and shobj_description(d.oid, 'pg_database') = $1`,
    [mark],
  )
  if (marked === null) return 0
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ name: string }>(indexesSql)
    for (const [index, { name }] of rows.entries()) {
      onProgress(`Letters: building index ${String(index + 1)} of ${String(rows.length)} (${name}).`)
      await tx.query(`reindex index ${name}`)
    }
    await tx.query(`do $$ begin execute format('comment on database %I is null', current_database()); end $$`)
    return rows.length
  })
}
