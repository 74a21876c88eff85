// What an integrator does, from the first contact to the answer that comes by mail, with a published Chatwoot client and a running service:
//   SAFE_URL_ALLOW=127.0.0.1 npm start      and, beside it,      npx tsx integrations/integrator.ts [URL] [DATA_DIR]
// The address (http://127.0.0.1:3000) is the service's; from its DATA_DIR (./data) come the access token, the ingress password, and the mail
// that would leave. It tells each step, leaves a contact and a conversation, takes its webhook away again, and ends with 0 when all went well.

import { createHmac, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'

import sdk from '@figuro/chatwoot-sdk'

const [url = 'http://127.0.0.1:3000', dataDir = './data'] = process.argv.slice(2)
const secretOf = async (name: string): Promise<string> => (await readFile(join(dataDir, name), 'utf8')).trim()
const token = await secretOf('admin-token')
const client = new sdk.default({ config: { basePath: url, with_credentials: false, credentials: 'omit', token } })

const say = (step: string, words: string): void => {
  console.log(`${step.padEnd(16)} ${words}`)
}

/** Asks until there is an answer, for half a minute. */
async function wait<T>(what: string, ask: () => T | null | undefined | Promise<T | null | undefined>): Promise<T> {
  for (const end = Date.now() + 30_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const answer = await ask()
    if (answer != null) return answer
  }
  throw new Error(`not within 30 s: ${what}`)
}

// The integrator's own server: keeps what it is sent when the signature is right.
const received: { readonly event: string; readonly content?: string; readonly message_type?: string }[] = []
let secret = ''
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString('utf8')
    const signature = `sha256=${createHmac('sha256', secret).update(`${String(request.headers['x-chatwoot-timestamp'])}.${text}`).digest('hex')}`
    if (signature !== request.headers['x-chatwoot-signature']) return void response.writeHead(401).end()
    received.push(JSON.parse(text) as (typeof received)[number])
    response.end()
  })
})
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
const address = receiver.address()
const hook = `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : 0)}/`
const heard = (content: string) => wait(`the webhook; the service must be started with SAFE_URL_ALLOW=127.0.0.1`, () => received.find((one) => one.event === 'message_created' && one.content === content))

// The client's types stand for what Chatwoot's documentation once said; what is answered is wrapped as Chatwoot wraps it.
type Answer = any

const profile: Answer = await client.profile.profile()
const accountId = Number(profile.account_id)
say('profile', `${String(profile.name)} of account ${String(accountId)}`)

const { payload: { webhook } }: Answer = await client.webhooks.create({ accountId, data: { url: hook, subscriptions: ['conversation_created', 'message_created'] } })
secret = webhook.secret
say('webhook', `${String(webhook.id)} posts to ${hook}`)

try {
  const { payload: inboxes }: Answer = await client.inboxes.list({ accountId })
  const inbox = inboxes.find((one: Answer) => one.channel_type === 'Channel::Email')
  say('inbox', `${String(inbox.id)} ${String(inbox.name)}`)

  const email = `integrator-${randomUUID().slice(0, 8)}@example.com`
  const { payload: { contact } }: Answer = await client.contacts.create({ accountId, data: { name: 'Ina Tegrator', email } as Answer })
  say('contact', `${String(contact.id)} ${email}`)

  const { source_id: sourceId }: Answer = await client.contact.create({ accountId, id: contact.id, data: { inbox_id: inbox.id } })
  say('contact inbox', `source id ${String(sourceId)}`)

  const conversation: Answer = await client.conversations.create({ accountId, data: { source_id: sourceId, inbox_id: inbox.id, contact_id: contact.id, additional_attributes: { mail_subject: 'Your order' } } })
  say('conversation', `${String(conversation.id)} ${String(conversation.status)}`)

  const words = `Your order has left. ${randomUUID().slice(0, 8)}`
  const message: Answer = await client.messages.create({ accountId, conversationId: conversation.id, data: { content: words } })
  say('message', `${String(message.id)} ${words}`)
  say('webhook', `message_created, ${String((await heard(words)).message_type)}, rightly signed`)

  const outbox = join(dataDir, 'outbox')
  const mail = await wait('the mail in the outbox', async () => {
    const mails = await Promise.all((await readdir(outbox).catch(() => [])).map((name) => readFile(join(outbox, name), 'utf8')))
    return mails.find((one) => one.includes(words))
  })
  const replyTo = /^Reply-To:(?:.|\r\n )*?<([^>]+)>/im.exec(mail)?.[1] ?? ''
  say('mail', `has left for ${email}, Reply-To ${replyTo}`)

  const thanks = `It has arrived. ${randomUUID().slice(0, 8)}`
  const reply = `From: Ina Tegrator <${email}>\r\nTo: ${replyTo}\r\nSubject: Re: Your order\r\nMessage-ID: <${randomUUID()}@example.com>\r\n\r\n${thanks}\r\n`
  const authorization = `Basic ${Buffer.from(`actionmailbox:${await secretOf('ingress-password')}`).toString('base64')}`
  const taken = await fetch(`${url}/ingress/relay`, { method: 'POST', headers: { authorization, 'content-type': 'message/rfc822', 'x-envelope-from': email, 'x-envelope-to': replyTo }, body: reply })
  say('reply', `by mail, answered with ${String(taken.status)}`)
  say('webhook', `message_created, ${String((await heard(thanks)).message_type)}, rightly signed`)

  const { payload: messages }: Answer = await client.messages.list({ accountId, conversationId: conversation.id })
  for (const one of messages as Answer[]) say('listed', `${String(one.id)} ${['incoming', 'outgoing', 'activity', 'template'][one.message_type] ?? ''}: ${String(one.content).trim()}`)
  if (!(messages as Answer[]).some((one) => String(one.content).trim() === thanks)) throw new Error('the reply is not in its conversation')
} finally {
  await client.webhooks.delete({ accountId, webhookId: webhook.id })
  receiver.close()
  receiver.closeAllConnections()
}
say('done', 'contact → conversation → message → webhook → mail → reply → webhook')
