// The author of a mail whose From names none of its writers: contact forms, groups and lists in front of an inbox. And
// Reply-To: where answers go, and where they never go.

import { expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { type Fields, freshId, freshWords, mail } from '../support/mail.ts'
import { addCorrespondence, answerThroughApi } from '../support/people.ts'
import { acceptedId } from '../support/service.ts'

const company = 'support@company.example'

describeOnEitherDatabase('the author behind From', (member) => {
  const service = useService({ on: member })

  // The inbox of the company's address, which the company's mail server forwards.
  const forwarding = async (): Promise<string> => {
    const inboxes = (await service.api('GET', '/api/v1/accounts/1/inboxes')).body.payload as any[]
    const known = inboxes.find(({ email }) => email === company)
    if (known !== undefined) return known.forward_to_email as string
    const made = await service.api('POST', '/api/v1/accounts/1/inboxes', {
      name: 'Company Support',
      channel: { type: 'email', email: company },
    })
    await service.sql('update channels set email_confirmed_at = now() where email = $1', [company])
    return made.body.forward_to_email as string
  }

  const send = async (fields: Fields, words = freshWords()) => {
    const to = await forwarding()
    const submitted = await service.smtp({ from: 'srs0=x@company.example', to, raw: mail(fields, words) })
    return service.settled(acceptedId(submitted))
  }

  const conversation = async (id: number | null) =>
    (await service.api('GET', `/api/v1/accounts/1/conversations/${String(id)}`)).body

  const messageOf = async (id: number | null, messageId: number | null) =>
    (await service.messages(id ?? 0)).find((message) => message.id === messageId)

  const answerTo = async (displayId: number | null) =>
    (await answerThroughApi(service, displayId ?? 0, freshWords())).sent

  test.each([
    ['no-reply@shop.example', 'ann.one@customer.example'],
    ['Shop <noreply-orders@shop.example>', 'ann.two@customer.example'],
    ['donotreply@forms.example', 'ann.three@customer.example'],
    [`Company Shop <${company}>`, 'ann.four@customer.example'],
    ['Website <wordpress@www.company.example>', 'ann.five@customer.example'],
  ])('a form from %s: the customer in Reply-To is the contact and gets the answer', async (from, customer) => {
    const email = await send({ From: from, To: company, Subject: 'Form', 'Reply-To': `Ann Customer <${customer}>` })
    expect(email).toMatchObject({ status: 'delivered', reason: 'new-conversation', from: customer })
    expect(email.trace).toContainEqual(expect.objectContaining({ step: 'speaker', outcome: 'author-not-in-from' }))
    const { meta, recipient } = await conversation(email.conversation_id)
    expect(meta.sender).toMatchObject({ name: 'Ann Customer', email: customer })
    expect(recipient).toMatchObject({ email: customer })
    const message = await messageOf(email.conversation_id, email.message_db_id)
    expect(message?.content_attributes).toMatchObject({
      sender_verified: false,
      email: { from: [customer], reply_to: [customer], headers: { from } },
    })
    expect((await answerTo(email.conversation_id)).recipients).toEqual([customer])
  })

  test('a form without a customer in Reply-To, from the address of the inbox, is a loop', async () => {
    const email = await send({ From: company, To: company, 'Reply-To': company })
    expect(email).toMatchObject({ status: 'ignored', reason: 'mail-loop' })
  })

  test('a mail of our own that comes back is no form, whatever Reply-To a hop has written', async () => {
    const place = await addCorrespondence(service, 'returning@customer.example')
    const email = await send({
      From: place.sent.field('From') ?? '',
      To: company,
      'Reply-To': 'returning@customer.example',
      'Message-ID': place.sent.field('Message-ID') ?? '',
    })
    expect(email).toMatchObject({ status: 'ignored', reason: 'own-mail' })
  })

  const group = (author: string, fields: Fields = {}): Fields => ({
    From: `'Ben Writer' via Support <${company}>`,
    To: company,
    Subject: 'Question',
    'X-Original-From': `Ben Writer <${author}>`,
    'X-Original-Sender': author,
    'Reply-To': `Ben Writer <${author}>`,
    Precedence: 'list',
    'Mailing-list': `list ${company}; contact support+owners@company.example`,
    'List-ID': '<support.company.example>',
    'X-Google-Group-Id': '5550100',
    'List-Post': `<https://groups.google.com/a/company.example/group/support/post>, <mailto:${company}>`,
    'List-Unsubscribe': '<mailto:googlegroups-manage+5550100+unsubscribe@googlegroups.com>',
    ...fields,
  })

  test('a group that puts its address into From: the author is X-Original-From', async () => {
    const author = 'ben.one@customer.example'
    const email = await send(group(author, { 'Reply-To': company }))
    expect(email).toMatchObject({ status: 'delivered', reason: 'new-conversation', from: author })
    const { meta } = await conversation(email.conversation_id)
    expect(meta.sender).toMatchObject({ name: 'Ben Writer', email: author })
    expect((await answerTo(email.conversation_id)).recipients).toEqual([author])
  })

  test('only X-Original-Sender names them: the name is taken out of From', async () => {
    const author = 'ben.two@customer.example'
    const email = await send(group(author, { 'X-Original-From': undefined, 'Reply-To': undefined }))
    expect(email).toMatchObject({ status: 'delivered', from: author })
    expect((await conversation(email.conversation_id)).meta.sender).toMatchObject({ name: 'Ben Writer', email: author })
  })

  test('a group that leaves From alone is no list, by the forwarding address too', async () => {
    const author = 'ben.three@customer.example'
    const email = await send(group(author, { From: `Ben Writer <${author}>`, 'X-Original-From': undefined }))
    expect(email).toMatchObject({ status: 'delivered', reason: 'new-conversation', from: author })
  })

  test('another group of the company that forwards to the inbox is no list for a customer', async () => {
    const author = 'ben.four@customer.example'
    const email = await send(
      group(author, {
        From: "'Ben Writer' via Help <help@company.example>",
        To: 'help@company.example',
        'Mailing-list': 'list help@company.example; contact help+owners@company.example',
        'List-ID': '<help.company.example>',
        'List-Post': '<mailto:help@company.example>',
      }),
    )
    expect(email).toMatchObject({ status: 'delivered', from: author })
  })

  test.each([
    ['a newsletter', { From: 'News <news@brand.example>', 'List-Id': '<news.brand.example>' }],
    [
      'a newsletter through the group',
      group('news@brand.example', {
        From: 'News <news@brand.example>',
        'X-Campaign': 'mc1',
        'X-Original-From': undefined,
      }),
    ],
    [
      'a list of the company on which a colleague writes',
      {
        From: 'Cay <cay@company.example>',
        To: 'everyone@company.example',
        'List-Id': '<everyone.company.example>',
      },
    ],
  ])('%s is a list as before', async (_title, fields) => {
    expect(await send({ To: company, ...fields })).toMatchObject({ status: 'ignored', reason: 'mailing-list' })
  })

  test('a stranger with X-Original-From or Reply-To of a customer is a stranger in their conversation', async () => {
    const place = await addCorrespondence(service, 'dora@customer.example')
    const email = await send({
      From: 'Mallory <mallory@elsewhere.example>',
      To: company,
      'In-Reply-To': `<${place.sent.address('Message-ID')}>`,
      'X-Original-From': 'Dora <dora@customer.example>',
      'Reply-To': 'Dora <dora@customer.example>',
    })
    expect(email).toMatchObject({ reason: 'new-conversation-linked', from: 'mallory@elsewhere.example' })
    const form = await send({
      From: 'no-reply@elsewhere.example',
      To: company,
      'In-Reply-To': `<${place.sent.address('Message-ID')}>`,
      'Reply-To': 'Dora <dora@customer.example>',
    })
    expect(form).toMatchObject({ reason: 'new-conversation-linked', from: 'dora@customer.example' })
    expect(form.conversation_id).not.toBe(place.displayId)
  })

  test('a group continues the conversation of its author, unverified', async () => {
    const place = await addCorrespondence(service, 'ben.five@customer.example')
    const email = await send(
      group('ben.five@customer.example', { 'In-Reply-To': place.sent.field('Message-ID') ?? '' }),
    )
    expect(email).toMatchObject({ reason: 'thread', conversation_id: place.displayId })
    const message = await messageOf(place.displayId, email.message_db_id)
    expect(message?.content_attributes).toMatchObject({ sender_verified: false })
  })

  test('an ordinary author stays who they are, and has answers where Reply-To says', async () => {
    const first = await send({ From: 'Eve <eve@customer.example>', To: company, 'Reply-To': 'eve@home.example' })
    const { meta, recipient } = await conversation(first.conversation_id)
    expect(meta.sender.email).toBe('eve@customer.example')
    expect(recipient.email).toBe('eve@home.example')
    const recipients = await service.api(
      'GET',
      `/api/v1/accounts/1/conversations/${String(first.conversation_id)}/reply_recipients`,
    )
    expect(recipients.body.to).toEqual([
      expect.objectContaining({ email: 'eve@home.example', reason: 'was_in_reply_to' }),
    ])
    const sent = await answerTo(first.conversation_id)
    expect(sent.recipients).toEqual(['eve@home.example'])

    // From the other address, to the reply address: the same conversation, and answers stay there.
    const reply = mail({ From: 'eve@home.example', To: sent.address('Reply-To') })
    expect(await service.deliver(reply, { to: sent.address('Reply-To') })).toMatchObject({
      conversation_id: first.conversation_id,
    })
    const again = await send({ From: 'Eve <eve@customer.example>', To: company, 'Reply-To': 'eve@home.example' })
    expect((await conversation(again.conversation_id)).recipient.email).toBe('eve@home.example')
  })

  test('Reply-To never turns the answers of a known contact, or of their conversation, to a stranger', async () => {
    const place = await addCorrespondence(service, 'finn@customer.example')
    const forged = { From: 'Finn <finn@customer.example>', To: company, 'Reply-To': 'mallory@elsewhere.example' }
    const opened = await send(forged)
    expect((await conversation(opened.conversation_id)).recipient.email).toBe('finn@customer.example')
    const thread = await send({ ...forged, 'In-Reply-To': place.sent.field('Message-ID') ?? '' })
    expect(thread).toMatchObject({ conversation_id: place.displayId })
    expect((await conversation(place.displayId)).recipient.email).toBe('finn@customer.example')
    expect((await answerTo(place.displayId)).recipients).toEqual(['finn@customer.example'])
    const { body } = await service.api(
      'GET',
      `/api/v1/accounts/1/conversations/${String(place.displayId)}/reply_recipients`,
    )
    expect(body.left_out).toContainEqual(
      expect.objectContaining({ email: 'mallory@elsewhere.example', reason: 'was_in_reply_to' }),
    )
  })

  test('a mail that was ignored is opened under the author behind From', async () => {
    const author = 'gil@customer.example'
    const email = await send(group(author, { 'X-Campaign': 'mc2' }))
    expect(email).toMatchObject({ status: 'ignored', reason: 'mailing-list' })
    const opened = await service.api('POST', `/api/v1/accounts/1/inbound_emails/${String(email.id)}/open`)
    expect(opened.body).toMatchObject({ status: 'delivered', reason: 'opened-by-hand', from: author })
    expect((await conversation(opened.body.conversation_id)).meta.sender.email).toBe(author)
  })

  test('a mail from an inbox itself is not opened: its answers would come back', async () => {
    const email = await send({ From: company, To: company })
    expect(email).toMatchObject({ status: 'ignored', reason: 'mail-loop' })
    const refused = await service.api('POST', `/api/v1/accounts/1/inbound_emails/${String(email.id)}/open`)
    expect(refused.status).toBe(422)
    expect(refused.body.error).toContain('answers would come back here')
    expect(await service.show(email.id)).toMatchObject({ status: 'ignored', reason: 'mail-loop' })
  })

  test('explain says the same', async () => {
    const to = await forwarding()
    const raw = mail({
      From: 'no-reply@shop.example',
      To: company,
      'Reply-To': 'hal@customer.example',
      'Message-ID': `<${freshId()}>`,
    })
    const { body } = await service.explain(raw, { from: 'x@shop.example', to })
    const stored = await service.settled(acceptedId(await service.smtp({ from: 'x@shop.example', to, raw })))
    expect(stored.trace.map(({ step, outcome }) => [step, outcome])).toEqual(
      body.trace.map(({ step, outcome }: { step: string; outcome: string }) => [step, outcome]),
    )
  })
})
