// Names, subjects and reasons are the sender's words: they are bounded where they are kept, and never control the
// terminal in which a command shows them.

import { expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'

const escape = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e'
const encoded = `=?utf-8?b?${Buffer.from(escape).toString('base64')}?=`
const control = /[^\P{Cc}\n\t]|[\u202a-\u202e]/u

describeOnEitherDatabase('hostile names', (member) => {
  const service = useService({ on: member })

  const longName = 'N'.repeat(5000)
  const longSubject = `${'s'.repeat(990)} ${'🙂'.repeat(2000)}`
  const encodedSubject = `=?utf-8?b?${Buffer.from(longSubject).toString('base64')}?=`

  test('a contact’s name and a subject are cut, and marked', async () => {
    const email = await service.deliver(
      mail(
        { From: `"${longName}" <long@example.com>`, To: service.inboxAddress, Subject: encodedSubject },
        freshWords(),
      ),
      { to: service.inboxAddress },
    )
    expect(email.status).toBe('delivered')
    expect(email.subject).toMatch(/…$/)
    expect(Array.from(email.subject ?? '')).toHaveLength(998)
    const { body } = await service.api('GET', `/api/v1/accounts/1/conversations/${String(email.conversation_id)}`)
    expect(body.meta.sender.name).toBe(`${'N'.repeat(254)}…`)
    expect(Array.from(String(body.additional_attributes.mail_subject))).toHaveLength(998)
    const [message] = await service.messages(email.conversation_id ?? 0)
    expect(Array.from(String(message?.content_attributes.email.subject))).toHaveLength(998)
  })

  test('the name of another sender in a conversation is cut as well', async () => {
    const email = await service.deliver(
      mail({ From: `"${longName}" <other@example.com>`, To: service.replyAddress }, freshWords()),
      {
        to: service.replyAddress,
      },
    )
    const message = (await service.messages(email.conversation_id ?? 0)).find(({ id }) => id === email.message_db_id)
    expect(message?.sender.name).toBe(`${'N'.repeat(254)}…`)
  })

  test('commands show control characters as escapes, with --json as well', async () => {
    const email = await service.deliver(
      mail(
        { From: `"x" <esc@example.com>`, To: `${encoded} <nobody@reply.localhost>`, Subject: `hello ${encoded}` },
        `words ${escape}`,
      ),
      { to: 'nobody@reply.localhost' },
    )
    const raw = mail({ From: 'x@example.com', Subject: encoded }, escape)
    const outputs = [
      await service.command(['inbound', 'list']),
      await service.command(['inbound', 'list', '--json']),
      await service.command(['inbound', 'show', String(email.id)]),
      await service.command(['explain', '-'], raw),
      await service.command(['parse', '-'], raw),
      await service.command(['inbound', 'show', escape]),
    ]
    for (const { stdout, stderr } of outputs) expect(`${stdout}${stderr}`).not.toMatch(control)
    expect(outputs[0]?.stdout).toContain('hello')
    expect((JSON.parse(outputs[4]?.stdout ?? '{}') as { subject: string }).subject).toContain('owned')
  })
})
