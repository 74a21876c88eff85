// Mail of which only a pointer came, and tokens that are good for one mail, on each member of the database contract.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { MailError } from '../../src/errors.ts'
import type { Log } from '../../src/log.ts'
import type { MailNotice, Submission } from '../../src/mail/envelope.ts'
import { createRunner } from '../../src/queue/runner.ts'
import { createAccept } from '../../src/store/accept.ts'
import { createAcceptNotice } from '../../src/store/accept-notice.ts'
import { idempotencyKey } from '../../src/store/acceptance/idempotency-key.ts'
import { insertGroup } from '../../src/store/acceptance/insert-group.ts'
import { forgetTokens } from '../../src/store/acceptance/one-time-tokens.ts'
import { claimMails } from '../../src/store/feed/claim.ts'
import { createSweep } from '../../src/store/feed/sweep.ts'
import { createFetchHandler, fetchAgain, type FetchMail, forgetPointers } from '../../src/store/fetch-mail.ts'
import { isBalanced, readBacklogAge, readBalance, readWork } from '../../src/store/health.ts'
import { createInboundEmails } from '../../src/store/inbound-email.ts'
import { createIngressStatus, readIngressStatus } from '../../src/store/ingress-status.ts'
import { createTestDatabase, describeOnEachDatabase, type TestDatabase } from '../support/database.ts'
import { freshWords, mail } from '../support/mail.ts'
import { blockedOrDone } from '../support/paused-pool.ts'
import { until } from '../support/until.ts'

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const peer = { address: null, helo: null, trusted: false }
const submission = (token: string | null, raw = mail({ From: 'jane@example.com' }, freshWords())): Submission => ({
  ingress: 'mailgun',
  envelope: { reversePath: null, recipients: ['a@example.com'] },
  raw,
  peer,
  ...(token === null ? {} : { once: { token, keepSeconds: 60 } }),
})
const notice = (key: string, token: string | null = null): MailNotice => {
  const { ingress, envelope, once } = submission(token)
  return {
    ingress,
    envelope,
    peer: {
      ...peer,
      verdicts: {
        by: 'mailgun',
        spf: 'pass',
        dkim: null,
        dkimDomains: [],
        dmarc: null,
        dmarcPolicy: null,
        spam: null,
        spamScore: null,
        virus: null,
      },
    },
    key,
    pointer: { url: key },
    ...(once === undefined ? {} : { once }),
  }
}

