// Leases of processes that are gone, on each member of the database contract: released at once, and no other leases.

import { afterEach, beforeEach, expect, test } from 'vitest'

import { openDatabase } from '../../src/db/open.ts'
import { showPresence } from '../../src/db/presence.ts'
import { claimWork, enqueue, retryWork } from '../../src/queue/work.ts'
import { createAcceptNotice } from '../../src/store/accept-notice.ts'
import { idempotencyKey } from '../../src/store/acceptance/idempotency-key.ts'
import { insertGroup } from '../../src/store/acceptance/insert-group.ts'
import { claimMails, returnMail } from '../../src/store/feed/claim.ts'
import { createSweep } from '../../src/store/feed/sweep.ts'
import { createTestDatabase, describeOnEachDatabase, type TestDatabase } from '../support/database.ts'
import { submission } from '../support/ledger.ts'
import { mail } from '../support/mail.ts'
import { until } from '../support/until.ts'

describeOnEachDatabase('the work of a process', (member) => {
  let database: TestDatabase
  let open: { die: () => Promise<void> }[] = []

  beforeEach(async () => {
    database = await createTestDatabase(member)
    open = []
  })
  afterEach(async () => {
    await Promise.all(open.map((one) => one.die()))
    await database.drop()
  })

  async function startMember() {
    const { pool, connection, owner, close } = await openDatabase({
      url: database.url,
      dataDir: '',
      poolSize: 3,
      onError: () => undefined,
    })
    const presence = await showPresence({ connection, owner })
    const accept = async (): Promise<number> => {
      const one = submission(mail({ From: 'jane@example.com' }))
      const { answers } = await insertGroup(pool, [{ submission: one, key: idempotencyKey(one) }], true)
      return answers[0]?.id ?? 0
    }
    let dead: Promise<void> | null = null
    const end = async () => {
      await presence.close()
      await close()
    }
    const one = { pool, owner, accept, sweep: createSweep(pool, owner), die: () => (dead ??= end()) }
    open.push(one)
    return one
  }

  const due = async (table: 'inbound_emails' | 'work') =>
    (await database.pool.query<{ id: number }>(`select id from ${table} where run_at <= now() order by id`)).rows.map(
      ({ id }) => id,
    )
  const lockOf = async (owner: number) =>
    (
      await database.pool.query<{ pid: number }>(
        `select pid from pg_locks where locktype = 'advisory' and granted and objid = $1::int8::oid`,
        [owner],
      )
    ).rows[0]?.pid ?? null
  const gone = (owner: number) => until('the end of the lock', async () => (await lockOf(owner)) === null)

  test('is taken over by the next process after a crash, without the work of others', async () => {
    const [dying, living, looking] = [await startMember(), await startMember(), await startMember()]
    const lost = await dying.accept()
    await living.accept()
    await looking.accept()
    expect([await looking.sweep(), await looking.sweep()]).toEqual([0, 0])
    await dying.die()
    await gone(dying.owner)
    expect([await looking.sweep(), await looking.sweep()]).toEqual([0, 1])
    expect(await due('inbound_emails')).toEqual([lost])
    expect((await claimMails(looking.pool, 10)).map(({ id }) => id)).toEqual([lost])
  })

  test('stays with the process that claimed it next', async () => {
    const [dying, heir, looking] = [await startMember(), await startMember(), await startMember()]
    await dying.accept()
    await dying.die()
    await gone(dying.owner)
    await heir.sweep()
    await heir.sweep()
    expect(await claimMails(heir.pool, 10)).toHaveLength(1)
    expect([await looking.sweep(), await looking.sweep()]).toEqual([0, 0])
  })

  test('is taken over for outgoing mail as well', async () => {
    const [dying, looking] = [await startMember(), await startMember()]
    await enqueue(database.pool, [{ kind: 'send-reply', key: null, payload: { messageId: 1 } }])
    const [taken] = await claimWork(dying.pool, 10, { leaseMs: 60_000 })
    await dying.die()
    await gone(dying.owner)
    expect([await looking.sweep(), await looking.sweep()]).toEqual([0, 1])
    expect(await claimWork(looking.pool, 10, { leaseMs: 60_000 })).toMatchObject([{ id: taken?.id, attempts: 2 }])
  })

  test('stays with it when its database session is cut and restored', async () => {
    const [cut, looking] = [await startMember(), await startMember()]
    await cut.accept()
    const before = await lockOf(cut.owner)
    await database.pool.query('select pg_terminate_backend($1)', [before])
    const after = await until('another session', async () => {
      const pid = await lockOf(cut.owner)
      return pid !== before && pid
    })
    expect(after).not.toBe(before)
    expect([await looking.sweep(), await looking.sweep(), await looking.sweep()]).toEqual([0, 0, 0])
    expect(await due('inbound_emails')).toEqual([])
  })

  test('keeps the time of its next attempt after a crash', async () => {
    const [dying, looking] = [await startMember(), await startMember()]
    const id = await dying.accept()
    await returnMail(dying.pool, { id, attempts: 6 }, new Error('a fault'))
    await enqueue(database.pool, [{ kind: 'send-reply', key: null, payload: { messageId: 1 } }])
    const [work] = await claimWork(dying.pool, 10, { leaseMs: 60_000 })
    await retryWork(dying.pool, work!, { error: 'a fault', delayMs: 60_000 })
    await dying.die()
    await gone(dying.owner)
    expect([await looking.sweep(), await looking.sweep()]).toEqual([0, 0])
    expect([await due('inbound_emails'), await due('work')]).toEqual([[], []])
  })

  test('keeps its fetch work for mail that a provider only announced, also after a crash', async () => {
    const [dying, looking] = [await startMember(), await startMember()]
    await createAcceptNotice(
      dying.pool,
      () => undefined,
    )({
      ingress: 'resend',
      envelope: { reversePath: null, recipients: [] },
      peer: { address: null, helo: null, trusted: true },
      key: 'one',
      pointer: { url: 'https://api.resend.com/emails/receiving/one' },
    })
    await dying.die()
    await gone(dying.owner)
    expect([await looking.sweep(), await looking.sweep(), await looking.sweep()]).toEqual([0, 0, 0])
    expect(await due('inbound_emails')).toEqual([])
    expect(await due('work')).toHaveLength(1)
  })

  test('is not delayed by a clock that was set back', async () => {
    const looking = await startMember()
    const id = await looking.accept()
    await enqueue(database.pool, [{ kind: 'send-reply', key: null, payload: { messageId: 1 } }])
    // What a jump back by a day leaves: every time that was now is tomorrow.
    await database.pool.query(`update inbound_emails set run_at = run_at + interval '1 day'`)
    await database.pool.query(`update work set run_at = run_at + interval '1 day'`)
    expect(await looking.sweep()).toBe(2)
    expect(await due('inbound_emails')).toEqual([id])
  })
})
