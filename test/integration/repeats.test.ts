// The same mail more than once, by whatever way and however many at the same moment: recorded once, appended once,
// and every copy is answered yes.

import { expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { openSession } from '../support/mail-client.ts'
import { addCorrespondence } from '../support/people.ts'
import { acceptedId } from '../support/service.ts'
import { until } from '../support/until.ts'

const jane = 'jane@example.com'

describeOnEitherDatabase('the same mail again', (member) => {
  const service = useService({ on: member })

  const contents = async (conversation = 1) =>
    (
      await service.sql<{ content: string }>(
        `
          select m.content
          from messages m
          join conversations c on c.id = m.conversation_id
          where c.account_id = 1 and c.display_id = $1
        `,
        [conversation],
      )
    ).map(({ content }) => content)

  test('by each ingress, over other hops, is one inbound email and one message', async () => {
    const words = freshWords()
    const raw = mail({ From: jane, To: service.replyAddress }, words)
    const hop = (trace: string) => Buffer.concat([Buffer.from(`${trace}\r\n`), raw])
    const ids = [
      acceptedId(await service.smtp({ from: jane, to: service.replyAddress, raw })),
      acceptedId(
        await service.smtp({
          from: jane,
          to: service.replyAddress,
          raw: hop('Received: from a.example by b.example; Mon, 5 Jan 2026 10:00:00 +0000'),
        }),
      ),
      acceptedId(
        await service.lmtp({
          from: jane,
          to: service.replyAddress,
          raw: hop('Received: from c.example by d.example; Mon, 5 Jan 2026 10:00:09 +0000'),
        }),
      ),
      (await service.relay(hop('Return-Path: <jane@example.com>'), { to: service.replyAddress })).id,
      (
        await service.relay(hop('X-Original-To: someone@example.com'), {
          to: service.replyAddress.toUpperCase(),
          path: '/rails/action_mailbox/relay/inbound_emails',
        })
      ).id,
    ]
    expect(new Set(ids).size).toBe(1)
    await service.settled(ids[0] ?? 0)
    expect((await contents()).filter((content) => content === words)).toHaveLength(1)
  })

  test('for another recipient is another inbound email', async () => {
    const other = await addCorrespondence(service, 'other@customer.example')
    const words = freshWords()
    const raw = mail({ From: jane, To: `${service.replyAddress}, ${other.replyAddress}` }, words)
    const one = await service.deliver(raw, { to: service.replyAddress })
    const two = await service.deliver(raw, { to: other.replyAddress })
    expect(two.id).not.toBe(one.id)
    expect(await contents(1)).toContain(words)
    expect(await contents(other.displayId)).toContain(words)
  })

  test('with a changed header field but the same Message-ID and text is ignored as a copy', async () => {
    const fields = { From: jane, To: service.replyAddress, 'Message-ID': `<${freshId()}>` }
    const words = freshWords()
    const first = await service.deliver(mail(fields, words), { to: service.replyAddress })
    const copy = await service.deliver(mail({ ...fields, 'X-Forwarded-By': 'a gateway' }, words), {
      to: service.replyAddress,
    })
    expect(first).toMatchObject({ status: 'delivered' })
    expect(copy).toMatchObject({ status: 'ignored', reason: 'duplicate-message' })
    expect((await contents()).filter((content) => content === words)).toHaveLength(1)
  })

  test('with the same Message-ID but another text is a second message, marked', async () => {
    const fields = { From: jane, To: service.replyAddress, 'Message-ID': `<${freshId()}>` }
    const [one, two] = [freshWords(), freshWords()]
    await service.deliver(mail(fields, one), { to: service.replyAddress })
    const second = await service.deliver(mail(fields, two), { to: service.replyAddress })
    expect(second).toMatchObject({ status: 'delivered' })
    expect(await contents()).toEqual(expect.arrayContaining([one, two]))
    const messages = await service.messages(1)
    expect(messages.find(({ id }) => id === second.message_db_id)?.content_attributes).toMatchObject({
      reused_message_id: true,
    })
    expect(messages.find(({ content }) => content === one)?.content_attributes).not.toHaveProperty('reused_message_id')
  })

  test('from a stranger who answers a thread begins one conversation, over all ingresses and repeats', async () => {
    const owner = await addCorrespondence(service, 'owner@customer.example')
    const words = freshWords()
    const fields = {
      From: 'stranger@customer.example',
      To: service.inboxAddress,
      'Message-ID': `<${freshId()}>`,
      'In-Reply-To': `<${owner.sent.address('Message-ID')}>`,
    }
    const first = await service.deliver(mail(fields, words), { to: service.inboxAddress })
    expect(first).toMatchObject({ status: 'delivered', reason: 'new-conversation-linked' })
    const copy = await service.deliver(mail({ ...fields, 'X-Forwarded-By': 'a gateway' }, words), {
      to: service.inboxAddress.replace('@', '+tag@'),
    })
    expect(copy).toMatchObject({ status: 'ignored', reason: 'duplicate-message', attempts: 1 })
    const other = await service.deliver(mail(fields, freshWords()), { to: service.inboxAddress })
    expect(other).toMatchObject({ status: 'delivered', reason: 'new-conversation-linked', attempts: 1 })
    expect(await service.sql('select 1 from messages where content = $1', [words])).toHaveLength(1)
  })

  test('sixteen simultaneous copies with different bytes are one message', async () => {
    const words = freshWords()
    const fields = { From: jane, To: service.inboxAddress, 'Message-ID': `<${freshId()}>`, Subject: 'at once' }
    const emails = await Promise.all(
      Array.from({ length: 16 }, (_, i) =>
        service.deliver(mail({ ...fields, 'X-Copy': String(i) }, words), { to: service.inboxAddress }),
      ),
    )
    expect(emails.filter(({ status }) => status === 'delivered')).toHaveLength(1)
    expect(emails.filter(({ reason }) => reason === 'duplicate-message')).toHaveLength(15)
    expect(await service.sql('select 1 from messages where content = $1', [words])).toHaveLength(1)
  })

  test('200 mails at once from 32 clients, a quarter of them repeated, are each stored exactly once', async () => {
    const place = await addCorrespondence(service, 'busy@customer.example')
    const mails = Array.from({ length: 150 }, (_, i) => ({
      words: `burst ${String(i)} ${freshWords()}`,
      id: freshId(),
    }))
    const raws = mails.map(({ words, id }) =>
      mail({ From: 'busy@customer.example', To: place.replyAddress, 'Message-ID': `<${id}>` }, words),
    )
    // 150 different, 50 of them twice, in an order that puts a copy beside its original as often as far from it.
    const queue = [...raws, ...raws.slice(0, 50)]
      .map((raw, i) => ({ raw, at: (i * 7919) % 200 }))
      .sort((one, other) => one.at - other.at)
      .map(({ raw }) => raw)
    expect(queue).toHaveLength(200)
    const ids: number[] = []
    const client = async (number: number) => {
      const session =
        number % 4 < 2
          ? await openSession(service.ports[number % 4 === 0 ? 'smtp' : 'lmtp'], number % 4 === 0 ? 'smtp' : 'lmtp')
          : null
      for (let raw = queue.shift(); raw !== undefined; raw = queue.shift()) {
        if (session === null) ids.push((await service.relay(raw, { to: place.replyAddress })).id)
        else ids.push(acceptedId(await session.submit({ from: 'busy@customer.example', to: place.replyAddress, raw })))
      }
      session?.close()
    }
    await Promise.all(Array.from({ length: 32 }, (_, number) => client(number)))
    expect(ids).toHaveLength(200)
    expect(ids.every((id) => id > 0)).toBe(true)
    expect(new Set(ids).size).toBe(150)
    await until('all mails settled', async () => {
      const { pending, processing } = await service.balance()
      return pending === 0 && processing === 0
    })
    const said = (await contents(place.displayId)).filter((content) => content.startsWith('burst '))
    expect(said.sort()).toEqual(mails.map(({ words }) => words).sort())
    const { accepted, unaccounted, ...states } = await service.balance()
    expect(unaccounted).toBe(0)
    expect(states).toMatchObject({ failed: 0, pending: 0, processing: 0 })
    expect(Object.values(states).reduce((sum, n) => sum + n, 0)).toBe(accepted)
  })
})