describeOnEachDatabase('notices of providers', (member) => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase(member)
  })
  afterAll(() => database.drop())
  beforeEach(async () => {
    await database.pool.query('truncate inbound_emails, raw_emails, work, one_time_tokens, ingress_news cascade')
  })

  const accept = (one: Submission) =>
    createAccept({ pool: database.pool, hasRoom: () => false, onStored: () => undefined })(one)
  const all = { accountId: null }
  const find = (id: number) =>
    createInboundEmails(database.pool, { deliveredDays: 30, undeliveredDays: 180 }).find(all, id)
  const count = async (table: string) =>
    Number((await database.pool.query<{ n: number }>(`select count(*) as n from ${table}`)).rows[0]?.n)

  describe('tokens', () => {
    test(
      'a token is valid for one mail: another mail with it is not stored and gets the answer of the ' + 'first',
      async () => {
        const first = await accept(submission('t1'))
        expect(await accept(submission('t1'))).toEqual({ id: first.id, duplicate: true })
        expect(await accept(submission('t2'))).toMatchObject({ duplicate: false })
        expect(await accept({ ...submission('t1'), ingress: 'other' })).toMatchObject({ duplicate: false })
        expect(await count('inbound_emails')).toBe(3)
        expect(await count('raw_emails')).toBe(3)
      },
    )

    test('the same holds for simultaneous requests to two stores', async () => {
      const answers = await Promise.all(Array.from({ length: 24 }, () => accept(submission('t'))))
      expect(answers.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
      expect(await count('inbound_emails')).toBe(1)
    })

    test('a retry of a mail is the same mail, under the same token or another', async () => {
      const raw = mail({ From: 'jane@example.com' }, freshWords())
      const first = await accept(submission('t1', raw))
      expect(await accept(submission('t1', raw))).toEqual({ id: first.id, duplicate: true })
      expect(await accept(submission('t2', raw))).toEqual({ id: first.id, duplicate: true })
    })

    test('two groups with common tokens, in any order, do not deadlock', async () => {
      const other = await database.pool.connect()
      try {
        const consume = (token: string) =>
          other.query(
            `
              insert into one_time_tokens (service, token, idempotency_key, expires_at)
              values ('mailgun', $1, '', now() + interval '1 day')
            `,
            [token],
          )
        await other.query('begin')
        await consume('t1')
        const group = insertGroup(
          database.pool,
          ['t2', 't1'].map((token) => submission(token)).map((one) => ({ submission: one, key: idempotencyKey(one) })),
          false,
        )
        await blockedOrDone(database.pool, group)
        await consume('t2')
        await other.query('rollback')
        expect((await group).answers).toMatchObject([{ duplicate: false }, { duplicate: false }])
      } finally {
        other.release(true)
      }
    })

    test('a token is not consumed by a mail that could not be stored', async () => {
      await database.pool.query(
        `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`,
      )
      await database.pool.query('create trigger refuse before insert on raw_emails execute function refuse()')
      const one = submission('t1')
      await expect(accept(one)).rejects.toBeInstanceOf(MailError)
      await database.pool.query('drop function refuse cascade')
      expect(await accept(one)).toMatchObject({ duplicate: false })
    })

    test('tokens are deleted once their signatures have expired', async () => {
      await accept({ ...submission(null), once: { token: 'old', keepSeconds: -1 } })
      await accept(submission('young'))
      expect(await forgetTokens(database.pool)).toBe(1)
      expect((await database.pool.query('select token from one_time_tokens')).rows).toEqual([{ token: 'young' }])
    })
  })

  describe('a notice', () => {
    const acceptNotice = (one: MailNotice) => createAcceptNotice(database.pool, () => undefined)(one)
    const work = (fetchMail: FetchMail) => {
      const nothing = { run: () => Promise.resolve() }
      const fetched: number[] = []
      const handler = createFetchHandler({
        pool: database.pool,
        fetchers: { mailgun: fetchMail },
        isCanary: () => Promise.resolve(false),
        onFetched: () => fetched.push(1),
      })
      return {
        fetched,
        runner: createRunner({
          pool: database.pool,
          log: silent,
          pollMs: 30,
          handlers: { 'send-reply': nothing, 'notify-agent': nothing, 'fetch-mail': handler },
        }),
      }
    }

    test(
      'is pending and visible before its raw message is fetched, is not parsed, and keeps the mail ' +
        'accounting correct',
      async () => {
        const { id } = await acceptNotice(notice('k1'))
        expect(await find(id)).toMatchObject({
          status: 'pending',
          size: 0,
          ingress: 'mailgun',
          recipients: [{ address: 'a@example.com', learnedFrom: 'envelope' }],
          verdicts: { spf: 'pass' },
        })
        // As if the process that took it were gone.
        await database.pool.query('update inbound_emails set owner = 12345')
        const sweep = createSweep(database.pool, 1)
        for (let i = 0; i < 3; i++) await sweep()
        expect(await claimMails(database.pool, 10)).toEqual([])
        expect(await readBacklogAge(database.pool)).toBe(0)
        const balance = await readBalance(database.pool)
        expect(balance).toMatchObject({ accepted: 1, pending: 1 })
        expect(isBalanced(balance)).toBe(true)
      },
    )

    test('that arrives twice counts once, and so does another one with a used token', async () => {
      const first = await acceptNotice(notice('k1', 't'))
      expect(await acceptNotice(notice('k1', 't'))).toEqual({ id: first.id, duplicate: true })
      expect(await acceptNotice(notice('k2', 't'))).toEqual({ id: first.id, duplicate: true })
      expect(await count('work')).toBe(1)
    })

    test('of one mail for another recipient is a separate one: SES sends one for each rule, under one id', async () => {
      const first = await acceptNotice(notice('k1'))
      const forB = { ...notice('k1'), envelope: { reversePath: null, recipients: ['b@example.com'] } }
      expect(await acceptNotice(forB)).toMatchObject({ duplicate: false })
      expect(
        (await acceptNotice({ ...notice('k1'), envelope: { reversePath: null, recipients: ['A@example.com'] } })).id,
      ).toBe(first.id)
      expect(await count('work')).toBe(2)
    })

    test('is fetched by a worker, and is an ordinary mail afterwards', async () => {
      const raw = Buffer.from('From: jane@example.com\r\n\r\n\xff\0', 'latin1')
      const { id } = await acceptNotice(notice('k1'))
      const { runner, fetched } = work(({ url }) =>
        url === 'k1' ? Promise.resolve({ raw, synthesised: true }) : Promise.reject(new Error('which?')),
      )
      await until('fetched', async () => (await count('work')) === 0)
      await runner.stop()
      expect(fetched).toHaveLength(1)
      const [claimed] = await claimMails(database.pool, 10)
      expect(claimed).toMatchObject({
        id,
        envelope: { recipients: ['a@example.com'] },
        peer: { synthesised: true, verdicts: { spf: 'pass' } },
        attempts: 1,
      })
      expect(claimed?.raw.equals(raw)).toBe(true)
      expect(await find(id)).toMatchObject({ size: raw.length, synthesised: true })
    })

    test('stays pending while its provider does not answer, and shows the reason', async () => {
      const { id } = await acceptNotice(notice('k1'))
      const { runner } = work(() => Promise.reject(new MailError('unavailable', 'away for a while')))
      await until('tried', async () => (await find(id))?.attempts === 1)
      await runner.stop()
      expect(await find(id)).toMatchObject({
        status: 'pending',
        trace: [{ step: 'fetch', outcome: 'retry', detail: 'away for a while' }],
      })
    })

    test('that can never be fetched fails visibly, and a replay tries again', async () => {
      const { id } = await acceptNotice(notice('k1'))
      const { runner } = work(() => Promise.reject(new MailError('forbidden', 'not fetched: inside')))
      await until('failed', async () => (await find(id))?.status === 'failed')
      await until(
        'the row of the work written',
        async () => (await database.pool.query('select 1 from work where failed_at is not null')).rowCount === 1,
      )
      await runner.stop()
      expect(isBalanced(await readBalance(database.pool))).toBe(true)
      expect(await find(id)).toMatchObject({
        reason: 'not-fetched',
        trace: [{ step: 'fetch', outcome: 'failed', detail: 'not fetched: inside' }],
      })
      expect(await readWork(database.pool)).toMatchObject({ failed: 0 })
      expect(await fetchAgain(database.pool, { accountId: 7 }, id)).toBe(false)
      expect(await fetchAgain(database.pool, all, id)).toBe(true)
      expect(await fetchAgain(database.pool, all, id)).toBe(false)
      const again = work(() => Promise.resolve({ raw: Buffer.from('x'), synthesised: false }))
      await until('fetched', async () => (await count('work')) === 0)
      await again.runner.stop()
      expect(await claimMails(database.pool, 10)).toHaveLength(1)
    })

    test('is deleted when its mail fails finally or is incinerated', async () => {
      const pointers = async () =>
        Number(
          (
            await database.pool.query<{ n: number }>(
              'select count(*) as n from inbound_emails where pointer is not null',
            )
          ).rows[0]?.n,
        )
      const [one, two] = [await acceptNotice(notice('k1')), await acceptNotice(notice('k2'))]
      expect(await forgetPointers(database.pool, 0)).toBe(0)
      await database.pool.query(`update inbound_emails set status = 'failed', settled_at = now() - interval '2 days'`)
      expect(
        await createInboundEmails(database.pool, { deliveredDays: 30, undeliveredDays: 180 }).incinerate(
          all,
          one.id,
          () => Promise.resolve(),
        ),
      ).toBe(true)
      expect(await pointers()).toBe(1)
      expect(await forgetPointers(database.pool, 3)).toBe(0)
      expect(await forgetPointers(database.pool, 1)).toBe(1)
      expect(await pointers()).toBe(0)
      expect(await fetchAgain(database.pool, all, two.id)).toBe(false)
    })
  })

  test('each service has the time of its last request, and its last refusal with the reason', async () => {
    const note = createIngressStatus(database.pool, silent)
    note('mailgun', null)
    note('ses', 'forged: topic')
    for (let i = 0; i < 50; i++) note('mailgun', `unauthenticated: ${String(i)}`)
    const news = await until('the last of them written', async () => {
      const known = await readIngressStatus(database.pool)
      return known.get('mailgun')?.refusal === 'unauthenticated: 49' && known.get('ses') !== undefined ? known : null
    })
    const { lastRequestAt, refusedAt } = news.get('mailgun')!
    expect(refusedAt!.getTime()).toBeGreaterThanOrEqual(lastRequestAt!.getTime())
    expect(news.get('ses')).toMatchObject({
      lastRequestAt: null,
      refusal: 'forged: topic',
      refusedAt: expect.any(Date),
    })
    expect(news.get('relay')).toBeUndefined()
  })
})
