// Conversations that go on by mail: contacts and agents answer from their mail clients, machines answer for them,
// mail comes back.

import { expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { addAccount, addAgent, addConversation, addCorrespondence, answerThroughApi } from '../support/people.ts'
import { addInboxMembers } from '../support/records.ts'
import { until } from '../support/until.ts'

const authserv = 'mx.reply.example'

describeOnEitherDatabase('a conversation by mail', (member) => {
  const service = useService({ on: member, env: { AUTHSERV_ID: authserv } })

  let count = 0
  const freshAddress = (name: string) => `${name}${String(++count)}@customer.example`
  const stateOf = async (conversationId: number) =>
    (
      await service.sql<{ status: string; snoozed_until: Date | null }>(
        'select status, snoozed_until from conversations where id = $1',
        [conversationId],
      )
    )[0]
  const setState = (conversationId: number, status: string) =>
    service.sql(
      `
        update conversations
        set
          status = $2::conversation_status,
          snoozed_until = case when $2 = 'snoozed' then now() + interval '1 day' end
        where id = $1
      `,
      [conversationId, status],
    )

  test(
    'another sender who answers is the author, becomes a participant, and the message says how it ' + 'matched',
    async () => {
      const place = await addCorrespondence(service, freshAddress('owner'))
      const other = freshAddress('colleague')
      const email = await service.deliver(mail({ From: `Otto <${other}>`, To: place.replyAddress }, freshWords()), {
        to: place.replyAddress,
      })
      expect(email).toMatchObject({
        status: 'delivered',
        reason: 'reply-address-other-sender',
        conversation_id: place.displayId,
      })
      const message = (await service.messages(place.displayId)).find(({ id }) => id === email.message_db_id)
      expect(message?.sender).toMatchObject({ email: other })
      expect(message?.content_attributes).toMatchObject({ via_other_reply_address: true })
      // By thread alone, without the reply address, strangers are not heard; participants are.
      const byThread = await service.deliver(
        mail({ From: other, To: service.inboxAddress, 'In-Reply-To': `<${place.sent.address('Message-ID')}>` }),
        { to: service.inboxAddress },
      )
      expect(byThread).toMatchObject({ status: 'delivered', reason: 'thread', conversation_id: place.displayId })
    },
  )

  test('a recipient who is named twice, in any case, is mailed once, and no copy goes to others', async () => {
    const email = freshAddress('main')
    const place = await addCorrespondence(service, email)
    const words = freshWords()
    const [cc, bcc] = [freshAddress('cc'), freshAddress('bcc')]
    const { status } = await service.api(
      'POST',
      `/api/v1/accounts/1/conversations/${String(place.displayId)}/messages`,
      {
        content: words,
        cc_emails: `${email.toUpperCase()}, ${cc}, ${cc}, ${cc.toUpperCase()}`,
        bcc_emails: `${cc}, ${bcc}, ${email}`,
      },
    )
    expect(status).toBe(200)
    const sent = await until('the mail', async () => (await service.outbox()).find(({ text }) => text.includes(words)))
    expect(sent.recipients).toEqual([email, cc, bcc])
    expect(['To', 'Cc', 'Bcc'].map(sent.field)).toEqual([email, cc, null])
  })

  test('a stranger who answers by thread begins a separate conversation, linked to the first', async () => {
    const place = await addCorrespondence(service, freshAddress('owner'))
    const email = await service.deliver(
      mail({
        From: freshAddress('stranger'),
        To: service.inboxAddress,
        'In-Reply-To': `<${place.sent.address('Message-ID')}>`,
      }),
      { to: service.inboxAddress },
    )
    expect(email).toMatchObject({ status: 'delivered', reason: 'new-conversation-linked' })
    expect(email.conversation_id).not.toBe(place.displayId)
    const [row] = await service.sql<{ linked_to_id: number }>(
      'select linked_to_id from conversations where account_id = 1 and display_id = $1',
      [email.conversation_id],
    )
    expect(row?.linked_to_id).toBe(place.id)
  })

  test('a mail to an inbox begins a conversation of a new contact', async () => {
    const from = freshAddress('new')
    const email = await service.deliver(
      mail({ From: `Nora New <${from}>`, To: service.inboxAddress, Subject: 'A question' }, 'How?'),
      { to: service.inboxAddress },
    )
    expect(email).toMatchObject({ status: 'delivered', reason: 'new-conversation', subject: 'A question' })
    const shown = await service.api('GET', `/api/v1/accounts/1/conversations/${String(email.conversation_id)}`)
    expect(shown.body).toMatchObject({ status: 'open', meta: { sender: { email: from, name: 'Nora New' } } })
  })

  test.each(['resolved', 'snoozed'])('a person’s mail reopens a %s conversation', async (state) => {
    const place = await addCorrespondence(service, freshAddress('reopens'))
    await setState(place.id, state)
    await service.deliver(mail({ From: place.email, To: place.replyAddress }), { to: place.replyAddress })
    expect(await stateOf(place.id)).toEqual({ status: 'open', snoozed_until: null })
  })

  test('a blocked contact’s mail is appended and reopens nothing', async () => {
    const place = await addCorrespondence(service, freshAddress('blocked'))
    await setState(place.id, 'resolved')
    await service.sql('update contacts set blocked = true where id = $1', [place.contactId])
    const email = await service.deliver(mail({ From: place.email, To: place.replyAddress }), { to: place.replyAddress })
    expect(email).toMatchObject({ status: 'delivered', conversation_id: place.displayId })
    expect((await stateOf(place.id))?.status).toBe('resolved')
  })

  test('an automatic answer is appended, marked, and reopens nothing', async () => {
    const place = await addCorrespondence(service, freshAddress('away'))
    await setState(place.id, 'resolved')
    const email = await service.deliver(
      mail(
        { From: place.email, To: place.replyAddress, Subject: 'Away', 'Auto-Submitted': 'auto-replied' },
        'I am on holiday.',
      ),
      { from: '', to: place.replyAddress },
    )
    expect(email).toMatchObject({ status: 'delivered', conversation_id: place.displayId })
    const message = (await service.messages(place.displayId)).find(({ id }) => id === email.message_db_id)
    expect(message?.content_attributes.email.auto_reply).toBe(true)
    expect((await stateOf(place.id))?.status).toBe('resolved')
  })

  const report = (to: string, action: 'failed' | 'delayed', originalId: string) =>
    Buffer.from(
      [
        'From: MAILER-DAEMON@mx.customer.example',
        `To: ${to}`,
        'Subject: Undelivered Mail Returned to Sender',
        'Auto-Submitted: auto-replied',
        `Message-ID: <${freshId()}>`,
        'MIME-Version: 1.0',
        'Content-Type: multipart/report; report-type=delivery-status; boundary="r"',
        '',
        '--r',
        'Content-Type: text/plain',
        '',
        'I could not deliver your message.',
        '--r',
        'Content-Type: message/delivery-status',
        '',
        'Reporting-MTA: dns; mx.customer.example',
        '',
        'Final-Recipient: rfc822; ann@customer.example',
        `Action: ${action}`,
        `Status: ${action === 'failed' ? '5.1.1' : '4.4.1'}`,
        'Diagnostic-Code: smtp; 550 5.1.1 unknown user',
        '',
        '--r',
        'Content-Type: message/rfc822',
        '',
        `Message-ID: <${originalId}>`,
        'Subject: x',
        '',
        'x',
        '--r--',
        '',
      ].join('\r\n'),
    )

  test('an agent removed from an inbox gets no notices, and cannot answer old ones', async () => {
    const place = await addCorrespondence(service, freshAddress('asks'))
    const agent = `leaver${String(++count)}@staff.example`
    const userId = await addAgent(service, agent)
    await addInboxMembers(service, 1, [userId])
    await service.sql('insert into conversation_participants (conversation_id, user_id) values ($1, $2)', [
      place.id,
      userId,
    ])
    const notices = async () =>
      (await service.outbox()).filter(
        ({ recipients, field }) => recipients.includes(agent) && !/^Not sent: /.test(field('Subject') ?? ''),
      )
    await service.deliver(mail({ From: place.email, To: place.replyAddress }, freshWords()), { to: place.replyAddress })
    const notice = await until('the notice', async () => (await notices())[0])

    await service.api('DELETE', '/api/v1/accounts/1/inbox_members', { inbox_id: 1, user_ids: [userId] })
    const answer = await service.deliver(
      mail(
        {
          From: agent,
          To: notice.address('Reply-To'),
          'Authentication-Results': `${authserv}; dmarc=pass header.from=staff.example`,
        },
        freshWords(),
      ),
      { to: notice.address('Reply-To') },
    )
    expect(answer).toMatchObject({ status: 'held', reason: 'agent-not-verified' })
    await service.deliver(mail({ From: place.email, To: place.replyAddress }, freshWords()), { to: place.replyAddress })
    await until(
      'all is done',
      async () => (await service.sql('select 1 from work where failed_at is null')).length === 0,
    )
    expect(await notices()).toHaveLength(1)
  })

  test('a bounce to the reverse-path marks its message as failed, with the reason, and adds no message', async () => {
    const place = await addCorrespondence(service, freshAddress('bounces'))
    const before = (await service.messages(place.displayId)).length
    const email = await service.deliver(report(place.bounceAddress, 'failed', 'unknown@elsewhere.example'), {
      from: '',
      to: place.bounceAddress,
    })
    expect(email).toMatchObject({
      status: 'delivered',
      reason: 'bounce',
      message_db_id: place.messageId,
      conversation_id: place.displayId,
    })
    const messages = await service.messages(place.displayId)
    expect(messages).toHaveLength(before)
    expect(messages.find(({ id }) => id === place.messageId)).toMatchObject({
      status: 'failed',
      content_attributes: { external_error: expect.stringContaining('5.1.1') as string },
    })
  })

  test('a delay report does not mark the message as failed', async () => {
    const place = await addCorrespondence(service, freshAddress('delays'))
    const email = await service.deliver(report(place.bounceAddress, 'delayed', 'unknown@elsewhere.example'), {
      from: '',
      to: place.bounceAddress,
    })
    expect(email).toMatchObject({ status: 'delivered', reason: 'bounce' })
    expect((await service.messages(place.displayId)).find(({ id }) => id === place.messageId)?.status).toBe('sent')
  })

  test('a bounce of an unknown message is ignored with that reason', async () => {
    const email = await service.deliver(report(service.inboxAddress, 'failed', 'nobody@elsewhere.example'), {
      from: '',
      to: service.inboxAddress,
    })
    expect(email).toMatchObject({ status: 'ignored', reason: 'report-without-message' })
  })

  test('one mail for two conversations is a message of each', async () => {
    const one = await addCorrespondence(service, freshAddress('one'))
    const two = await addCorrespondence(service, freshAddress('two'))
    const words = freshWords()
    await service.deliver(mail({ From: one.email, To: `${one.replyAddress}, ${two.replyAddress}` }, words), {
      to: [one.replyAddress, two.replyAddress],
    })
    for (const place of [one, two]) {
      const found = await until(
        'the message',
        async () => (await service.messages(place.displayId)).filter(({ content }) => content === words).length || null,
      )
      expect(found).toBe(1)
    }
    const kept = await service.sql(`select 1 from raw_emails where position(convert_to($1, 'UTF8') in bytes) > 0`, [
      words,
    ])
    expect(kept).toHaveLength(1)
  })

  test(
    'one mail for conversations of two accounts is a message of each, and neither account sees the ' + 'other’s',
    async () => {
      const other = await addAccount(service, {
        domain: `mail${String(++count)}.other.example`,
        inboxEmail: `help${String(count)}@other.example`,
      })
      await service.sql(
        'insert into account_users (account_id, user_id, role) select $1, id, $2 from users order by id limit 1',
        [other.accountId, 'administrator'],
      )
      const mine = await addCorrespondence(service, freshAddress('mine'))
      const theirs = await addCorrespondence(service, freshAddress('theirs'), other)
      const words = freshWords()
      await service.deliver(mail({ From: mine.email, To: `${mine.replyAddress}, ${theirs.replyAddress}` }, words), {
        to: [mine.replyAddress, theirs.replyAddress],
      })
      await until('the message of the other account', async () =>
        (await service.messages(theirs.displayId, other.accountId)).some(({ content }) => content === words),
      )
      expect((await service.messages(mine.displayId)).filter(({ content }) => content === words)).toHaveLength(1)
      const listed = await service.api('GET', `/api/v1/accounts/${String(other.accountId)}/inbound_emails`)
      expect(listed.body.payload.map((email: { account_id: number }) => email.account_id)).toEqual([other.accountId])
    },
  )

  test('mail of a mailing list, and our own mail that returns, are ignored with their reasons', async () => {
    const place = await addCorrespondence(service, freshAddress('loops'))
    const list = await service.deliver(
      mail({
        From: freshAddress('poster'),
        To: service.inboxAddress,
        'List-Id': '<news.lists.example>',
        'List-Unsubscribe': '<https://lists.example/u>',
        Precedence: 'list',
      }),
      { to: service.inboxAddress },
    )
    expect(list).toMatchObject({ status: 'ignored', reason: 'mailing-list' })
    const own = await service.deliver(
      mail({ From: place.email, To: place.replyAddress, 'Message-ID': `<${place.sent.address('Message-ID')}>` }),
      { to: place.replyAddress },
    )
    expect(own).toMatchObject({ status: 'ignored', reason: 'own-mail' })
    const loop = await service.deliver(mail({ From: place.replyAddress, To: service.inboxAddress }), {
      to: service.inboxAddress,
    })
    expect(loop).toMatchObject({ status: 'ignored', reason: 'mail-loop' })
  })

  test('a second answer stays in the thread of the first', async () => {
    const place = await addCorrespondence(service, freshAddress('thread'))
    const question = freshId()
    await service.deliver(
      mail({
        From: place.email,
        To: place.replyAddress,
        'Message-ID': `<${question}>`,
        'In-Reply-To': `<${place.sent.address('Message-ID')}>`,
        References: `<${place.sent.address('Message-ID')}>`,
      }),
      { to: place.replyAddress },
    )
    const { sent } = await answerThroughApi(service, place.displayId, freshWords())
    expect(sent.field('In-Reply-To')).toBe(`<${question}>`)
    expect(sent.field('References')).toBe(`<${place.sent.address('Message-ID')}> <${question}>`)
    expect(sent.address('Reply-To')).toBe(place.replyAddress)
    expect(sent.reversePath).not.toBe(place.bounceAddress)
  })

  test('an account without the feature sends without a reply address', async () => {
    await service.sql(`update accounts set features = array_remove(features, 'inbound_emails') where id = 1`)
    try {
      const conversation = await addConversation(service, freshAddress('plain'))
      const { sent } = await answerThroughApi(service, conversation.displayId, freshWords())
      expect(sent.field('Reply-To') ?? '').not.toMatch(/reply\+/)
      expect(sent.reversePath).not.toMatch(/bounce\+/)
    } finally {
      await service.sql(`update accounts set features = features || '{inbound_emails}' where id = 1`)
    }
  })

  test('a private note is not mailed', async () => {
    const place = await addCorrespondence(service, freshAddress('notes'))
    const secret = freshWords()
    const note = await service.api('POST', `/api/v1/accounts/1/conversations/${String(place.displayId)}/messages`, {
      content: secret,
      private: true,
    })
    expect(note.status).toBe(200)
    // The next public answer leaves after the note would have: work of one conversation keeps its order.
    await answerThroughApi(service, place.displayId, freshWords())
    expect((await service.outbox()).filter(({ text }) => text.includes(secret))).toEqual([])
  })

  const vouched = (domain: string) => `${authserv}; dmarc=pass header.from=${domain}`

  async function noticed(name: string) {
    const agent = `${name}${String(++count)}@staff.example`
    const userId = await addAgent(service, agent)
    const place = await addCorrespondence(service, freshAddress('client'))
    await service.sql('update conversations set assignee_id = $2 where id = $1', [place.id, userId])
    const words = freshWords()
    await service.deliver(mail({ From: place.email, To: place.replyAddress }, words), { to: place.replyAddress })
    const notice = await until('the notice', async () =>
      (await service.outbox()).find(({ recipients, text }) => recipients.includes(agent) && text.includes(words)),
    )
    return { agent, userId, place, notice, agentAddress: notice.address('Reply-To') }
  }

  test(
    'the assignee is notified by automatic mail with no recipient but the assignee, and a ' + 'personal reply address',
    async () => {
      const { place, notice, agentAddress } = await noticed('gus')
      expect(agentAddress).toMatch(/^reply\+[0-9a-f]{32}@reply\.localhost$/)
      expect(agentAddress).not.toBe(place.replyAddress)
      expect(notice.reversePath).toBe('')
      expect(notice.field('Auto-Submitted')).toBe('auto-generated')
    },
  )

  test('each participant gets one notice of a mail, the assignee too, and users without access get none', async () => {
    const named = async (name: string) => ({ email: `${name}${String(++count)}@staff.example`, id: 0 })
    const people = [await named('ina'), await named('max'), await named('out')]
    for (const person of people) {
      person.id = await addAgent(service, person.email)
      await addInboxMembers(service, 1, [person.id])
    }
    const place = await addCorrespondence(service, freshAddress('client'))
    for (const person of [...people].reverse())
      await service.api('POST', `/api/v1/accounts/1/conversations/${String(place.displayId)}/assignments`, {
        assignee_id: person.id,
      })
    await service.sql('delete from inbox_members where user_id = $1', [people[2]!.id])
    const words = freshWords()
    await service.deliver(mail({ From: place.email, To: place.replyAddress }, words), { to: place.replyAddress })
    await until(
      'no notice waits',
      async () => (await service.sql(`select 1 from work where kind = 'notify-agent'`)).length === 0,
    )
    const notices = (await service.outbox()).filter(
      ({ text, recipients }) => text.includes(words) && recipients.some((to) => to.endsWith('@staff.example')),
    )
    expect(notices.flatMap(({ recipients }) => recipients).sort()).toEqual(
      people
        .slice(0, 2)
        .map(({ email }) => email)
        .sort(),
    )
  })

  test(
    "a verified agent's answer is an outgoing message, and reaches the contact without the " + "agent's address",
    async () => {
      const { agent, userId, place, agentAddress } = await noticed('vera')
      const words = freshWords()
      const email = await service.deliver(
        mail({ 'Authentication-Results': vouched('staff.example'), From: `Vera <${agent}>`, To: agentAddress }, words),
        { from: agent, to: agentAddress },
      )
      expect(email).toMatchObject({ status: 'delivered', reason: 'agent-reply', conversation_id: place.displayId })
      expect((await service.messages(place.displayId)).find(({ id }) => id === email.message_db_id)).toMatchObject({
        message_type: 1,
        content: words,
        sender: { id: userId },
      })
      const sent = await until('the mail to the contact', async () =>
        (await service.outbox()).find(
          ({ recipients, text }) => recipients.includes(place.email) && text.includes(words),
        ),
      )
      expect(sent.recipients).toEqual([place.email])
      expect(sent.address('Reply-To')).toBe(place.replyAddress)
      expect(sent.text).not.toContain(agent)
      expect(sent.text).not.toContain(agentAddress)
    },
  )

  test.each([
    ['without any authentication', () => ({})],
    [
      'vouched for by someone else’s server',
      () => ({ 'Authentication-Results': 'mx.elsewhere.example; dmarc=pass header.from=staff.example' }),
    ],
    [
      'vouched for below the topmost field only',
      () => ({ 'Authentication-Results': ['mx.elsewhere.example; dmarc=none', vouched('staff.example')] }),
    ],
    ['vouched for another domain', () => ({ 'Authentication-Results': vouched('elsewhere.example') })],
  ])("an agent's answer %s is held, and nothing is sent", async (_name, fields) => {
    const { agent, place, agentAddress } = await noticed('una')
    const words = freshWords()
    const email = await service.deliver(mail({ ...fields(), From: agent, To: agentAddress }, words), {
      from: agent,
      to: agentAddress,
    })
    expect(email).toMatchObject({ status: 'held', reason: 'agent-not-verified', message_db_id: null })
    expect((await service.messages(place.displayId)).filter(({ content }) => content === words)).toEqual([])
    // What was to leave would be waiting, or has left.
    expect(await service.sql('select 1 from work where key = $1', [`conversation:${String(place.id)}`])).toEqual([])
    expect((await service.outbox()).filter(({ text }) => text.includes(words))).toEqual([])
  })

  test("a mail in an agent's name that fails DMARC is held as forged", async () => {
    const { agent, agentAddress } = await noticed('fay')
    const email = await service.deliver(
      mail({
        'Authentication-Results': `${authserv}; dmarc=fail (p=REJECT) header.from=staff.example`,
        From: agent,
        To: agentAddress,
      }),
      { to: agentAddress },
    )
    expect(email).toMatchObject({ status: 'held', reason: 'forged-sender' })
  })

  test("mail of another sender to an agent's reply address is held", async () => {
    const { place, agentAddress } = await noticed('hal')
    const email = await service.deliver(
      mail({ 'Authentication-Results': vouched('customer.example'), From: place.email, To: agentAddress }),
      { to: agentAddress },
    )
    expect(email).toMatchObject({ status: 'held', reason: 'agent-not-verified' })
  })

  test("mail of an agent to a contact's reply address is held, verified or not", async () => {
    const { agent, place } = await noticed('ida')
    const email = await service.deliver(
      mail({ 'Authentication-Results': vouched('staff.example'), From: agent, To: place.replyAddress }),
      { to: place.replyAddress },
    )
    expect(email).toMatchObject({ status: 'held', reason: 'agent-with-customer-token' })
  })

  test.each([
    ['expired', `expires_at = now() - interval '1 day'`],
    ['revoked', 'revoked_at = now()'],
  ])('an %s reply address counts like a thread: participants are accepted, others are not', async (_name, change) => {
    const place = await addCorrespondence(service, freshAddress('late'))
    await service.sql(`update reply_tokens set ${change} where conversation_id = $1 and role = 'contact'`, [place.id])
    expect(
      await service.deliver(mail({ From: place.email, To: place.replyAddress }), { to: place.replyAddress }),
    ).toMatchObject({ status: 'delivered', reason: 'expired-reply-address', conversation_id: place.displayId })
    expect(
      await service.deliver(mail({ From: freshAddress('stranger'), To: place.replyAddress }), {
        to: place.replyAddress,
      }),
    ).toMatchObject({ status: 'held', reason: 'thread-other-sender' })
  })

  test('an account can hold the mail of other senders', async () => {
    const place = await addCorrespondence(service, freshAddress('strict'))
    await service.sql(`update accounts set settings = settings || '{"other_senders": "hold"}' where id = 1`)
    try {
      expect(
        await service.deliver(mail({ From: freshAddress('other'), To: place.replyAddress }), {
          to: place.replyAddress,
        }),
      ).toMatchObject({ status: 'held', reason: 'other-sender' })
    } finally {
      await service.sql(`update accounts set settings = settings - 'other_senders' where id = 1`)
    }
  })
})
