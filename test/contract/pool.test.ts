// The pool of connections on each member of the database contract: a lost connection affects only its user; after a
// deadlock both transactions succeed.

import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

import {
  connectAlone,
  connectionOf,
  createPool,
  inTransaction,
  type Pool,
  withDeadlockRetry,
} from '../../src/db/pool.ts'
import { createTestDatabase, describeOnEachDatabase, type TestDatabase } from '../support/database.ts'

describeOnEachDatabase('a connection that is cut', (member) => {
  let database: TestDatabase
  let pool: Pool
  beforeAll(async () => {
    database = await createTestDatabase(member)
    pool = createPool(connectionOf(database.url), 1, () => undefined)
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  test('at the moment of its checkout does not crash the process', async () => {
    const cut = () =>
      new Promise<void>((resolve, reject) => {
        // Where the end of a query and the word that the connection is cut come in one piece, this is when it is heard.
        pool.connect((error, client, release) => {
          if (client === undefined) {
            reject(error ?? new Error('no connection'))
            return
          }
          client.emit('error', new Error('terminating connection due to administrator command'))
          release(true)
          resolve()
        })
      })
    await cut()
    await Promise.all([pool.query('select 1'), cut(), cut()])
    expect((await pool.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }])
  })

  test('outside the pool does not crash the process', async () => {
    const client = await connectAlone(connectionOf(database.url))
    client.emit('error', new Error('terminating connection due to administrator command'))
    await client.end()
  })

  test('within a transaction fails that transaction only', async () => {
    await expect(
      inTransaction(pool, (tx) => tx.query('select pg_terminate_backend(pg_backend_pid())')),
    ).rejects.toThrow()
    expect(await inTransaction(pool, async (tx) => (await tx.query<{ one: number }>('select 1 as one')).rows)).toEqual([
      { one: 1 },
    ])
  })
})

describeOnEachDatabase('two transactions that wait for each other', (member) => {
  test('are both done: the aborted one is retried, and only deadlocks are retried', async () => {
    const database = await createTestDatabase(member)
    try {
      await database.pool.query('create table two (id int primary key, n int not null default 0)')
      await database.pool.query('insert into two values (1), (2)')
      let [runs, held] = [0, 0]
      let bothHold = (): void => undefined
      const meeting = new Promise<void>((resolve) => (bothHold = resolve))
      const action = (first: number, second: number) =>
        withDeadlockRetry(database.pool, async (tx) => {
          runs += 1
          await tx.query('update two set n = n + 1 where id = $1', [first])
          if (++held === 2) bothHold()
          await meeting
          await tx.query('update two set n = n + 1 where id = $1', [second])
        })
      await Promise.all([action(1, 2), action(2, 1)])
      expect((await database.pool.query('select n from two order by id')).rows).toEqual([{ n: 2 }, { n: 2 }])
      expect(runs).toBeGreaterThan(2)
      const before = runs
      const fails = withDeadlockRetry(database.pool, (tx) => {
        runs += 1
        return tx.query('select 1 / 0')
      })
      await expect(fails).rejects.toMatchObject({ code: '22012' })
      expect(runs).toBe(before + 1)
    } finally {
      await database.drop()
    }
  })
})

describeOnEachDatabase('a pool of connections', (member) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase(member)
  })
  afterAll(() => database.drop())

  // PgBouncer's configuration, "ignore_startup_parameters": the options it knows; clients that send others are refused.
  const known = [
    'user',
    'database',
    'client_encoding',
    'datestyle',
    'timezone',
    'standard_conforming_strings',
    'application_name',
  ]

  test('sends no start-up option that a pooler refuses, and applies its settings all the same', async () => {
    const begun: string[][] = []
    const target = connectionOf(database.url)
    const client = new pg.Client(target)
    const front = createServer((socket) => {
      const server = connect(
        client.host.startsWith('/')
          ? { path: `${client.host}/.s.PGSQL.${String(client.port)}` }
          : { host: client.host, port: client.port },
      )
      // The startup message (PostgreSQL protocol 3.0): length, version, then names and values, each ended by a zero.
      socket.once('data', (first) =>
        begun.push(
          first
            .subarray(8)
            .toString()
            .split('\0')
            .filter((_, index) => index % 2 === 0)
            .filter((name) => name !== ''),
        ),
      )
      socket.pipe(server).pipe(socket)
      for (const end of [socket, server]) end.on('error', () => undefined)
    })
    await once(front.listen(0, '127.0.0.1'), 'listening')
    const { user, database: name } = client
    const pool = createPool(
      {
        host: '127.0.0.1',
        port: (front.address() as AddressInfo).port,
        user,
        database: name,
        settings: { 'rethread.owner': '7' },
      },
      2,
      () => undefined,
    )
    const { rows } = await pool.query(
      `
        select
          current_setting('lock_timeout') as lock,
          current_setting('jit') as jit,
          current_setting('rethread.owner') as owner
      `,
    )
    await pool.end()
    front.close()
    expect(rows).toEqual([{ lock: '30s', jit: 'off', owner: '7' }])
    expect(begun).toHaveLength(1)
    expect(begun[0]!.filter((parameter) => !known.includes(parameter))).toEqual([])
  })
})
