// Requests that lock conversations, contacts and inboxes at the same moment, in different orders: each gets an answer,
// and none of them is a 5xx.

import { randomBytes } from 'node:crypto'

import { afterAll, expect, it } from 'vitest'

import { createAppendGroup } from '../../../src/conversations/append/append-group.ts'
import { mergeContacts } from '../../../src/conversations/contacts/merge-contacts.ts'
import { createMessage } from '../../../src/conversations/messages/create-message.ts'
import { readContacts } from '../../../src/conversations/records/contact-records.ts'
import { createTokenIssuer } from '../../../src/conversations/reply-tokens.ts'
import { createDb } from '../../../src/db/client.ts'
import { notifyAssignee } from '../../../src/delivery/notify-assignee.ts'
import type { OutgoingMail } from '../../../src/delivery/transport.ts'
import { createSettlement } from '../../../src/store/settle.ts'
import { createConversation, createInbox, replyDomain } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'
import { orderFor } from '../../support/ledger.ts'
import { freshWords } from '../../support/mail.ts'
import { noticesOnly } from '../../support/notices-only.ts'
import { pauseBefore } from '../../support/paused-pool.ts'
import { until } from '../../support/until.ts'

type Row = Awaited<ReturnType<typeof createConversation>>

describeWithDatabase('at once', () => {
  const api = useApi()
  afterAll(async () => {})

  let count = 0
  const newInbox = () =>
    createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: `Inbox ${String(++count)}` })
  const converse = (inboxId: number) => createConversation(api.pool, { accountId: api.accountId, inboxId })
  const post = (path: string, json: object = {}) => api.ask('POST', `${api.path}${path}`, { json })
  const drop = (path: string) => api.ask('DELETE', `${api.path}${path}`)
  const at = ({ displayId }: Row) => `/conversations/${String(displayId)}`
  const say = (row: Row) => post(`${at(row)}/messages`, { content: 'hello', message_type: 'incoming' })
  const merge = (base: Row, mergee: Row) =>
    post('/actions/contact_merge', { base_contact_id: base.contactId, mergee_contact_id: mergee.contactId })
  const statusesOf = async (asked: readonly Promise<{ status: number }>[]) =>
    [...new Set((await Promise.all(asked)).map(({ status }) => status))].sort()

  // Mail to all of these in one group, as the pipeline appends it. Mail for deleted records is routed again; a deadlock
  // would be a fault of Rethread.
  const appendTo = async (to: readonly Row[]) => {
    const orders = await Promise.all(
      to.map(({ id, contactId }) => orderFor(api.pool, { conversationId: id, contactId }, { words: freshWords() })),
    )
    const stories = orders.map(({ inboundEmailId: id, mail }) => ({
      id,
      status: 'delivered' as const,
      reason: 'reply-address' as const,
      trace: [],
      learned: [],
      accountId: api.accountId,
      mail,
      siblings: [],
    }))
    return async () => {
      const results = await createAppendGroup({
        pool: api.pool,
        defaultDomain: replyDomain,
        undoMs: 0,
        onWork: () => undefined,
      })(orders, createSettlement(stories))
      const deadlocks = results.filter(({ error }) => (error as { code?: string } | null)?.code === '40P01')
      return { status: deadlocks.length === 0 ? 200 : 503 }
    }
  }

  const rounds = Array.from({ length: 6 }, (_, round) => round)
  const pairs = async (inboxId: number) =>
    Promise.all(Array.from({ length: 8 }, async () => [await converse(inboxId), await converse(inboxId)] as const))

  it.each(rounds)('mail, messages, muting, new conversations and merges (%i)', async () => {
    const inboxId = await newInbox()
    const all = await pairs(inboxId)
    const mails = await Promise.all([appendTo(all.flat()), appendTo(all.flat().reverse())])
    const asked: Promise<{ status: number }>[] = all.flatMap(([base, mergee]) => [
      say(mergee),
      say(base),
      merge(base, mergee),
      say(mergee),
      post(`${at(mergee)}/mute`),
      post('/conversations', { inbox_id: inboxId, contact_id: mergee.contactId, message: { content: 'hi' } }),
      say(mergee),
      post(`${at(base)}/unmute`),
    ])
    asked.push(...mails.map((append) => append()))
    expect((await statusesOf(asked)).filter((status) => status !== 200 && status !== 404)).toEqual([])
    for (const [base, mergee] of all) {
      const { rows } = await api.pool.query(
        `
          select distinct c.contact_id, m.sender_id
          from conversations c
          join messages m on m.conversation_id = c.id
          where c.id = $1 and m.message_type = $2
        `,
        [mergee.id, 'incoming'],
      )
      expect(rows).toEqual([{ contact_id: base.contactId, sender_id: base.contactId }])
    }
  })

  it.each(rounds)('mail, messages, muting, new conversations and deleted contacts (%i)', async () => {
    const inboxId = await newInbox()
    const all = await pairs(inboxId)
    const mails = await Promise.all([appendTo(all.flat()), appendTo(all.flat().reverse())])
    const asked: Promise<{ status: number }>[] = all.flatMap(([one, other]) => [
      say(one),
      drop(`/contacts/${String(one.contactId)}`),
      say(one),
      post(`${at(one)}/mute`),
      post('/conversations', { inbox_id: inboxId, contact_id: one.contactId }),
      merge(other, one),
      say(other),
      post(`/contacts/${String(one.contactId)}/notes`, { content: 'x' }),
      drop(at(one)),
    ])
    asked.push(...mails.map((append) => append()))
    expect((await statusesOf(asked)).filter((status) => status !== 200 && status !== 404)).toEqual([])
    const { rowCount } = await api.pool.query('select from contacts where id = any($1)', [
      all.map(([one]) => one.contactId),
    ])
    expect(rowCount).toBe(0)
  })

  it.each(rounds)('mail, messages, new conversations and a deleted inbox (%i)', async () => {
    const inboxId = await newInbox()
    const all = await pairs(inboxId)
    const append = await appendTo(all.flat())
    const write = () =>
      all.flatMap(([one, other]) => [
        say(one),
        post('/conversations', {
          inbox_id: inboxId,
          contact_id: other.contactId,
          message: { content: 'hi', message_type: 'incoming' },
        }),
        merge(other, one),
      ])
    const asked: Promise<{ status: number }>[] = [...write(), append(), drop(`/inboxes/${String(inboxId)}`), ...write()]
    expect((await statusesOf(asked)).filter((status) => status !== 200 && status !== 404)).toEqual([])
    const { rowCount } = await api.pool.query(
      `
        select
        from conversations
        where inbox_id = $1
        union all
        select
        from contact_inboxes
        where inbox_id = $1
        union all
        select
        from inboxes
        where id = $1
      `,
      [inboxId],
    )
    expect(rowCount).toBe(0)
  })

  it(
    'a message that waits for a merge belongs to the merged contact, and a merge that waits for a ' +
      'message moves it',
    async () => {
      const [base, mergee] = [await converse(api.inboxId), await converse(api.inboxId)]
      const paused = pauseBefore(api.pool, 'update contact_inboxes')
      const merging = mergeContacts(paused.pool, {
        accountId: api.accountId,
        baseId: base.contactId,
        mergeeId: mergee.contactId,
      })
      await paused.reached
      const message = {
        content: 'late',
        messageType: 'incoming',
        private: false,
        contentType: 'text',
        contentAttributes: {},
        additionalAttributes: {},
        sourceId: null,
        attachments: [],
        author: null,
      } as const
      const writing = createMessage(
        { pool: api.pool, replyDomain, continuityDelayMs: 0, wake: () => undefined },
        mergee.id,
        message,
      )
      const beginning = post('/conversations', { inbox_id: api.inboxId, contact_id: mergee.contactId })
      await until('both behind the merge', async () => {
        const { rowCount } = await api.pool.query(
          `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
        return (rowCount ?? 0) >= 2
      })
      paused.goOn()
      expect(await merging).toBe(true)
      const { rows } = await api.pool.query('select sender_id from messages where id = $1', [await writing])
      expect(rows).toEqual([{ sender_id: base.contactId }])
      expect(await beginning).toMatchObject({ status: 404, body: { error: 'Resource could not be found' } })
    },
  )

  it('a notice of an assignment omits messages written meanwhile: each of them has its own notice', async () => {
    const place = await converse(api.inboxId)
    const write = (content: string) =>
      api.pool.query(
        `
          insert into messages (
            account_id, inbox_id, conversation_id, message_type, content, sender_type, sender_id, updated_at
          )
          values ($1, $2, $3, 'incoming', $4, 'contact', $5, now())
        `,
        [api.accountId, api.inboxId, place.id, content, place.contactId],
      )
    await write('before the assignment')
    await api.pool.query('update conversations set assignee_id = $2 where id = $1', [place.id, api.agent.id])
    const paused = pauseBefore(api.pool, `select\n       id,\n       coalesce(content, '') as content`)
    const sent: OutgoingMail[] = []
    const notifying = notifyAssignee(
      {
        pool: paused.pool,
        send: (outgoing) => {
          sent.push(outgoing)
          return Promise.resolve()
        },
        ...noticesOnly,
        issueToken: createTokenIssuer({ pool: api.pool, secretKey: randomBytes(32), expiresDays: 1 }),
        markMessage: () => '',
        createLink: () => Promise.reject(new Error('no link is needed')),
        createLoginCode: () => Promise.resolve(null),
        takeBudget: () => Promise.resolve(true),
        defaultDomain: replyDomain,
        senderEmail: null,
        noticeGroupMs: 0,
        publicUrl: 'http://localhost',
      },
      { conversationId: place.id, userId: api.agent.id, by: 'Ada', quietMs: 0, token: 'once' },
    )
    await paused.reached
    await write('after the assignment')
    paused.goOn()
    await notifying
    expect(sent).toHaveLength(1)
    expect(sent[0]!.text).toContain('before the assignment')
    expect(sent[0]!.text).not.toContain('after the assignment')
  })

  it.each(['inboxes', 'channels'])(
    'a contact is shown without an inbox that is deleted while its %s are read',
    async (table) => {
      const inboxId = await newInbox()
      const { contactId } = await converse(inboxId)
      const paused = pauseBefore(api.pool, `SELECT "public"."${table}"`)
      const reading = readContacts(createDb(paused.pool), [contactId])
      await paused.reached
      expect((await drop(`/inboxes/${String(inboxId)}`)).status).toBe(200)
      paused.goOn()
      expect(await reading).toMatchObject([{ id: contactId, contactInboxes: [] }])
    },
  )

  it('simultaneous changes to different settings of one record are all kept', async () => {
    const inboxId = await newInbox()
    const names = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']
    const attributes = (named: readonly string[]) => Object.fromEntries(named.map((name) => [name, true]))
    const change = (path: string, json: object) => api.ask('PATCH', path, { json })
    const inbox = `${api.path}/inboxes/${String(inboxId)}`
    const settings = [
      { auto_resolve_after: 60 },
      { auto_resolve_message: 'Bye' },
      { reporting_timezone: 'Europe/Berlin' },
      { auto_resolve_ignore_waiting: true },
    ]
    const answers = await Promise.all([
      ...names.map((name) => change(api.path, { custom_attributes: attributes([name]) })),
      ...settings.map((json) => change(api.path, json)),
      ...names.map((name) => change('/api/v1/profile', { profile: { custom_attributes: attributes([name]) } })),
      ...[0, 1, 2, 3, 4, 5, 6].map((day) =>
        change(inbox, { working_hours: [{ day_of_week: day, open_all_day: true }] }),
      ),
    ])
    expect(answers.map(({ status }) => status).filter((status) => status !== 200)).toEqual([])
    const account = (await api.ask('GET', api.path)).body
    expect(account).toMatchObject({
      custom_attributes: attributes(names),
      settings: Object.assign({}, ...settings) as object,
    })
    expect((await api.ask('GET', '/api/v1/profile')).body.custom_attributes).toMatchObject(attributes(names))
    expect((await api.ask('GET', inbox)).body.working_hours.filter((day: any) => day.open_all_day)).toHaveLength(7)
  })

  it('an inbox locked to a single conversation has one for each contact', async () => {
    const inboxId = await newInbox()
    await api.ask('PATCH', `${api.path}/inboxes/${String(inboxId)}`, { json: { lock_to_single_conversation: true } })
    const { payload } = (await post('/contacts', { name: 'Single' })).body
    await post(`/contacts/${String(payload.contact.id)}/contact_inboxes`, { inbox_id: inboxId, source_id: 'single' })
    const made = await Promise.all(
      rounds.map(() => post('/conversations', { source_id: 'single', message: { content: 'hi' } })),
    )
    expect(made.map(({ status }) => status)).toEqual(rounds.map(() => 200))
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(1)
  })
})
