// Appending, on each member of the database contract: appended once, in order, and one bad mail
// harms no other.

import { afterAll, beforeAll, expect, test } from 'vitest'

import { createAppendGroup, RaceError } from '../../src/conversations/append/append-group.ts'
import type { AppendRequest } from '../../src/conversations/records/append-request.ts'
import { createSettlement, type Outcome } from '../../src/store/settle.ts'
import { createTestDatabase, describeOnEachDatabase, type TestDatabase } from '../support/database.ts'
import { createLedgerFixture, domain, orderFor, store } from '../support/ledger.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { addAgent, addConversation } from '../support/people.ts'

describeOnEachDatabase('appending', (member) => {
  let database: TestDatabase
  let place: Awaited<ReturnType<typeof createLedgerFixture>>

  beforeAll(async () => {
    database = await createTestDatabase(member)
    place = await createLedgerFixture(database.pool)
  })
  afterAll(() => database.drop())

  const append = () =>
    createAppendGroup({ pool: database.pool, defaultDomain: domain, undoMs: 0, onWork: () => undefined })
  const storyOf = (order: AppendRequest, changes: Partial<Outcome> = {}): Outcome => ({
    id: order.inboundEmailId,
    status: 'delivered',
    reason: 'reply-address',
    trace: [{ step: 'decision', outcome: 'append', detail: 'reply-address' }],
    learned: [],
    accountId: 1,
    mail: order.mail,
    siblings: [],
    ...changes,
  })
  const settlement = (orders: readonly AppendRequest[]) => createSettlement(orders.map((order) => storyOf(order)))
  const order = (fields: Partial<Parameters<typeof orderFor>[2]> = {}, to: { id: number; contactId: number } = place) =>
    orderFor(database.pool, { conversationId: to.id, contactId: to.contactId }, { words: freshWords(), ...fields })
  const messagesOf = async (ids: readonly number[]) =>
    (
      await database.pool.query<{ inbound_email_id: number; content: string; id: number }>(
        'select id, inbound_email_id, content from messages where inbound_email_id = any($1) order by id',
        [ids],
      )
    ).rows
  const statusOf = async (id: number) =>
    (
      await database.pool.query<{ status: string; message_db_id: number | null }>(
        'select status, message_db_id from inbound_emails where id = $1',
        [id],
      )
    ).rows[0]

  test('a group is appended in the order given, and each mail is settled with its message', async () => {
    const orders = await Promise.all(Array.from({ length: 10 }, (_, i) => order({ words: `line ${String(i)}` })))
    const results = await append()(orders, settlement(orders))
    expect(results).toEqual(orders.map(({ inboundEmailId }) => ({ inboundEmailId, error: null })))
    const messages = await messagesOf(orders.map(({ inboundEmailId }) => inboundEmailId))
    expect(messages.map(({ content }) => content)).toEqual(orders.map((_, i) => `line ${String(i)}`))
    for (const [i, { inboundEmailId }] of orders.entries())
      expect(await statusOf(inboundEmailId)).toEqual({ status: 'delivered', message_db_id: messages[i]?.id })
  })

  test('one request that cannot be done fails alone and changes nothing', async () => {
    const orders = await Promise.all(Array.from({ length: 5 }, () => order()))
    const bad = { ...orders[2]!, decision: { ...orders[2]!.decision, conversationId: 2_000_000 } }
    const group = orders.map((one, i) => (i === 2 ? bad : one))
    const results = await append()(group, settlement(group))
    expect(results.map(({ error }) => error === null)).toEqual([true, true, false, true, true])
    expect(await messagesOf(group.map(({ inboundEmailId }) => inboundEmailId))).toHaveLength(4)
    expect(await statusOf(bad.inboundEmailId)).toEqual({ status: 'pending', message_db_id: null })
  })

  test('commands of an agent are performed with their message or not at all, and harm no other mail', async () => {
    const own = await addConversation(database, 'own@customer.example')
    const userId = await addAgent(database, 'gus@agents.example')
    await database.pool.query('update conversations set assignee_id = $2 where id = $1', [own.id, userId])
    const orders = await Promise.all(Array.from({ length: 4 }, () => order({}, own)))
    const asAgent = (one: AppendRequest, labels: readonly string[], teamId: number | null): AppendRequest => ({
      ...one,
      decision: {
        action: 'append-as-agent',
        reason: 'agent-reply',
        conversationId: own.id,
        userId,
        marks: { autoReply: false, verified: true, viaOtherReplyAddress: false, reusedMessageId: false },
        isNote: false,
        commands: {
          actions: [
            { kind: 'label', labels, isThere: true },
            { kind: 'team', teamId },
          ],
          said: ['#label', '#team'],
          words: 'Below.',
          becomes: 'answer',
          cc: [],
        },
      },
    })
    const [first, good, second, bad] = orders
    const group = [first!, asAgent(good!, ['done'], null), second!, asAgent(bad!, ['undone'], 2_000_000)]
    const results = await append()(group, settlement(group))
    expect(results.map(({ error }) => error === null)).toEqual([true, true, true, false])
    expect(results[3]?.error).toBeInstanceOf(RaceError)
    const ids = group.map(({ inboundEmailId }) => inboundEmailId)
    expect((await messagesOf(ids)).map((message) => message.inbound_email_id)).toEqual(ids.slice(0, 3))
    expect(await statusOf(ids[3]!)).toEqual({ status: 'pending', message_db_id: null })
    const { rows } = await database.pool.query('select labels from conversations where id = $1', [own.id])
    expect(rows).toEqual([{ labels: ['done'] }])
    const performers = await database.pool.query(
      `select distinct e.performer from events e join messages m on m.id = e.message_id
       where m.inbound_email_id = any($1) and e.performer is not null`,
      [ids],
    )
    expect(performers.rows).toEqual([])
  })

  test('eight workers with the same mail append one message', async () => {
    const one = await order()
    const results = await Promise.all(Array.from({ length: 8 }, () => append()([one], settlement([one]))))
    expect(results.flat().map(({ error }) => error)).toEqual(Array(8).fill(null))
    expect(await messagesOf([one.inboundEmailId])).toHaveLength(1)
  })

  test('eight simultaneous mails with one Message-ID are one message; the others are routed again', async () => {
    const messageId = freshId()
    const orders = await Promise.all(Array.from({ length: 8 }, () => order({ messageId })))
    const results = (await Promise.all(orders.map((one) => append()([one], settlement([one]))))).flat()
    expect(results.filter(({ error }) => error === null)).toHaveLength(1)
    expect(results.filter(({ error }) => error instanceof RaceError)).toHaveLength(7)
    expect((await database.pool.query('select 1 from messages where source_id = $1', [messageId])).rowCount).toBe(1)
    const lost = results.filter(({ error }) => error !== null)
    for (const { inboundEmailId } of lost)
      expect(await statusOf(inboundEmailId)).toEqual({ status: 'pending', message_db_id: null })
  })

  test('a mail that reuses a Message-ID with another text is appended as a second message', async () => {
    const messageId = freshId()
    const first = await order({ messageId })
    const second = await order({ messageId, reusedMessageId: true })
    const orders = [first, second]
    expect((await append()(orders, settlement(orders))).map(({ error }) => error)).toEqual([null, null])
    expect(await messagesOf(orders.map(({ inboundEmailId }) => inboundEmailId))).toHaveLength(2)
  })

  test('a mail that was settled meanwhile is not appended again', async () => {
    const one = await order()
    await database.pool.query(`update inbound_emails set status = 'held', reason = 'feature-off' where id = $1`, [
      one.inboundEmailId,
    ])
    expect(await append()([one], settlement([one]))).toEqual([{ inboundEmailId: one.inboundEmailId, error: null }])
    expect(await messagesOf([one.inboundEmailId])).toEqual([])
    expect((await statusOf(one.inboundEmailId))?.status).toBe('held')
  })

  test('groups that lock the same conversations in opposite order all succeed', async () => {
    const places = await Promise.all(
      Array.from({ length: 6 }, () => addConversation({ pool: database.pool }, `${freshWords()}@customer.example`)),
    )
    const groups = await Promise.all(
      Array.from({ length: 6 }, async (_, i) =>
        Promise.all((i % 2 === 0 ? places : [...places].reverse()).map((to) => order({}, to))),
      ),
    )
    const results = (await Promise.all(groups.map((orders) => append()(orders, settlement(orders))))).flat()
    expect(results.filter(({ error }) => error !== null)).toEqual([])
    expect(await messagesOf(groups.flat().map(({ inboundEmailId }) => inboundEmailId))).toHaveLength(36)
  })

  test(
    'thirty-two first mails of one new address make one contact and conversations with numbers of their ' + 'own',
    async () => {
      const address = `${freshWords()}@customer.example`
      const [inbox] = (await database.pool.query<{ id: number }>('select id from inboxes limit 1')).rows
      const marks = { autoReply: false, verified: false, viaOtherReplyAddress: false, reusedMessageId: false }
      const orders = await Promise.all(
        Array.from({ length: 32 }, async () => ({
          ...(await order()),
          decision: {
            action: 'open' as const,
            reason: 'new-conversation' as const,
            inboxId: inbox!.id,
            accountId: 1,
            linkedToId: null,
            speaker: { address, name: 'New' },
            marks,
          },
        })),
      )
      const results = (await Promise.all(orders.map((one) => append()([one], settlement([one]))))).flat()
      expect(results.filter(({ error }) => error !== null)).toEqual([])
      expect((await database.pool.query('select 1 from contacts where email = $1', [address])).rowCount).toBe(1)
      const { rows } = await database.pool.query<{ display_id: number }>(
        'select display_id from conversations c join contacts k on k.id = c.contact_id where k.email = $1',
        [address],
      )
      expect(new Set(rows.map(({ display_id }) => display_id)).size).toBe(32)
    },
  )

  test(
    'a held mail writes only its row; its other destinations become rows with the same raw ' + 'message, once',
    async () => {
      const raw = mail({ From: 'carla@customer.example' }, freshWords())
      const id = await store(database.pool, raw)
      const held: AppendRequest = {
        ...(await order()),
        inboundEmailId: id,
        decision: { action: 'hold', reason: 'other-sender', candidates: [] },
      }
      const stories = [
        storyOf(held, {
          status: 'held',
          reason: 'feature-off',
          siblings: [['other@reply.example'], ['third@reply.example']],
        }),
      ]
      expect((await append()([held], createSettlement(stories))).map(({ error }) => error)).toEqual([null])
      const { rows } = await database.pool.query<{ recipients: string[]; status: string }>(
        'select recipients, status from inbound_emails where parent_id = $1 order by id',
        [id],
      )
      expect(rows).toEqual([
        { recipients: ['other@reply.example'], status: 'pending' },
        { recipients: ['third@reply.example'], status: 'pending' },
      ])
      await database.pool.query(`update inbound_emails set status = 'processing' where id = $1`, [id])
      await append()([held], createSettlement(stories))
      expect((await database.pool.query('select 1 from inbound_emails where parent_id = $1', [id])).rowCount).toBe(2)
      expect(
        (await database.pool.query('select distinct raw_id from inbound_emails where parent_id = $1 or id = $1', [id]))
          .rowCount,
      ).toBe(1)
    },
  )
})
