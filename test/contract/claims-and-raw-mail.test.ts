// What the store owes every mail when things go wrong: a mail that ends processes is not tried for ever, octets go
// with their last mail.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { eraseMessageOf } from '../../src/conversations/erasure/erase-messages.ts'
import type { Pool } from '../../src/db/pool.ts'
import { MailError } from '../../src/errors.ts'
import { claimMails, maxAttempts, returnMail } from '../../src/store/feed/claim.ts'
import { readBalance } from '../../src/store/health.ts'
import { createInboundEmails } from '../../src/store/inbound-email.ts'
import { incinerateDue } from '../../src/store/incinerate.ts'
import { createTestDatabase, describeOnEachDatabase, type TestDatabase } from '../support/database.ts'
import { store } from '../support/ledger.ts'
import { freshWords, mail } from '../support/mail.ts'
import { blockedOrDone, pauseBefore } from '../support/paused-pool.ts'

const retention = { deliveredDays: 7, undeliveredDays: 30 }

describeOnEachDatabase('claims and raw mail', (member) => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await createTestDatabase(member)
  })
  afterAll(() => database.drop())
  beforeEach(async () => {
    await database.pool.query('truncate inbound_emails, raw_emails cascade')
  })

  /** A mail that is due, tried so often before. */
  const addDue = async (attempts: number, status = 'processing'): Promise<number> => {
    const id = await store(database.pool, mail({ From: 'jane@example.com' }, freshWords()))
    await database.pool.query(
      `
        update inbound_emails
        set attempts = $2, status = $3::inbound_status, run_at = now() - interval '1 s'
        where id = $1
      `,
      [id, attempts, status],
    )
    return id
  }
  const makeDue = () =>
    database.pool.query(
      `update inbound_emails set run_at = now() - interval '1 ms' where status in ('pending', 'processing')`,
    )
  const rowOf = async (id: number) =>
    (
      await database.pool.query<{
        status: string
        reason: string | null
        attempts: number
        settled: boolean
        raw_id: number | null
        trace: unknown[]
      }>(
        `
          select status, reason, attempts, settled_at is not null as settled, raw_id, trace
          from inbound_emails
          where id = $1
        `,
        [id],
      )
    ).rows[0]
  const claimedIds = async (limit = 10) => (await claimMails(database.pool, limit)).map(({ id }) => id)
  const countRaws = async () =>
    Number((await database.pool.query<{ n: number }>('select count(*) as n from raw_emails')).rows[0]?.n)

  test('a mail that was tried three times without a result is claimed alone, after the others', async () => {
    const suspects = [await addDue(3), await addDue(5)]
    const fresh = [await addDue(0, 'pending'), await addDue(1), await addDue(2)]
    expect(await claimedIds()).toEqual(fresh)
    expect(await claimedIds()).toEqual([suspects[0]])
    expect(await claimedIds()).toEqual([suspects[1]])
    expect(await claimedIds()).toEqual([])
  })

  test(
    'a mail that crashes every process fails after a number of attempts, and is kept, counted and ' + 'visible',
    async () => {
      const id = await addDue(0, 'pending')
      for (let attempt = 1; attempt <= maxAttempts; attempt++) {
        expect(await claimMails(database.pool, 10)).toMatchObject([{ id, attempts: attempt }])
        await makeDue()
      }
      expect(await claimedIds()).toEqual([])
      expect(await rowOf(id)).toMatchObject({
        status: 'failed',
        reason: 'tried-to-the-end',
        settled: true,
        trace: [{ step: 'decision', outcome: 'failed' }],
      })
      const rows = createInboundEmails(database.pool, { deliveredDays: 30, undeliveredDays: 180 })
      expect(await rows.find({ accountId: null }, id)).toMatchObject({ status: 'failed', reason: 'tried-to-the-end' })
      expect(await rows.readRaw({ accountId: null }, id)).not.toBeNull()
      expect(await readBalance(database.pool)).toMatchObject({ accepted: 1, failed: 1, unaccounted: 0 })
      await makeDue()
      expect(await claimedIds()).toEqual([])
    },
  )

  test('a mail whose last attempt is still running is not marked as failed', async () => {
    const id = await addDue(maxAttempts - 1)
    expect(await claimedIds()).toEqual([id])
    expect(await claimedIds()).toEqual([])
    expect(await rowOf(id)).toMatchObject({ status: 'processing', attempts: maxAttempts })
  })

  test.each(['unavailable', 'storage-full'] as const)('a fault of kind %s never uses up the attempts', async (kind) => {
    const id = await addDue(0, 'pending')
    for (let round = 0; round < 3 * maxAttempts; round++) {
      const [taken] = await claimMails(database.pool, 10)
      expect(taken?.id).toBe(id)
      expect(await returnMail(database.pool, taken!, new MailError(kind, 'away'))).toBe(false)
      await makeDue()
    }
    expect(await rowOf(id)).toMatchObject({ status: 'pending', reason: null, settled: false })
  })

  test('a mail whose last attempt met a lost database is tried again', async () => {
    const id = await addDue(maxAttempts)
    expect(await returnMail(database.pool, { id, attempts: maxAttempts }, new MailError('unavailable', 'away'))).toBe(
      false,
    )
    await makeDue()
    expect(await claimedIds()).toEqual([id])
  })

  const settle = (ids: readonly number[], status: string, daysAgo: number) =>
    database.pool.query(
      `
        update inbound_emails
        set status = $2::inbound_status, settled_at = now() - $3 * interval '1 day'
        where id = any($1)
      `,
      [ids, status, daysAgo],
    )
  /** Mails with octets of their own, straight into the tables. */
  const addMany = async (count: number): Promise<number[]> => {
    const { rows } = await database.pool.query<{ id: number }>(
      `
        with raws as (
          insert into raw_emails (bytes)
          select convert_to('mail ' || n, 'UTF8')
          from generate_series(1, $1) n
          returning id
        )
        insert into inbound_emails (idempotency_key, raw_id, ingress, recipients, size)
        select sha256(convert_to(id::text, 'UTF8')), id, 'relay', '{}', 10
        from raws
        returning id
      `,
      [count],
    )
    return rows.map(({ id }) => id)
  }
  const addSibling = async (id: number): Promise<number> => {
    const { rows } = await database.pool.query<{ id: number }>(
      `
        insert into inbound_emails (idempotency_key, raw_id, parent_id, ingress, recipients, size)
        select sha256(convert_to('sibling of ' || id, 'UTF8')), raw_id, id, ingress, '{}', size
        from inbound_emails
        where id = $1
        returning id
      `,
      [id],
    )
    return rows[0]!.id
  }

  test('more than 500 expired mails are deleted in one call, with their raw messages', async () => {
    const ids = await addMany(1_203)
    await settle(ids, 'delivered', 8)
    expect(await incinerateDue(database.pool, retention)).toBe(1_203)
    expect(await countRaws()).toBe(0)
    expect((await database.pool.query('select 1 from inbound_emails where incinerated_at is not null')).rowCount).toBe(
      1_203,
    )
  })

  test('delivered mail expires sooner than mail that a person may still need', async () => {
    const [delivered, held, ignored, failed] = (await addMany(4)) as [number, number, number, number]
    await settle([delivered], 'delivered', 8)
    for (const [id, status] of [
      [held, 'held'],
      [ignored, 'ignored'],
      [failed, 'failed'],
    ] as const)
      await settle([id], status, 8)
    expect(await incinerateDue(database.pool, retention)).toBe(1)
    expect((await rowOf(delivered))?.raw_id).toBeNull()
    await settle([held, ignored, failed], 'held', 31)
    expect(await incinerateDue(database.pool, retention)).toBe(3)
    expect(await countRaws()).toBe(0)
  })

  test.each(['pending', 'processing'])('mail that is %s never expires', async (status) => {
    const ids = await addMany(3)
    await settle(ids, status, 1_000)
    expect(await incinerateDue(database.pool, retention)).toBe(0)
    expect(await countRaws()).toBe(3)
  })

  test('a raw message that several rows share is deleted with the last of them', async () => {
    const [first] = (await addMany(1)) as [number]
    const second = await addSibling(first)
    await settle([first], 'delivered', 8)
    await settle([second], 'held', 8)
    expect(await incinerateDue(database.pool, retention)).toBe(1)
    expect(await countRaws()).toBe(1)
    expect(
      await createInboundEmails(database.pool, { deliveredDays: 30, undeliveredDays: 180 }).readRaw(
        { accountId: null },
        second,
      ),
    ).not.toBeNull()
    await settle([second], 'held', 31)
    expect(await incinerateDue(database.pool, retention)).toBe(1)
    expect(await countRaws()).toBe(0)
  })

  test.each([
    ['a person', 'a person'],
    ['a person', 'retention'],
    ['retention', 'a person'],
    ['retention', 'retention'],
  ])(
    'two rows with one raw message that %s and %s delete at the same time leave no raw message',
    async (one, other) => {
      const first = (await addMany(1))[0]!
      const second = await addSibling(first)
      await settle([first], 'held', one === 'retention' ? 31 : 8)
      await settle([second], 'held', 8)
      const paused = pauseBefore(database.pool, 'commit')
      const burn = (who: string, pool: Pool, id: number) =>
        who === 'retention'
          ? incinerateDue(pool, retention)
          : createInboundEmails(pool, { deliveredDays: 30, undeliveredDays: 180 }).incinerate(
              { accountId: null },
              id,
              eraseMessageOf,
            )
      const earlier = burn(one, paused.pool, first)
      await paused.reached
      // Only now, or the earlier call would take both.
      if (other === 'retention') await settle([second], 'held', 31)
      const later = burn(other, database.pool, second)
      await blockedOrDone(database.pool, later)
      paused.goOn()
      await Promise.all([earlier, later])
      expect(await rowOf(first)).toMatchObject({ raw_id: null })
      expect(await rowOf(second)).toMatchObject({ raw_id: null })
      expect(await countRaws()).toBe(0)
    },
  )
})
