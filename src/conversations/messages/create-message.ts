// A message written by an agent, or put in by a client of an Api inbox: the row, its files, what it changes in the conversation and the
// mail it causes, in one transaction (DESIGN S4, S5). Rules: chatwoot.md §6.

import { MailError } from '../../errors.ts'
import { inPatientTransaction, queryOne, type Pool, type Tx } from '../../db/pool.ts'
import { assignConversation } from '../assignment/assign.ts'
import { performedBy } from '../events/performer.ts'
import { insertMessage, type Place } from './insert-message.ts'
import { enqueue } from '../../queue/work.ts'
import { minLength } from '../language/note-language.ts'
import { noteMentions } from './mentions.ts'
import { mailWayOf, queueMail, unconfirmedOf, type MailPlace } from './queue-mail.ts'
import { checkNewMessage, refuse, type NewMessage } from './new-message.ts'
import { storeAttachments } from '../files/store-attachments.ts'

export interface WrittenMessage {
  readonly messageId: number
  /** Whether a mail was queued: wake the sender after the commit. */
  readonly queued: boolean
}

type Conversation = Place & MailPlace & { readonly blocked: boolean }

/** What writing needs to know besides. */
export type WriteOptions = Pick<Writing, 'replyDomain' | 'continuityDelayMs' | 'messagesPerMinute'> & { readonly message: NewMessage }

/** Writes a message in the caller's transaction, which holds the conversation until its end. */
export async function writeMessage(tx: Tx, conversationId: number, options: WriteOptions): Promise<WrittenMessage> {
  const message = checkNewMessage(options.message)
  const conversation = await lockConversation(tx, conversationId, options.replyDomain)
  // A visitor speaks for themselves; a client speaks for a contact only where it is the channel.
  if (message.messageType === 'incoming' && message.author !== null && conversation.channel_type !== 'Channel::Api') throw refuse('Incoming messages are only allowed in Api inboxes')
  await guardAgainstFlood(tx, conversationId, options.messagesPerMinute ?? usualPerMinute)
  const way = mailWayOf(conversation, message)
  const queued = way !== null
  const attributes = { ...(await withExternalReplyId(tx, conversationId, message.contentAttributes)), ...(queued ? { delivery: { state: 'queued' } } : {}) }
  const { id: messageId, created_at: at } = await insertMessage(tx, conversation, { ...message, contentAttributes: attributes })
  if (message.attachments.length > 0) await storeAttachments(tx, { accountId: conversation.account_id, messageId }, message.attachments)
  await noteWritten(tx, conversation, { message, messageId, at })
  if (way !== null) await queueMail(tx, way, { conversationId, messageId, delayMs: options.continuityDelayMs })
  return { messageId, queued }
}

async function noteWritten(tx: Tx, conversation: Conversation, { message, messageId, at }: { readonly message: NewMessage; readonly messageId: number; readonly at: Date }): Promise<void> {
  const { id: conversationId, account_id: accountId, inbox_id: inboxId } = conversation
  if (message.private && message.content !== null) await noteMentions(tx, { conversationId, accountId, inboxId, messageId, content: message.content })
  if (message.messageType === 'incoming') await noteIncoming(tx, conversation, { at, messageId, length: message.content?.length ?? 0 })
  else await noteOutgoing(tx, conversationId, { at, humanReply: isHumanReply(message), botId: replyingBot(message) })
}

// Held first and read afterwards: who waited for it while its contact was merged away reads whose it is now.
async function lockConversation(tx: Tx, id: number, replyDomain: string): Promise<Conversation> {
  await tx.query('select 1 from conversations where id = $1 for no key update', [id])
  const row = await queryOne<Conversation>(
    tx,
    `select c.id, c.account_id, c.inbox_id, c.contact_id, c.uuid, ch.channel_type, ch.settings as channel_settings, a.settings as account_settings, a.features, coalesce(a.domain, $2) as domain, ct.email, ct.blocked, ${unconfirmedOf('ct')} as unconfirmed
     from conversations c join inboxes i on i.id = c.inbox_id join channels ch on ch.id = i.channel_id
       join accounts a on a.id = c.account_id join contacts ct on ct.id = c.contact_id
     where c.id = $1`,
    [id, replyDomain],
  )
  if (row === null) throw new MailError('unknown-recipient', `conversation ${String(id)} is gone`)
  return row
}

const usualPerMinute = 200

