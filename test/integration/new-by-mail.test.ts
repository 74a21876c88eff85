// An agent begins a conversation from their mail client: they write to their own address for new conversations, name
// the customer with #to, or forward a mail of the customer in the text or as a file.

import { beforeAll, describe, expect, test } from 'vitest'

import { useService } from '../support/fixtures.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { addWritingAgent, makeNewAddress, type WritingAgent } from '../support/new-address.ts'
import { acceptedId } from '../support/service.ts'
import { until } from '../support/until.ts'

const relay = 'mx.relay.example'

describe('a conversation that an agent begins by mail', () => {
  const service = useService({ env: { AUTHSERV_ID: relay } })
  let wanda: WritingAgent
  beforeAll(async () => {
    wanda = await addWritingAgent(service)
  })

  const verified = () => ({
    From: `Wanda <${wanda.agent}>`,
    'Authentication-Results': `${relay}; dmarc=pass header.from=agents.example`,
    'Content-Type': 'text/plain; charset=utf-8',
  })
  const send = async (body: string, fields: Record<string, string> = {}, to = wanda.newAddress) =>
    service.settled(
      acceptedId(
        await service.smtp({
          from: wanda.agent,
          to,
          raw: mail({ ...verified(), To: to, Subject: 'Your order 4711', ...fields }, body),
          parameters: 'BODY=8BITMIME',
        }),
      ),
    )
  const quiet = () =>
    until('the end of all work', async () => {
      const rows = await service.sql('select 1 from work where failed_at is null')
      return rows.length === 0
    })
  const sentTo = async (address: string) => {
    await quiet()
    return (await service.outbox()).filter(({ recipients }) => recipients.includes(address))
  }
  const reports = async () =>
    (await sentTo(wanda.agent)).filter(({ field }) => /^Not sent: /.test(field('Subject') ?? ''))
  const plain = (text: string) => text.replace(/=\r\n/g, '').replaceAll('=E2=80=9C', '“').replaceAll('=E2=80=9D', '”')
  const freshCustomer = () => `${freshWords()}@customer.example`
  const conversationOf = async (displayId: number | null) =>
    (await service.api('GET', `/api/v1/accounts/1/conversations/${String(displayId)}`)).body
  const countConversations = async () =>
    Number((await service.sql<{ n: number }>('select count(*) as n from conversations'))[0]?.n)
  const multipart = { 'MIME-Version': '1.0', 'Content-Type': 'multipart/mixed; boundary="b"' }
  const parts = (...all: readonly string[]) => `${all.map((part) => `--b\r\n${part}\r\n`).join('')}--b--`
  const text = (words: string) => `Content-Type: text/plain; charset=utf-8\r\n\r\n${words}`

  test('is with the customer of #to, who gets the words, the subject and the files under the inbox’s identity', async () => {
    const [customer, words] = [freshCustomer(), freshWords()]
    const file = 'Content-Type: text/csv; name="prices.csv"\r\nContent-Disposition: attachment\r\n\r\na;b'
    const email = await send(parts(text(`#to Mia Muster <${customer}>\r\n#label vip\r\n\r\n${words}`), file), {
      ...multipart,
      Cc: 'boss@agents.example, other@customer.example',
      'In-Reply-To': `<${freshId()}>`,
    })
    expect(email).toMatchObject({ status: 'delivered', reason: 'begun-by-agent' })
    const conversation = await conversationOf(email.conversation_id)
    expect(conversation).toMatchObject({
      status: 'open',
      labels: ['vip'],
      additional_attributes: { mail_subject: 'Your order 4711' },
      meta: { sender: { email: customer, name: 'Mia Muster' }, assignee: { id: wanda.userId } },
    })
    const message = (await service.messages(email.conversation_id ?? 0)).find(({ id }) => id === email.message_db_id)
    expect(message).toMatchObject({ content: words, message_type: 1, sender: { id: wanda.userId } })

    const [sent, ...more] = await sentTo(customer)
    expect(more).toEqual([])
    expect(sent?.recipients).toEqual([customer])
    expect(sent?.field('Subject')).toBe('Your order 4711')
    expect(sent?.address('From')).toBe(service.inboxAddress)
    expect(sent?.address('Reply-To')).toMatch(/^reply\+[0-9a-f]{32}@reply\.localhost$/)
    expect(sent?.text).toContain('prices.csv')
    expect(sent?.text).not.toMatch(/#to|#label|agents\.example|other@customer|new\+/)
    expect(email.trace).toContainEqual({
      step: 'commands',
      outcome: 'understood',
      detail:
        `begins a conversation with ${customer} as the agent: #to Mia Muster <${customer}> #label vip` +
        '; the words below go to the contact',
    })
    expect(JSON.stringify(email)).not.toContain(wanda.newAddress)

    // The answer comes back to the agent.
    const answer = freshWords()
    await service.deliver(mail({ From: customer, To: sent?.address('Reply-To') }, answer), {
      to: sent?.address('Reply-To') ?? '',
    })
    expect((await sentTo(wanda.agent)).filter((notice) => notice.text.includes(answer))).toHaveLength(1)
    const [created] = await service.sql(
      `select performer from events
       where name = 'conversation_created'
         and conversation_id = (select id from conversations where display_id = $1 and account_id = 1)`,
      [email.conversation_id],
    )
    expect(created).toEqual({ performer: `user:${String(wanda.userId)}` })
  })

  test('is a new one although the contact has an open one, and the same mail again begins none', async () => {
    const [customer, words] = [freshCustomer(), freshWords()]
    const first = await send(`#to ${customer}\r\n\r\n${freshWords()}`)
    const id = { 'Message-ID': `<${freshId()}>` }
    const second = await send(`#to ${customer}\r\n\r\n${words}`, id)
    expect(second).toMatchObject({ status: 'delivered', reason: 'begun-by-agent' })
    expect(second.conversation_id).not.toBe(first.conversation_id)
    const [one, other] = await Promise.all([first, second].map(({ conversation_id: of }) => conversationOf(of)))
    expect(one.meta.sender.id).toBe(other.meta.sender.id)
    const again = await service.deliver(
      mail({ ...verified(), To: wanda.newAddress, Subject: 'Your order', ...id }, `#to ${customer}\r\n\r\n${words}`),
      { from: 'another@agents.example', to: wanda.newAddress },
    )
    expect(again.id).not.toBe(second.id)
    expect(again).toMatchObject({ status: 'ignored', reason: 'duplicate-message' })
    expect((await sentTo(customer)).filter((mailed) => mailed.text.includes(words))).toHaveLength(1)
  })

  test('takes the other commands of the mail', async () => {
    const [customer, words, note] = [freshCustomer(), freshWords(), freshWords()]
    const email = await send(
      `#to ${customer} #cc boss@customer.example\r\n#note ${note}\r\n#snooze 2d\r\n#assign nobody\r\n\r\n${words}`,
    )
    expect(email).toMatchObject({ status: 'delivered', reason: 'begun-by-agent' })
    const conversation = await conversationOf(email.conversation_id)
    expect(conversation).toMatchObject({ status: 'snoozed' })
    expect(conversation.meta.assignee ?? null).toBeNull()
    const [sent] = await sentTo(customer)
    expect(sent?.recipients).toEqual([customer, 'boss@customer.example'])
    expect(sent?.text).not.toContain(note)
    expect(await service.messages(email.conversation_id ?? 0)).toContainEqual(
      expect.objectContaining({ content: note, private: true }),
    )
  })

  test.each<[string, () => string, string]>([
    ['without #to', () => freshWords(), '#to is missing: The mail does not say with whom'],
    ['with #to and no words', () => `#to ${freshCustomer()}`, 'There are no words to send. Write them below it.'],
    ['with #to and no address', () => `#to Mia Muster\r\n\r\n${freshWords()}`, 'is not one email address'],
    [
      'with several addresses',
      () => `#to a@customer.example b@customer.example\r\n\r\nHello.`,
      'is not one email address',
    ],
    [
      'with two #to',
      () => `#to a@customer.example\r\n#to b@customer.example\r\n\r\nHello.`,
      'They contradict each other',
    ],
    ['with words behind #to', () => `#to a@customer.example hello there\r\n\r\nHello.`, 'Words follow the address'],
    ['with #to an inbox', () => `#to ${service.inboxAddress}\r\n\r\nHello.`, 'is an address of your team'],
    ['with #to an agent', () => `#to ${wanda.agent}\r\n\r\nHello.`, 'is an address of your team'],
    ['with #to a reply address', () => `#to reply+${'0'.repeat(32)}@reply.localhost\r\n\r\nHello.`, 'would come back'],
    ['with #to such an address', () => `#to ${wanda.newAddress}\r\n\r\nHello.`, 'would come back'],
    ['with #private', () => `#to a@customer.example\r\n#private\r\n\r\nHello.`, 'They contradict each other'],
    [
      'with another command that is not understood',
      () => `#to a@customer.example #asign me\r\n\r\nHello.`,
      'Did you mean #assign?',
    ],
  ])('does not begin %s: nothing is sent, and the agent gets the reason and the words', async (_how, body, why) => {
    await quiet()
    await service.sql('delete from automatic_mail')
    const [before, reported, mailed] = [await countConversations(), await reports(), await service.outbox()]
    const words = body()
    const email = await send(words)
    expect(email).toMatchObject({ status: 'held', reason: 'command-not-understood' })
    expect(await countConversations()).toBe(before)
    const [report, ...more] = (await reports()).slice(reported.length)
    expect(more).toEqual([])
    expect(report?.recipients).toEqual([wanda.agent])
    expect(report?.reversePath).toBe('')
    expect(report?.field('Auto-Submitted')).toBe('auto-replied')
    expect(report?.field('Reply-To')).toBeNull()
    expect(plain(report?.text ?? '')).toContain(why)
    expect(plain(report?.text ?? '')).toContain('nothing was sent')
    expect(report?.text).not.toContain(wanda.newAddress)
    expect(await service.outbox()).toHaveLength(mailed.length + 1)
  })

  test('does not begin with a suppressed address, and the agent gets the reason', async () => {
    const customer = freshCustomer()
    await service.api('POST', '/api/v1/accounts/1/suppressed_addresses', { email: customer })
    const email = await send(`#to ${customer}\r\n\r\nHello.`)
    expect(email).toMatchObject({ status: 'held', reason: 'command-not-understood' })
    expect(plain((await reports()).at(-1)?.text ?? '')).toContain('is a suppressed address of this account')
    expect(await sentTo(customer)).toEqual([])
  })

  test('#to in an answer is refused with a sentence', async () => {
    const customer = freshCustomer()
    const email = await send(`#to ${customer}\r\n\r\n${freshWords()}`)
    const answer = freshWords()
    const [sent] = await sentTo(customer)
    await service.deliver(mail({ From: customer, To: sent?.address('Reply-To') }, answer), {
      to: sent?.address('Reply-To') ?? '',
    })
    const notice = (await sentTo(wanda.agent)).find((one) => one.text.includes(answer))
    const held = await send(`#to other@customer.example\r\n\r\nHello.`, {}, notice?.address('Reply-To'))
    expect(held).toMatchObject({ status: 'held', reason: 'command-not-understood' })
    const correction = (await sentTo(wanda.agent)).at(-1)
    expect(correction?.field('Subject')).toBe(`Not done: commands for conversation ${String(email.conversation_id)}`)
    expect(plain(correction?.text ?? '')).toContain('It begins a conversation, and this mail answers one.')
    expect(await sentTo('other@customer.example')).toEqual([])
  })

  test('of a forwarded mail without #to is with its author', async () => {
    const [customer, words, above] = [freshCustomer(), freshWords(), freshWords()]
    const email = await send(
      `${above}\r\n\r\n---------- Forwarded message ---------\r\nFrom: Mia <${customer}>\r\n` +
        `Date: Mon, Nov 30, 2026 at 10:00 AM\r\nSubject: Shoes\r\nTo: Wanda <${wanda.agent}>\r\n\r\n${words}`,
      { Subject: 'Fwd: Shoes' },
    )
    expect(email).toMatchObject({ status: 'delivered', reason: 'forwarded-by-agent' })
    const messages = await service.messages(email.conversation_id ?? 0)
    expect(messages).toContainEqual(expect.objectContaining({ content: words, message_type: 0 }))
    expect(messages).toContainEqual(expect.objectContaining({ content: above, private: true }))
    expect(await sentTo(customer)).toEqual([])
  })

  describe('a mail that is forwarded as a file', () => {
    const attached = (customer: string, words: string, rest = '') =>
      mail(
        {
          From: `Mia Muster <${customer}>`,
          To: 'someone@agents.example',
          Cc: 'friend@customer.example',
          Date: 'Mon, 30 Nov 2026 10:00:00 +0100',
          Subject: 'Broken shoes',
          'MIME-Version': '1.0',
          'Content-Type': 'multipart/mixed; boundary="inner"',
        },
        `--inner\r\n${text(words)}\r\n--inner\r\nContent-Type: text/csv; name="order.csv"\r\n` +
          `Content-Disposition: attachment\r\n\r\na;b\r\n${rest}--inner--`,
      ).toString()
    const asFile = (raw: string, type = 'message/rfc822', name = 'Broken shoes.eml') =>
      `Content-Type: ${type}; name="${name}"\r\nContent-Disposition: attachment; filename="${name}"\r\n\r\n${raw}`

    test.each([
      ['to the inbox', () => service.inboxAddress, 'message/rfc822'],
      ['to the address for new conversations', () => wanda.newAddress, 'message/rfc822'],
      ['as an .eml file without its type', () => service.inboxAddress, 'application/octet-stream'],
    ])('begins the customer’s conversation: %s', async (_where, to, type) => {
      const [customer, words, above] = [freshCustomer(), freshWords(), freshWords()]
      const body = parts(text(above), asFile(attached(customer, words), type))
      const email = await send(body, { ...multipart, Subject: 'see below' }, to())
      expect(email).toMatchObject({ status: 'delivered', reason: 'forwarded-by-agent' })
      const conversation = await conversationOf(email.conversation_id)
      expect(conversation).toMatchObject({
        additional_attributes: { mail_subject: 'Broken shoes' },
        meta: { sender: { email: customer, name: 'Mia Muster' } },
      })
      const [first, note] = (await service.messages(email.conversation_id ?? 0)).filter(
        ({ message_type: type }) => type !== 2,
      )
      expect(first).toMatchObject({
        content: words,
        message_type: 0,
        content_attributes: {
          sender_verified: false,
          forwarded_by: { user_id: wanda.userId },
          email: { subject: 'Broken shoes', date: '2026-11-30T09:00:00.000Z', to: [], cc: [] },
        },
      })
      expect((first as unknown as { attachments: { extension: string }[] }).attachments).toHaveLength(1)
      expect(note).toMatchObject({ content: above, private: true, sender: { id: wanda.userId } })
      expect(await sentTo(customer)).toEqual([])
    })

    test('names the customer whom a colleague forwarded in its text', async () => {
      const [customer, words] = [freshCustomer(), freshWords()]
      const colleague = mail(
        { From: wanda.agent, Subject: 'Fwd: Shoes' },
        `Yours?\r\n\r\n---------- Forwarded message ---------\r\nFrom: Mia <${customer}>\r\n` +
          `Date: Mon, Nov 30, 2026 at 10:00 AM\r\nSubject: Shoes\r\n\r\n${words}`,
      ).toString()
      const email = await send(parts(text('See the file.'), asFile(colleague)), multipart, service.inboxAddress)
      expect(email.reason).toBe('forwarded-by-agent')
      const messages = await service.messages(email.conversation_id ?? 0)
      expect(messages).toContainEqual(expect.objectContaining({ content: words, message_type: 0 }))
      expect(messages).toContainEqual(expect.objectContaining({ content: 'See the file.\n\nYours?', private: true }))
    })

    test('keeps its original where it can be read only in part', async () => {
      const [customer, words] = [freshCustomer(), freshWords()]
      const raw = mail({ From: customer, Subject: 'Shoes' }, `${words}\0`).toString()
      const email = await send(parts(text('See the file.'), asFile(raw)), multipart, service.inboxAddress)
      expect(email).toMatchObject({ status: 'delivered', reason: 'forwarded-by-agent' })
      const message = (await service.messages(email.conversation_id ?? 0)).find(({ message_type: type }) => type === 0)
      expect(message).toMatchObject({ content: words, sender: { email: customer } })
      expect((message as unknown as { attachments: unknown[] }).attachments).toHaveLength(1)
    })

    test('is an ordinary file below #to', async () => {
      const [customer, author] = [freshCustomer(), freshCustomer()]
      const body = parts(text(`#to ${customer}\r\n\r\nSee the file.`), asFile(attached(author, freshWords())))
      expect(await send(body, multipart)).toMatchObject({ status: 'delivered', reason: 'begun-by-agent' })
      expect((await sentTo(customer))[0]?.text).toContain('Broken shoes.eml')
      expect(await sentTo(author)).toEqual([])
    })

    test('is not guessed among several', async () => {
      const body = parts(
        text('Both are yours.'),
        asFile(attached(freshCustomer(), freshWords())),
        asFile(attached(freshCustomer(), freshWords())),
      )
      expect(await send(body, multipart)).toMatchObject({ status: 'held', reason: 'command-not-understood' })
      expect(plain((await reports()).at(-1)?.text ?? '')).toContain(
        '2 attached mails: Only one can become a conversation.',
      )
      expect(await send(body, multipart, service.inboxAddress)).toMatchObject({ reason: 'new-conversation' })
    })
  })

  test('has the signature of the agent, and no quotation or signature of their client', async () => {
    const [customer, words] = [freshCustomer(), freshWords()]
    await service.api('PUT', '/api/v1/profile', { profile: { message_signature: 'Wanda of Acme' } }, wanda.token)
    await send(
      `#to ${customer}\r\n\r\n${words}\r\n\r\n-- \r\nWanda, private number 555\r\n\r\n` +
        `On Mon, Nov 30, 2026 at 9:00 AM Someone <someone@agents.example> wrote:\r\n> An internal question.`,
    )
    const [sent] = await sentTo(customer)
    expect(sent?.text).toContain(words)
    expect(sent?.text).toContain('Wanda of Acme')
    expect(sent?.text).not.toMatch(/555|internal question|agents\.example/)
  })

  test('is not begun by an agent who has begun a hundred within the hour', async () => {
    const customer = freshCustomer()
    await service.sql('delete from automatic_mail')
    await service.sql(
      `insert into inbound_emails (idempotency_key, ingress, recipients, size, status, reason, from_address, account_id)
       select sha256(n::text::bytea), 'smtp', '{}', 1, 'delivered', 'begun-by-agent', $1, 1
       from generate_series(1, 100) n`,
      [wanda.agent],
    )
    const body = `#to ${customer}\r\n\r\n${freshWords()}`
    expect(await send(body)).toMatchObject({ status: 'held', reason: 'command-not-understood' })
    expect(plain((await reports()).at(-1)?.text ?? '')).toContain('You have begun 100 conversations by mail')
    expect(await sentTo(customer)).toEqual([])
    await service.sql(`delete from inbound_emails where size = 1 and reason = 'begun-by-agent'`)
    expect(await send(`${body} again`)).toMatchObject({ status: 'delivered', reason: 'begun-by-agent' })
  })

  test('explain shows it and writes nothing', async () => {
    const before = await countConversations()
    const raw = mail({ ...verified(), To: wanda.newAddress }, '#to mia@customer.example\r\n\r\nHello.')
    const { body } = await service.explain(raw, { to: wanda.newAddress })
    expect(body.trace).toContainEqual({ step: 'decision', outcome: 'open-as-agent', detail: 'begun-by-agent' })
    expect(await countConversations()).toBe(before)
  })

  test('the address is the agent’s own, until it is replaced or removed', async () => {
    const list = '/api/v1/accounts/1/new_conversation_addresses'
    const own = async () => (await service.api('GET', list, undefined, zoe.token)).body.payload as unknown
    const rcpt = async (address: string) =>
      (await service.smtp({ from: zoe.agent, to: address, raw: mail({ From: zoe.agent }) })).recipients[0]
    const zoe = await addWritingAgent(service)
    expect(zoe.newAddress).toMatch(/^new\+[0-9a-f]{32}@reply\.localhost$/)
    expect(await own()).toEqual([{ inbox_id: 1, new_conversation_address: zoe.newAddress }])
    expect((await service.api('GET', list)).body.payload).toEqual([])
    expect(await rcpt(zoe.newAddress)).toMatch(/^250 /)
    const next = await makeNewAddress(service, zoe.token)
    expect(next).not.toBe(zoe.newAddress)
    expect(await rcpt(zoe.newAddress)).toMatch(/^550 5\.1\.1/)
    expect(await rcpt(next)).toMatch(/^250 /)
    expect(await rcpt(`new+${'0'.repeat(32)}@reply.localhost`)).toMatch(/^550 5\.1\.1/)
    const one = '/api/v1/accounts/1/inboxes/1/new_conversation_address'
    expect((await service.api('DELETE', one, undefined, zoe.token)).status).toBe(200)
    expect(await own()).toEqual([])
    expect(await rcpt(next)).toMatch(/^550 5\.1\.1/)
    expect((await service.api('DELETE', one, undefined, zoe.token)).status).toBe(404)
  })
})

describe('a conversation that an agent begins by mail, with AGENT_UNDO_SECONDS', () => {
  const service = useService({ env: { AUTHSERV_ID: relay, AGENT_UNDO_SECONDS: '600' } })

  test('waits, and is stopped by the link that the agent is mailed: nothing leaves', async () => {
    const wanda = await addWritingAgent(service)
    const [customer, words] = [`${freshWords()}@customer.example`, freshWords()]
    const email = await service.deliver(
      mail(
        {
          From: wanda.agent,
          To: wanda.newAddress,
          Subject: 'Your order',
          'Authentication-Results': `${relay}; dmarc=pass header.from=agents.example`,
        },
        `#to ${customer}\r\n\r\n${words}`,
      ),
      { to: wanda.newAddress },
    )
    expect(email).toMatchObject({ status: 'delivered', reason: 'begun-by-agent' })
    const confirmation = await until('the confirmation', async () =>
      (await service.outbox()).find(({ recipients, text }) => recipients.includes(wanda.agent) && text.includes(words)),
    )
    const text = confirmation.text.replace(/=\r\n/g, '').replaceAll('=3D', '=')
    const stopped = await fetch(`${service.url}/confirm/${/\/confirm\/([\w-]{43})/.exec(text)?.[1] ?? ''}`, {
      method: 'POST',
    })
    expect(stopped.status).toBe(200)
    expect(await stopped.text()).toContain('Nothing was mailed.')
    await service.sql(`update work set run_at = now() where run_at > now() and attempts = 0`)
    await until('the end of all work', async () => {
      const rows = await service.sql('select 1 from work where failed_at is null')
      return rows.length === 0
    })
    expect((await service.outbox()).filter(({ recipients }) => recipients.includes(customer))).toEqual([])
    expect(
      await service.sql('select status, waiting_since, assignee_id from conversations where display_id = $1', [
        email.conversation_id,
      ]),
    ).toEqual([{ status: 'open', waiting_since: null, assignee_id: wanda.userId }])
  })
})
