// Mail for a conversation that was merged into another: by its reply addresses, its threads, its number.

import { expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { addCorrespondence, answerThroughApi } from '../support/people.ts'

describeOnEitherDatabase('mail for merged conversations', (member) => {
  const service = useService({ on: member })

  const at = (displayId: number) => `/api/v1/accounts/1/conversations/${String(displayId)}`
  const fresh = (name: string) => `${name}.${freshId().slice(0, 8)}@customer.example`.toLowerCase()
  const merge = async (target: number, merged: number) => {
    const { status, body } = await service.api('POST', `${at(target)}/merge`, { conversation_id: merged })
    expect(status).toBe(200)
    return Number(body.id)
  }
  const deliver = (to: string, fields: Record<string, string>, words = freshWords()) =>
    service.deliver(mail({ To: to, ...fields }, words), { to })
  const authorOf = async (displayId: number, messageId: number | null) =>
    (await service.messages(displayId)).find(({ id }) => id === messageId)?.sender?.['email']

  test('reply addresses and threads lead into the target, with the same contact and recipient', async () => {
    const [jane, bob] = [
      await addCorrespondence(service, fresh('jane')),
      await addCorrespondence(service, fresh('bob')),
    ]
    const id = await merge(jane.displayId, bob.displayId)
    const byToken = await deliver(bob.replyAddress, { From: bob.email })
    expect(byToken).toMatchObject({ status: 'delivered', conversation_id: jane.displayId })
    expect(await authorOf(jane.displayId, byToken.message_db_id)).toBe(bob.email)
    const byThread = await deliver(service.inboxAddress, {
      From: bob.email,
      'In-Reply-To': `<${bob.sent.address('Message-ID')}>`,
    })
    expect(byThread).toMatchObject({ status: 'delivered', reason: 'thread', conversation_id: jane.displayId })
    const [{ uuid } = { uuid: '' }] = await service.sql<{ uuid: string }>(
      'select uuid from conversations where id = $1',
      [bob.id],
    )
    const byRoot = await deliver(service.inboxAddress, {
      From: bob.email,
      References: `<account/1/conversation/${uuid}@reply.example>`,
    })
    expect(byRoot).toMatchObject({ status: 'delivered', conversation_id: jane.displayId })
    const { sent } = await answerThroughApi(service, jane.displayId, freshWords())
    expect(sent.recipients).toEqual([jane.email])
    expect(sent.text).not.toContain(bob.email)
    expect((await service.api('DELETE', `${at(jane.displayId)}/merge/${String(id)}`)).status).toBe(200)
    const after = await deliver(bob.replyAddress, { From: bob.email })
    expect(after).toMatchObject({ status: 'delivered', conversation_id: bob.displayId })
    const thread = await deliver(service.inboxAddress, {
      From: bob.email,
      'In-Reply-To': `<${bob.sent.address('Message-ID')}>`,
    })
    expect(thread.conversation_id).toBe(bob.displayId)
  })

  test("a bounce of a merged conversation's mail marks its message", async () => {
    const [jane, bob] = [
      await addCorrespondence(service, fresh('jane')),
      await addCorrespondence(service, fresh('bob')),
    ]
    await merge(jane.displayId, bob.displayId)
    const raw = Buffer.from(
      [
        'From: MAILER-DAEMON@mx.example',
        `To: ${bob.bounceAddress}`,
        'Subject: Undelivered Mail Returned to Sender',
        'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
        'MIME-Version: 1.0',
        '',
        '--b',
        'Content-Type: text/plain',
        '',
        'No such user.',
        '--b',
        'Content-Type: message/delivery-status',
        '',
        'Reporting-MTA: dns; mx.example',
        '',
        `Final-Recipient: rfc822; ${bob.email}`,
        'Action: failed',
        'Status: 5.1.1',
        '',
        '--b--',
        '',
      ].join('\r\n'),
    )
    await service.deliver(raw, { from: '', to: bob.bounceAddress })
    const message = (await service.messages(jane.displayId)).find(({ id }) => id === bob.messageId)
    expect(message?.content_attributes['delivery']).toMatchObject({ state: 'bounced' })
  })

  test('mail that arrives during the merge is in the target, each once', async () => {
    for (let round = 0; round < 4; round++) {
      const [jane, bob] = [
        await addCorrespondence(service, fresh('jane')),
        await addCorrespondence(service, fresh('bob')),
      ]
      const words = Array.from({ length: 6 }, freshWords)
      const [, ...delivered] = await Promise.all([
        merge(jane.displayId, bob.displayId),
        ...words.map((text) => deliver(bob.replyAddress, { From: bob.email }, text)),
      ])
      expect(delivered.map(({ status }) => status)).toEqual(words.map(() => 'delivered'))
      const contents = (await service.messages(jane.displayId)).map(({ content }) => content)
      for (const text of words) expect(contents.filter((content) => content?.includes(text))).toHaveLength(1)
      const [left] = await service.sql<{ n: number }>(
        `select count(*)::int as n from messages where conversation_id = $1 and message_type <> 'activity'`,
        [bob.id],
      )
      expect(left?.n).toBe(0)
    }
  })

  test('held mail that is filed into the merged conversation is in the target', async () => {
    const [jane, bob] = [
      await addCorrespondence(service, fresh('jane')),
      await addCorrespondence(service, fresh('bob')),
    ]
    await merge(jane.displayId, bob.displayId)
    const held = await service.deliver(mail({ From: '', To: bob.replyAddress }, freshWords()), { to: bob.replyAddress })
    expect(held.status).toBe('held')
    const filed = await service.api('POST', `/api/v1/accounts/1/inbound_emails/${String(held.id)}/file`, {
      conversation_id: bob.displayId,
    })
    expect([filed.status, filed.body.conversation_id]).toEqual([200, jane.displayId])
  })
})
