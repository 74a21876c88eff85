// Fields that a hop on the way adds (Exchange, Microsoft 365) say nothing about the author: the mail of a customer that
// a mailbox or rule has forwarded opens, greets, reopens and notifies like any other.

import { expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { type Fields, freshWords, mail } from '../support/mail.ts'
import { addAgent, addCorrespondence } from '../support/people.ts'
import { acceptedId } from '../support/service.ts'
import { until } from '../support/until.ts'

const hops: readonly (readonly [string, Fields])[] = [
  ['an answer suppressed by a group', { 'X-Auto-Response-Suppress': 'DR, RN, NRN, OOF, AutoReply' }],
  ['a forwarding mailbox', { 'Auto-Submitted': 'auto-forwarded' }],
  ['a redirecting rule', { 'X-MS-Exchange-Inbox-Rules-Loop': 'desk@company.example' }],
  [
    'all of them, over a generated copy',
    {
      'Auto-Submitted': 'auto-forwarded (rule)',
      'X-Auto-Response-Suppress': 'All',
      'X-MS-Exchange-Inbox-Rules-Loop': 'desk@company.example',
      'X-MS-Exchange-Generated-Message-Source': 'Mailbox Rules Agent',
    },
  ],
]

describeOnEitherDatabase('mail over a hop that marks it', (member) => {
  const service = useService({ on: member })
  const srs = 'SRS0=abcd=ef=customer.example=tess@company.example'
  const send = async (fields: Fields, words = freshWords()) =>
    service.settled(acceptedId(await service.smtp({ from: srs, to: service.inboxAddress, raw: mail(fields, words) })))
  const conversation = async (id: number | null) =>
    (await service.api('GET', `/api/v1/accounts/1/conversations/${String(id)}`)).body

  test.each(hops)('%s: a person opens a conversation and is greeted', async (title, hop) => {
    const greeting = freshWords()
    await service.sql('update inboxes set greeting_enabled = true, greeting_message = $1 where id = 1', [greeting])
    const from = `tess.${String(hops.findIndex(([name]) => name === title))}@customer.example`
    const email = await send({ From: from, To: service.inboxAddress, Subject: 'Cannot sign in', ...hop })
    expect(email).toMatchObject({ status: 'delivered', reason: 'new-conversation' })
    expect(email.trace).toContainEqual(expect.objectContaining({ step: 'parse', outcome: 'person' }))
    const opened = await conversation(email.conversation_id)
    expect(opened).toMatchObject({ status: 'open', additional_attributes: { auto_reply: false } })
    const sent = await until('the greeting', async () =>
      (await service.outbox()).find(({ text }) => text.includes(greeting)),
    )
    expect(sent.recipients).toEqual([from])
  })

  test.each(hops)(
    '%s: an answer opens a resolved conversation again and notifies its agent once',
    async (title, hop) => {
      const number = String(hops.findIndex(([name]) => name === title))
      const place = await addCorrespondence(service, `ulf.${number}@customer.example`)
      const agentAddress = `agent.${number}@staff.example`
      const agent = await addAgent(service, agentAddress)
      await service.sql('insert into inbox_members (inbox_id, user_id) values (1, $1)', [agent])
      await service.sql(`update conversations set status = 'resolved', assignee_id = $2 where id = $1`, [
        place.id,
        agent,
      ])
      const words = freshWords()
      const email = await send(
        {
          From: place.email,
          To: service.inboxAddress,
          Subject: 'Re: Cannot sign in',
          'In-Reply-To': place.sent.field('Message-ID') ?? '',
          ...hop,
        },
        words,
      )
      expect(email).toMatchObject({ reason: 'thread', conversation_id: place.displayId })
      expect(await conversation(place.displayId)).toMatchObject({ status: 'open' })
      const notices = async () =>
        (await service.outbox()).filter(
          ({ recipients, text }) => recipients.includes(agentAddress) && text.includes(words),
        )
      expect(await until('the notice', async () => ((await notices()).length === 0 ? null : notices()))).toHaveLength(1)
    },
  )
})