// A client that has run wild fills no conversation; mail is never refused for it, and does not count: who is written to by many may answer.
async function guardAgainstFlood(tx: Tx, conversationId: number, most: number): Promise<void> {
  const row = await queryOne<{ lately: number }>(
    tx,
    `select count(*)::int as lately from (select created_at, inbound_email_id from messages where conversation_id = $1 order by id desc limit $2) m where m.inbound_email_id is null and m.created_at > now() - interval '1 minute'`,
    [conversationId, most],
  )
  if ((row?.lately ?? 0) >= most) throw new MailError('rate-limited', `more than ${String(most)} messages a minute in conversation ${String(conversationId)}`, { publicMessage: 'Too many messages' })
}

// A client names the answered message by our id; mail threads by its Message-ID.
async function withExternalReplyId(tx: Tx, conversationId: number, attributes: NewMessage['contentAttributes']): Promise<NewMessage['contentAttributes']> {
  const answered = Number(attributes['in_reply_to'])
  if (!Number.isInteger(answered) || answered <= 0 || answered > 2_147_483_647) return attributes
  const row = await queryOne<{ source_id: string | null }>(tx, 'select source_id from messages where id = $1 and conversation_id = $2', [answered, conversationId])
  return row?.source_id ? { ...attributes, in_reply_to_external_id: row.source_id } : attributes
}

/** By a person, in public, not by a rule or campaign. */
function isHumanReply(message: NewMessage): boolean {
  const byMachine = message.contentAttributes['automation_rule_id'] ?? message.additionalAttributes['campaign_id']
  return message.messageType === 'outgoing' && !message.private && message.author?.type === 'user' && (byMachine === undefined || byMachine === null)
}

/** The bot that says this in public; null when it is none. */
function replyingBot({ messageType, private: isPrivate, author }: NewMessage): number | null {
  return messageType === 'outgoing' && !isPrivate && author?.type === 'agent_bot' ? author.id : null
}

// A bot's reply ends the wait as a person's does. It is marked as its own: reports count how long people took.
async function noteOutgoing(tx: Tx, id: number, message: { readonly at: Date; readonly humanReply: boolean; readonly botId: number | null }): Promise<void> {
  if (message.botId !== null) await performedBy(tx, `agent_bot:${String(message.botId) as `${number}`}`)
  await tx.query(
    `update conversations set last_activity_at = $2, updated_at = now(),
       first_reply_created_at = case when $3 then coalesce(first_reply_created_at, $2) else first_reply_created_at end,
       waiting_since = case when $4 then null else waiting_since end
     where id = $1`,
    [id, message.at, message.humanReply, message.humanReply || message.botId !== null],
  )
}

// A resolved or snoozed conversation opens again, unless its contact is blocked: for the bot that answers first, if there is one, or for who is next.
async function noteIncoming(tx: Tx, conversation: Conversation, { at, messageId, length }: { readonly at: Date; readonly messageId: number; readonly length: number }): Promise<void> {
  const { rows } = await tx.query<{ opened: boolean; speaks: boolean }>(
    `update conversations c set last_activity_at = $2, last_incoming_at = $2, updated_at = now(), waiting_since = coalesce(c.waiting_since, $2),
       status = case when $3 or c.status not in ('resolved', 'snoozed') then c.status when c.status = 'resolved' and (select i.agent_bot_id from inboxes i where i.id = c.inbox_id) is not null then 'pending' else 'open' end,
       snoozed_until = case when not $3 and c.status = 'snoozed' then null else c.snoozed_until end
     from (select status from conversations where id = $1) before where c.id = $1 returning c.status = 'open' and before.status <> 'open' as opened, coalesce(c.additional_attributes ->> 'conversation_language', '') <> '' as speaks`,
    [conversation.id, at, conversation.blocked],
  )
  if (rows[0]?.speaks === false && length >= minLength) await enqueue(tx, [{ kind: 'detect-language', key: null, payload: { messageId } }])
  await tx.query('update contacts set last_activity_at = $2 where id = $1', [conversation.contact_id, at])
  if (rows[0]?.opened === true) await assignConversation(tx, conversation.id)
}

/** What writing needs from outside. */
export interface Writing {
  readonly pool: Pool
  /** Reply domain of accounts without one of their own. */
  readonly replyDomain: string
  /** How long a mail of another channel than email waits for more, in ms. */
  readonly continuityDelayMs: number
  /** Most messages that clients may write in one conversation in a minute. */
  readonly messagesPerMinute?: number
  /** Called after a commit that queued mail. */
  readonly wake: () => void
}

/** Writes one message and queues its mail, all or nothing; answers its id. Throws `MailError('malformed')` with a sentence for people. */
export async function createMessage(writing: Writing, conversationId: number, message: NewMessage): Promise<number> {
  const written = await inPatientTransaction(writing.pool, (tx) => writeMessage(tx, conversationId, { ...writing, message }))
  if (written.queued) writing.wake()
  return written.messageId
}
