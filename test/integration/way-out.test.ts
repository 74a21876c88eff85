// Mail leaves over a real SMTP server: taken, refused for now, refused for good. The server is the `smtp-server`
// package, scripted.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { freshWords } from '../support/mail.ts'
import { messageIdOf, startMailServer } from '../support/mail-server.ts'
import { addConversation } from '../support/people.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'

describeOnEitherDatabase('with OUTBOUND_SMTP_URL', (member) => {
  let server: Awaited<ReturnType<typeof startMailServer>>
  let service: Awaited<ReturnType<typeof startService>>

  beforeAll(async () => {
    server = await startMailServer()
    service = await startService({ on: member, env: { OUTBOUND_SMTP_URL: server.url } })
  })
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
    await server.stop()
  })
  beforeEach(() => {
    server.replies.length = 0
  })

  let count = 0
  const write = async (content: string) => {
    const conversation = await addConversation(service, `out${String(++count)}@customer.example`)
    const { body } = await service.api(
      'POST',
      `/api/v1/accounts/1/conversations/${String(conversation.displayId)}/messages`,
      { content },
    )
    const show = async () => (await service.messages(conversation.displayId)).find(({ id }) => id === body.id)
    const work = async () =>
      (
        await service.sql<{ attempts: number; last_error: string | null; failed: boolean; due_in: number }>(
          `
            select
              attempts,
              last_error,
              failed_at is not null as failed,
              extract(epoch from run_at - now())::float8 as due_in
            from work
            where payload ->> 'messageId' = $1::text
          `,
          [String(body.id)],
        )
      )[0]
    return { ...conversation, email: `out${String(count)}@customer.example`, messageId: Number(body.id), show, work }
  }

  test(
    'an answer is sent with its own reverse-path to its contact alone, and nothing is written to ' + 'the outbox',
    async () => {
      const words = freshWords()
      const place = await write(words)
      const mail = await until('the mail', () => server.taken.find(({ text }) => text.includes(words)))
      expect(mail.to).toEqual([place.email])
      expect(mail.from).toMatch(/^bounce\+[0-9a-f]{32}@reply\.localhost$/)
      expect(mail.text).toMatch(/^Reply-To: .*<reply\+[0-9a-f]{32}@reply\.localhost>\r$/m)
      const message = await until('the message marked', async () => {
        const shown = await place.show()
        return shown?.content_attributes.delivery?.state === 'sent' ? shown : null
      })
      expect(message).toMatchObject({ status: 'sent', source_id: messageIdOf(mail) })
      await until('the work done', async () => (await place.work()) === undefined)
      expect(await service.outbox()).toEqual([])
    },
  )

  test.each([
    ['RCPT', 451],
    ['MAIL', 421],
    ['DATA', 452],
  ] as const)('deferred at %s with %i, a mail waits and is sent later with the same Message-ID', async (at, code) => {
    server.replies.push({ at, code })
    const words = freshWords()
    const place = await write(words)
    const waiting = await until('the retry noted', async () => {
      const work = await place.work()
      return work?.last_error == null ? null : work
    })
    expect(waiting).toMatchObject({
      attempts: 1,
      failed: false,
      last_error: expect.stringContaining(String(code)) as string,
    })
    expect(waiting.due_in).toBeGreaterThan(0)
    expect(waiting.due_in).toBeLessThan(15.01)
    const noted = await place.show()
    expect(noted).toMatchObject({
      status: 'sent',
      content_attributes: { delivery: { state: 'retrying', attempts: 1 } },
    })
    expect(server.taken.filter(({ text }) => text.includes(words))).toEqual([])

    await service.sql(`update work set run_at = now() where payload ->> 'messageId' = $1::text`, [
      String(place.messageId),
    ])
    const mail = await until('the mail', () => server.taken.find(({ text }) => text.includes(words)))
    expect(messageIdOf(mail)).toBe(noted?.source_id)
    for (const attempt of server.tries.filter(({ text }) => text.includes(words)))
      expect(messageIdOf(attempt)).toBe(noted?.source_id)
    await until('the work done', async () => (await place.work()) === undefined)
    expect((await place.show())?.content_attributes.delivery).toMatchObject({ state: 'sent' })
  })

  test.each([
    ['RCPT', 550],
    ['DATA', 554],
  ] as const)(
    "rejected at %s with %i, the message fails with the server's text, and is not retried",
    async (at, code) => {
      server.replies.push({ at, code })
      const words = freshWords()
      const place = await write(words)
      const message = await until('the message failed', async () => {
        const shown = await place.show()
        return shown?.status === 'failed' ? shown : null
      })
      expect(message.content_attributes.external_error).toContain(String(code))
      expect(
        await until('the work set aside', async () => {
          const work = await place.work()
          return work?.failed === true ? work : null
        }),
      ).toMatchObject({ attempts: 1 })
      expect(server.taken.filter(({ text }) => text.includes(words))).toEqual([])
    },
  )

  test('mail of one conversation keeps its order when the first has to wait', async () => {
    server.replies.push({ at: 'RCPT', code: 451 })
    const [one, two] = [freshWords(), freshWords()]
    const place = await write(one)
    await until('the retry noted', async () => (await place.work())?.last_error)
    await service.api('POST', `/api/v1/accounts/1/conversations/${String(place.displayId)}/messages`, { content: two })
    const other = freshWords()
    await write(other)
    // Another conversation's mail passes by.
    await until('the other conversation’s mail', () => server.taken.find(({ text }) => text.includes(other)))
    expect(server.tries.filter(({ text }) => text.includes(two))).toEqual([])
    await service.sql(`update work set run_at = now() where failed_at is null`)
    await until('the second mail', () => server.taken.find(({ text }) => text.includes(two)))
    expect(
      server.taken
        .filter(({ text }) => text.includes(one) || text.includes(two))
        .map(({ text }) => (text.includes(one) ? 'one' : 'two')),
    ).toEqual(['one', 'two'])
  })
})
