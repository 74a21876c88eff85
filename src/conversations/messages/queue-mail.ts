// Decides whether a message leaves as mail, and when. In an email inbox each message leaves at once. In any other
// channel the conversation continues by mail if the contact has an address: after a delay, together with the messages
// that followed, and not at all once the contact has seen them in the channel.

import { isApi, isEmail, isWidget } from '../../contracts/channels.ts'
import type { Tx } from '../../db/pool.ts'
import { isOnlyClaimed } from '../../db/rules.ts'
import { enqueue, type NewWork } from '../../queue/work.ts'
import type { Json } from '../records/rows.ts'
import type { NewMessage } from './new-message.ts'

export type MailDispatch = 'at-once' | 'continuity' | null

/** The inputs of the decision; `settings` are the channel's. */
export interface MailConversation {
  readonly id: number
  readonly channel_type: string
  readonly channel_settings: Json
  readonly account_settings: Json
  readonly features: readonly string[]
  /** The recipient of the conversation's replies; null: unknown. */
  readonly recipient: string | null
  /** An unproven visitor named that address. */
  readonly is_claimed: boolean
}

/** SQL: the columns of a `MailConversation` that view conversation_recipients, as `r`, has. */
export const recipientColumns = `r.email as recipient, coalesce(${isOnlyClaimed('r')}, false) as is_claimed`

/** How a message of this conversation leaves as mail; null when it does not. Never throws. */
export function mailDispatchOf(
  conversation: MailConversation,
  message: Pick<NewMessage, 'messageType' | 'contentType' | 'private'>,
): MailDispatch {
  if (!isMailed(message) || conversation.recipient === null) return null
  if (isEmail(conversation.channel_type)) return 'at-once'
  if (conversation.account_settings['email_continuity'] === false) return null
  // A stranger who names another person's address must not cause mail to it.
  if (message.messageType === 'template' && conversation.is_claimed) return null
  return isContinued(conversation) ? 'continuity' : null
}

// Automatic forms are not mailed: a mail cannot be filled in.
function isMailed({
  messageType,
  contentType,
  private: isPrivate,
}: Pick<NewMessage, 'messageType' | 'contentType' | 'private'>): boolean {
  if (isPrivate) return false
  return messageType === 'outgoing' || (messageType === 'template' && ['text', 'input_csat'].includes(contentType))
}

// Messages of an Api inbox are often delivered by another system, so mail has to be enabled, as in Chatwoot.
function isContinued({ channel_type: type, channel_settings: settings, features }: MailConversation): boolean {
  if (isApi(type)) return features.includes('email_continuity_on_api_channel')
  return !isWidget(type) || settings['continuity_via_email'] !== false
}

/**
 * The keys of the work rows of a message's mail: its own row's, and that of its conversation's continuity. Never
 * throws.
 */
export function sendKeys(
  conversationId: number,
  messageId: number,
): { own: readonly [string, string]; shared: string } {
  return {
    own: [`conversation:${String(conversationId)}`, `message:${String(messageId)}`],
    shared: `continuity:${String(conversationId)}`,
  }
}

/** A mail that waits longer than this, in ms, holds up no other of its conversation. */
const maxInOrderMs = 120_000

/** The work that sends a mail of its own, after `delayMs`. Never throws. */
export function sendWork(conversationId: number, messageId: number, delayMs: number): NewWork<'send-reply'> {
  const { own } = sendKeys(conversationId, messageId)
  return { kind: 'send-reply', key: own[delayMs > maxInOrderMs ? 1 : 0], payload: { messageId }, delayMs }
}

interface Queued {
  readonly conversationId: number
  readonly messageId: number
  /** How long continuity waits for more. */
  readonly delayMs: number
  /** How long the writer may stop it, at least; default: not at all. */
  readonly sendAfterMs?: number
}

/**
 * Sends the mail of a message whose row is still there, because it is retried for other recipients: now, or after the
 * attempt that is in progress. False if there is no row.
 */
export async function hurryMail(tx: Tx, conversationId: number, messageId: number): Promise<boolean> {
  const { own } = sendKeys(conversationId, messageId)
  const { rows } = await tx.query<{ id: number; key: string; is_running: boolean }>(
    `select id, key, owner is not null as is_running
     from work
     where kind = 'send-reply'
       and key = any($1)
       and payload ->> 'messageId' = $2
       and failed_at is null
     order by id desc
     for update`,
    [own, String(messageId)],
  )
  const [row] = rows
  if (row === undefined) return false
  if (row.is_running) await enqueue(tx, [{ kind: 'send-reply', key: row.key, payload: { messageId } }])
  else await tx.query('update work set run_at = least(run_at, now()) where id = $1', [row.id])
  return true
}

/** Queues the mail of a message, in the transaction that holds its conversation. */
export async function queueMail(
  tx: Tx,
  dispatch: Exclude<MailDispatch, null>,
  { conversationId, messageId, delayMs, sendAfterMs = 0 }: Queued,
): Promise<void> {
  if (dispatch === 'at-once') return enqueue(tx, [sendWork(conversationId, messageId, sendAfterMs)])
  const { shared } = sendKeys(conversationId, messageId)
  // A queued mail that is not in progress will include this message too: it reads the messages under the conversation's
  // lock, which we hold.
  const { rowCount } = await tx.query(
    `update work
     set run_at = greatest(run_at, now() + $2 * interval '1 ms')
     where key = $1
       and failed_at is null
       and attempts = 0`,
    [shared, sendAfterMs],
  )
  if (rowCount === 0)
    await enqueue(tx, [
      { kind: 'send-continuity', key: shared, payload: { conversationId }, delayMs: Math.max(delayMs, sendAfterMs) },
    ])
}
