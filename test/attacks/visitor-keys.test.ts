// The public API opens for random keys that we issued, and for nothing else that names a contact inbox: no mail
// address, no name that a client or a visitor chose.

import { describe, expect, test } from 'vitest'

import { useService } from '../support/fixtures.ts'
import { freshWords, mail, type SentMail } from '../support/mail.ts'
import { until } from '../support/until.ts'

describe('a visitor’s key', () => {
  const service = useService({ env: { CONTINUITY_DELAY_MS: '200' } })

  const ask = async (method: string, path: string, body?: object): Promise<any> => {
    const answer = await service.api(method, `/api/v1/accounts/1${path}`, body)
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${String(answer.status)} ${String(answer.bytes)}`)
    return answer.body
  }
  const sentWith = (words: string): Promise<SentMail> =>
    until(`a mail with ${words}`, async () => (await service.outbox()).find((file) => file.text.includes(words)))
  const open = async (inbox: any, key: string) => {
    const identifier = String(inbox.inbox_identifier ?? inbox.website_token)
    const base = `${service.url}/public/api/v1/inboxes/${identifier}/contacts`
    return (await fetch(`${base}/${encodeURIComponent(key)}`)).status
  }

  test("is not derived from an address: mail to a widget's reply address gives no access", async () => {
    const inbox = await ask('POST', '/inboxes', {
      name: 'Shop',
      channel: { type: 'web_widget', website_url: 'https://shop.example' },
    })
    const contact = (
      await ask('POST', '/contacts', { name: 'Vera', email: 'vera@customer.example', inbox_id: inbox.id })
    ).payload
    const conversation = await ask('POST', '/conversations', {
      inbox_id: inbox.id,
      contact_id: contact.contact.id,
      source_id: contact.contact_inbox.source_id,
    })
    const words = freshWords()
    await ask('POST', `/conversations/${String(conversation.id)}/messages`, { content: words })
    const to = (await sentWith(words)).address('Reply-To')
    for (const from of ['vera@customer.example', 'third@party.example']) {
      expect(await service.deliver(mail({ From: from, To: to }, freshWords()), { from, to })).toMatchObject({
        status: 'delivered',
        conversation_id: conversation.id,
      })
      expect(await open(inbox, from)).toBe(404)
    }
    const rows = await service.sql<{ source_id: string }>(
      `select source_id from contact_inboxes where inbox_id = ${String(inbox.id)}`,
    )
    for (const { source_id: key } of rows) expect(key).not.toContain('@')
    // A key that was made at random and not given to anybody opens nothing either; the one that was given does.
    const issued = contact.contact_inbox.source_id as string
    expect(await open(inbox, issued)).toBe(200)
    for (const { source_id: key } of rows) if (key !== issued) expect(await open(inbox, key)).toBe(404)
  })

  test('is never a name that a client or a visitor chose', async () => {
    const inbox = await ask('POST', '/inboxes', { name: 'App', channel: { type: 'api' } })
    await ask('POST', '/contacts', { name: 'Bob', inbox_id: inbox.id, source_id: 'bob' })
    expect(await open(inbox, 'bob')).toBe(404)
    const base = `${service.url}/public/api/v1/inboxes/${String(inbox.inbox_identifier)}/contacts`
    const enter = async (body: object) =>
      (await (
        await fetch(base, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      ).json()) as { source_id: string; id: number }
    for (const source_id of ['bob', 'carol']) {
      const visitor = await enter({ source_id })
      expect(visitor.source_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(await open(inbox, source_id)).toBe(404)
    }
    const visitor = await enter({ name: 'Dora' })
    expect(await enter({ source_id: visitor.source_id })).toMatchObject({
      id: visitor.id,
      source_id: visitor.source_id,
    })
  })
})
