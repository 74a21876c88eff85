// A conversation of another channel goes on by mail: what was written to the contact and not mailed yet leaves as one mail, below it what was said
// before, unless the contact has seen it where they are (reference: Chatwoot §2.1). Their answer comes back into the conversation.

import { attachmentUrl } from '../config.ts'
import { inTransaction, queryOne, type Pool, type Tx } from '../db/pool.ts'
import { MailError } from '../errors.ts'
import { oneLine } from '../mail/compose.ts'
import { isAutomatic, readAttached, readOutgoing } from './outgoing-facts.ts'
import { renderBodies } from './render.ts'
import { composeReply, noteDelivery, noteFailure, sentState, type DeliveryOptions } from './send-reply.ts'

interface Waiting {
  readonly id: number
  readonly content: string | null
  readonly automatic: boolean
}

interface Said {
  readonly name: string
  readonly content: string
}

/** Earlier messages shown below, where the last word of the contact was no mail: a mail brings its own history. */
const historyLength = 10

/** Sends what waits, once per call; nothing when the contact has seen it. Throws `MailError`. */
export async function sendContinuity(options: DeliveryOptions, conversationId: number): Promise<void> {
  const { pool } = options
  const waiting = await inTransaction(pool, (tx) => takeWaiting(tx, conversationId))
  const last = waiting.at(-1)
  const read = last === undefined ? null : await readOutgoing(pool, last.id, options.defaultDomain)
  if (read === null) return
  const facts = { ...read, isAutomatic: waiting.every(({ automatic }) => automatic) }
  if (!facts.account.active) throw new MailError('unavailable', `account ${String(facts.account.id)} is suspended`)
  const words = [...(await Promise.all(waiting.map((message) => withLinks(options, message)))), historyOf(await readHistory(pool, conversationId, waiting[0]?.id ?? 0))]
  const mail = await composeReply(options, facts, { ...renderBodies(words.filter((part) => part !== '').join('\n\n'), []), attachments: [] })
  const response = await options.send(mail)
  await noteDelivery(
    pool,
    waiting.map(({ id }) => id),
    sentState(mail, response),
  )
}

/** It was tried to the end: each message that waited says so. */
export async function failContinuity(pool: Pool, conversationId: number, error: string): Promise<void> {
  const { rows } = await pool.query<{ id: number }>(waitingSql, [conversationId])
  for (const { id } of rows) await noteFailure(pool, id, error)
}

const waitingSql = `select m.id, m.content, ${isAutomatic} as automatic from messages m where m.conversation_id = $1 and message_type in ('outgoing', 'template') and not private
  and content_attributes #>> '{delivery,state}' = 'queued' and content_type <> 'incoming_email' and content_attributes -> 'deleted' is null order by id`

// Whoever writes a message holds the conversation until it is there: what this does not find is written by one that queues a mail of its own.
async function takeWaiting(tx: Tx, conversationId: number): Promise<Waiting[]> {
  const conversation = await queryOne<{ seen: boolean }>(
    tx,
    `select coalesce(c.contact_last_seen_at > (select max(m.created_at) from messages m where m.conversation_id = c.id and m.message_type in ('outgoing', 'template') and not m.private), false) as seen
     from conversations c where c.id = $1 for no key update of c`,
    [conversationId],
  )
  if (conversation === null) return []
  const { rows } = await tx.query<Waiting>(waitingSql, [conversationId])
  if (!conversation.seen) return rows
  await tx.query(`update messages set content_attributes = jsonb_set(content_attributes, '{delivery}', '{"state": "seen"}'), updated_at = now() where id = any($1)`, [rows.map(({ id }) => id)])
  return []
}

async function withLinks({ pool, publicUrl }: DeliveryOptions, { id, content }: Waiting): Promise<string> {
  const files = await readAttached(pool, id)
  const links = files.map((file) => `${file.filename}: ${attachmentUrl(publicUrl, file.token, file.filename)}`)
  return [content ?? '', ...links].filter((part) => part !== '').join('\n\n')
}

// Nothing to an address that a visitor only gave: what strangers wrote would reach whomever they named, in our name.
async function readHistory(pool: Pool, conversationId: number, before: number): Promise<Said[]> {
  const { rows } = await pool.query<Said>(
    `with lately as (
       select m.id, m.message_type, m.content_type, coalesce(m.processed_message_content, m.content) as content, case when m.sender_type = 'contact' then coalesce(nullif(k.name, ''), 'You') else coalesce(u.display_name, u.name, i.name) end as name
       from messages m join inboxes i on i.id = m.inbox_id left join contacts k on m.sender_type = 'contact' and k.id = m.sender_id left join users u on m.sender_type = 'user' and u.id = m.sender_id
       where m.conversation_id = $1 and m.id < $2 and not m.private and m.message_type <> 'activity' and coalesce(m.content, '') <> '' order by m.id desc limit $3)
     select name, content from lately where not exists (select 1 from lately l where l.content_type = 'incoming_email' and l.message_type = 'incoming' and l.id = (select max(id) from lately where message_type = 'incoming'))
       and not exists (select 1 from conversations c join contacts k on k.id = c.contact_id where c.id = $1 and k.additional_attributes ->> 'unconfirmed_email' = k.email
         and not exists (select 1 from messages m where m.conversation_id = c.id and m.content_type = 'incoming_email' and m.message_type = 'incoming')) order by id`,
    [conversationId, before, historyLength],
  )
  return rows
}

// Quoted, so that an answer's new words are told apart from it.
function historyOf(said: readonly Said[]): string {
  if (said.length === 0) return ''
  const lines = said.flatMap(({ name, content }) => `${oneLine(name)}: ${content}`.split('\n').map((line) => `> ${line}  `))
  return ['---', ...lines].join('\n')
}
