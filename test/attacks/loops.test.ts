// Machines that answer each other: two bots of two installations, whatever the other side's mail says of itself.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { describeWithDatabase } from '../support/database.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

interface Side {
  readonly service: Service
  readonly token: string
}

describeWithDatabase('a loop', () => {
  let one: Side & AsyncDisposable
  let two: Side & AsyncDisposable
  const start = async (domain: string): Promise<Side & AsyncDisposable> => {
    const env = {
      INBOUND_EMAIL_DOMAIN: domain,
      AUTOMATIC_MAIL_UNPROVEN_PER_DAY: '1000',
      AUTOMATIC_MAIL_PER_HOUR: '1000',
    }
    const service = await startService({ env })
    const bot = await service.api('POST', '/api/v1/accounts/1/agent_bots', { name: 'Bob', outgoing_url: '' })
    await service.api('POST', '/api/v1/accounts/1/inboxes/1/set_agent_bot', { agent_bot: bot.body.id })
    return { service, token: bot.body.access_token, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() }
  }
  beforeAll(async () => {
    ;[one, two] = await Promise.all([start('reply.one.example'), start('reply.two.example')])
  })
  afterAll(() => Promise.all([one, two].map((side) => side[Symbol.asyncDispose]())))

  const at = (id: number) => `/api/v1/accounts/1/conversations/${String(id)}`
  /** The bot answers; the mail that leaves, or null when it may not. */
  const answer = async ({ service, token }: Side, conversation: number) => {
    const words = freshWords()
    const { status } = await service.api('POST', `${at(conversation)}/messages`, { content: words }, token)
    if (status !== 200) return null
    return until('the mail', async () => (await service.outbox()).find(({ text }) => text.includes(words)))
  }
  const stateOf = async ({ service }: Side, conversation: number) => {
    const { body } = await service.api('GET', at(conversation))
    const said = await service.messages(conversation)
    return {
      status: body.status,
      stops: said.filter(({ content }) => /Automatic answers were stopped/.test(content ?? '')),
    }
  }
  /** A mail without its envelope lines, without what says that a machine wrote it. */
  const disguised = (bytes: Buffer) => {
    const text = bytes.toString('latin1').replace(/^(?:Return-Path|X-Envelope-To): .*\r\n/gm, '')
    return Buffer.from(text.replace(/^(?:Auto-Submitted|X-Auto-Response-Suppress): .*\r\n/gim, ''), 'latin1')
  }
  const customer = async ({ service }: Side, from: string, to: string, fields = {}) =>
    (await service.deliver(mail({ From: from, To: to, ...fields }, freshWords()), { from, to })).conversation_id!

  test.each([
    [
      'marked',
      (bytes: Buffer) =>
        Buffer.from(bytes.toString('latin1').replace(/^(?:Return-Path|X-Envelope-To): .*\r\n/gm, ''), 'latin1'),
    ],
    ['disguised as a person’s', disguised],
  ])('of two bots of two installations, %s, stops within five messages and is assigned to people', async (_, dress) => {
    const from = `loop${freshId().split('@')[0] ?? ''}@customer.example`
    const ids = new Map<Side, number>([[one, await customer(one, from, one.service.inboxAddress)]])
    let [speaker, listener, said]: [Side, Side, number] = [one, two, 0]
    for (let round = 0; round < 30; round++) {
      const sent = await answer(speaker, ids.get(speaker) ?? 0)
      if (sent === null) break
      said += 1
      // The other side's mailbox is the address that this side wrote to, forwarded to its inbox or reply address.
      const to = round === 0 ? listener.service.inboxAddress : (replyTo.get(listener) ?? '')
      replyTo.set(speaker, sent.address('Reply-To'))
      const heard = await listener.service.deliver(dress(sent.bytes), { from: sent.reversePath, to })
      ids.set(listener, heard.conversation_id ?? ids.get(listener) ?? 0)
      ;[speaker, listener] = [listener, speaker]
    }
    expect(said).toBeGreaterThan(0)
    for (const side of [one, two]) {
      const bots = (await side.service.messages(ids.get(side) ?? 0)).filter(({ message_type: type }) => type === 1)
      expect(bots.length).toBeLessThanOrEqual(5)
    }
    const stopped = await stateOf(speaker, ids.get(speaker) ?? 0)
    expect([stopped.status, stopped.stops.length]).toEqual(['open', 1])
  })
  const replyTo = new Map<Side, string>()

  describe('is not assumed when a person takes part:', () => {
    test('an agent who writes lets the bot write again', async () => {
      const from = 'agent-helps@customer.example'
      const id = await customer(one, from, one.service.inboxAddress)
      for (let n = 0; n < 5; n++) expect(await answer(one, id)).not.toBeNull()
      expect([await answer(one, id), await answer(one, id)]).toEqual([null, null])
      expect((await stateOf(one, id)).stops).toHaveLength(1)
      expect((await one.service.api('POST', `${at(id)}/messages`, { content: 'I am here.' })).status).toBe(200)
      expect(await answer(one, id)).not.toBeNull()
    })

    test('a customer who writes slowly gets up to twenty answers without an agent', async () => {
      const from = 'slow@customer.example'
      const id = await customer(one, from, one.service.inboxAddress)
      let [to, answered] = ['', 0]
      for (let turn = 0; turn < 24; turn++) {
        const sent = await answer(one, id)
        if (sent === null) break
        answered += 1
        to = sent.address('Reply-To')
        await one.service.sql(
          `
            update messages
            set created_at = created_at - interval '3 minutes'
            where conversation_id = (select id from conversations where display_id = $1)
          `,
          [id],
        )
        await customer(one, from, to)
      }
      expect(answered).toBe(20)
    })

    test('a visitor in a widget talks to the bot for more than five turns', async () => {
      const inbox = await one.service.api('POST', '/api/v1/accounts/1/inboxes', {
        name: 'Shop',
        channel: { type: 'web_widget', website_url: 'https://shop.example' },
      })
      const here = `/public/api/v1/inboxes/${String(inbox.body.website_token)}/contacts`
      const visitor = await one.service.api('POST', here, { name: 'Vera' })
      const theirs = `${here}/${String(visitor.body.source_id)}/conversations`
      const conversation = await one.service.api('POST', theirs, {})
      for (let turn = 0; turn < 12; turn++) {
        await one.service.api('POST', `${theirs}/${String(conversation.body.id)}/messages`, { content: 'And now?' })
        const said = await one.service.api(
          'POST',
          `${at(conversation.body.id)}/messages`,
          { content: 'Hm.' },
          one.token,
        )
        expect([turn, said.status]).toEqual([turn, 200])
      }
    })
  })

  test('of a rule and a bot that both answer a machine stops as well', async () => {
    const conditions = [
      { attribute_key: 'message_type', filter_operator: 'equal_to', values: ['incoming'], query_operator: null },
    ]
    const actions = [{ action_name: 'send_message', action_params: ['Thank you.'] }]
    const rule = { name: 'Answers', event_name: 'message_created', conditions, actions }
    await two.service.api('POST', '/api/v1/accounts/1/automation_rules', rule)
    const from = 'mixed@customer.example'
    const id = await customer(two, from, two.service.inboxAddress)
    const first = await answer(two, id)
    for (let n = 0; n < 6; n++) {
      await customer(two, from, first?.address('Reply-To') ?? '')
      await two.service.api('POST', `${at(id)}/messages`, { content: freshWords() }, two.token)
    }
    await until('the end of the rules', async () => {
      const waiting = await two.service.sql(
        `
          select 1
          from events
          where position is null
          union all
          select 1
          from work
          where kind = 'react' and failed_at is null
        `,
      )
      return waiting.length === 0
    })
    const said = (await two.service.messages(id)).filter(({ message_type: type }) => type === 1)
    expect(said.length).toBe(5)
  })
})
