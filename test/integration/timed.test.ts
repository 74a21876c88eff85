import { beforeAll, describe, expect, it } from 'vitest'

import { createLanguageHandler } from '../../src/conversations/language/note-language.ts'
import { runTimed } from '../../src/conversations/timed/timed.ts'
import { createLanguageDetector } from '../../src/parsing/language.ts'
import { createConversation, createInbox, replyDomain } from '../support/api.ts'
import { describeWithDatabase } from '../support/database.ts'
import { useApi } from '../support/fixtures.ts'
import { doWork } from '../support/work.ts'

describeWithDatabase('scheduled work', () => {
  const api = useApi()
  let run: () => Promise<number>
  beforeAll(async () => {
    run = () => runTimed({ pool: api.pool, replyDomain, continuityDelayMs: 0, wake: () => undefined })
    await api.pool.query('update inboxes set enable_auto_assignment = false')
  })

  const show = async (displayId: number) =>
    (await api.ask('GET', `${api.path}/conversations/${String(displayId)}`)).body
  const said = async (displayId: number): Promise<string[]> =>
    (await api.ask('GET', `${api.path}/conversations/${String(displayId)}/messages`)).body.payload.map(
      (message: { content: string }) => message.content,
    )
  const set = (settings: object) =>
    api.pool.query('update accounts set settings = $2 where id = $1', [api.accountId, settings])

  it('a snoozed conversation reopens on time, once, with several processes', async () => {
    const [due, later, forever] = [
      await createConversation(api.pool, { ...api, status: 'snoozed' }),
      await createConversation(api.pool, { ...api, status: 'snoozed' }),
      await createConversation(api.pool, { ...api, status: 'snoozed' }),
    ]
    await api.pool.query(`update conversations set snoozed_until = now() - interval '1 second' where id = $1`, [due.id])
    await api.pool.query(`update conversations set snoozed_until = now() + interval '1 hour' where id = $1`, [later.id])
    await Promise.all([run(), run(), run()])
    expect(await show(due.displayId)).toMatchObject({ status: 'open', snoozed_until: null })
    expect(await said(due.displayId)).toEqual(['Conversation was reopened by system because its snooze was over'])
    expect([(await show(later.displayId)).status, (await show(forever.displayId)).status]).toEqual([
      'snoozed',
      'snoozed',
    ])
  })

  it("an idle conversation is resolved after the account's period, with its message", async () => {
    const [old, fresh, waiting] = [
      await createConversation(api.pool, api),
      await createConversation(api.pool, api),
      await createConversation(api.pool, api),
    ]
    await api.pool.query(
      `update conversations set last_activity_at = now() - interval '3 hours', waiting_since = null where id = $1`,
      [old.id],
    )
    await api.pool.query(`update conversations set last_activity_at = now() - interval '3 hours' where id = $1`, [
      waiting.id,
    ])
    await run()
    expect((await show(old.displayId)).status).toBe('open')
    await set({
      auto_resolve_after: 120,
      auto_resolve_ignore_waiting: true,
      auto_resolve_message: 'We close this now.',
    })
    await Promise.all([run(), run()])
    expect((await show(old.displayId)).status).toBe('resolved')
    expect(await said(old.displayId)).toEqual([
      'We close this now.',
      'Conversation was marked resolved by system due to 2 hours of inactivity',
    ])
    expect([(await show(fresh.displayId)).status, (await show(waiting.displayId)).status]).toEqual(['open', 'open'])
    await set({ auto_resolve_after: 120 })
    await run()
    expect([(await show(fresh.displayId)).status, (await show(waiting.displayId)).status]).toEqual(['open', 'resolved'])
    await set({})
  })

  it("a conversation resolved automatically gets the account's label", async () => {
    const old = await createConversation(api.pool, api)
    await api.pool.query(
      `update conversations set last_activity_at = now() - interval '3 hours', labels = '{billing}' where id = $1`,
      [old.id],
    )
    expect(
      (await api.ask('PATCH', api.path, { json: { auto_resolve_after: 120, auto_resolve_label: 'Gone-Quiet' } }))
        .status,
    ).toBe(200)
    await run()
    expect(await show(old.displayId)).toMatchObject({ status: 'resolved', labels: ['billing', 'gone-quiet'] })
    await set({})
  })

  it('many idle conversations are all resolved', async () => {
    for (let i = 0; i < 120; i++) await createConversation(api.pool, api)
    await api.pool.query(`update conversations set last_activity_at = now() - interval '1 day' where status = 'open'`)
    await set({ auto_resolve_after: 1440 - 1 })
    await run()
    expect(
      (
        await api.pool.query(
          `select from conversations where status = 'open' and last_activity_at < now() - interval '23 hours'`,
        )
      ).rowCount,
    ).toBe(0)
    await set({})
  })

  describe('languages', () => {
    it('the first long enough text decides the language', async () => {
      const inboxId = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Words' })
      const there = await createConversation(api.pool, { accountId: api.accountId, inboxId })
      const detector = createLanguageDetector()
      try {
        const handlers = createLanguageHandler(api.pool, detector.detect)
        const hear = async (content: string) => {
          await api.ask('POST', `${api.path}/conversations/${String(there.displayId)}/messages`, {
            json: { content, message_type: 'incoming' },
          })
          await doWork(api.pool, handlers)
          return (await show(there.displayId)).additional_attributes.conversation_language
        }
        expect(await hear('ok')).toBe(undefined)
        expect(await hear('12345 67890 12345 67890 https://shop.example/order')).toBe(undefined)
        expect(await hear('Guten Tag, ich warte immer noch auf meine Bestellung.')).toBe('de')
        expect(await hear('Hello again, I would like to know where my order is.')).toBe('de')
      } finally {
        await detector.close()
      }
    })

    it('an idle detector restarts when it is needed', async () => {
      const detector = createLanguageDetector({ idleMs: 1 })
      expect(await detector.detect('Where is my order? I have been waiting for a week.')).toBe('en')
      await new Promise((resolve) => setImmediate(resolve))
      expect(
        await Promise.all([
          detector.detect('Où est ma commande ? J’attends depuis une semaine.'),
          detector.detect('¿Dónde está mi pedido? Llevo una semana esperando.'),
        ]),
      ).toEqual(['fr', 'es'])
      await detector.close()
    })
  })
})
