// Statements that one transaction sends without waiting in between (db/pool).

import { afterAll, beforeAll, expect, test } from 'vitest'

import { inTransaction, pipelined, statement } from '../../src/db/pool.ts'
import { createTestDatabase, describeOnEachDatabase, type TestDatabase } from '../support/database.ts'

describeOnEachDatabase('statements sent together', (member) => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createTestDatabase(member)
    await database.pool.query('create table kept (n int primary key)')
  })
  afterAll(() => database.drop())

  const keep = statement('insert into kept values ($1) returning n')
  const kept = async () =>
    (await database.pool.query<{ n: number }>('select n from kept order by n')).rows.map(({ n }) => n)

  test('are answered in order, and all take effect', async () => {
    const answers = await inTransaction(database.pool, (tx) =>
      pipelined({
        first: tx.query<{ n: number }>(keep([1])),
        second: tx.query<{ n: number }>(keep([2])),
        count: tx.query<{ n: number }>('select count(*)::int as n from kept'),
      }),
    )
    expect([answers.first, answers.second, answers.count].map(({ rows }) => rows[0]?.n)).toEqual([1, 2, 2])
    expect(await kept()).toEqual([1, 2])
  })

  test('of which one fails are rolled back, report the first error, and keep the connection usable', async () => {
    await expect(
      inTransaction(database.pool, (tx) =>
        pipelined({ new: tx.query(keep([3])), known: tx.query(keep([1])), late: tx.query(keep([4])) }),
      ),
    ).rejects.toMatchObject({ code: '23505' })
    expect(await kept()).toEqual([1, 2])
  })

  test('that run after a failed one run before the rollback, never after it', async () => {
    const slow = async (query: (n: number) => Promise<unknown>): Promise<void> => {
      await query(5)
      await query(6)
    }
    await expect(
      inTransaction(database.pool, (tx) =>
        pipelined({ fault: Promise.reject(new Error('ours')), slow: slow((n) => tx.query(keep([n]))) }),
      ),
    ).rejects.toThrow('ours')
    expect(await kept()).toEqual([1, 2])
  })

  test('whose connection is cut fail, and the pool continues', async () => {
    const cut = inTransaction(database.pool, (tx) =>
      pipelined({
        cut: tx.query('select pg_terminate_backend(pg_backend_pid())'),
        next: tx.query(keep([7])),
        last: tx.query(keep([8])),
      }),
    )
    await expect(cut).rejects.toThrow()
    expect(await kept()).toEqual([1, 2])
  })
})
