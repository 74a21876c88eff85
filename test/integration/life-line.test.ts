// The life line of an outgoing mail over SMTP and reports: who got it, who did not, and who is not mailed any more. The
// statuses are those of RFC 3463, the reports those of RFC 3464, 5965 and 3834.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { hashToken } from '../../src/conversations/people/access-tokens.ts'
import { describeWithDatabase } from '../support/database.ts'
import { freshWords, mail } from '../support/mail.ts'
import { messageIdOf, startMailServer } from '../support/mail-server.ts'
import { addAgent, addConversation } from '../support/people.ts'
import { type Report, reportOf } from '../support/reports.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const relay = 'mx.relay.example'

describeWithDatabase('the life line of a mail', () => {
  let server: Awaited<ReturnType<typeof startMailServer>>
  let service: Awaited<ReturnType<typeof startService>>

  beforeAll(async () => {
    server = await startMailServer()
    service = await startService({ env: { OUTBOUND_SMTP_URL: server.url, AUTHSERV_ID: relay } })
  })
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
    await server.stop()
  })
  beforeEach(() => {
    server.replies.length = 0
    server.refusals.clear()
  })

  let count = 0
  const account = '/api/v1/accounts/1'
  const person = () => `person${String(++count)}@customer.example`
  const write = async (email: string, fields: object = {}) => {
    const conversation = await addConversation(service, email)
    const at = `${account}/conversations/${String(conversation.displayId)}/messages`
    const words = freshWords()
    const { body } = await service.api('POST', at, { content: words, ...fields })
    const show = async () => (await service.messages(conversation.displayId)).find(({ id }) => id === body.id)
    const inState = (state: string) =>
      until(`the state ${state}`, async () => {
        const message = await show()
        return message?.content_attributes.delivery?.state === state ? message : null
      })
    const mails = () => server.taken.filter(({ text }) => text.includes(words))
    return { ...conversation, at: `${at}/${String(body.id)}`, id: Number(body.id), email, words, show, inState, mails }
  }
  type Written = Awaited<ReturnType<typeof write>>
  const reversePath = (written: Written) => written.mails()[0]?.from ?? ''
  const report = (written: Written, given: Report, to = reversePath(written)) =>
    service.deliver(reportOf(given), { from: '', to })
  const suppressed = async (q: string) =>
    (await service.api('GET', `${account}/suppressed_addresses?q=${encodeURIComponent(q)}`)).body.payload
  const statesOf = (message: any) => message.content_attributes.delivery.history.map(({ state }: any) => state)
  const recipientsOf = (message: any): Record<string, string> =>
    Object.fromEntries(message.content_attributes.delivery.recipients.map(({ email, state }: any) => [email, state]))
  const runNow = (written: Written) =>
    service.sql(`update work set run_at = now() where failed_at is null and payload ->> 'messageId' = $1::text`, [
      String(written.id),
    ])

  test('it says when the server took the mail, which server, and its answer', async () => {
    const written = await write(person())
    const { delivery } = (await written.inState('sent')).content_attributes
    expect(delivery).toMatchObject({
      to: [written.email],
      history: [
        { state: 'queued' },
        { state: 'handed_over', server: '127.0.0.1', message_id: messageIdOf(written.mails()[0]!) },
      ],
      recipients: [{ email: written.email, state: 'handed_over' }],
    })
    expect(delivery.history[1].response).toMatch(/^250 /)
  })

  test('of three recipients one is refused: two have the mail once, and the message says who has not', async () => {
    const [first, second, gone] = [person(), person(), person()]
    server.refusals.set(gone, { code: 550, says: '5.1.1 no such user' })
    const written = await write(first, { to_emails: [first], cc_emails: [second], bcc_emails: [gone] })
    const message = await written.inState('failed')
    expect(message.status).toBe('failed')
    expect(message.content_attributes.external_error).toContain(`${gone}: 550 5.1.1 no such user`)
    expect(recipientsOf(message)).toEqual({ [first]: 'handed_over', [second]: 'handed_over', [gone]: 'failed' })
    expect(written.mails().map(({ to }) => to)).toEqual([[first, second]])
    expect(await suppressed(gone)).toMatchObject([{ email: gone, reason: 'bounce', message_id: written.id }])

    server.refusals.clear()
    await service.api('POST', `${written.at}/retry`)
    const again = await written.inState('suppressed')
    expect(again.content_attributes.external_error).toContain(gone)
    const [entry] = await suppressed(gone)
    expect((await service.api('DELETE', `${account}/suppressed_addresses/${String(entry.id)}`)).status).toBe(200)
    await service.api('POST', `${written.at}/retry`)
    const sent = await written.inState('sent')
    expect(written.mails().map(({ to }) => to)).toEqual([[first, second], [gone]])
    expect(new Set(written.mails().map(messageIdOf)).size).toBe(1)
    expect(sent.content_attributes).not.toHaveProperty('external_error')
    expect(statesOf(sent)).toEqual(['queued', 'handed_over', 'failed', 'queued', 'suppressed', 'queued', 'handed_over'])
  })

  test('a recipient who is deferred gets the mail later, and the others only once', async () => {
    const [first, slow] = [person(), person()]
    server.refusals.set(slow, { code: 451, says: '4.2.2 mailbox full' })
    const written = await write(first, { to_emails: [first, slow] })
    const waiting = await written.inState('retrying')
    const { delivery } = waiting.content_attributes
    expect(waiting.status).toBe('sent')
    expect(recipientsOf(waiting)).toEqual({ [first]: 'handed_over', [slow]: 'retrying' })
    await until(
      'the next attempt noted',
      async () => (await written.show())?.content_attributes.delivery.next_attempt_at,
    )
    expect(delivery.to).toEqual([first])
    server.refusals.clear()
    await runNow(written)
    await written.inState('sent')
    expect(written.mails().map(({ to }) => to)).toEqual([[first], [slow]])
    expect(await suppressed(slow)).toEqual([])
  })

  test.each([
    ['550', '5.7.1 blocked by policy'],
    ['552', '5.2.2 mailbox full'],
    ['550', 'no'],
  ])('a refusal %s %s fails the mail and suppresses nobody', async (code, says) => {
    const email = person()
    server.refusals.set(email, { code: Number(code), says })
    const written = await write(email)
    expect((await written.inState('failed')).content_attributes.external_error).toContain(says)
    expect(await suppressed(email)).toEqual([])
  })

  test('a connection that drops after the data is tried again with the same Message-ID', async () => {
    server.replies.push({ at: 'DROP', code: 0 })
    const written = await write(person())
    await written.inState('retrying')
    await runNow(written)
    await written.inState('sent')
    const tries = server.tries.filter(({ text }) => text.includes(written.words))
    expect(tries).toHaveLength(2)
    expect(new Set(tries.map(messageIdOf)).size).toBe(1)
  })

  test('after 48 hours of attempts it fails, with a sentence and an activity', async () => {
    const email = person()
    server.refusals.set(email, { code: 451, says: '4.3.0 try later' })
    const written = await write(email)
    await written.inState('retrying')
    await service.sql(
      `update work set attempts = 21, run_at = now() where payload ->> 'messageId' = $1::text and owner is null`,
      [String(written.id)],
    )
    const message = await written.inState('failed')
    expect(message.content_attributes.external_error).toMatch(/tried for 48 hours.*4\.3\.0 try later/)
    await until('the activity', async () =>
      (await service.messages(written.displayId)).some(
        ({ message_type: type, content }) => type === 2 && /48 hours/.test(content ?? ''),
      ),
    )
  })

  test('an automatic answer is noted on the mail that it answers', async () => {
    const written = await write(person())
    await written.inState('sent')
    const [sent] = written.mails()
    await service.deliver(
      mail(
        {
          From: written.email,
          To: service.inboxAddress,
          Subject: 'Out of office',
          'In-Reply-To': `<${messageIdOf(sent!) ?? ''}>`,
          'Auto-Submitted': 'auto-replied',
        },
        freshWords(),
      ),
      { from: written.email, to: service.inboxAddress },
    )
    const message = await written.inState('auto_answered')
    expect(statesOf(message)).toEqual(['queued', 'handed_over', 'auto_answered'])
  })

  describe('sent again', () => {
    const again = (written: Written, fields?: object) => service.api('POST', `${written.at}/send_again`, fields)

    test('a mail that no server took is the same message with the same Message-ID', async () => {
      const email = person()
      server.refusals.set(email, { code: 550, says: '5.7.1 blocked' })
      const written = await write(email)
      const { source_id: messageId } = await written.inState('failed')
      server.refusals.clear()
      expect(await again(written)).toMatchObject({ status: 200, body: { id: written.id } })
      await written.inState('sent')
      expect(messageIdOf(written.mails()[0]!)).toBe(messageId)
      expect((await again(written)).body.id).not.toBe(written.id)
    })

    test('a mail that some have got is a new message to the others, once', async () => {
      const [first, gone] = [person(), person()]
      server.refusals.set(gone, { code: 550, says: '5.7.1 blocked' })
      const written = await write(first, { to_emails: [first], cc_emails: [gone] })
      await written.inState('failed')
      server.refusals.clear()
      const { body } = await again(written)
      expect(body.content_attributes).toMatchObject({ to_emails: [gone], cc_emails: [], sent_again_from: written.id })
      await until('the second mail', () => written.mails().length === 2)
      expect(written.mails().map(({ to }) => to)).toEqual([[first], [gone]])
      expect((await written.show())?.content_attributes).toMatchObject({ sent_again_as: body.id })
      expect((await again(written)).status).toBe(409)
    })

    test('with other recipients it goes to these alone, under a new Message-ID', async () => {
      const written = await write(person())
      await written.inState('sent')
      const other = person()
      expect((await again(written, { cc_emails: [other] })).status).toBe(422)
      expect((await again(written, { to_emails: ['no address'] })).status).toBe(422)
      const { body } = await again(written, { to_emails: [other] })
      await until('the second mail', () => written.mails().length === 2)
      expect(written.mails()[1]?.to).toEqual([other])
      expect(messageIdOf(written.mails()[1]!)).toBe(body.source_id)
      expect(body.source_id).not.toBe(messageIdOf(written.mails()[0]!))
    })

    test('neither a mail that is still waiting nor a note', async () => {
      const email = person()
      server.refusals.set(email, { code: 451, says: '4.3.0 later' })
      const written = await write(email)
      await written.inState('retrying')
      expect((await again(written)).status).toBe(409)
      const note = await write(person(), { private: true })
      expect((await again(note)).status).toBe(422)
    })
  })

  describe('a report', () => {
    const toThree = async () => {
      const emails = [person(), person(), person()]
      const written = await write(emails[0]!, { to_emails: emails })
      await written.inState('sent')
      return { written, emails }
    }

    test('of delivery, then of a bounce, is on the message with its recipient', async () => {
      const { written, emails } = await toThree()
      await report(written, { names: emails[0]!, action: 'delivered', status: '2.0.0' })
      await report(written, { names: emails[1]! })
      const message = await written.inState('bounced')
      expect(recipientsOf(message)).toEqual({
        [emails[0]!]: 'delivered',
        [emails[1]!]: 'bounced',
        [emails[2]!]: 'handed_over',
      })
    })

    test('of a hard bounce or complaint at the reverse-path of a mail to one person suppresses that person', async () => {
      for (const kind of ['bounce', 'complaint'] as const) {
        const written = await write(person())
        await written.inState('sent')
        const email = await report(written, { kind, names: written.email })
        expect(await suppressed(written.email)).toMatchObject([
          { reason: kind, message_id: written.id, conversation_id: written.displayId, report_id: email.id },
        ])
      }
    })

    test.each(['5.2.2', '5.7.1', '5.4.4', '5.0.0', '4.4.7'])('of status %s suppresses nobody', async (status) => {
      const written = await write(person())
      await written.inState('sent')
      await report(written, { names: written.email, status })
      await written.inState('bounced')
      expect(await suppressed(written.email)).toEqual([])
    })

    describe('that a stranger forges suppresses nobody', () => {
      test('by naming somebody who never got the mail', async () => {
        const written = await write(person())
        await written.inState('sent')
        const victim = person()
        await report(written, { names: victim })
        expect(await suppressed(victim)).toEqual([])
        expect(await suppressed(written.email)).toEqual([])
      })

      test('by naming another recipient of a mail that the forger got as well', async () => {
        const { written, emails } = await toThree()
        await report(written, { names: emails[1]! })
        await report(written, { kind: 'complaint', names: emails[2]! })
        expect(recipientsOf(await written.show())).toMatchObject({
          [emails[1]!]: 'bounced',
          [emails[2]!]: 'complained',
        })
        expect(await suppressed('customer.example')).not.toEqual(
          expect.arrayContaining([expect.objectContaining({ message_id: written.id })]),
        )
      })

      test('by quoting a Message-ID, which everybody in a thread has seen', async () => {
        const written = await write(person())
        await written.inState('sent')
        const quotes = messageIdOf(written.mails()[0]!) ?? ''
        await report(written, { names: written.email, quotes }, service.inboxAddress)
        await written.inState('bounced')
        expect(await suppressed(written.email)).toEqual([])
      })

      test('by proving a domain as one of its users', async () => {
        const { written, emails } = await toThree()
        const top = [`Authentication-Results: ${relay}; dmarc=pass header.from=customer.example`]
        await report(written, { names: emails[1]!, from: 'mallory@customer.example', top })
        expect(await suppressed(emails[1]!)).toEqual([])
      })
    })

    test('of several recipients counts if the postmaster of the recipient’s own domain wrote it', async () => {
      const { written, emails } = await toThree()
      const top = [`Authentication-Results: ${relay}; dmarc=pass header.from=customer.example`]
      await report(written, { names: emails[1]!, from: 'postmaster@customer.example', top })
      expect(await suppressed(emails[1]!)).toMatchObject([{ reason: 'bounce' }])
    })
  })

  describe('the suppression list', () => {
    test('stops mail to an address that a person added, and not to the others', async () => {
      const [first, stopped] = [person(), person()]
      const added = await service.api('POST', `${account}/suppressed_addresses`, {
        email: stopped.toUpperCase(),
        reason: 'asked by phone',
      })
      expect(added).toMatchObject({ status: 200, body: { email: stopped, reason: 'manual', detail: 'asked by phone' } })
      const written = await write(first, { to_emails: [first], cc_emails: [stopped] })
      const message = await written.inState('suppressed')
      expect(message.status).toBe('failed')
      expect(message.content_attributes.external_error).toContain(`${stopped} is a suppressed address`)
      await until('the mail', () => written.mails().length > 0)
      expect(written.mails().map(({ to }) => to)).toEqual([[first]])
    })

    test('is read by agents and changed by administrators', async () => {
      const email = `${freshWords().replaceAll(' ', '-')}@acme.example`
      const token = freshWords()
      await service.sql('insert into access_tokens (user_id, token_hash) values ($1, $2)', [
        await addAgent(service, email),
        hashToken(token),
      ])
      const as = (method: string, path: string, body?: unknown) => service.api(method, `${account}${path}`, body, token)
      expect((await as('GET', '/suppressed_addresses')).status).toBe(200)
      expect((await as('POST', '/suppressed_addresses', { email: person() })).status).toBe(401)
      expect((await as('DELETE', '/suppressed_addresses/1')).status).toBe(401)
      expect((await service.api('POST', `${account}/suppressed_addresses`, { email: 'no address' })).status).toBe(422)
      expect((await service.api('DELETE', `${account}/suppressed_addresses/999999`)).status).toBe(404)
    })
  })
})
