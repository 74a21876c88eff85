// Inserts the row of an outgoing message: its author, and its source id. In an email inbox that is the Message-ID of
// its mail; in any other the id that the channel's system gave it (`WAID:…`), or none.

import { isEmail } from '../../contracts/channels.ts'
import { queryOne, type Tx } from '../../db/pool.ts'
import { ownMessageId } from '../../db/rules.ts'
import { refuse } from '../records/problem.ts'
import { isUniqueViolation } from '../records/unique.ts'
import { isOutgoing, type NewMessage } from './new-message.ts'

export interface MessageConversation {
  readonly id: number
  readonly account_id: number
  readonly inbox_id: number
  readonly contact_id: number
  readonly uuid: string
  readonly channel_type: string
  /** Right-hand side of Message-IDs. */
  readonly domain: string
}

export interface Inserted {
  readonly id: number
  readonly created_at: Date
}

// The clock, not the transaction's start: a message that waited for the conversation's lock is later.
const statement = `
  with next as (
    select nextval(pg_get_serial_sequence('messages', 'id'))::int as id, clock_timestamp()::timestamptz(3) as at
  )
  insert into messages (
    id,
    account_id,
    inbox_id,
    conversation_id,
    message_type,
    content_type,
    content,
    processed_message_content,
    content_attributes,
    additional_attributes,
    private,
    source_id,
    sender_type,
    sender_id,
    created_at,
    updated_at
  )
  select
    id,
    $1,
    $2,
    $3,
    $4::message_type,
    $5,
    $6,
    $6,
    $7::jsonb,
    $8::jsonb,
    $9,
    case
      when $10::text is null then $11::text
      else ${ownMessageId({ uuid: '$10', messageId: 'id', domain: '$12::text' })}
    end,
    $13::sender_type,
    $14,
    at,
    at
  from next
  returning id, created_at
`

/**
 * Writes the row. A public outgoing message of an email inbox gets the Message-ID under which its mail leaves, so
 * that answers to it are recognised. Throws 422 for a source id that the conversation has.
 */
export async function insertMessage(tx: Tx, conversation: MessageConversation, message: NewMessage): Promise<Inserted> {
  const sender = senderOf(message, conversation)
  const isMail = isEmail(conversation.channel_type) && isOutgoing(message) && !message.private
  const values = [
    conversation.account_id,
    conversation.inbox_id,
    conversation.id,
    message.messageType,
    message.contentType,
    message.content,
    JSON.stringify(message.contentAttributes),
    JSON.stringify(message.additionalAttributes),
    message.private,
    isMail ? conversation.uuid : null,
    message.sourceId,
    conversation.domain,
    sender.type,
    sender.id,
  ]
  try {
    const row = await queryOne<Inserted>(tx, statement, values)
    if (row === null) throw new Error('an insert returned no row')
    return row
  } catch (error) {
    if (isUniqueViolation(error)) throw refuse('Validation failed: Source has already been taken')
    throw error
  }
}

function senderOf(
  message: NewMessage,
  conversation: MessageConversation,
): { type: 'contact' | 'user' | 'agent_bot' | null; id: number | null } {
  if (message.messageType === 'activity') return { type: null, id: null }
  return message.messageType === 'incoming'
    ? { type: 'contact', id: conversation.contact_id }
    : (message.author ?? { type: null, id: null })
}
