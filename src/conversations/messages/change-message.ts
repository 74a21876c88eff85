// Changes of an existing message: deletion, status reports of the system that carries it, and sending again.

import { toTextOrNull } from '../../db/json.ts'
import { inTransaction, type Pool, queryOne, type Tx, withDeadlockRetry } from '../../db/pool.ts'
import { emptyMessages } from '../erasure/erase-messages.ts'
import { restartDelivery } from '../life-line/record-delivery.ts'
import type { Json, MessageType } from '../records/rows.ts'
import type { WriteDeps } from './create-message.ts'
import { hurryMail, type MailConversation, mailDispatchOf, queueMail, recipientColumns } from './queue-mail.ts'

interface Target {
  readonly conversationId: number
  readonly messageId: number
}

/** Empties a message, as Chatwoot shows a deleted one. False if it does not exist. */
export function deleteMessage(pool: Pool, { conversationId, messageId }: Target): Promise<boolean> {
  return withDeadlockRetry(pool, async (tx) => {
    // The conversation is locked first, as in appending; files are locked after it.
    await tx.query('select 1 from conversations where id = $1 for no key update', [conversationId])
    const row = await queryOne(tx, 'select 1 from messages where id = $1 and conversation_id = $2 for update', [
      messageId,
      conversationId,
    ])
    if (row === null) return false
    await emptyMessages(tx, [messageId])
    return true
  })
}

export interface MessageReport extends Target {
  readonly status: 'sent' | 'delivered' | 'read' | 'failed'
  readonly externalError: string | null
}

/**
 * The status that the delivering system reports: sent, delivered, read, in this order; failed after sent or delivered.
 * Reports come late and in any order: one that would go back, or follow a failure, changes nothing. False if the
 * message is gone.
 */
export async function reportOnMessage(
  pool: Pool,
  { conversationId, messageId, status, externalError }: MessageReport,
): Promise<boolean> {
  const row = await queryOne(
    pool,
    `with target as (
       select id, status from messages where id = $1 and conversation_id = $2 for update
     ), reported as (
       update messages m set
         status = $3::message_status,
         updated_at = now(),
         content_attributes = case
           when $3 <> 'failed' then m.content_attributes - 'external_error'
           when $4::text is null then m.content_attributes
           else m.content_attributes || jsonb_build_object('external_error', $4::text)
         end
       from target t
       where m.id = t.id
         and case t.status::text
           when 'failed' then $3 = 'failed'
           when 'read' then $3 = 'read'
           when 'delivered' then $3 <> 'sent'
           else true
         end
     )
     select 1 from target`,
    [messageId, conversationId, status, toTextOrNull(externalError)?.slice(0, 1_000) ?? null],
  )
  return row !== null
}

type Failed = MailConversation & {
  readonly status: string
  readonly message_type: MessageType
  readonly content_type: string
  readonly private: boolean
  readonly content_attributes: Json
}

/**
 * Sends a failed message once more under the same Message-ID, to those of its recipients who did not get it. Its error
 * is forgotten.
 */
export async function retryMessage(deps: WriteDeps, target: Target): Promise<'queued' | 'not-failed' | 'gone'> {
  const outcome = await inTransaction(deps.pool, (tx) => retryIn(tx, target, deps))
  if (outcome === 'queued') deps.wake()
  return outcome
}

/** As `retryMessage`, in the caller's transaction; the caller wakes the sender. */
export async function retryIn(
  tx: Tx,
  { conversationId, messageId }: Target,
  { continuityDelayMs: delayMs }: WriteDeps,
): Promise<'queued' | 'not-failed' | 'gone'> {
  // Locked before the message, as the sender of waiting mail does.
  await tx.query('select 1 from conversations where id = $1 for no key update', [conversationId])
  const message = await queryOne<Failed>(
    tx,
    `select m.status,
       m.message_type,
       m.content_type,
       m.private,
       m.content_attributes,
       c.id,
       ch.channel_type,
       ch.settings as channel_settings,
       a.settings as account_settings,
       a.features,
       ${recipientColumns}
     from messages m
       join conversations c on c.id = m.conversation_id
       join conversation_recipients r on r.conversation_id = c.id
       join inboxes i on i.id = c.inbox_id
       join channels ch on ch.id = i.channel_id
       join accounts a on a.id = c.account_id
     where m.id = $1 and m.conversation_id = $2
     for update of m`,
    [messageId, conversationId],
  )
  if (message === null) return 'gone'
  if (message.status !== 'failed') return 'not-failed'
  await restartDelivery(tx, messageId)
  if (await hurryMail(tx, conversationId, messageId)) return 'queued'
  const dispatch = mailDispatchOf(message, {
    messageType: message.message_type,
    contentType: message.content_type,
    private: message.private,
  })
  if (dispatch !== null) await queueMail(tx, dispatch, { conversationId, messageId, delayMs })
  return 'queued'
}
