// How cost grows with what is stored: the same load on 10 to 1,000,000 mails and 10 to 100,000 conversations, each
// mail to a conversation picked at random, by its thread; and what the lists that people look at take then.

import { randomUUID } from 'node:crypto'

import { transports } from './clients.ts'
import { percentile } from './load.ts'
import { waitUntilAppended } from './measure.ts'
import type { Service } from './service.ts'
import { startTable } from './table.ts'

const clients = 32
const stages = [
  [10, 10],
  [1_000, 1_000],
  [10_000, 10_000],
  [100_000, 100_000],
  [1_000_000, 100_000],
] as const

const lists: Readonly<Record<string, string>> = {
  conversations: '/api/v1/accounts/1/conversations',
  messages: '/api/v1/accounts/1/conversations/1/messages',
  accepted: '/api/v1/accounts/1/inbound_emails',
  held: '/api/v1/accounts/1/inbound_emails?status=held',
}

export async function measureGrowth(service: Service, seconds: number, most = Infinity): Promise<unknown[]> {
  const row = startTable([
    'mails',
    'conversations',
    'accepted/s',
    'appended/s',
    'p99 ms',
    'CPU ms',
    'db CPU ms',
    ...Object.keys(lists).map((name) => `${name} ms`),
  ])
  const results: unknown[] = []
  for (const [mails, conversations] of stages) {
    if (mails > most) break
    await fill(service, mails, conversations)
    const cells = [mails, conversations, ...(await measure(service, seconds)), ...(await askLists(service))]
    row(cells)
    results.push(cells)
  }
  return results
}

// Rows as the service leaves them, made by the database itself; octets of 1 KB that do not compress.
async function fill(service: Service, mails: number, conversations: number): Promise<void> {
  const { sql } = service
  const { rows } = await sql.query<{ mails: number; conversations: number }>(
    `
      select
        (select count(*)::int from inbound_emails) as mails,
        (select count(*)::int from conversations) as conversations
    `,
  )
  const have = rows[0] ?? { mails: 0, conversations: 0 }
  await sql.query(
    `
      with numbers as (select n from generate_series($1::int + 1, $2::int) n),
      people as (
        insert into contacts (account_id, name, email)
        select 1, 'Contact ' || n, 'contact' || n || '@example.org'
        from numbers
        returning id, email
      ),
      places as (
        insert into contact_inboxes (contact_id, inbox_id, source_id)
        select id, 1, email
        from people
        returning id, contact_id, source_id
      )
      insert into conversations (
        account_id, inbox_id, contact_id, contact_inbox_id, recipient_email, display_id
      )
      select 1, 1, contact_id, id, source_id, 1000 + row_number() over () + $1
      from places
    `,
    [have.conversations, conversations],
  )
  for (let done = have.mails; done < mails; done += 50_000) await insertMails(service, Math.min(50_000, mails - done))
  await sql.query('vacuum analyze')
}

// Conversations have their ids in a row: the nth mail goes to the nth, and so on round.
async function insertMails({ sql }: Service, count: number): Promise<void> {
  await sql.query(
    `
      with numbers as (
        select
          n,
          gen_random_uuid() as unique_id,
          nextval('raw_emails_id_seq') as raw_id,
          1 + n % (select max(id) from conversations) as conversation_id
        from generate_series(1, $1::int) n
      ),
      raws as (
        insert into raw_emails (id, bytes)
        select raw_id, decode(repeat(md5(unique_id::text), 64), 'hex')
        from numbers
      )
      insert into inbound_emails (
        idempotency_key,
        raw_id,
        ingress,
        recipients,
        size,
        status,
        reason,
        message_id,
        from_address,
        subject,
        account_id,
        conversation_id,
        attempts,
        settled_at,
        trace
      )
      select
        sha256(uuid_send(unique_id)),
        raw_id,
        'relay',
        array['support@reply.localhost'],
        1024,
        'delivered',
        'thread',
        unique_id || '@example.org',
        'contact' || n || '@example.org',
        'Re: Where is my order?',
        1,
        conversation_id,
        1,
        now(),
        '[{"step": "decision", "outcome": "append", "detail": "thread"}]'
      from numbers
    `,
    [count],
  )
  await sql.query(
    `
      with written as (
        insert into messages (
          account_id,
          inbox_id,
          conversation_id,
          message_type,
          content_type,
          content,
          source_id,
          sender_type,
          sender_id,
          inbound_email_id
        )
        select
          1,
          1,
          c.id,
          'incoming',
          'incoming_email',
          'Thank you, it has arrived. ' || i.message_id,
          i.message_id,
          'contact',
          c.contact_id,
          i.id
        from inbound_emails i
        join conversations c on c.id = i.conversation_id
        where i.message_db_id is null and i.status = 'delivered'
        returning id, inbound_email_id
      )
      update inbound_emails i set message_db_id = written.id from written where written.inbound_email_id = i.id
    `,
  )
}

async function measure(service: Service, seconds: number): Promise<number[]> {
  const { rows } = await service.sql.query<{ uuid: string; email: string }>(
    `
      select c.uuid, k.email
      from conversations c
      join contacts k on k.id = c.contact_id
      where c.account_id = 1
      order by random()
      limit 20000
    `,
  )
  const open = await Promise.all(Array.from({ length: clients }, () => transports.relay(service)))
  const [before, started, end] = [await service.cpuSeconds(), performance.now(), performance.now() + seconds * 1000]
  const latencies: number[] = []
  await Promise.all(
    open.map(async ({ send }) => {
      while (performance.now() < end) {
        const { uuid = '', email = '' } = rows[Math.floor(Math.random() * rows.length)] ?? {}
        const sentAt = performance.now()
        await send(makeReply(uuid, email))
        latencies.push(performance.now() - sentAt)
      }
    }),
  )
  const acceptedMs = performance.now() - started
  for (const client of open) client.close()
  await waitUntilAppended(service)
  const appendedMs = performance.now() - started
  const after = await service.cpuSeconds()
  const mails = latencies.length
  latencies.sort((one, other) => one - other)
  return [
    (mails * 1000) / acceptedMs,
    (mails * 1000) / appendedMs,
    percentile(latencies, 0.99),
    ((after.own - before.own) * 1000) / mails,
    ((after.database - before.database) * 1000) / mails,
  ]
}

function makeReply(uuid: string, email: string): Buffer {
  const words = 'What was said before, long enough to be like real mail.\r\n'.repeat(45)
  return Buffer.from(
    `From: <${email}>\r\nTo: support@reply.localhost\r\nSubject: Re: Where is my order?\r\nMessage-ID: ` +
      `<${randomUUID()}@example.org>\r\nIn-Reply-To: <account/1/conversation/${uuid}@reply.localhost>\r\n` +
      `\r\nIt has arrived, thank you.\r\n\r\n${words}`,
  )
}

async function askLists(service: Service): Promise<number[]> {
  const times: number[] = []
  for (const path of Object.values(lists)) {
    const runs: number[] = []
    for (let run = 0; run < 5; run++) {
      const started = performance.now()
      const answer = await fetch(`http://127.0.0.1:${String(service.ports.http)}${path}`, {
        headers: { api_access_token: service.token },
      })
      await answer.arrayBuffer()
      if (!answer.ok) throw new Error(`${path}: ${String(answer.status)}`)
      runs.push(performance.now() - started)
    }
    times.push(runs.sort((one, other) => one - other)[2] ?? 0)
  }
  return times
}
