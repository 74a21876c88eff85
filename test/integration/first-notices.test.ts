// Who is mailed of a new conversation and of an assignment: a team that works by mail alone hears of every first
// mail, once each.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { freshWords, mail, type SentMail } from '../support/mail.ts'
import { addAgent, addConversation } from '../support/people.ts'
import { addInboxMembers } from '../support/records.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

let count = 0

describeOnEitherDatabase('notices of new conversations', (member) => {
  let service: Service
  let inbox = { id: 0, email: '' }
  beforeAll(async () => {
    service = await startService({ on: member })
  })
  afterAll(async () => {
    await service.kill()
  })

  // An inbox of its own for each test, with members.
  beforeEach(async () => {
    const email = `team${String(++count)}@reply.localhost`
    const made = await service.api('POST', '/api/v1/accounts/1/inboxes', {
      name: `Team ${String(count)}`,
      channel: { type: 'email', email },
    })
    expect(made.status).toBe(200)
    inbox = { id: Number(made.body.id), email }
  })
  const join = async (availability: 'online' | 'offline' = 'offline') => {
    const email = `agent${String(++count)}@agents.example`
    const id = await addAgent(service, email)
    await addInboxMembers(service, inbox.id, [id])
    await service.sql('update account_users set availability = $2::availability where user_id = $1', [id, availability])
    return { id, email }
  }
  const write = async (from = `jane${String(++count)}@example.com`, fields: Record<string, string> = {}) => {
    const words = freshWords()
    const email = await service.deliver(mail({ From: `Jane <${from}>`, To: inbox.email, ...fields }, words), {
      to: inbox.email,
    })
    const displayId = Number(email.conversation_id)
    return { words, from, displayId }
  }
  const noticesTo = async (email: string): Promise<SentMail[]> =>
    (await service.outbox()).filter(({ recipients }) => recipients.includes(email))
  const noticeTo = (email: string, words: string): Promise<SentMail> =>
    until(`the notice to ${email}`, async () => (await noticesTo(email)).find(({ text }) => text.includes(words)))
  const quiet = () =>
    until('the end of all work', async () => {
      const rows = await service.sql('select 1 from work where failed_at is null')
      return rows.length === 0
    })
  const assign = (displayId: number, userId: number, token?: string) =>
    service.api(
      'POST',
      `/api/v1/accounts/1/conversations/${String(displayId)}/assignments`,
      { assignee_id: userId },
      token,
    )

  test('the assigned agent alone gets the first mail, with its sender and how to answer', async () => {
    const ann = await join('online')
    const bob = await join()
    const { words, from, displayId } = await write()
    const notice = await noticeTo(ann.email, words)
    expect(notice.field('Auto-Submitted')).toBe('auto-generated')
    expect(notice.reversePath).toBe('')
    expect(notice.address('Reply-To')).toMatch(/^reply\+[0-9a-f]{32}@reply\.localhost$/)
    expect(notice.field('Reply-To')).toContain(`"Jane (${from}), not verified" <`)
    expect(notice.field('From')).toContain(`"Jane (${from}), not verified, via Team `)
    expect(notice.text).toContain(`Conversation ${String(displayId)} was assigned to you automatically.`)
    expect(notice.text).toContain(`Jane (${from}) wrote. The sender is not verified`)
    expect(notice.text).toContain(`Reply to this email to answer the customer: what you write goes to ${from}.`)
    expect(notice.text).toMatch(new RegExp(`Conversation ${String(displayId)} in Team \\d+, assigned to you\\.`))
    await quiet()
    expect(await noticesTo(ann.email)).toHaveLength(1)
    expect(await noticesTo(bob.email)).toEqual([])
  })

  test('without an available agent, each member gets it, and later ones until an answer', async () => {
    const [ann, bob] = [await join(), await join()]
    const first = await write()
    for (const { email } of [ann, bob]) {
      const notice = await noticeTo(email, first.words)
      expect(notice.text).toContain('assigned to nobody.')
    }
    const second = await write(first.from, { 'In-Reply-To': '<none@example.com>' })
    for (const { email } of [ann, bob]) await noticeTo(email, second.words)
    await quiet()
    expect(await noticesTo(ann.email)).toHaveLength(2)
  })

  test('administrators are notified for an inbox without members; an undeliverable address gets no mail', async () => {
    const id = await addAgent(service, 'boss@agents.example')
    await service.sql(`update account_users set role = 'administrator' where user_id = $1`, [id])
    const { words } = await write()
    await noticeTo('boss@agents.example', words)
    await quiet()
    expect(
      (await service.outbox()).filter(({ recipients }) => recipients.some((to) => to.endsWith('.invalid'))),
    ).toEqual([])
    await service.sql('delete from users where id = $1', [id])
  })

  test('an assignment by the API is mailed once with the text and who assigned it, but not to oneself', async () => {
    const ann = await join()
    await service.api('PATCH', `/api/v1/accounts/1/inboxes/${String(inbox.id)}/notification_settings`, {
      user_id: ann.id,
      new_conversations: 'none',
    })
    const { words, displayId } = await write()
    await quiet()
    expect(await noticesTo(ann.email)).toEqual([])
    expect((await assign(displayId, ann.id)).status).toBe(200)
    const notice = await noticeTo(ann.email, words)
    expect(notice.text).toContain(`Conversation ${String(displayId)} was assigned to you by Administrator.`)
    await assign(displayId, ann.id)
    await quiet()
    expect(await noticesTo(ann.email)).toHaveLength(1)
    const bob = await join()
    const token = freshWords()
    await service.sql(`insert into access_tokens (user_id, token_hash) values ($1, sha256(convert_to($2, 'UTF8')))`, [
      bob.id,
      token,
    ])
    expect((await assign(displayId, bob.id, token)).status).toBe(200)
    await quiet()
    expect(await noticesTo(bob.email)).toEqual([])
  })

  test('a watcher of all new conversations is notified once of those of others', async () => {
    const ann = await join('online')
    const bob = await join()
    const set = await service.api('PATCH', `/api/v1/accounts/1/inboxes/${String(inbox.id)}/notification_settings`, {
      user_id: bob.id,
      new_conversations: 'all',
    })
    expect(set.body).toMatchObject({ inbox_id: inbox.id, user_id: bob.id, new_conversations: 'all' })
    const { words } = await write()
    await noticeTo(ann.email, words)
    await noticeTo(bob.email, words)
    await quiet()
    expect(await noticesTo(bob.email)).toHaveLength(1)
    expect(await noticesTo(ann.email)).toHaveLength(1)
  })

  test('a conversation made by an API client with an assignee is mailed to them, once', async () => {
    const ann = await join()
    const api = await service.api('POST', '/api/v1/accounts/1/inboxes', { name: 'Api', channel: { type: 'api' } })
    await addInboxMembers(service, Number(api.body.id), [ann.id])
    const place = await addConversation(service, `made${String(++count)}@example.com`)
    const words = freshWords()
    const made = await service.api('POST', '/api/v1/accounts/1/conversations', {
      inbox_id: api.body.id,
      contact_id: place.contactId,
      assignee_id: ann.id,
      message: { content: words, message_type: 'incoming' },
    })
    expect(made.status).toBe(200)
    await noticeTo(ann.email, words)
    await quiet()
    expect(await noticesTo(ann.email)).toHaveLength(1)
  })

  test('an automatic answer that begins a conversation causes no notice', async () => {
    const ann = await join('online')
    await write('robot@example.com', { 'Auto-Submitted': 'auto-replied' })
    await quiet()
    expect(await noticesTo(ann.email)).toEqual([])
  })

  test('an agent who writes to the inbox gets no notice of it', async () => {
    const [ann, bob] = [await join(), await join()]
    const { words } = await write(ann.email)
    await noticeTo(bob.email, words)
    await quiet()
    expect(await noticesTo(ann.email)).toEqual([])
  })

  describe('settings', () => {
    test("Chatwoot's flags are stored, listed and obeyed", async () => {
      const path = '/api/v1/accounts/1/notification_settings'
      const before = (await service.api('GET', path)).body
      expect(before.selected_email_flags).toEqual([
        'email_conversation_creation',
        'email_conversation_assignment',
        'email_assigned_conversation_new_message',
        'email_participating_conversation_new_message',
        'email_conversation_mention',
        'email_held_mail',
      ])
      const ann = await join('online')
      const token = freshWords()
      await service.sql(`insert into access_tokens (user_id, token_hash) values ($1, sha256(convert_to($2, 'UTF8')))`, [
        ann.id,
        token,
      ])
      const changed = await service.api('PATCH', path, { notification_settings: { selected_email_flags: [] } }, token)
      expect(changed.body).toMatchObject({ user_id: ann.id, selected_email_flags: [] })
      await write()
      await quiet()
      expect(await noticesTo(ann.email)).toEqual([])
    })

    test.each([
      [{ notification_settings: { selected_email_flags: ['email_nonsense'] } }, /'email_nonsense' is not one of/],
      [{ notification_settings: { selected_push_flags: { a: 1 } } }, /'1' is not one of/],
    ])('%j is refused with a message', async (body, sentence) => {
      const answer = await service.api('PATCH', '/api/v1/accounts/1/notification_settings', body)
      expect(answer.status).toBe(422)
      expect(JSON.stringify(answer.body)).toMatch(sentence)
    })

    test('an agent changes the own settings, an administrator those of members', async () => {
      const [ann, bob] = [await join(), await join()]
      const token = freshWords()
      await service.sql(`insert into access_tokens (user_id, token_hash) values ($1, sha256(convert_to($2, 'UTF8')))`, [
        ann.id,
        token,
      ])
      const path = `/api/v1/accounts/1/inboxes/${String(inbox.id)}/notification_settings`
      expect((await service.api('PATCH', path, { new_conversations: 'all' }, token)).status).toBe(200)
      expect((await service.api('GET', path, undefined, token)).body.new_conversations).toBe('all')
      const others = await service.api('PATCH', path, { new_conversations: 'all', user_id: bob.id }, token)
      expect(others.status).toBe(401)
      expect((await service.api('PATCH', path, { new_conversations: 'sometimes' })).status).toBe(422)
      expect((await service.api('PATCH', path, { new_conversations: 'all', user_id: 987654 })).status).toBe(404)
    })
  })
})
