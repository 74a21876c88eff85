// One-time links and the budget of automatic mail on each member of the database contract: consumed once and counted
// exactly, however many ask at once.

import { afterAll, beforeAll, expect, test } from 'vitest'

import { takeBudget } from '../../src/conversations/automatic-budget.ts'
import { consumeLink, createLink, findLink, revokeLinks } from '../../src/conversations/links/one-time-links.ts'
import { inTransaction } from '../../src/db/pool.ts'
import { createTestDatabase, describeOnEachDatabase, type TestDatabase } from '../support/database.ts'

describeOnEachDatabase('one-time links', (member) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase(member)
  })
  afterAll(() => database.drop())

  const link = { purpose: 'confirm-user-email', subjectId: 7, email: 'Jane@Customer.example', accountId: null } as const
  const inAnHour = () => new Date(Date.now() + 3_600_000)
  const consume = (code: string) => inTransaction(database.pool, (tx) => consumeLink(tx, code))

  test('are valid until one of many simultaneous requests consumes them', async () => {
    const code = await createLink(database.pool, { ...link, expiresAt: inAnHour() })
    expect(code).toMatch(/^[\w-]{43}$/)
    expect(await findLink(database.pool, code)).toEqual({ ...link, email: 'jane@customer.example' })
    const got = await Promise.all(Array.from({ length: 8 }, () => consume(code)))
    expect(got.filter((one) => one !== null)).toHaveLength(1)
    expect(await findLink(database.pool, code)).toBeNull()
  })

  test('are stored as a hash, and are refused when expired, revoked or unknown', async () => {
    const code = await createLink(database.pool, { ...link, expiresAt: new Date(Date.now() - 1_000) })
    expect(await consume(code)).toBeNull()
    const other = await createLink(database.pool, { ...link, subjectId: 8, expiresAt: inAnHour() })
    await revokeLinks(database.pool, { purpose: 'confirm-user-email', subjectId: 8 })
    expect(await consume(other)).toBeNull()
    expect(await consume('x'.repeat(43))).toBeNull()
    const { rows } = await database.pool.query<{ row: string }>('select l::text as row from one_time_links l')
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.filter(({ row }) => row.includes(code) || row.includes(other))).toEqual([])
  })

  test('stay valid when their transaction fails', async () => {
    const code = await createLink(database.pool, { ...link, expiresAt: inAnHour() })
    const failing = inTransaction(database.pool, async (tx) => {
      await consumeLink(tx, code)
      throw new Error('a fault')
    })
    await expect(failing).rejects.toThrow('a fault')
    expect(await consume(code)).not.toBeNull()
  })
})

describeOnEachDatabase('the budget of automatic mail', (member) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase(member)
  })
  afterAll(() => database.drop())

  const limits = { provenPerHour: 3, claimedPerDay: 10, unprovenPerDay: 1, unprovenPerAccountHour: 4 }
  const take = (mailbox: string, { isProven = false, accountId = 1, count = 1 } = {}) =>
    inTransaction(database.pool, (tx) => takeBudget(tx, { accountId, mailbox, isProven, count }, limits))
  const granted = async (asked: Promise<boolean>[]) => (await Promise.all(asked)).filter((given) => given).length

  test('is one for each mailbox, whatever its tag, case and dots at Gmail, also for simultaneous mails', async () => {
    expect(await granted(Array.from({ length: 10 }, (_, n) => take(`Victim+${String(n)}@customer.example`)))).toBe(1)
    expect(await take('victim@CUSTOMER.example', { accountId: 2 })).toBe(false)
    expect(await take('j.a.n.e+x@gmail.com', { accountId: 2 })).toBe(true)
    expect(await take('jane@googlemail.com', { accountId: 2 })).toBe(false)
  })

  test('has a second limit for all unproven mailboxes of an account together', async () => {
    const asked = Array.from({ length: 10 }, (_, n) => take(`v${String(n)}@customer.example`, { accountId: 3 }))
    expect(await granted(asked)).toBe(4)
    expect(await take('proven@customer.example', { accountId: 3, isProven: true })).toBe(true)
  })

  test('is larger for a proven mailbox, counts several at once, and is reset after its window', async () => {
    expect(await take('carla@customer.example', { isProven: true, count: 2 })).toBe(true)
    expect(await take('carla@customer.example', { isProven: true, count: 2 })).toBe(false)
    expect(await take('carla@customer.example', { isProven: true })).toBe(true)
    expect(await take('carla@customer.example', { isProven: true })).toBe(false)
    await database.pool.query(`update automatic_mail set started_at = now() - interval '61 minutes'`)
    expect(await take('carla@customer.example', { isProven: true, count: 3 })).toBe(true)
  })
})
