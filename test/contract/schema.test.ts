// Migrations on each member of the database contract: once, never edited, and what they make is what
// prisma/schema.prisma says.

import { readFile } from 'node:fs/promises'

import { expect, test } from 'vitest'

import { migrate } from '../../src/db/migrate.ts'
import { connectionOf, createPool } from '../../src/db/pool.ts'
import { createEmptyDatabase, createTestDatabase, describeOnEachDatabase } from '../support/database.ts'

interface Column {
  readonly type: string
  readonly nullable: boolean
}

/** `table.column` → type and nullability, as the schema file says it. */
async function readSchema(): Promise<Map<string, Column>> {
  const text = await readFile(new URL('../../prisma/schema.prisma', import.meta.url), 'utf8')
  const blocks = [...text.matchAll(/^(model|enum) (\w+) \{\n([\s\S]*?)^\}/gm)].map(
    ([, kind = '', name = '', body = '']) => ({ kind, name, body, mapped: /@@map\("(\w+)"\)/.exec(body)?.[1] ?? name }),
  )
  const enums = new Map(blocks.filter(({ kind }) => kind === 'enum').map(({ name, mapped }) => [name, mapped]))
  const models = blocks.filter(({ kind }) => kind === 'model')
  const modelNames = new Set(models.map(({ name }) => name))
  const columns = new Map<string, Column>()
  for (const { body, mapped } of models) {
    for (const line of body.split('\n')) {
      const [, field = '', base = '', mark = '', rest = ''] = /^ {2}(\w+) +(\w+)(\[\]|\?)?(.*)$/.exec(line) ?? []
      if (base === '' || modelNames.has(base)) continue
      columns.set(`${mapped}.${/@map\("(\w+)"\)/.exec(rest)?.[1] ?? field}`, {
        type: `${enums.get(base) ?? sqlType(base, rest)}${mark === '[]' ? '[]' : ''}`,
        nullable: mark === '?',
      })
    }
  }
  return columns
}

function sqlType(base: string, rest: string): string {
  if (base === 'Unsupported') return /^\("(\w+)"\)/.exec(rest)?.[1] ?? ''
  const native = /@db\.(\w+)(?:\((\d+)\))?/.exec(rest)
  if (native?.[1] === 'VarChar') return `varchar(${native[2] ?? ''})`
  if (native?.[1] === 'Timestamptz') return `timestamptz(${native[2] ?? ''})`
  if (native !== null) return (native[1] ?? '').toLowerCase()
  const types: Record<string, string> = {
    Int: 'int4',
    BigInt: 'int8',
    String: 'text',
    Boolean: 'bool',
    DateTime: 'timestamp(3)',
    Json: 'jsonb',
    Bytes: 'bytea',
    Float: 'float8',
  }
  return types[base] ?? `unknown type ${base}`
}

describeOnEachDatabase('migrations', (member) => {
  test('run once; a second run, and eight simultaneous ones, change nothing', async () => {
    const database = await createEmptyDatabase(member)
    try {
      const runs = await Promise.all(Array.from({ length: 8 }, () => migrate(database.pool)))
      expect(runs.filter((names) => names.length > 0)).toHaveLength(1)
      expect(await migrate(database.pool)).toEqual([])
      const { rows } = await database.pool.query<{ migration_name: string; done: boolean }>(
        'select migration_name, finished_at is not null as done from _prisma_migrations order by 1',
      )
      expect(rows).toEqual(
        runs
          .flat()
          .sort()
          .map((name) => ({ migration_name: name, done: true })),
      )
    } finally {
      await database.drop()
    }
  })

  test('one that was edited after it ran is refused by name', async () => {
    const database = await createTestDatabase(member)
    try {
      const { rows } = await database.pool.query<{ migration_name: string }>(
        `
          update _prisma_migrations
          set checksum = repeat('0', 64)
          where migration_name = (select min(migration_name) from _prisma_migrations)
          returning migration_name
        `,
      )
      await expect(migrate(database.pool)).rejects.toThrow(
        new RegExp(`migration ${rows[0]?.migration_name ?? ''} was edited`),
      )
    } finally {
      await database.drop()
    }
  })

  test('one that another tool did not finish is refused by name', async () => {
    const database = await createTestDatabase(member)
    try {
      await database.pool.query('update _prisma_migrations set finished_at = null')
      await expect(migrate(database.pool)).rejects.toThrow(/did not finish/)
    } finally {
      await database.drop()
    }
  })

  test('an interrupted migration leaves nothing', async () => {
    const database = await createEmptyDatabase(member)
    const pool = createPool({ ...connectionOf(database.url), options: '-c statement_timeout=1' }, 1, () => undefined)
    try {
      await expect(migrate(pool)).rejects.toThrow()
      const { rowCount } = await database.pool.query(
        `select 1 from information_schema.tables where table_schema = 'public'`,
      )
      expect(rowCount).toBe(0)
      expect((await migrate(database.pool)).length).toBeGreaterThan(0)
    } finally {
      await pool.end()
      await database.drop()
    }
  })

  test('create exactly the tables, columns, types and nullability of prisma/schema.prisma', async () => {
    const database = await createTestDatabase(member)
    try {
      const { rows } = await database.pool.query<{ name: string; type: string; nullable: boolean }>(
        `select c.table_name || '.' || c.column_name as name, c.is_nullable = 'YES' as nullable,
           case when c.udt_name = 'varchar' then 'varchar(' || c.character_maximum_length || ')'
             when c.udt_name in ('timestamptz', 'timestamp') then c.udt_name || '(' || c.datetime_precision || ')'
             when c.data_type = 'ARRAY' then substr(c.udt_name, 2) || '[]' else c.udt_name end as type
         from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
         where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.table_name <> '_prisma_migrations'`,
      )
      const made = Object.fromEntries(
        rows.map(({ name, type, nullable }) => [name, { type, nullable: nullable && !type.endsWith('[]') }]),
      )
      const said = Object.fromEntries(await readSchema())
      expect(Object.keys(said).length).toBeGreaterThan(150)
      expect(made).toEqual(said)
    } finally {
      await database.drop()
    }
  })
})
