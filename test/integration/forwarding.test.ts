// An agent forwards a customer's mail to the inbox: the conversation is the customer's, and the answer goes to them.

import { beforeAll, describe, expect, test } from 'vitest'

import { addNoticedAgent, type NotifiedAgent } from '../support/agents.ts'
import { useService } from '../support/fixtures.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { acceptedId } from '../support/service.ts'
import { until } from '../support/until.ts'

const relay = 'mx.relay.example'
const verified = { 'Authentication-Results': `${relay}; dmarc=pass header.from=agents.example` }

describe('a mail that an agent forwards to an inbox', () => {
  const service = useService({ env: { AUTHSERV_ID: relay } })
  let ann: NotifiedAgent
  beforeAll(async () => {
    ann = await addNoticedAgent(service)
  })

  const forward = async (text: string, fields: Record<string, string> = verified) =>
    service.settled(
      acceptedId(
        await service.smtp({
          from: ann.agent,
          to: service.inboxAddress,
          raw: mail({ From: `Ann <${ann.agent}>`, To: service.inboxAddress, Subject: 'Fwd: Shoes', ...fields }, text),
        }),
      ),
    )
  const block = (from: string, words: string): string =>
    [
      '---------- Forwarded message ---------',
      `From: ${from}`,
      'Date: Mon, Nov 30, 2026 at 10:00 AM',
      'Subject: Shoes',
      `To: Ann <${ann.agent}>`,
      '',
      words,
    ].join('\r\n')

  test('begins a conversation with its author; the words above are a note, the answer goes to the author', async () => {
    const [words, above] = [freshWords(), freshWords()]
    const customer = `${freshWords()}@customer.example`
    const id = freshId()
    const email = await forward(`${above}\r\n\r\n${block(`Mia <${customer}>`, words)}`, {
      ...verified,
      'Message-ID': `<${id}>`,
      Cc: 'boss@agents.example',
    })
    expect(email).toMatchObject({ status: 'delivered', reason: 'forwarded-by-agent' })
    const [first, note] = (await service.messages(email.conversation_id ?? 0)).filter(
      ({ message_type }) => message_type !== 2,
    )
    expect(first).toMatchObject({ content: words, message_type: 0, sender: { email: customer, name: 'Mia' } })
    expect(first?.content_attributes).toMatchObject({ sender_verified: false, forwarded_by: { user_id: ann.userId } })
    expect(note).toMatchObject({ content: above, private: true, sender: { id: ann.userId } })

    const path = `/api/v1/accounts/1/conversations/${String(email.conversation_id)}`
    expect((await service.api('GET', `${path}/reply_recipients`)).body).toMatchObject({
      to: [{ email: customer }],
      cc: [],
    })
    const answer = freshWords()
    await service.api('POST', `${path}/messages`, { content: answer })
    const sent = await until('the answer', async () =>
      (await service.outbox()).find(({ recipients, text }) => recipients.includes(customer) && text.includes(answer)),
    )
    expect(sent.recipients).toEqual([customer])
    expect(sent.text).not.toContain(above)
    // The Message-ID of the forward is the agent's.
    expect(sent.text).not.toContain(id)
    expect(sent.text).not.toContain('agents.example')
  })

  test('of a colleague’s forward names the customer inside it', async () => {
    const words = freshWords()
    const customer = `${freshWords()}@customer.example`
    const inner = block(`Mia <${customer}>`, words)
    const email = await forward(block(`Ann <${ann.agent}>`, `Yours?\r\n\r\n${inner}`))
    expect(email.reason).toBe('forwarded-by-agent')
    const messages = await service.messages(email.conversation_id ?? 0)
    expect(messages.find(({ message_type }) => message_type === 0)).toMatchObject({
      content: words,
      sender: { email: customer },
    })
  })

  test.each<[string, (text: string) => ReturnType<typeof forward>]>([
    ['is not verified', (text) => forward(text, {})],
    [
      'is verified at another domain',
      (text) => forward(text, { 'Authentication-Results': `${relay}; dmarc=pass header.from=x.example` }),
    ],
    [
      'is a customer',
      async (text) => {
        const from = `${freshWords()}@customer.example`
        const raw = mail({ From: from, To: service.inboxAddress, Subject: 'Fwd: Shoes' }, text)
        return service.settled(acceptedId(await service.smtp({ from, to: service.inboxAddress, raw })))
      },
    ],
  ])('makes no one else its author when the sender %s', async (_title, send) => {
    const victim = `${freshWords()}@victim.example`
    const email = await send(block(`Victim <${victim}>`, freshWords()))
    expect(email.reason).not.toBe('forwarded-by-agent')
    const { body } = await service.api('GET', `/api/v1/accounts/1/contacts/search?q=${victim}`)
    expect(body.payload).toEqual([])
  })
})
