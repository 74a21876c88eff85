// What an integrator does, with the npm client @figuro/chatwoot-sdk as it is published, against the service as it is
// run: contact, contact inbox, conversation, message, webhook, mail, the answer by mail, webhook. And the script that
// shows it to people does the same.

import { createHmac } from 'node:crypto'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'
import { connectClient } from '../support/published-client.ts'
import { type Posted, startReceiver } from '../support/receiver.ts'
import { runProgram } from '../support/service.ts'
import { until } from '../support/until.ts'

const accountId = 1
const script = fileURLToPath(new URL('../../integrations/integrator.ts', import.meta.url))

// As Chatwoot's documentation has it; nothing here is ours.
function expectSigned({ headers, text }: Posted, secret: string): void {
  const timestamp = String(headers['x-chatwoot-timestamp'])
  expect(headers['x-chatwoot-signature']).toBe(
    `sha256=${createHmac('sha256', secret).update(`${timestamp}.${text}`).digest('hex')}`,
  )
  expect(Math.abs(Date.now() / 1000 - Number(timestamp))).toBeLessThan(300)
  expect(headers['x-chatwoot-delivery']).toMatch(/^[0-9a-f-]{36}$/)
}

describeOnEitherDatabase('a published client, unmodified', (member) => {
  const service = useService({ on: member, env: { SAFE_URL_ALLOW: '127.0.0.1', CONTINUITY_DELAY_MS: '1' } })
  let receiver: Awaited<ReturnType<typeof startReceiver>>
  let client: ReturnType<typeof connectClient>

  beforeAll(async () => {
    receiver = await startReceiver()
    client = connectClient(service.url, service.token)
  })
  afterAll(async () => {
    await receiver.stop()
  })

  const makeInbox = async (channel: Readonly<Record<string, string>>) =>
    (await client.inboxes.create({ accountId, data: { name: `Inbox ${String(channel['type'])}`, channel } }))
      .id as number

  test.each([
    ['an email inbox', async () => (await client.inboxes.list({ accountId })).payload[0].id as number],
    ['an api inbox', () => makeInbox({ type: 'api' })],
    ['a web widget', () => makeInbox({ type: 'web_widget', website_url: 'https://shop.example' })],
  ])(
    'starts a conversation in %s; the mail is sent, its answer arrives, and both are posted, signed',
    async (name, inboxOf) => {
      const inboxId = await inboxOf()
      const email = `${freshWords()}@customer.example`
      const path = `/${encodeURIComponent(name)}`
      const {
        payload: { webhook },
      } = await client.webhooks.create({
        accountId,
        data: { url: `${receiver.origin}${path}`, subscriptions: ['conversation_created', 'message_created'] },
      })
      const heard = (content: string) =>
        until(`the webhook of ${content}`, () =>
          receiver.at(path).find(({ body }) => body.event === 'message_created' && body.content === content),
        )

      const {
        payload: { contact },
      } = await client.contacts.create({ accountId, data: { name: 'Ina', email, custom_attributes: { plan: 'gold' } } })
      expect(contact).toMatchObject({ name: 'Ina', email, custom_attributes: { plan: 'gold' } })
      const { source_id: sourceId, inbox } = await client.contact.create({
        accountId,
        id: contact.id,
        data: { inbox_id: inboxId },
      })
      expect(inbox.id).toBe(inboxId)
      const conversation = await client.conversations.create({
        accountId,
        data: { source_id: sourceId, inbox_id: String(inboxId), contact_id: String(contact.id) },
      })
      expect(conversation).toMatchObject({
        account_id: accountId,
        inbox_id: inboxId,
        status: 'open',
        meta: { sender: { id: contact.id, email } },
      })
      const made = await until('the webhook of the conversation', () =>
        receiver.at(path).find(({ body }) => body.event === 'conversation_created'),
      )
      expectSigned(made, webhook.secret)
      expect(made.body).toMatchObject({
        id: conversation.id,
        inbox_id: inboxId,
        contact_inbox: { source_id: sourceId },
      })

      const words = freshWords()
      const message = await client.messages.create({
        accountId,
        conversationId: conversation.id,
        data: { content: words, content_attributes: { order: 7 } },
      })
      expect(message).toMatchObject({
        content: words,
        message_type: 1,
        private: false,
        conversation_id: conversation.id,
        content_attributes: { order: 7 },
        sender: { type: 'user' },
      })
      const written = await heard(words)
      expectSigned(written, webhook.secret)
      expect(written.body).toMatchObject({
        id: message.id,
        message_type: 'outgoing',
        account: { id: accountId },
        inbox: { id: inboxId },
        conversation: { id: conversation.id },
      })

      const sent = await until('the mail in the outbox', async () =>
        (await service.outbox()).find(({ text }) => text.includes(words)),
      )
      expect(sent.recipients).toEqual([email])
      expect(sent.address('Reply-To')).toMatch(/^reply\+[0-9a-f]{32}@reply\.localhost$/)

      const thanks = freshWords()
      const delivered = await service.deliver(
        mail(
          { From: `Ina <${email}>`, To: sent.address('Reply-To'), Subject: `Re: ${sent.field('Subject') ?? ''}` },
          thanks,
        ),
        { from: email, to: sent.address('Reply-To') },
      )
      expect(delivered).toMatchObject({
        status: 'delivered',
        reason: 'reply-address',
        conversation_id: conversation.id,
      })
      const answered = await heard(thanks)
      expectSigned(answered, webhook.secret)
      expect(answered.body).toMatchObject({
        id: delivered.message_db_id,
        message_type: 'incoming',
        content_type: 'incoming_email',
        sender: { id: contact.id, email },
        conversation: { id: conversation.id },
      })

      const { payload } = await client.messages.list({ accountId, conversationId: conversation.id })
      expect(
        payload
          .filter(({ message_type: type }: { message_type: number }) => type < 2)
          .map(({ id, content }: { id: number; content: string }) => [id, content]),
      ).toEqual([
        [message.id, words],
        [delivered.message_db_id, thanks],
      ])
      await client.webhooks.delete({ accountId, webhookId: webhook.id })
    },
  )

  test("gets refusals as the client's own error, with status and body", async () => {
    await expect(client.conversations.get({ accountId, conversationId: 999_999 })).rejects.toMatchObject({
      name: 'ApiError',
      status: 404,
      body: { error: 'Resource could not be found' },
    })
    await expect(client.webhooks.create({ accountId, data: { url: 'gopher://x' } })).rejects.toMatchObject({
      status: 422,
      body: { message: 'Url is invalid' },
    })
  })

  test('integrations/integrator.ts prints each step, and succeeds', async () => {
    const ended = await runProgram(process.execPath, [
      '--import',
      import.meta.resolve('tsx'),
      script,
      service.url,
      service.dataDir,
    ])
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(ended.stdout.split('\n').map((line) => line.slice(0, 16).trim())).toEqual([
      'profile',
      'webhook',
      'inbox',
      'contact',
      'contact inbox',
      'conversation',
      'message',
      'webhook',
      'mail',
      'reply',
      'webhook',
      'listed',
      'listed',
      'done',
      '',
    ])
    expect((await client.webhooks.list({ accountId })).payload.webhooks).toEqual([])
  })
})
