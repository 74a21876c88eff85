// All rows of one database into another, empty one: from the embedded database to a server. Streamed by COPY, so that
// neither the number nor the size of the mails matters; everything in one snapshot and one transaction, so that the
// target has all of it or nothing.

import { pipeline } from 'node:stream/promises'

import { from as copyFrom, to as copyTo } from 'pg-copy-streams'

import { MailError } from '../errors.ts'
import { migrate } from './migrate.ts'
import { type Connection, createPool, inTransaction, type Pool, queryOne, type Tx } from './pool.ts'

export interface CopiedTable {
  readonly name: string
  readonly rows: number
}

interface Table {
  readonly name: string
  readonly columns: string
  readonly sequences: readonly string[]
  /** Tables whose rows this one's rows name. */
  readonly needs: readonly string[]
}

/**
 * Migrates `target` and copies every table of `source`, sequences included; what was copied, in that order. A process
 * that starts on `target` meanwhile waits. Throws `MailError('conflict')` when `target` holds anything.
 */
export async function copyDatabase(
  source: Connection,
  target: Connection,
  onCopied: (table: CopiedTable) => void = () => undefined,
): Promise<CopiedTable[]> {
  // A connection that sends statements ahead has no COPY.
  const [from, to] = [plainPool(source), plainPool(target)]
  try {
    await migrate(to)
    const copied = await inTransaction(to, (into) => inTransaction(from, (out) => copyTables(out, into, onCopied)))
    await to.query('analyze')
    return copied
  } finally {
    await Promise.all([from.end(), to.end()])
  }
}

function plainPool(connection: Connection): Pool {
  return createPool({ ...connection, pipeline: false }, 1, () => undefined)
}

async function copyTables(out: Tx, into: Tx, onCopied: (table: CopiedTable) => void): Promise<CopiedTable[]> {
  await into.query(`select pg_advisory_xact_lock(hashtext('rethread.migrate'))`)
  await out.query('set transaction isolation level repeatable read, read only')
  // Both write and read dates in the same way, whatever the servers are set to.
  for (const tx of [out, into]) await tx.query(`set local datestyle = 'ISO, YMD'`)
  // Copied rows are history: the triggers make no events for them.
  await into.query(`select set_config('rethread.silent', 'on', true)`)
  const tables = await readTables(out)
  await requireEmpty(into, tables)
  const copied: CopiedTable[] = []
  for (const table of tables) {
    const one = { name: table.name, rows: await copyTable(table, out, into) }
    onCopied(one)
    copied.push(one)
  }
  return copied
}

const tablesSql = `
  select
    c.oid::regclass::text as name,
    (
      select string_agg(quote_ident(attname), ', ' order by attnum)
      from pg_attribute
      where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = ''
    ) as columns,
    array(
      select d.objid::regclass::text
      from pg_depend d
      join pg_class s on s.oid = d.objid and s.relkind = 'S'
      where d.refobjid = c.oid and d.deptype in ('a', 'i')
    ) as sequences,
    array(
      select distinct confrelid::regclass::text
      from pg_constraint
      where conrelid = c.oid and contype = 'f' and confrelid <> c.oid
    ) as needs
  from pg_class c
  where c.relnamespace = 'public'::regnamespace
    and c.relkind in ('r', 'p')
    and not c.relispartition
    and c.relname <> '_prisma_migrations'
  order by 1
`

/** Tables in an order in which no row comes before one that it names. */
async function readTables(out: Tx): Promise<Table[]> {
  const { rows } = await out.query<Table>(tablesSql)
  const ordered: Table[] = []
  const isThere = (name: string) => ordered.some((table) => table.name === name)
  while (ordered.length < rows.length) {
    const next = rows.filter(({ name, needs }) => !isThere(name) && needs.every(isThere))
    if (next.length === 0) throw new Error('the tables name each other in a circle')
    ordered.push(...next)
  }
  return ordered
}

async function requireEmpty(into: Tx, tables: readonly Table[]): Promise<void> {
  const filled: string[] = []
  for (const { name } of tables) if (await queryOne(into, `select from ${name} limit 1`)) filled.push(name)
  if (filled.length > 0)
    throw new MailError(
      'conflict',
      `the target is not empty (${String(filled.length)} ` +
        `${filled.length === 1 ? 'table holds' : 'tables hold'} rows): it must be a new database. Nothing was ` +
        'copied.',
    )
}

async function copyTable({ name, columns, sequences }: Table, out: Tx, into: Tx): Promise<number> {
  const reading = out.query(copyTo(`copy (select ${columns} from ${name}) to stdout`))
  const writing = into.query(copyFrom(`copy ${name} (${columns}) from stdin`))
  await pipeline(reading, writing)
  const counts = await Promise.all(
    [out, into].map((tx) => queryOne<{ n: number }>(tx, `select count(*) as n from ${name}`)),
  )
  const [there, here] = counts.map((row) => row?.n)
  if (there === undefined || there !== here)
    throw new Error(`of ${String(there)} rows of ${name} there are ${String(here)} in the target`)
  for (const sequence of sequences) {
    const state = await queryOne<{ value: string; called: boolean }>(
      out,
      `select last_value::text as value, is_called as called from ${sequence}`,
    )
    await into.query('select setval($1::regclass, $2::bigint, $3)', [sequence, state?.value, state?.called])
  }
  return here
}
