// `npm run seed`: a few customers and conversations to look at, in the account 1 of a running service. It talks to
// its API and its relay ingress, like the commands (RETHREAD_URL, RETHREAD_TOKEN) and like an MTA; nothing is written
// behind its back. A second run changes nothing.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { type Client, CommandError, createClient, runCommand } from '../src/cli/client.ts'
import { readConfig } from '../src/config.ts'

interface Mail {
  readonly id: string
  readonly from: string
  readonly subject: string
  readonly text: string
  readonly fields?: readonly string[]
}

const mails: readonly Mail[] = [
  {
    id: 'seed-1@lena.example',
    from: 'Lena Fischer <lena@fischer.example>',
    subject: 'Invoice 2041',
    text: 'Hello,\n\ncould you send me the invoice 2041 once more, please?\n\nLena',
  },
  {
    id: 'seed-2@omar.example',
    from: 'Omar Haddad <omar@haddad.example>',
    subject: 'Broken on arrival',
    text: 'The lamp came with a cracked foot. What now?\n\nOmar',
  },
  {
    id: 'seed-3@lena.example',
    from: 'Lena Fischer <lena@fischer.example>',
    subject: 'Re: Invoice 2041',
    text: 'And the one of March, too?\n\n> could you send me the invoice',
    fields: ['In-Reply-To: <seed-1@lena.example>'],
  },
  {
    id: 'seed-4@omar.example',
    from: 'Omar Haddad <omar@haddad.example>',
    subject: 'Automatic reply: Broken on arrival',
    text: 'I am away until Monday.',
    fields: ['In-Reply-To: <seed-2@omar.example>', 'Auto-Submitted: auto-replied'],
  },
  {
    id: 'seed-5@news.example',
    from: 'News <news@shop.example>',
    subject: 'Spring offers',
    text: 'Lamps, lamps, lamps.',
    fields: ['List-Id: <news.shop.example>'],
  },
]

interface Inbox {
  readonly id: number
  readonly email?: string | null
  readonly channel_type: string
}

async function seed(): Promise<number> {
  const client = createClient()
  const { payload } = (await client.json('GET', '/api/v1/accounts/1/inboxes')) as { payload: readonly Inbox[] }
  const inbox = payload.find((candidate) => candidate.channel_type === 'Channel::Email' && candidate.email)
  if (inbox?.email == null) throw new CommandError('account 1 has no email inbox to write to', 65)
  for (const mail of mails) {
    await post(mail, inbox.email)
    // Each answers one before it: that one must have arrived.
    await settled(client, mail.id)
  }
  return 0
}

async function post(mail: Mail, recipient: string): Promise<void> {
  const config = readConfig()
  const base = config.RETHREAD_URL ?? `http://${config.HOST}:${String(config.PORT)}`
  const password =
    config.RAILS_INBOUND_EMAIL_PASSWORD ?? (await readFile(join(config.DATA_DIR, 'ingress-password'), 'utf8')).trim()
  const head = [
    `From: ${mail.from}`,
    `To: ${recipient}`,
    `Subject: ${mail.subject}`,
    `Message-ID: <${mail.id}>`,
    'Date: Mon, 2 Mar 2026 09:00:00 +0000',
    'Content-Type: text/plain; charset=utf-8',
    ...(mail.fields ?? []),
  ]
  const response = await fetch(new URL('/ingress/relay', base), {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`actionmailbox:${password}`).toString('base64')}`,
      'content-type': 'message/rfc822',
      'x-envelope-to': recipient,
    },
    body: `${head.join('\r\n')}\r\n\r\n${mail.text.replaceAll('\n', '\r\n')}\r\n`,
  })
  if (!response.ok)
    throw new CommandError(`the relay ingress says ${String(response.status)}: ${await response.text()}`, 75)
}

async function settled(client: Client, messageId: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const found = (await client.json('GET', `/api/v1/inbound_emails?q=${encodeURIComponent(messageId)}`)) as {
      payload: readonly {
        readonly id: number
        readonly status: string
        readonly reason: string | null
        readonly subject: string | null
      }[]
    }
    const [row] = found.payload
    if (row !== undefined && !['pending', 'processing'].includes(row.status)) {
      console.log(`inbound email ${String(row.id)}: ${row.status} (${row.reason ?? ''})  ${row.subject ?? ''}`)
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new CommandError(`${messageId} is not settled after ten seconds: see "npx rethread doctor"`, 75)
}

process.exitCode = await runCommand('seed', seed)
