// Prisma or SQL, never both in one file (docs/adr/0043-prisma-beside-sql.md).

import { describe, expect, test } from 'vitest'

import { read, trackedFiles } from './tree.ts'

const prisma =
  /\b(?:db|tx)\.\w+\.(?:find|create|update|delete|upsert|count|aggregate|groupBy)\w*\(|\bPrismaClient\b|\bwithLock\(/
const sql = /\.query(?:<|\()|\bqueryOne(?:<|\()|\bstatement\(|\$(?:queryRaw|executeRaw)/

// The lock of `withLock` is SQL, because Prisma has none.
const allowed = ['src/db/client.ts']

const usesBoth = (text: string): boolean => prisma.test(text) && sql.test(text)

describe('a file of src', () => {
  test('uses Prisma or SQL, never both', () => {
    const both = trackedFiles('src', '.ts').filter((file) => usesBoth(read(file)))
    expect(both.filter((file) => !allowed.includes(file))).toEqual([])
  })

  test('that uses both is found', () => {
    expect(usesBoth(`await db.label.findMany({})\nawait pool.query('select 1')`)).toBe(true)
    expect(usesBoth(`await db.label.findMany({})`)).toBe(false)
  })
})
