// What the ledger and the way out owe: bytes stay while anybody has them, a person may file what routing set aside,
// agents are not flooded.

import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { AppendIncoming } from '../../src/contracts/decision.ts'
import { createAppendGroup } from '../../src/conversations/append/append-group.ts'
import {
  eraseMessageOf,
  removeConversationOf,
  removeMessageOf,
} from '../../src/conversations/erasure/erase-messages.ts'
import { createLookup } from '../../src/conversations/lookup/lookup.ts'
import type { AppendRequest } from '../../src/conversations/records/append-request.ts'
import { createTokenIssuer } from '../../src/conversations/reply-tokens.ts'
import { inTransaction, type Pool } from '../../src/db/pool.ts'
import { notifyAgent } from '../../src/delivery/notify-agent.ts'
import type { OutgoingMail } from '../../src/delivery/transport.ts'
import { createOutbox } from '../../src/delivery/transports/outbox.ts'
import type { Log } from '../../src/log.ts'
import { parseMail } from '../../src/mail/parsing/parse.ts'
import { createPipeline } from '../../src/pipeline.ts'
import { claimMails } from '../../src/store/feed/claim.ts'
import { createSettlement } from '../../src/store/settle.ts'
import { createStoredMailActions } from '../../src/store/stored-mail-actions.ts'
import { createTestDatabase, describeOnEachDatabase, type TestDatabase } from '../support/database.ts'
import { createLedgerFixture, domain, orderFor, store } from '../support/ledger.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { noticesOnly } from '../support/notices-only.ts'
import { blockedOrDone, pauseBefore } from '../support/paused-pool.ts'
import { addAgent, addConversation } from '../support/people.ts'

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const secretKey = Buffer.alloc(32, 7)
const all = { accountId: null }

