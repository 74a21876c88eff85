// Queries that take long: one caller's do not keep mail out, end with their client or after a time, cost no more than
// the bounds of a filter allow, and do not keep the process from ending. A lock on a table stands for whatever makes
// a query slow.

import { type ClientRequest, request } from 'node:http'

import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createTestDatabase, describeWithDatabase, type TestDatabase } from '../support/database.ts'
import { freshWords, mail } from '../support/mail.ts'
import { createDataDir, type Service, startProcess, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const filterPath = '/api/v1/accounts/1/contacts/filter'
const filter = { payload: [{ attribute_key: 'name', filter_operator: 'contains', values: ['x'] }] }

describeWithDatabase('slow queries', () => {
  let database: TestDatabase
  let folder: Awaited<ReturnType<typeof createDataDir>>
  let service: Service
  beforeAll(async () => {
    database = await createTestDatabase()
    folder = await createDataDir()
    service = await start()
  })
  afterAll(async () => {
    await service.kill()
    await folder.remove()
    await database.drop()
  })

  const start = (env: Record<string, string> = {}) =>
    startProcess({ DATA_DIR: folder.path, DATABASE_URL: database.url, API_STATEMENT_TIMEOUT_MS: '600000', ...env })

  // Readers of the table wait until `unlock`.
  async function lock(table: string): Promise<{ waiting: () => Promise<number>; unlock: () => Promise<void> }> {
    const holder = new pg.Client({ connectionString: database.url })
    await holder.connect()
    await holder.query(`begin; lock table ${table} in access exclusive mode`)
    return {
      waiting: async () => {
        const { rows } = await database.pool.query<{ count: number }>(
          `
            select count(*)::int as count
            from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'
          `,
        )
        return rows[0]?.count ?? 0
      },
      unlock: () => holder.end(),
    }
  }

  function ask(path: string, body: unknown): ClientRequest {
    const headers = { api_access_token: service.token, 'content-type': 'application/json' }
    const asking = request(`${service.url}${path}`, { method: 'POST', agent: false, headers })
    asking.on('error', () => undefined)
    asking.on('response', (response) => response.resume())
    asking.end(JSON.stringify(body))
    return asking
  }

  test(
    'mail is accepted and appended, and /ready is ok, while all API connections are busy; they ' +
      'end with their clients',
    async () => {
      const held = await lock('custom_attribute_definitions')
      const askers = Array.from({ length: 12 }, () => ask(filterPath, filter))
      try {
        await until('every connection of the API held', async () => (await held.waiting()) === 8)
        const words = freshWords()
        const from = 'jane@example.com'
        const to = service.replyAddress
        const email = await service.relay(mail({ From: from, To: to }, words), { from, to })
        expect(email.status).toBe(204)
        await until('the mail appended', async () => {
          const [row] = await database.pool
            .query('select status from inbound_emails where id = $1', [email.id])
            .then(({ rows }) => rows as { status: string }[])
          return row?.status === 'delivered'
        })
        expect((await fetch(`${service.url}/ready`)).status).toBe(200)
        for (const asker of askers) asker.destroy()
        await until('the queries of clients that have left cancelled', async () => (await held.waiting()) === 0)
        // Others are served, though what they ask for is not of the locked table.
        expect((await service.api('GET', '/api/v1/accounts/1/labels')).status).toBe(200)
      } finally {
        await held.unlock()
      }
      expect((await service.api('POST', filterPath, filter)).status).toBe(200)
    },
  )

  test('a write completes when its client disconnects', async () => {
    const held = await lock('labels')
    const asker = ask('/api/v1/accounts/1/labels', { title: 'kept' })
    await until('the write waits', async () => (await held.waiting()) === 1)
    asker.destroy()
    await held.unlock()
    await until('the label written', async () =>
      (await service.api('GET', '/api/v1/accounts/1/labels')).body.payload.some(
        ({ title }: { title: string }) => title === 'kept',
      ),
    )
  })

  test.each<[what: string, payload: unknown]>([
    ['a long pattern', [{ attribute_key: 'name', filter_operator: 'contains', values: ['%_'.repeat(1_000)] }]],
    [
      'a long pattern of a custom attribute',
      [{ attribute_key: 'x', filter_operator: 'contains', values: ['a'.repeat(501)] }],
    ],
    [
      'many patterns',
      Array.from({ length: 50 }, () => ({
        attribute_key: 'name',
        filter_operator: 'does_not_contain',
        query_operator: 'and',
        values: ['a', 'b', 'c'],
      })),
    ],
    [
      'long values together',
      [
        {
          attribute_key: 'email',
          filter_operator: 'equal_to',
          values: Array.from({ length: 100 }, () => 'a'.repeat(300)),
        },
      ],
    ],
  ])('%s is refused with a sentence', async (_what, payload) => {
    for (const path of [filterPath, '/api/v1/accounts/1/conversations/filter']) {
      const answer = await service.api('POST', path, { payload })
      expect([answer.status, answer.body.error]).toEqual([
        422,
        expect.stringMatching(/^Invalid (value|filter payload)/),
      ])
    }
  })

  test('a filter within the bounds is answered (control)', async () => {
    const payload = [{ attribute_key: 'name', filter_operator: 'contains', values: ['a\\%_'.repeat(100)] }]
    expect((await service.api('POST', filterPath, { payload })).status).toBe(200)
  })

  test('SIGTERM ends the process in time, though a statement still waits', async () => {
    const held = await lock('labels')
    try {
      ask('/api/v1/accounts/1/labels', { title: 'never' })
      await until('the write waits', async () => (await held.waiting()) === 1)
      const start = performance.now()
      const ended = await service.stop()
      expect([ended.status, performance.now() - start < 20_000]).toEqual([0, true])
    } finally {
      await held.unlock()
    }
    service = await start({ API_STATEMENT_TIMEOUT_MS: '300' })
  })

  test('a statement that takes longer than API_STATEMENT_TIMEOUT_MS is 503 with a sentence', async () => {
    const held = await lock('custom_attribute_definitions')
    try {
      const answer = await service.api('POST', filterPath, filter)
      expect([answer.status, answer.body]).toEqual([
        503,
        { error: 'This took too long and was stopped; ask for less, or try again later' },
      ])
    } finally {
      await held.unlock()
    }
  })
})

test('SIGTERM stops the embedded database as well, whatever its sessions do', async () => {
  await using service = await startService({ on: null })
  const sleeping = service.sql('select pg_sleep(120)').catch(() => null)
  await until('the session sleeps', async () => {
    const rows = await service.sql<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'`,
    )
    return rows[0]?.count === 1
  })
  const start = performance.now()
  const ended = await service.stop()
  expect([ended.status, performance.now() - start < 20_000]).toEqual([0, true])
  await sleeping
})
