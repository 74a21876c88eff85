// A small support team's day, made up for the pictures: mail that came, answers, notes, and mail that waits for a
// person.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Service } from '../bench/service.ts'
import { type Report, reportOf } from '../test/support/reports.ts'

interface Letter {
  readonly from: string
  readonly subject: string
  readonly text: string
  readonly to?: string
  readonly html?: string
  readonly fields?: readonly string[]
  /** With its angle brackets; made up when it is left out. */
  readonly messageId?: string
}

const inbox = 'support@reply.localhost'

const letters: readonly Letter[] = [
  {
    from: 'Carla Third <carla@third.example>',
    subject: 'Re: Quotation 2026-118',
    text: 'We will take the second offer.',
  },
  {
    from: 'Tom Field <tom@field.example>',
    subject: 'Password refused since the update',
    text: 'That works, thanks a lot.',
  },
  {
    from: '=?utf-8?q?Nguy=E1=BB=85n_Th=E1=BB=8B_=C3=81nh?= <anh@garden.example>',
    subject: 'Delivery on Thursday',
    text: 'Thursday between 9 and 12 works for me.\n\nCould the driver call before?',
  },
  {
    from: 'Acme Finance <finance@acme.example>',
    subject: 'Statement for October',
    text: 'Please find attached the statement for October.',
  },
  {
    from: '=?utf-8?b?2YXYrdmF2K8g2LnYqNivINin2YTZhNmH?= <m@souq.example>',
    subject: '=?utf-8?b?2KfYs9iq2YHYs9in2LEg2LnZhiDYp9mE2LfZhNio?=',
    text: 'شكرا جزيلا، وصلت الرسالة.',
  },
  {
    from: 'Ola Nordmann <ola@nordmann.example>',
    subject: 'Kan dere se på denne?',
    text: 'Hei! Lampen blinker når den er varm.',
  },
  {
    from: 'ines.holm@customer.example',
    subject: 'Contact form: pump leaks',
    text: 'The pump leaks since this morning, pictures follow.',
  },
  { from: 'Bob Berg <bob@berg.example>', subject: 'Invoice 4711', text: 'Could you send it once more as a PDF?' },
]

const knownId = '<return-of-the-lamp@mail.example>'

// The first answers a mail of somebody else, and is addressed to no inbox; the second has two senders.
const held: readonly Letter[] = [
  {
    from: 'Jane Doe <jane.private@mail.example>',
    subject: 'Re: Where is my order?',
    text: 'I write from my private address: the lamp has a scratch. My order is ORD-12345.',
    to: 'orders@reply.localhost',
    fields: [`In-Reply-To: ${knownId}`],
  },
  {
    from: 'Billing <billing@shop.example>',
    subject: 'Invoice 4711 is due',
    text: 'Please pay invoice 4711 by Friday.',
    fields: ['From: Accounts <accounts@other.example>'],
  },
]

const reply: Letter = {
  from: 'Jane Doe <jane@example.com>',
  subject: 'Re: Where is my order?',
  text:
    'It has arrived, thank you!\n\nOne more question: can I return the lamp? It is a little too bright ' +
    'for the hallway.\n\nOn Fri, 27 Nov 2026 at 16:40, Ada Agent <support@acme.example> wrote:\n> Hello ' +
    'Jane,\n>\n> your parcel left our warehouse on Friday.',
  html:
    '<div style="font-family:Georgia;font-size:16px"><p>It has arrived, thank you!</p><p>One more ' +
    'question: can I return the <b>lamp</b>? It is a little too bright for the hallway.</p><img ' +
    'src="https://pictures.example/hallway.jpg" alt="hallway"><blockquote>Hello Jane,<br><br>your parcel ' +
    'left our warehouse on Friday.</blockquote></div>',
  fields: ['Cc: Bob Berg <bob@berg.example>'],
}

/** Sends the mail, and does what the team did with it. */
export async function fillForScreenshots(service: Service): Promise<void> {
  const api = (method: string, path: string, body?: object) =>
    ask(service, { method, path: `/api/v1/accounts/1${path}`, body })
  await ask(service, { method: 'PATCH', path: '/api/v1/profile', body: { name: 'Ada Agent', display_name: 'Ada' } })
  for (const title of ['billing', 'bug', 'hardware', 'sales']) await api('POST', '/labels', { title, color: '#4466aa' })
  await api('POST', '/canned_responses', {
    short_code: 'thanks',
    content: 'Thank you for your mail. We will look into it today.',
  })
  for (const letter of letters) await send(service, letter)
  await api('POST', '/conversations/1/messages', {
    content: 'Hello Jane,\n\nyour parcel left our warehouse on **Friday**. You can follow it with the number 00340434.',
  })
  await send(service, { ...reply, to: service.replyAddress, messageId: knownId })
  await settle(service)
  for (const letter of held) await send(service, letter)
  await api('POST', '/conversations/1/messages', {
    content: 'Lamps of this series can go back within 60 days, also when opened.',
    private: true,
  })
  await settle(service)
  const { data } = await api('GET', '/conversations?status=all&assignee_type=all')
  const { id: me } = await ask(service, { method: 'GET', path: '/api/v1/profile' })
  for (const [position, conversation] of (data.payload as { readonly id: number }[]).entries()) {
    const path = `/conversations/${String(conversation.id)}`
    if (position % 2 === 0) await api('POST', `${path}/assignments`, { assignee_id: me })
    if (position % 3 === 1)
      await api('POST', `${path}/labels`, { labels: position % 2 === 0 ? ['billing'] : ['bug', 'hardware'] })
    if (position === 2) await api('POST', `${path}/toggle_priority`, { priority: 'urgent' })
  }
}