describeOnEachDatabase('files, filing by hand and notices', (member) => {
  let database: TestDatabase
  let place: Awaited<ReturnType<typeof createLedgerFixture>>

  beforeAll(async () => {
    database = await createTestDatabase(member)
    place = await createLedgerFixture(database.pool)
  })
  afterAll(() => database.drop())

  const appendOn = (pool: Pool) =>
    createAppendGroup({ pool, defaultDomain: domain, undoMs: 0, onWork: () => undefined })
  const run = async (pool: Pool, one: AppendRequest) => {
    const story = {
      id: one.inboundEmailId,
      status: 'delivered' as const,
      reason: 'reply-address' as const,
      trace: [],
      learned: [],
      accountId: 1,
      mail: one.mail,
      siblings: [],
    }
    const [result] = await appendOn(pool)([one], createSettlement([story]))
    return result?.error ?? null
  }

  describe('a file of two messages', () => {
    /** Mail with a file, as an order to append it. */
    const withFile = async (file: string): Promise<AppendRequest<AppendIncoming>> => {
      const raw = mail(
        { From: 'carla@customer.example', 'MIME-Version': '1.0', 'Content-Type': 'multipart/mixed; boundary=b' },
        `--b\r\nContent-Type: text/plain\r\n\r\n${freshWords()}\r\n--b\r\nContent-Type: text/plain; ` +
          `name=a.txt\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\n${file}\r\n--b--`,
      )
      const { decision } = await orderFor(
        database.pool,
        { conversationId: place.id, contactId: place.contactId },
        { words: freshWords() },
      )
      return { inboundEmailId: await store(database.pool, raw), decision, mail: await parseMail(raw), raw }
    }
    const filesOf = async ({ inboundEmailId }: AppendRequest) =>
      (
        await database.pool.query<{ bytes: Buffer | null }>(
          `
            select b.bytes
            from attachments a
            join messages m on m.id = a.message_id
            left join blobs b on b.sha256 = a.blob_sha256
            where m.inbound_email_id = $1
          `,
          [inboundEmailId],
        )
      ).rows.map(({ bytes }) => bytes?.toString().trim() ?? null)
    const takeBack = { removed: removeMessageOf, erased: eraseMessageOf } as const
    const blobsOf = async (file: string) =>
      (await database.pool.query(`select 1 from blobs where position(convert_to($1, 'UTF8') in bytes) > 0`, [file]))
        .rowCount

    // The statement before which the first of the two stands still while the other goes as far as it can.
    const orders = [
      ['removed', 'taking back', 'commit'],
      ['removed', 'taking back', 'select 1 from blobs'],
      ['erased', 'taking back', 'commit'],
      ['removed', 'appending', 'commit'],
      ['removed', 'appending', 'insert into blobs'],
      ['erased', 'appending', 'commit'],
      ['removed', 'taking back', 'delete from blobs'],
      ['removed', 'appending', 'insert into attachments'],
    ] as const
    type Meeting = readonly [how: keyof typeof takeBack, who: string, statement: string]
    const title = 'keeps its bytes for the new one while the old one is %s: %s first, up to "%s"'
    test.each<Meeting>(orders)(title, (...meeting) => meet(meeting))

    const meet = async ([how, who, statement]: Meeting): Promise<void> => {
      const file = freshWords()
      const [old, fresh] = [await withFile(file), await withFile(file)]
      expect(await run(database.pool, old)).toBeNull()
      const paused = pauseBefore(database.pool, statement)
      const remove = (pool: Pool) => inTransaction<unknown>(pool, (tx) => takeBack[how](tx, old.inboundEmailId))
      const add = (pool: Pool) => run(pool, fresh)
      const [one, other] = who === 'appending' ? [add, remove] : [remove, add]
      const first = one(paused.pool)
      await paused.reached
      const second = other(database.pool)
      await blockedOrDone(database.pool, second)
      paused.goOn()
      const results = await Promise.all([first, second])
      expect(results[who === 'appending' ? 0 : 1]).toBeNull()
      expect(await filesOf(fresh)).toEqual([file])
    }

    test('is deleted with the last message that has it', async () => {
      const file = freshWords()
      const [one, two] = [await withFile(file), await withFile(file)]
      await run(database.pool, one)
      await run(database.pool, two)
      await inTransaction(database.pool, (tx) => removeMessageOf(tx, one.inboundEmailId))
      expect(await blobsOf(file)).toBe(1)
      await inTransaction(database.pool, (tx) => eraseMessageOf(tx, two.inboundEmailId))
      expect(await blobsOf(file)).toBe(0)
    })
  })

  describe('filing by hand', () => {
    const parser = {
      parse: (jobs: readonly { raw: Uint8Array }[]) => Promise.all(jobs.map(({ raw }) => parseMail(Buffer.from(raw)))),
      close: () => Promise.resolve(),
    }
    const lookup = () => createLookup({ sql: database.pool, defaultDomain: domain, secretKey })
    const actions = () => {
      const pipeline = createPipeline({
        parser: parser,
        lookup: lookup(),
        policy: { authservId: null },
        append: appendOn(database.pool),
        findAhead: () => Promise.resolve([]),
        readAhead: () => Promise.resolve([]),
        log: silent,
        onSiblings: () => undefined,
      })
      return {
        pipeline,
        inboundEmails: createStoredMailActions({
          pool: database.pool,
          pipeline,
          messages: {
            remove: removeMessageOf,
            removeOpened: removeConversationOf,
            erase: eraseMessageOf,
            onWork: () => undefined,
            onChange: () => undefined,
          },
          retention: { deliveredDays: 30, undeliveredDays: 180 },
        }),
      }
    }
    const replyAddress = async () => {
      const issue = createTokenIssuer({ pool: database.pool, secretKey, expiresDays: 30 })
      const token = await issue({
        accountId: 1,
        conversationId: place.id,
        role: 'contact',
        contactId: place.contactId,
        userId: null,
        messageId: null,
      })
      return `reply+${token}@${domain}`
    }
    const messagesOf = async () =>
      Number(
        (
          await database.pool.query<{ n: number }>('select count(*) as n from messages where conversation_id = $1', [
            place.id,
          ])
        ).rows[0]?.n,
      )

    test('an ignored duplicate becomes another message, once', async () => {
      const { pipeline, inboundEmails } = actions()
      const to = await replyAddress()
      const [messageId, words] = [`<${freshId()}>`, freshWords()]
      const deliver = async (hop: string) => {
        const id = await store(
          database.pool,
          mail({ 'X-Copy': hop, From: 'carla@customer.example', To: to, 'Message-ID': messageId }, words),
        )
        await database.pool.query(
          `update inbound_emails set recipients = $2, run_at = now() - interval '1 minute' where id = $1`,
          [id, [to]],
        )
        const mails = await claimMails(database.pool, 100)
        await pipeline.processBatch(
          mails.filter((one) => one.id === id),
          Promise.resolve(),
        )
        return inboundEmails.find(all, id)
      }
      expect(await deliver('one')).toMatchObject({ status: 'delivered' })
      const copy = await deliver('two')
      expect(copy).toMatchObject({ status: 'ignored', reason: 'duplicate-message' })
      const before = await messagesOf()
      const filed = await inboundEmails.file(all, copy!.id, { accountId: 1, conversationDisplayId: place.displayId })
      expect(filed).toMatchObject({
        status: 'delivered',
        reason: 'filed-by-hand',
        conversationDisplayId: place.displayId,
      })
      expect(filed?.messageDbId).not.toBeNull()
      expect(await messagesOf()).toBe(before + 1)
      await expect(
        inboundEmails.file(all, copy!.id, { accountId: 1, conversationDisplayId: place.displayId }),
      ).rejects.toMatchObject({ kind: 'conflict' })
    })

    test.each([
      ['held', 'unknown-recipient'],
      ['ignored', 'mail-loop'],
      ['failed', 'tried-to-the-end'],
    ])('that fails leaves the mail %s for %s, unchanged, and it can be filed later', async (status, reason) => {
      const id = await store(database.pool, mail({ From: 'carla@customer.example' }, freshWords()))
      await database.pool.query(
        `
          update inbound_emails
          set
            status = $2::inbound_status,
            reason = $3,
            settled_at = now() - interval '3 days',
            attempts = 5,
            trace = '[{"step": "recipient", "outcome": "none", "detail": "x"}]'
          where id = $1
        `,
        [id, status, reason],
      )
      const { inboundEmails } = actions()
      const before = await inboundEmails.find(all, id)
      const count = await messagesOf()
      await database.pool.query(
        'create or replace function refuse() returns trigger language plpgsql as $$ begin raise exception ' +
          `'planted'; end $$`,
      )
      await database.pool.query('create trigger refuse before insert on messages execute function refuse()')
      await expect(
        inboundEmails.file(all, id, { accountId: 1, conversationDisplayId: place.displayId }),
      ).rejects.toThrow('planted')
      await database.pool.query('drop trigger refuse on messages')
      expect({ ...(await inboundEmails.find(all, id)), attempts: 0 }).toEqual({ ...before, attempts: 0 })
      expect(await messagesOf()).toBe(count)
      expect(await inboundEmails.file(all, id, { accountId: 1, conversationDisplayId: place.displayId })).toMatchObject(
        {
          status: 'delivered',
          reason: 'filed-by-hand',
        },
      )
    })
  })

  describe('notices', () => {
    test('to an agent without earlier ones are at most 20 an hour', () => flood(false))
    test(
      'to one agent about one conversation are at most 20 an hour, counted separately for each ' +
        'agent and conversation',
      () => flood(true),
    )

    const flood = async (hadOne: boolean): Promise<void> => {
      const outbox = await mkdtemp(join(tmpdir(), 'notices-'))
      const { handOver } = createOutbox(outbox)
      const send = async (one: OutgoingMail) => {
        await handOver(one)
      }
      const options = {
        pool: database.pool,
        send,
        issueToken: createTokenIssuer({ pool: database.pool, secretKey, expiresDays: 30 }),
        ...noticesOnly,
        markMessage: () => 'f'.repeat(32),
        createLink: () => Promise.reject(new Error('a notice has no link')),
        createLoginCode: () => Promise.resolve(null),
        takeBudget: () => Promise.resolve(true),
        defaultDomain: domain,
        senderEmail: null,
        noticeGroupMs: 0,
        publicUrl: 'https://mail.example',
      }
      const [gus, eva] = [
        await addAgent({ pool: database.pool }, `${freshWords()}@acme.example`),
        await addAgent({ pool: database.pool }, `${freshWords()}@acme.example`),
      ]
      await database.pool.query('insert into inbox_members (inbox_id, user_id) select 1, unnest($1::int[])', [
        [gus, eva],
      ])
      const other = await addConversation({ pool: database.pool }, `${freshWords()}@customer.example`)
      const write = async (to: { id: number; contactId: number }) => {
        const one = await orderFor(
          database.pool,
          { conversationId: to.id, contactId: to.contactId },
          { words: freshWords() },
        )
        expect(await run(database.pool, one)).toBeNull()
        return (
          await database.pool.query<{ id: number }>('select id from messages where inbound_email_id = $1', [
            one.inboundEmailId,
          ])
        ).rows[0]!.id
      }
      if (hadOne)
        await options.issueToken({
          accountId: 1,
          conversationId: place.id,
          role: 'agent',
          contactId: null,
          userId: gus,
          messageId: null,
        })
      const sent = async () => (await readdir(outbox)).length
      for (let i = 0; i < 25; i++) await notifyAgent(options, { messageId: await write(place), userId: gus })
      expect(await sent()).toBe(20)
      await notifyAgent(options, { messageId: await write(place), userId: eva })
      await notifyAgent(options, { messageId: await write(other), userId: gus })
      expect(await sent()).toBe(22)
      await database.pool.query(
        `update reply_tokens set noticed_at = now() - interval '61 minutes' where user_id = $1`,
        [gus],
      )
      await notifyAgent(options, { messageId: await write(place), userId: gus })
      expect(await sent()).toBe(23)
      await rm(outbox, { recursive: true })
    }
  })
})

test('the outbox is readable by its owner only: the folder 0700, each file 0600', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'outbox-'))
  const outbox = join(folder, 'a', 'outbox')
  const one: OutgoingMail = {
    envelope: { from: '', to: ['a@x.example'] },
    from: { name: '', address: 'b@x.example' },
    replyTo: null,
    to: ['a@x.example'],
    cc: [],
    subject: 's',
    messageId: freshId(),
    inReplyTo: null,
    references: [],
    text: 't',
    html: '<p>t</p>',
    headers: {},
    attachments: [],
  }
  await createOutbox(outbox).handOver(one)
  const [name] = await readdir(outbox)
  expect((await stat(outbox)).mode & 0o777).toBe(0o700)
  expect((await stat(join(outbox, name!))).mode & 0o777).toBe(0o600)
  await rm(folder, { recursive: true })
})
