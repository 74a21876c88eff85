// Automatic messages of an inbox, over all ingresses: to people who write, and to no other sender (Chatwoot's
// templates; RFC 3834 §2 for mail).

import { beforeEach, expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { type Fields, freshWords, mail } from '../support/mail.ts'
import { addCorrespondence, answerThroughApi } from '../support/people.ts'
import { until } from '../support/until.ts'

const authserv = 'mx.reply.example'
const always = [0, 1, 2, 3, 4, 5, 6]
const closedAllWeek = always.map((day) => ({ day_of_week: day, closed_all_day: true }))
const openAllWeek = always.map((day) => ({ day_of_week: day, open_all_day: true }))

describeOnEitherDatabase('automatic messages of an inbox', (member) => {
  const service = useService({ on: member, env: { AUTHSERV_ID: authserv, CONTINUITY_DELAY_MS: '300' } })
  const account = '/api/v1/accounts/1'

  const ask = async (method: string, path: string, body?: object): Promise<any> => {
    const answer = await service.api(method, `${account}${path}`, body)
    if (answer.status !== 200)
      throw new Error(`${method} ${path}: ${String(answer.status)} ${answer.bytes.toString('utf8')}`)
    return answer.body
  }
  const set = (settings: object) => ask('PATCH', '/inboxes/1', settings)
  beforeEach(() => set({ greeting_enabled: false, working_hours_enabled: false }))

  let count = 0
  const freshAddress = () => `person${String(++count)}@customer.example`
  const passes = (from: string): Fields => ({
    'Authentication-Results': `${authserv}; dmarc=pass header.from=${from.slice(from.indexOf('@') + 1)}`,
  })
  const write = async (from: string, fields: Fields = {}): Promise<number> => {
    const words = freshWords()
    const to = fields['To'] === undefined ? service.inboxAddress : String(fields['To'])
    return (await service.deliver(mail({ From: from, To: to, Subject: words, ...fields }, words), { from, to }))
      .conversation_id!
  }
  const templatesOf = async (displayId: number): Promise<string[]> =>
    (await service.messages(displayId))
      .filter(({ message_type: type }) => type === 3)
      .map(({ content }) => content ?? '')
  const said = (displayId: number, words: readonly string[]) =>
    until('what it says', async () => JSON.stringify(await templatesOf(displayId)) === JSON.stringify(words))
  /** Once all that this mail and the ones before it caused has been done. */
  const settled = () =>
    until(
      'no work',
      async () =>
        (
          await service.sql(
            `
              select 1
              from events
              where position is null
              union all
              select 1
              from work
              where kind = 'answer-by-template' and failed_at is null
            `,
          )
        ).length === 0,
    )
  const mailsTo = async (address: string) =>
    (await service.outbox()).filter(({ recipients }) => recipients.includes(address))

  test('greet a new contact once, in an automatic mail that answers the first one', async () => {
    await set({ greeting_enabled: true, greeting_message: 'We have your mail.' })
    const from = freshAddress()
    const conversation = await write(from, passes(from))
    await said(conversation, ['We have your mail.'])
    const [sent] = await until('the mail', async () => ((await mailsTo(from)).length > 0 ? mailsTo(from) : null))
    expect([
      sent!.field('Auto-Submitted'),
      sent!.text.includes('We have your mail.'),
      sent!.address('Reply-To'),
    ]).toEqual(['auto-replied', true, expect.stringMatching(/^reply\+[0-9a-f]+@/)])
    await write(from, { ...passes(from), To: sent!.address('Reply-To') })
    await settled()
    expect(await templatesOf(conversation)).toEqual(['We have your mail.'])
  })

  test('outside working hours say that the inbox is closed, once a day, and not during a conversation', async () => {
    await set({
      greeting_enabled: true,
      greeting_message: 'Welcome!',
      working_hours_enabled: true,
      out_of_office_message: 'We are closed.',
      working_hours: closedAllWeek,
    })
    const from = freshAddress()
    const conversation = await write(from, passes(from))
    await said(conversation, ['We are closed.'])
    const talk = await write(freshAddress(), { ...passes(from) })
    await said(talk, ['We are closed.'])
    await service.sql(
      `
        update messages
        set created_at = created_at - interval '2 days'
        where conversation_id in (select id from conversations where display_id = any($1))
      `,
      [[conversation, talk]],
    )
    await answerThroughApi(service, talk, 'We are here all the same.')
    const thread = async (displayId: number) =>
      String(
        (
          await service.sql<{ source_id: string }>(
            `
              select m.source_id
              from messages m
              join conversations c on c.id = m.conversation_id
              where c.display_id = $1 and m.message_type = 'incoming'
              order by m.id
              limit 1
            `,
            [displayId],
          )
        )[0]!.source_id,
      )
    await write(from, { ...passes(from), 'In-Reply-To': `<${await thread(conversation)}>` })
    await said(conversation, ['We are closed.', 'We are closed.'])
    await write((await ask('GET', `/conversations/${String(talk)}`)).meta.sender.email, {
      ...passes(from),
      'In-Reply-To': `<${await thread(talk)}>`,
    })
    await settled()
    expect(await templatesOf(talk)).toEqual(['We are closed.'])
    await set({ working_hours: openAllWeek })
    await said(await write(freshAddress(), passes(from)), ['Welcome!'])
  })

  test.each<readonly [string, Fields, string | null]>([
    ['an automatic reply', { 'Auto-Submitted': 'auto-replied' }, null],
    ['a null reverse-path', {}, ''],
    ['a machine by its name', {}, 'no-reply@customer.example'],
  ])('are not sent to %s', async (_, fields, reversePath) => {
    await set({ greeting_enabled: true, greeting_message: 'We have your mail.' })
    const from = reversePath ?? freshAddress()
    const header = from === '' ? freshAddress() : from
    const words = freshWords()
    const { conversation_id: conversation } = await service.deliver(
      mail({ From: header, To: service.inboxAddress, ...passes(header), ...fields }, words),
      { from, to: service.inboxAddress },
    )
    await settled()
    expect([typeof conversation, await templatesOf(conversation!), await mailsTo(header)]).toEqual(['number', [], []])
  })

  test('are not sent to a list that answers', async () => {
    await set({ working_hours_enabled: true, out_of_office_message: 'We are closed.', working_hours: closedAllWeek })
    const from = freshAddress()
    const conversation = await write(from, {
      ...passes(from),
      'List-Id': `<${service.inboxAddress.replace('@', '.')}>`,
    })
    await settled()
    expect([typeof conversation, await templatesOf(conversation)]).toEqual(['number', []])
  })

  test('are not sent to the contact when another sender writes to the reply address', async () => {
    await set({ working_hours_enabled: true, out_of_office_message: 'We are closed.', working_hours: closedAllWeek })
    const place = await addCorrespondence(service, freshAddress())
    await service.sql(`update messages set created_at = created_at - interval '1 hour' where conversation_id = $1`, [
      place.id,
    ])
    const from = freshAddress()
    await write(from, { ...passes(from), To: place.replyAddress })
    await settled()
    expect(await templatesOf(place.displayId)).toEqual([])
    await write(place.email, { ...passes(place.email), To: place.replyAddress })
    await said(place.displayId, ['We are closed.'])
  })

  test('are not sent for mail that was held for days', async () => {
    await set({ greeting_enabled: true, greeting_message: 'We have your mail.' })
    const setFeature = (on: boolean) =>
      service.api('PATCH', '/api/v1/installation/accounts/1', { features: { inbound_emails: on } })
    await setFeature(false)
    const hold = async (from: string) =>
      (
        await service.deliver(mail({ From: from, To: service.inboxAddress, ...passes(from) }, freshWords()), {
          from,
          to: service.inboxAddress,
        })
      ).id
    const [early, late] = [await hold(freshAddress()), await hold(freshAddress())]
    await service.sql(`update inbound_emails set received_at = now() - interval '2 days' where id = $1`, [early])
    await setFeature(true)
    const conversationOf = (id: number) => until('the message', async () => (await service.settled(id)).conversation_id)
    await said(await conversationOf(late), ['We have your mail.'])
    const kept = await conversationOf(early)
    await settled()
    expect(await templatesOf(kept)).toEqual([])
  })

  test('reach a forged address once a day at most, and a proven sender each time', async () => {
    await set({ greeting_enabled: true, greeting_message: 'We have your mail.' })
    const [victim, person] = [freshAddress(), freshAddress()]
    for (let n = 0; n < 3; n++) await write(victim)
    for (let n = 0; n < 3; n++) await write(person, passes(person))
    await settled()
    await until('the mails', async () => (await mailsTo(person)).length === 3)
    expect((await mailsTo(victim)).length).toBe(1)
    expect(service.log().filter(({ event }) => event === 'template-budget')).toHaveLength(2)
  })

  test('in a widget are mailed to a known address, not to one that an anonymous visitor names', async () => {
    const inbox = await ask('POST', '/inboxes', {
      name: 'Greeter',
      greeting_enabled: true,
      greeting_message: 'Hello there.',
      channel: { type: 'web_widget', website_url: 'https://shop.example' },
    })
    const place = `/public/api/v1/inboxes/${String(inbox.website_token)}/contacts`
    const begin = async (visitor: any): Promise<number> => {
      const here = `${place}/${String(visitor.source_id)}/conversations`
      const conversation = (await service.api('POST', here, {})).body.id as number
      await service.api('POST', `${here}/${String(conversation)}/messages`, { content: 'Hello?' })
      await said(conversation, ['Hello there.'])
      return conversation
    }
    const [victim, known] = [freshAddress(), freshAddress()]
    const stranger = await begin((await service.api('POST', place, { email: victim })).body)
    const contact = (await ask('POST', '/contacts', { email: known, inbox_id: inbox.id })).payload
    await begin({ source_id: contact.contact_inbox.source_id })
    await until('the mail to whom we know', async () => (await mailsTo(known)).length > 0)
    expect(await mailsTo(victim)).toEqual([])
    await answerThroughApi(service, stranger, 'A person answers.')
    const [sent] = await until('a person’s mail', async () =>
      (await mailsTo(victim)).length > 0 ? mailsTo(victim) : null,
    )
    expect([sent!.text.includes('A person answers.'), sent!.text.includes('Hello there.')]).toEqual([true, false])
  })

  test('in a widget ask a visitor for an address once, and store the answer', async () => {
    const inbox = await ask('POST', '/inboxes', {
      name: 'Shop',
      channel: { type: 'web_widget', website_url: 'https://shop.example' },
    })
    const place = `/public/api/v1/inboxes/${String(inbox.website_token)}/contacts`
    const visitor = (await service.api('POST', place, {})).body
    const here = `${place}/${String(visitor.source_id)}/conversations`
    const conversation = (await service.api('POST', here, {})).body.id as number
    await service.api('POST', `${here}/${String(conversation)}/messages`, { content: 'Hello?' })
    await said(conversation, ['Give the team a way to reach you.', 'Get notified by email'])
    const form = (await service.api('GET', `${here}/${String(conversation)}/messages`)).body.find(
      (message: any) => message.content_type === 'input_email',
    )
    await service.api('POST', `${here}/${String(conversation)}/messages`, { content: 'Still there?' })
    const email = freshAddress()
    expect(
      (
        await service.api('PATCH', `${here}/${String(conversation)}/messages/${String(form.id)}`, {
          submitted_email: email,
        })
      ).status,
    ).toBe(200)
    await settled()
    expect(await templatesOf(conversation)).toHaveLength(2)
    await answerThroughApi(service, conversation, 'Here we are.')
    const [sent] = await until('the mail', async () => ((await mailsTo(email)).length > 0 ? mailsTo(email) : null))
    expect([sent!.text.includes('Here we are.'), sent!.text.includes('Get notified')]).toEqual([true, false])
  })
})
