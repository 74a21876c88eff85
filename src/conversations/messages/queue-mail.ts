// Whether a message leaves as mail, and when. In an email inbox each leaves at once. Any other channel's conversation continues by mail when the
// contact has an address: a while later, together with what followed, and not at all once the contact has seen it where they are
// (reference: Chatwoot §2.1).

import type { Tx } from '../../db/pool.ts'
import { enqueue } from '../../queue/work.ts'
import type { Json } from '../rows.ts'
import type { NewMessage } from './new-message.ts'

export type MailWay = 'at-once' | 'continuity' | null

/** What decides; `settings` are the channel's. */
export interface MailPlace {
  readonly id: number
  readonly channel_type: string
  readonly channel_settings: Json
  readonly account_settings: Json
  readonly features: readonly string[]
  readonly email: string | null
  /** A visitor said that it is theirs, and no mail has come from it in this conversation. */
  readonly unconfirmed: boolean
}

/** As SQL: `unconfirmed` of conversation `c` and its contact `contact`. */
export const unconfirmedOf = (contact: string): string =>
  `(${contact}.additional_attributes ->> 'unconfirmed_email' is not null and ${contact}.additional_attributes ->> 'unconfirmed_email' = ${contact}.email
    and not exists (select 1 from messages told where told.conversation_id = c.id and told.content_type = 'incoming_email' and told.message_type = 'incoming'))`

/** How a message of this conversation leaves as mail; null when it does not. Never throws. */
export function mailWayOf(place: MailPlace, message: Pick<NewMessage, 'messageType' | 'contentType' | 'private'>): MailWay {
  if (!isMailed(message) || place.email === null) return null
  if (place.channel_type === 'Channel::Email') return 'at-once'
  if (place.account_settings['email_continuity'] === false) return null
  // What we say by ourselves, as often as a stranger begins, is nothing for whomever they name.
  if (message.messageType === 'template' && place.unconfirmed) return null
  return isContinued(place) ? 'continuity' : null
}

// Of what we say ourselves no form: nobody fills it in in a mail.
function isMailed({ messageType, contentType, private: isPrivate }: Pick<NewMessage, 'messageType' | 'contentType' | 'private'>): boolean {
  if (isPrivate) return false
  return messageType === 'outgoing' || (messageType === 'template' && ['text', 'input_csat'].includes(contentType))
}

// What an Api inbox says is often delivered by another system: there it is to be asked for, as in Chatwoot.
function isContinued({ channel_type: type, channel_settings: settings, features }: MailPlace): boolean {
  if (type === 'Channel::Api') return features.includes('email_continuity_on_api_channel')
  return type !== 'Channel::WebWidget' || settings['continuity_via_email'] !== false
}

/** Queues the mail of a message, in the transaction that holds its conversation. `delayMs` is how long continuity waits for more. */
export async function queueMail(tx: Tx, way: Exclude<MailWay, null>, { conversationId, messageId, delayMs }: { readonly conversationId: number; readonly messageId: number; readonly delayMs: number }): Promise<void> {
  if (way === 'at-once') return enqueue(tx, [{ kind: 'send-reply', key: `conversation:${String(conversationId)}`, payload: { messageId } }])
  const key = `continuity:${String(conversationId)}`
  // One that nobody has taken up yet will send this message too: it reads them while it holds the conversation, as we do now.
  const { rowCount } = await tx.query('select 1 from work where key = $1 and failed_at is null and attempts = 0', [key])
  if (rowCount === 0) await enqueue(tx, [{ kind: 'send-continuity', key, payload: { conversationId }, delayMs }])
}
