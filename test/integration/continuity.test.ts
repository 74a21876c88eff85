// Conversations of other channels go on by mail (docs/reference/chatwoot-compatibility.md, "Outgoing mail"): one mail
// for what was written in a while, none for what was seen, none where it is switched off; and the answer comes back
// into the conversation.

import { expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords, mail, type SentMail } from '../support/mail.ts'
import { until } from '../support/until.ts'

describeOnEitherDatabase('a conversation of another channel', (member) => {
  const service = useService({ on: member, env: { CONTINUITY_DELAY_MS: '400' } })
  const account = '/api/v1/accounts/1'

  let count = 0
  const ask = async (method: string, path: string, body?: object): Promise<any> => {
    const answer = await service.api(method, `${account}${path}`, body)
    if (answer.status !== 200)
      throw new Error(`${method} ${path}: ${String(answer.status)} ${answer.bytes.toString('utf8')}`)
    return answer.body
  }
  const begin = async (
    type: string,
    channel: object = {},
    email: string | null = `visitor${String(++count)}@customer.example`,
  ) => {
    const inbox = await ask('POST', '/inboxes', { name: `${type} ${String(++count)}`, channel: { type, ...channel } })
    const { payload } = await ask('POST', '/contacts', {
      name: 'Vera Visitor',
      ...(email === null ? {} : { email }),
      identifier: `v${String(++count)}`,
      phone_number: `+1555000${String(1_000 + count)}`,
    })
    const conversation = await ask('POST', '/conversations', {
      inbox_id: inbox.id,
      contact_id: payload.contact.id,
      source_id: `source-${String(++count)}`,
    })
    return { id: conversation.id as number, email, inboxId: inbox.id as number }
  }
  const write = (id: number, content: string, more: object = {}) =>
    ask('POST', `/conversations/${String(id)}/messages`, { content, ...more })
  /** The contact writes where they are. */
  const hear = async (id: number, content: string): Promise<number> => {
    const [row] = await service.sql<{ id: number }>(
      `insert into messages (
         account_id, inbox_id, conversation_id, message_type, content, sender_type, sender_id, updated_at
       )
       select account_id, inbox_id, id, 'incoming', $2, 'contact', contact_id, now()
       from conversations
       where account_id = 1 and display_id = $1
       returning id`,
      [id, content],
    )
    return row?.id ?? 0
  }
  const sentWith = (words: string): Promise<SentMail> =>
    until(`a mail with ${words}`, async () => (await service.outbox()).find((file) => file.text.includes(words)))
  const stateOf = async (id: number, messageId: number) =>
    (await service.messages(id)).find((message: any) => message.id === messageId)?.content_attributes['delivery']?.[
      'state'
    ]
  const nothingLeft = () =>
    until(
      'no work left',
      async () => (await service.sql(`select 1 from work where kind = 'send-continuity'`)).length === 0,
    )

  const widget = { website_url: 'https://shop.example' }

  test('messages written together are sent as one mail, and the answer arrives in the conversation', async () => {
    const { id, email } = await begin('web_widget', widget)
    const [one, two] = [freshWords(), freshWords()]
    await write(id, one)
    const last = await write(id, two)
    const sent = await sentWith(two)
    expect(sent.text).toContain(one)
    expect(sent.text.indexOf(one)).toBeLessThan(sent.text.indexOf(two))
    expect((await service.outbox()).filter((file) => file.text.includes(one))).toHaveLength(1)
    expect(sent.recipients).toEqual([email])
    expect(sent.address('Reply-To')).toMatch(/^reply\+[0-9a-f]{32,}@/)
    expect(
      await until('the state of the mail', async () => ((await stateOf(id, last.id)) === 'sent' ? 'sent' : null)),
    ).toBe('sent')
    const answer = freshWords()
    await service.deliver(mail({ From: email!, To: sent.address('Reply-To') }, answer), {
      from: email!,
      to: sent.address('Reply-To'),
    })
    expect((await service.messages(id)).at(-1)).toMatchObject({ content: answer, message_type: 0 })
  })

  test(
    "a message with a platform's id is mailed under our Message-ID, which answers, bounces and " + 'copies refer to',
    async () => {
      const { id, email } = await begin('api')
      const [words, answer] = [freshWords(), freshWords()]
      const written = await write(id, words, { source_id: `WAID:${words}` })
      const sent = await sentWith(words)
      const messageId = sent.address('Message-ID')
      expect(messageId).toMatch(
        new RegExp(`^conversation/[0-9a-f-]{36}/messages/${String(written.id)}/[0-9a-f]{32}@reply\\.localhost$`),
      )
      // Not to the reply address: the ids alone say where it belongs.
      const to = 'team@reply.localhost'
      const heard = await service.deliver(mail({ From: email!, To: to, 'In-Reply-To': `<${messageId}>` }, answer), {
        from: email!,
        to,
      })
      expect(heard).toMatchObject({ status: 'delivered', reason: 'thread', conversation_id: id })
      expect((await service.messages(id)).at(-1)).toMatchObject({ content: answer, message_type: 0 })
      const copy = await service.deliver(
        mail({ From: email!, To: service.inboxAddress, 'Message-ID': `<${messageId}>` }, freshWords()),
        { from: email!, to: service.inboxAddress },
      )
      expect(copy).toMatchObject({ status: 'ignored', reason: 'own-mail' })
      const foreign = messageId.replace(/\/messages\/\d+\//, '/messages/1/')
      const stray = await service.deliver(mail({ From: email!, To: to, 'In-Reply-To': `<${foreign}>` }, freshWords()), {
        from: email!,
        to,
      })
      expect(stray).toMatchObject({ status: 'held', reason: 'unknown-recipient' })
      expect((await service.messages(id)).find((message) => message.id === written.id)).toMatchObject({
        source_id: `WAID:${words}`,
        content_attributes: { delivery: { message_id: messageId } },
      })
    },
  )

  test('earlier messages without a mail are quoted below', async () => {
    const { id } = await begin('Channel::FacebookPage')
    const [before, now] = [freshWords(), freshWords()]
    await hear(id, before)
    await write(id, now)
    const sent = await sentWith(now)
    expect(sent.text).toMatch(new RegExp(`${now}[^]*\\n> .*${before}`))
    expect(sent.text).not.toContain(`> ${now}`)
  })

  test('a message deleted before it was mailed is neither mailed nor quoted, and is in no transcript', async () => {
    const { id, email } = await begin('Channel::WebWidget', widget)
    const [matching, heard, answer] = [freshWords(), freshWords(), freshWords()]
    const wrong = await write(id, matching)
    const theirs = await hear(id, heard)
    await ask('DELETE', `/conversations/${String(id)}/messages/${String(wrong.id)}`)
    await nothingLeft()
    await ask('DELETE', `/conversations/${String(id)}/messages/${String(theirs)}`)
    await write(id, answer)
    const sent = await sentWith(answer)
    expect(sent.recipients).toEqual([email])
    await ask('POST', `/conversations/${String(id)}/transcript`, { email: 'boss@customer.example' })
    const transcript = await until('the transcript', async () =>
      (await service.outbox()).find(
        ({ recipients, text }) => recipients.includes('boss@customer.example') && text.includes(answer),
      ),
    )
    for (const { text } of [sent, transcript]) {
      expect(text).not.toContain('This message was deleted')
      expect(text).not.toContain(matching)
      expect(text).not.toContain(heard)
    }
  })

  test('messages that were mailed or quoted before are not quoted again', async () => {
    const { id } = await begin('Channel::WebWidget', widget)
    const [one, two, three] = [freshWords(), freshWords(), freshWords()]
    await write(id, one)
    await sentWith(one)
    await nothingLeft()
    await write(id, two)
    const second = await sentWith(two)
    expect(second.text).not.toContain(one)
    await nothingLeft()
    await write(id, three)
    const third = await sentWith(three)
    expect(third.text).not.toContain(one)
    expect(third.text).not.toContain(two)
  })

  test("mail to an unconfirmed address has our messages and none of the visitor's", async () => {
    const inbox = await ask('POST', '/inboxes', {
      name: `Widget ${String(++count)}`,
      channel: { type: 'web_widget', ...widget },
    })
    const door = `/public/api/v1/inboxes/${String(inbox.website_token)}/contacts`
    const victim = `victim${String(++count)}@customer.example`
    const visitor = (await service.api('POST', door, { email: victim })).body
    const conversation = (await service.api('POST', `${door}/${String(visitor.source_id)}/conversations`, {})).body
    const [theirs, ours] = [freshWords(), freshWords()]
    await service.api(
      'POST',
      `${door}/${String(visitor.source_id)}/conversations/${String(conversation.id)}/messages`,
      { content: theirs },
    )
    await write(conversation.id, ours)
    const sent = await sentWith(ours)
    expect([sent.recipients, sent.text.includes(theirs)]).toEqual([[victim], false])
  })

  test('after a mail of the contact nothing is quoted', async () => {
    const { id, email } = await begin('web_widget', widget)
    const [one, two] = [freshWords(), freshWords()]
    await write(id, one)
    const first = await sentWith(one)
    await service.deliver(mail({ From: email!, To: first.address('Reply-To') }, freshWords()), {
      from: email!,
      to: first.address('Reply-To'),
    })
    await write(id, two)
    const sent = await sentWith(two)
    expect(sent.text).not.toContain(one)
    expect(sent.field('In-Reply-To')).toMatch(/^<.+@.+>$/)
  })

  test('a message that the contact has seen in the channel is not mailed', async () => {
    const { id } = await begin('web_widget', widget)
    const words = freshWords()
    const message = await write(id, words)
    await service.sql(
      `
        update conversations
        set contact_last_seen_at = now() + interval '1 second'
        where display_id = $1 and account_id = 1
      `,
      [id],
    )
    await until('it is known to be seen', async () => (await stateOf(id, message.id)) === 'seen')
    expect((await service.outbox()).some((file) => file.text.includes(words))).toBe(false)
  })

  test('a widget with continuity off sends no mail', async () => {
    const { id } = await begin('web_widget', { ...widget, continuity_via_email: false })
    expect((await write(id, freshWords())).content_attributes).not.toHaveProperty('delivery')
  })

  test('an api inbox sends mail only if the account has the feature', async () => {
    const { id } = await begin('api')
    const words = freshWords()
    await write(id, words)
    expect((await sentWith(words)).address('Reply-To')).toMatch(/^reply\+/)
    const setFeature = (on: boolean) =>
      service.api('PATCH', '/api/v1/installation/accounts/1', { features: { email_continuity_on_api_channel: on } })
    await setFeature(false)
    expect((await write(id, freshWords())).content_attributes).not.toHaveProperty('delivery')
    await setFeature(true)
  })

  test('an account can switch it off for all other channels', async () => {
    await ask('PATCH', '', { email_continuity: false })
    const { id } = await begin('Channel::FacebookPage')
    expect((await write(id, freshWords())).content_attributes).not.toHaveProperty('delivery')
    await ask('PATCH', '', { email_continuity: true })
  })

  test('private notes and contacts without an address are not mailed', async () => {
    const { id } = await begin('web_widget', widget)
    expect((await write(id, freshWords(), { private: true })).content_attributes).not.toHaveProperty('delivery')
    const other = await begin('web_widget', widget, null)
    expect((await write(other.id, freshWords())).content_attributes).not.toHaveProperty('delivery')
  })
})
