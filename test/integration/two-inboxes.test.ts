// One mail to two inboxes of an account, over one envelope or two: a conversation in each, linked to the other. And
// one mail to one inbox over two envelopes: one message.

import { describe, expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { addAgent, addCorrespondence } from '../support/people.ts'
import { acceptedId } from '../support/service.ts'
import { until } from '../support/until.ts'

const gus = 'gus@customer.example'

describeOnEitherDatabase('two inboxes of one account', (member) => {
  const service = useService({ on: member })

  const billing = async (): Promise<{ id: number; address: string }> => {
    const address = service.inboxAddress.replace(/^[^@]*/, 'billing')
    const inboxes = (await service.api('GET', '/api/v1/accounts/1/inboxes')).body.payload as any[]
    const known = inboxes.find(({ email }) => email === address)
    if (known !== undefined) return { id: Number(known.id), address }
    const channel = { type: 'email', email: address }
    const made = await service.api('POST', '/api/v1/accounts/1/inboxes', { name: 'Billing', channel })
    return { id: Number(made.body.id), address }
  }

  const rowsOf = (messageId: string) =>
    until('every row of the mail settled', async () => {
      const rows = await service.sql<{ id: number; status: string }>(
        'select id, status from inbound_emails where message_id = $1 order by id',
        [messageId],
      )
      const isOpen = rows.length === 0 || rows.some(({ status }) => status === 'pending' || status === 'processing')
      return isOpen ? null : Promise.all(rows.map(({ id }) => service.show(id)))
    })

  const conversation = async (id: number | null, token?: string) =>
    (await service.api('GET', `/api/v1/accounts/1/conversations/${String(id)}`, undefined, token)).body

  const write = (to: readonly string[], id: string, words: string) =>
    mail({ From: `Gus Ek <${gus}>`, To: to.join(', '), Subject: 'Both', 'Message-ID': `<${id}>` }, words)

  test.each(['support first', 'billing first'])('one envelope, %s: a conversation in each, linked', async (order) => {
    const { id: billingId, address } = await billing()
    const both = order === 'support first' ? [service.inboxAddress, address] : [address, service.inboxAddress]
    const [id, words] = [freshId(), freshWords()]
    const raw = write(both, id, words)
    const first = await service.settled(acceptedId(await service.lmtp({ from: gus, to: both, raw })))
    expect(first.trace).toContainEqual(
      expect.objectContaining({ outcome: 'shared', detail: expect.stringContaining(both[1] ?? '') }),
    )
    const emails = await rowsOf(id)
    expect(emails).toHaveLength(2)
    expect(emails.map(({ status }) => status)).toEqual(['delivered', 'delivered'])
    const [one, other] = await Promise.all(emails.map(({ conversation_id }) => conversation(conversation_id)))
    expect([one.inbox_id, other.inbox_id].sort()).toEqual([1, billingId])
    expect(one.linked_conversations).toEqual([other.id])
    expect(other.linked_conversations).toEqual([one.id])
    expect(await service.sql('select 1 from messages where content = $1', [words])).toHaveLength(2)
  })

  test('an envelope for each, as Postfix hands it over: the same, however often', async () => {
    const { id: billingId, address } = await billing()
    const [id, words] = [freshId(), freshWords()]
    const raw = write([service.inboxAddress, address], id, words)
    for (const to of [service.inboxAddress, address, service.inboxAddress, address]) {
      const trace = Buffer.from(`Received: from mx by here id ${freshId()}; Mon, 5 Jan 2026 10:00:00 +0000\r\n`)
      await service.settled(acceptedId(await service.lmtp({ from: gus, to, raw: Buffer.concat([trace, raw]) })))
    }
    const emails = await rowsOf(id)
    expect(emails.map(({ reason }) => reason)).toEqual(['new-conversation', 'new-conversation-linked'])
    const [one, other] = await Promise.all(emails.map(({ conversation_id }) => conversation(conversation_id)))
    expect([one.inbox_id, other.inbox_id]).toEqual([1, billingId])
    expect(other.linked_conversations).toEqual([one.id])
    const copy = await service.deliver(Buffer.concat([Buffer.from('X-Copy: 1\r\n'), raw]), { to: address })
    expect(copy).toMatchObject({ reason: 'duplicate-message' })
    expect(await service.sql('select 1 from messages where content = $1', [words])).toHaveLength(2)
  })

  test('an answer to both is appended once in the conversation of the inbox that its envelope names', async () => {
    const { address } = await billing()
    const [id, words] = [freshId(), freshWords()]
    const both = [service.inboxAddress, address]
    await service.lmtp({ from: gus, to: both, raw: write(both, id, words) })
    const begun = await rowsOf(id)
    const answer = mail({ From: gus, To: both.join(', '), 'In-Reply-To': `<${id}>` }, freshWords())
    for (const [index, to] of both.entries()) {
      const email = await service.deliver(answer, { to })
      expect(email).toMatchObject({ reason: 'thread', conversation_id: begun[index]?.conversation_id })
    }
  })

  test('who sees one inbox only sees no link to the other', async () => {
    const { id: billingId, address } = await billing()
    const userId = await addAgent(service, `${freshWords()}@staff.example`)
    const token = freshWords()
    await service.sql(`insert into access_tokens (user_id, token_hash) values ($1, sha256(convert_to($2, 'UTF8')))`, [
      userId,
      token,
    ])
    await service.sql('insert into inbox_members (inbox_id, user_id) values ($1, $2)', [billingId, userId])
    const id = freshId()
    const both = [service.inboxAddress, address]
    await service.lmtp({ from: gus, to: both, raw: write(both, id, freshWords()) })
    const [support, bills] = await rowsOf(id)
    const seen = await conversation(bills?.conversation_id ?? null, token)
    expect(seen).toMatchObject({ id: bills?.conversation_id, linked_conversations: [] })
    expect((await conversation(bills?.conversation_id ?? null)).linked_conversations).toEqual([
      support?.conversation_id,
    ])
  })

  describe.each([
    ['with a Date', { Date: 'Mon, 05 Jan 2026 10:00:00 +0000' }],
    ['without a Date', {}],
  ])('a mail without a Message-ID, %s', (_title, dated: Record<string, string>) => {
    const nameless = (words: string) =>
      mail({ From: gus, To: service.inboxAddress, Subject: 'Scan', 'Message-ID': undefined, ...dated }, words)
    const messagesWith = (words: string) =>
      service.sql<{ inbox_id: number }>('select inbox_id from messages where content = $1 order by id', [words])

    test('over two envelopes to one inbox is one message', async () => {
      const words = freshWords()
      const first = await service.deliver(nameless(words), { to: service.inboxAddress })
      const second = await service.deliver(nameless(words), { to: service.inboxAddress.replace('@', '+scan@') })
      expect(first).toMatchObject({ status: 'delivered' })
      expect(second).toMatchObject({ status: 'ignored', reason: 'duplicate-message' })
      expect(await messagesWith(words)).toHaveLength(1)
    })

    test('over many envelopes at the same moment is one message', async () => {
      const words = freshWords()
      const emails = await Promise.all(
        Array.from({ length: 12 }, (_, n) =>
          service.deliver(nameless(words), { to: service.inboxAddress.replace('@', `+${String(n)}@`) }),
        ),
      )
      expect(emails.filter(({ status }) => status === 'delivered')).toHaveLength(1)
      expect(emails.filter(({ reason }) => reason === 'duplicate-message')).toHaveLength(11)
      expect(await messagesWith(words)).toHaveLength(1)
    })

    test('over two envelopes to one conversation is one message', async () => {
      const place = await addCorrespondence(service, `${freshWords()}@customer.example`)
      const words = freshWords()
      const raw = mail({ From: place.email, To: place.replyAddress, 'Message-ID': undefined, ...dated }, words)
      const upper = place.replyAddress.replace('reply+', 'REPLY_')
      const [one, other] = [
        await service.deliver(raw, { to: place.replyAddress }),
        await service.deliver(raw, { to: upper }),
      ]
      expect([one.status, other.reason]).toEqual(['delivered', 'duplicate-message'])
      expect(await messagesWith(words)).toHaveLength(1)
    })

    test('to two inboxes, by one envelope or two, reaches both, linked', async () => {
      const { id: billingId, address } = await billing()
      const [words, others] = [freshWords(), freshWords()]
      await service.lmtp({ from: gus, to: [service.inboxAddress, address], raw: nameless(words) })
      await until('both messages', async () => ((await messagesWith(words)).length === 2 ? true : null))
      expect((await messagesWith(words)).map(({ inbox_id }) => inbox_id)).toEqual([1, billingId])
      const one = await service.deliver(nameless(others), { to: service.inboxAddress })
      const other = await service.deliver(nameless(others), { to: address })
      expect(other).toMatchObject({ reason: 'new-conversation-linked' })
      expect((await conversation(other.conversation_id)).linked_conversations).toEqual([one.conversation_id])
    })
  })

  test('two alarms without Message-ID and Date are two, each with a row; a second delivery of one is not', async () => {
    const words = freshWords()
    const alarm = (id: string) =>
      mail(
        {
          ...(id === '' ? {} : { Received: `from device by relay id ${id}; Mon, 5 Jan 2026 10:00:00 +0000` }),
          From: 'alarm@device.example',
          To: service.inboxAddress,
          Subject: 'Disk full',
          'Message-ID': undefined,
        },
        words,
      )
    const send = (raw: Buffer) => service.deliver(raw, { to: service.inboxAddress })
    const emails = [await send(alarm('')), await send(alarm('')), await send(alarm('one')), await send(alarm('two'))]
    expect(new Set(emails.map(({ id }) => id)).size).toBe(4)
    expect(emails.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => 'delivered'))
    expect((await send(alarm('two'))).id).toBe(emails[3]?.id)
    expect(await service.sql('select 1 from messages where content = $1', [words])).toHaveLength(4)
  })

  test('two addresses of one inbox in one envelope are one message', async () => {
    const words = freshWords()
    const to = [service.inboxAddress, service.inboxAddress.replace('@', '+tag@')]
    const email = await service.settled(
      acceptedId(await service.lmtp({ from: gus, to, raw: write(to, freshId(), words) })),
    )
    expect(email).toMatchObject({ reason: 'new-conversation' })
    expect(await service.sql('select 1 from messages where content = $1', [words])).toHaveLength(1)
  })
})
