// A message waits before it leaves, and is taken back while it has not left.

import { afterAll, describe, expect, it } from 'vitest'

import { claimWork } from '../../../src/queue/work.ts'
import { createConversation, createInbox, createPerson } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

describeWithDatabase('undoing a send', () => {
  const api = useApi()
  afterAll(async () => {})

  const open = async (place: { inboxId?: number; accountId?: number } = {}) => {
    const conversation = await createConversation(api.pool, {
      accountId: api.accountId,
      inboxId: api.inboxId,
      ...place,
    })
    return { ...conversation, at: `${api.path}/conversations/${String(conversation.displayId)}` }
  }
  const write = async (at: string, json: object) => {
    const { status, body } = await api.ask('POST', `${at}/messages`, { json })
    expect(status).toBe(200)
    return body
  }
  const cancel = (at: string, id: number, token = api.administrator.token) =>
    api.ask('POST', `${at}/messages/${String(id)}/cancel_send`, { token })
  const workOf = async (id: number) =>
    (
      await api.pool.query<{ seconds: number; key: string }>(
        `
          select extract(epoch from run_at - now())::float8 as seconds, key
          from work
          where kind = 'send-reply' and payload ->> 'messageId' = $1
        `,
        [String(id)],
      )
    ).rows
  const stateOf = async (id: number) =>
    (
      await api.pool.query(
        `
          select
            waiting_since,
            first_reply_created_at,
            (select count(*)::int from reporting_events r where r.conversation_id = c.id) as reports
          from conversations c
          where id = $1
        `,
        [id],
      )
    ).rows[0]

  it('a message waits for the given delay, and shows when it is sent', async () => {
    const { at } = await open()
    const before = Date.now()
    const { id, content_attributes: attributes } = await write(at, { content: 'wait', send_after_seconds: 10 })
    const [work] = await workOf(id)
    expect(work?.seconds).toBeGreaterThan(8)
    expect(work?.seconds).toBeLessThanOrEqual(10)
    expect(attributes.delivery.state).toBe('queued')
    expect(Math.abs(Date.parse(attributes.delivery.send_at) - before - 10_000)).toBeLessThan(5_000)
    const other = await write(at, { content: 'now' })
    expect(other.content_attributes.delivery).not.toHaveProperty('send_at')
  })

  it('a delayed message does not delay others', async () => {
    const { at } = await open()
    const later = new Date(Date.now() + 3_600_000)
    const first = await write(at, { content: 'in an hour', send_at: later.toISOString() })
    const epoch = await write(at, { content: 'in an hour', send_at: Math.ceil(later.getTime() / 1000) })
    const second = await write(at, { content: 'now' })
    expect(Date.parse(first.content_attributes.delivery.send_at)).toBeGreaterThan(later.getTime() - 2_000)
    expect(epoch.content_attributes.delivery.send_at).toBeDefined()
    const claimed = await claimWork(api.pool, 50, { leaseMs: 60_000, lane: { only: ['send-reply'] } })
    const ids = claimed.map(({ payload }) => (payload as { messageId: number }).messageId)
    expect([ids.includes(second.id), ids.includes(first.id)]).toEqual([true, false])
  })

  it.each([
    { undo_seconds: 121 },
    { undo_seconds: 5, send_after_seconds: 5 },
    { send_after_seconds: 121 },
    { send_after_seconds: -1 },
    { send_after_seconds: 'soon' },
    { send_after_seconds: 1.5 },
    { send_at: 'tomorrow' },
    { send_at: '9999-01-01' },
    { send_after_seconds: 1, send_at: '2030-01-01' },
  ])('an invalid delay is refused with a message: %j', async (fields) => {
    const { at } = await open()
    const { status, body } = await api.ask('POST', `${at}/messages`, { json: { content: 'x', ...fields } })
    expect([status, typeof body.error]).toEqual([422, 'string'])
  })

  it('an undone message returns its text, recipients and files, and leaves nothing in the thread', async () => {
    const { at, id: conversationId } = await open()
    const before = await stateOf(conversationId)
    const multipart = new FormData()
    for (const [name, value] of Object.entries({
      content: 'too soon',
      send_after_seconds: '10',
      cc_emails: 'b@x.example',
    }))
      multipart.set(name, value)
    multipart.append('attachments[]', new Blob(['only here']), 'only.txt')
    const { id } = (await api.ask('POST', `${at}/messages`, { multipart })).body
    expect((await stateOf(conversationId))?.reports).toBe(1)
    const { status, body } = await cancel(at, id, api.agent.token)
    expect([status, body.content, body.content_attributes.cc_emails, body.attachments.length]).toEqual([
      200,
      'too soon',
      ['b@x.example'],
      1,
    ])
    expect(await workOf(id)).toEqual([])
    expect(await stateOf(conversationId)).toEqual(before)
    const [shown] = (await api.ask('GET', `${at}/messages`)).body.payload
    expect(shown).toMatchObject({
      id,
      content: 'This message was deleted',
      content_attributes: { deleted: true, send_cancelled: true },
    })
    expect(shown.attachments).toBeUndefined()
    const again = await write(at, { content: 'now', attachments: body.blob_ids })
    expect(again.attachments).toMatchObject([{ extension: 'txt', file_size: 9 }])
    const { rows } = await api.pool.query(
      `select name from events where message_id = $1 and performer = $2 order by id`,
      [id, `user:${String(api.agent.id)}`],
    )
    expect(rows).toEqual([{ name: 'message_updated' }])
    expect((await cancel(at, id)).status).toBe(409)
  })

  it('undoing restores the waiting time, also after an earlier answer, but not after a later one', async () => {
    const { at, id: conversationId } = await open()
    await write(at, { content: 'first' })
    await api.pool.query('update conversations set waiting_since = now() where id = $1', [conversationId])
    const before = await stateOf(conversationId)
    const second = await write(at, { content: 'second', send_after_seconds: 10 })
    expect((await stateOf(conversationId))?.waiting_since).toBeNull()
    await cancel(at, second.id)
    expect(await stateOf(conversationId)).toEqual(before)
    const third = await write(at, { content: 'third', send_after_seconds: 10 })
    await write(at, { content: 'fourth' })
    const answered = await stateOf(conversationId)
    expect((await cancel(at, third.id)).status).toBe(200)
    expect(await stateOf(conversationId)).toEqual(answered)
  })

  it('of a simultaneous send and undo, one wins', async () => {
    const { at } = await open()
    const outcomes: string[] = []
    for (let round = 0; round < 25; round++) {
      const { id } = await write(at, { content: `round ${String(round)}`, send_after_seconds: round % 2 })
      await api.pool.query(`update work set run_at = now() where payload ->> 'messageId' = $1`, [String(id)])
      const [answer, claimed, second] = await Promise.all([
        cancel(at, id),
        claimWork(api.pool, 50, { leaseMs: 60_000, lane: { only: ['send-reply'] } }),
        cancel(at, id),
      ])
      const wasClaimed = claimed.some(({ payload }) => (payload as { messageId: number }).messageId === id)
      const statuses = [answer.status, second.status].toSorted()
      expect(statuses).toEqual(wasClaimed ? [409, 409] : [200, 409])
      outcomes.push(wasClaimed ? 'sent' : 'cancelled')
      await api.pool.query('delete from work')
    }
    expect(outcomes.length).toBe(25)
  })

  it('a chat message whose mail has not begun can be undone, too', async () => {
    const inboxId = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::WebWidget', name: 'Chat' })
    const { at } = await open({ inboxId })
    const { id } = await write(at, { content: 'by chat', send_after_seconds: 10 })
    expect((await cancel(at, id)).status).toBe(200)
    const { id: other } = await write(at, { content: 'by chat' })
    await api.pool.query(`update work set attempts = 1 where kind = 'send-continuity'`)
    expect((await cancel(at, other)).status).toBe(409)
  })

  it('undo_seconds keeps the mail of a chat waiting, also one that was to leave sooner', async () => {
    const inboxId = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::WebWidget', name: 'Talk' })
    const { at, id: conversationId } = await open({ inboxId })
    await write(at, { content: 'first' })
    const due = `key = 'continuity:${String(conversationId)}'`
    await api.pool.query(`update work set run_at = now() where ${due}`)
    await write(at, { content: 'second', undo_seconds: 120 })
    const { rows } = await api.pool.query(`select run_at > now() + interval '100 s' as waits from work where ${due}`)
    expect(rows).toEqual([{ waits: true }])
  })

  it('notes, messages of others and messages of other conversations cannot be undone', async () => {
    const [one, two] = [await open(), await open()]
    const note = await write(one.at, { content: 'note', private: true, send_after_seconds: 10 })
    expect((await cancel(one.at, note.id)).status).toBe(409)
    const { id } = await write(one.at, { content: 'mine', send_after_seconds: 10 })
    expect((await cancel(two.at, id)).status).toBe(404)
    expect((await cancel(one.at, 2_000_000_000)).status).toBe(404)
    const outsider = await createPerson(api.pool, { accountId: api.accountId, name: 'Olga Outside' })
    expect((await cancel(one.at, id, outsider.token)).status).toBe(401)
    expect(await workOf(id)).toHaveLength(1)
  })

  describe('sending again', () => {
    it('of two requests to retry a failed message one wins, and one mail is queued', async () => {
      const { at } = await open()
      const { id } = await write(at, { content: 'again' })
      await api.pool.query(`delete from work where payload ->> 'messageId' = $1`, [String(id)])
      await api.pool.query(`update messages set status = 'failed' where id = $1`, [id])
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => api.ask('POST', `${at}/messages/${String(id)}/retry`)),
      )
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 422, 422, 422])
      expect(await workOf(id)).toHaveLength(1)
    })
  })
})