/** What became of mail that left: one of three recipients does not exist, and a customer's mailbox neither. */
export async function fillLifeLines(service: Service): Promise<{ readonly several: number; readonly one: number }> {
  const several = await answer(service, 'bob@berg.example', {
    content: 'Hello Bob,\n\nhere is invoice 4711 once more. Please tell us if something is missing.',
    cc_emails: ['accounts@berg.example', 'old.address@berg.example'],
    to_emails: ['bob@berg.example'],
  })
  await report(service, several.returnPath, { names: 'bob@berg.example', action: 'delivered', status: '2.0.0' })
  await report(service, several.returnPath, { names: 'old.address@berg.example' })
  // As a mail server says it; there is none.
  await service.sql.query(
    `update messages set content_attributes = regexp_replace(
       replace(
         replace(content_attributes::text, '"server": null', '"server": "mail.acme.example"'),
         '"queue_id": null', '"queue_id": "4dTgVh2c9S"'),
       '"written to [^"]*"', '"250 2.0.0 Ok: queued as 4dTgVh2c9S"', 'g')::jsonb
     where content_attributes ? 'delivery'`,
  )
  const one = await answer(service, 'ines.holm@customer.example', {
    content: 'Dear Ms Holm,\n\nthank you for your message. A mechanic can come on Tuesday.',
  })
  await report(service, one.returnPath, { names: 'ines.holm@customer.example' })
  const list = { method: 'POST', path: '/api/v1/accounts/1/suppressed_addresses' }
  await ask(service, { ...list, body: { email: 'no-more@garden.example', reason: 'asked by phone' } })
  await settle(service)
  return { several: several.displayId, one: one.displayId }
}

async function answer(
  service: Service,
  email: string,
  message: { readonly content: string } & Readonly<Record<string, unknown>>,
) {
  const { rows } = await service.sql.query<{ id: number }>(
    'select display_id as id from conversations where recipient_email = $1 limit 1',
    [email],
  )
  const displayId = rows[0]?.id ?? 0
  const path = `/api/v1/accounts/1/conversations/${String(displayId)}/messages`
  await ask(service, { method: 'POST', path, body: message })
  return { displayId, returnPath: await findReturnPath(service, email) }
}

async function findReturnPath({ folder }: Service, email: string): Promise<string> {
  const outbox = join(folder, 'outbox')
  for (;;) {
    const files = readdirSync(outbox).filter((name) => name.endsWith('.eml'))
    const found = files
      .map((name) => readFileSync(join(outbox, name), 'utf8'))
      .find((text) => text.includes(`X-Envelope-To: <${email}>`))
    const [, path] = /^Return-Path: <(.+)>/.exec(found ?? '') ?? []
    if (path !== undefined) return path
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function report(service: Service, to: string, given: Report): Promise<void> {
  await post(service, reportOf(given).toString('utf8'), to)
  await settle(service)
}

async function send(
  service: Service,
  { from, subject, text, to = inbox, html, fields = [], messageId = `<${crypto.randomUUID()}@mail.example>` }: Letter,
): Promise<void> {
  const head = [
    `From: ${from}`,
    `To: ${to}`,
    ...fields,
    `Subject: ${subject}`,
    `Message-ID: ${messageId}`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
  ]
  const part = (type: string, content: string): string =>
    `Content-Type: ${type}; charset=utf-8\r\n\r\n${content.replaceAll('\n', '\r\n')}\r\n`
  const body =
    html === undefined
      ? part('text/plain', text)
      : `Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n${part('text/plain', text)}--b\r\n` +
        `${part('text/html', html)}--b--\r\n`
  await post(service, `${head.join('\r\n')}\r\n${body}`, to)
}

async function post({ ports, password }: Service, mail: string, to: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${String(ports.http)}/ingress/relay`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`actionmailbox:${password}`).toString('base64')}`,
      'content-type': 'message/rfc822',
      'x-envelope-to': to,
    },
    body: mail,
  })
  if (!response.ok) throw new Error(`mail to ${to} was answered with ${String(response.status)}`)
  await response.arrayBuffer()
}

// Until nothing waits to be placed.
async function settle({ sql }: Service): Promise<void> {
  for (;;) {
    const { rowCount } = await sql.query(`select 1 from inbound_emails where status in ('pending', 'processing')`)
    if (rowCount === 0) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

interface Question {
  readonly method: string
  readonly path: string
  readonly body?: object | undefined
}

// Answers are looked into freely: what is missing shows in the pictures.
async function ask({ ports, token }: Service, { method, path, body }: Question): Promise<any> {
  const response = await fetch(`http://127.0.0.1:${String(ports.http)}${path}`, {
    method,
    headers: { api_access_token: token, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok)
    throw new Error(`${method} ${path} was answered with ${String(response.status)}: ${await response.text()}`)
  return response.json().catch(() => ({}))
}
