// A message that waits before it leaves: when it leaves, the state of its conversation before it, and its cancellation
// while no worker has claimed it. The row of its work decides: the sender claims it, or the cancellation deletes it.

import { type Pool, queryOne, type Tx, withDeadlockRetry } from '../../db/pool.ts'
import { emptyMessages } from '../erasure/erase-messages.ts'
import { advance } from '../life-line/advance.ts'
import { deliveryOf } from '../life-line/record-delivery.ts'
import { type Performer, setPerformer } from '../performer.ts'
import { readMessages } from '../records/message-rows.ts'
import type { MessageRow } from '../records/rows.ts'
import { sendKeys } from './queue-mail.ts'

interface Target {
  readonly accountId: number
  readonly conversationId: number
  readonly messageId: number
  readonly by: Performer
}

/** The message as it was, with tokens under which its files can be sent again. */
export interface Cancelled {
  readonly message: MessageRow
  /** In the order of the message's attachments. */
  readonly uploads: readonly string[]
}

/** A message that is to be delayed, by its id or by that of the agent's mail that it comes from. */
interface Delayed {
  readonly conversationId: number
  readonly messageId?: number
  readonly inboundEmailId?: number
  /** What the agent's mail commands besides. */
  readonly commands?: readonly string[]
}

/**
 * Notes the conversation's waiting and status with a delayed message, before the message or its commands end them. The
 * caller holds the conversation.
 */
export async function noteBeforeSend(
  tx: Tx,
  { conversationId, messageId, inboundEmailId, commands = [] }: Delayed,
): Promise<void> {
  await tx.query(
    `update messages m set additional_attributes = m.additional_attributes || jsonb_build_object(
       'before_send',
       jsonb_build_object(
         'waiting_since', c.waiting_since,
         'first_reply_created_at', c.first_reply_created_at,
         'last_report', (select coalesce(max(id), 0) from reporting_events where conversation_id = c.id),
         'status', c.status,
         'commands', $4::text[]
       )
     )
     from conversations c
     where (m.id = $2 or m.inbound_email_id = $3)
       and c.id = $1`,
    [conversationId, messageId ?? null, inboundEmailId ?? null, commands],
  )
}

/**
 * Withdraws a message whose mail has not been sent yet: only the empty message is left, and the conversation waits as
 * before. `left` if it is sent, in progress, or was never to be mailed.
 */
export function cancelSend(pool: Pool, target: Target): Promise<Cancelled | 'left' | 'gone'> {
  return withDeadlockRetry(pool, (tx) => cancelSendIn(tx, target))
}

/** `cancelSend` in the caller's transaction. */
export async function cancelSendIn(
  tx: Tx,
  { accountId, conversationId, messageId, by }: Target,
): Promise<Cancelled | 'left' | 'gone'> {
  await setPerformer(tx, by)
  await tx.query('select 1 from conversations where id = $1 for no key update', [conversationId])
  const locked = await queryOne<{ state: string | null }>(
    tx,
    `select content_attributes #>> '{delivery,state}' as state
     from messages
     where id = $1 and conversation_id = $2
     for update`,
    [messageId, conversationId],
  )
  if (locked === null) return 'gone'
  if (locked.state !== 'queued' || !(await takeWork(tx, conversationId, messageId))) return 'left'
  const [message] = await readMessages(tx, accountId, [messageId])
  if (message === undefined) return 'gone'
  const uploads = await keepFiles(tx, messageId)
  await restoreWaiting(tx, messageId)
  const { delivery } = advance(
    { delivery: deliveryOf(message.contentAttributes), status: message.status },
    { state: 'cancelled' },
  )
  await emptyMessages(tx, [messageId], { send_cancelled: true, delivery })
  return { message, uploads }
}

// A mail of its own has its row deleted. A continued chat shares its row with other messages: while it is not in
// progress, the message is left out of it.
async function takeWork(tx: Tx, conversationId: number, messageId: number): Promise<boolean> {
  const keys = sendKeys(conversationId, messageId)
  const { rowCount } = await tx.query(
    `
      delete from work
      where kind = 'send-reply'
        and key = any($1)
        and payload ->> 'messageId' = $2
        and attempts = 0
        and failed_at is null
    `,
    [keys.own, String(messageId)],
  )
  if (rowCount !== 0) return true
  const { rows } = await tx.query<{ attempts: number }>(
    'select attempts from work where key = $1 and failed_at is null order by id for update',
    [keys.shared],
  )
  return rows.length > 0 && rows.every(({ attempts }) => attempts === 0)
}

/** Makes uploads of the files of a message; their tokens, in the order of the attachments. */
export async function keepFiles(tx: Tx, messageId: number): Promise<string[]> {
  const { rows } = await tx.query<{ token: string }>(
    `
      insert into uploads (account_id, file_name, content_type, byte_size, blob_sha256)
      select
        account_id,
        coalesce(file_name, 'file'),
        coalesce(content_type, 'application/octet-stream'),
        byte_size,
        blob_sha256
      from attachments
      where message_id = $1 and blob_sha256 is not null
      order by id
      returning id, token
    `,
    [messageId],
  )
  return rows.map(({ token }) => token)
}

// Unless there is a later answer.
async function restoreWaiting(tx: Tx, messageId: number): Promise<void> {
  const { rows } = await tx.query<{ conversation_id: number; last_report: string }>(
    `
      update conversations c
      set
        waiting_since = coalesce(
          c.waiting_since, (m.additional_attributes #>> '{before_send,waiting_since}')::timestamptz
        ),
        first_reply_created_at = (
          m.additional_attributes #>> '{before_send,first_reply_created_at}'
        )::timestamptz,
        updated_at = now()
      from messages m
      where m.id = $1
        and c.id = m.conversation_id
        and m.additional_attributes ? 'before_send'
        and not exists (
          select 1
          from messages l
          where l.conversation_id = m.conversation_id
            and l.id > m.id
            and l.message_type = 'outgoing'
            and l.sender_type = 'user'
            and not l.private
            and l.content_attributes -> 'deleted' is null
        )
      returning c.id as conversation_id, m.additional_attributes #>> '{before_send,last_report}' as last_report
    `,
    [messageId],
  )
  const [row] = rows
  if (row === undefined) return
  await tx.query(
    `delete from reporting_events
     where conversation_id = $1 and id > $2::bigint and name in ('first_response', 'reply_time')`,
    [row.conversation_id, row.last_report],
  )
}
