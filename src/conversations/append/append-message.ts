// Writes the messages of a group of mails: one insert for all, once per inbound email and once per (conversation,
// Message-ID).

import type { AppendAsAgent, AppendIncoming, Marks } from '../../contracts/decision.ts'
import { columns, type RowOf } from '../../db/columns.ts'
import { toComposed, toJsonb, toSearchedText, toTextOrNull } from '../../db/json.ts'
import { statement, type Tx } from '../../db/pool.ts'
import { digestMail, maxMessageLength, messageText } from '../../mail/message-text.ts'
import { maskReplyAddresses } from '../../mail/reply-address.ts'
import type { AppendRequest } from '../records/append-request.ts'
import { emailAttributes } from '../records/email-attributes.ts'

/** An order whose conversation and speaker are known. */
export interface Ready {
  readonly request: AppendRequest<AppendIncoming | AppendAsAgent>
  /** The contact or agent who wrote it; null if From has no author. */
  readonly senderId: number | null
}

/** A message that another connection appended first, under the same Message-ID: the mail must be judged again. */
export class RaceError extends Error {
  constructor(messageId: string | null) {
    super(`a message with the id ${messageId ?? '(none)'} was appended at the same moment`)
    this.name = 'RaceError'
  }
}

const columnTypes = {
  conversation_id: 'int',
  message_type: 'text',
  content: 'text',
  processed: 'text',
  attributes: 'jsonb',
  source_id: 'text',
  sender_type: 'text',
  sender_id: 'int',
  inbound_email_id: 'bigint',
  digest: 'text',
} as const

const newMessages = columns(columnTypes)

const sql = statement(`
    insert into messages (
      account_id,
      inbox_id,
      conversation_id,
      message_type,
      content_type,
      content,
      processed_message_content,
      content_attributes,
      source_id,
      sender_type,
      sender_id,
      inbound_email_id,
      additional_attributes
    )
    select
      c.account_id,
      c.inbox_id,
      c.id,
      n.message_type::message_type,
      'incoming_email',
      n.content,
      n.processed,
      n.attributes,
      n.source_id,
      n.sender_type::sender_type,
      n.sender_id,
      n.inbound_email_id,
      jsonb_build_object('mail_digest', n.digest)
    from ${newMessages.from('n', { ordinality: 'position' })}
    join conversations c on c.id = n.conversation_id
    order by n.position
    on conflict do nothing
    returning id, inbound_email_id
  `)

/**
 * Ids of the new messages by inbound email. Throws `RaceError` when one was there already: nothing of the group may
 * stay.
 */
export async function insertMessages(tx: Tx, ready: readonly Ready[]): Promise<Map<number, number>> {
  if (ready.length === 0) return new Map()
  const inserted = await tx.query<{ id: number; inbound_email_id: number }>(
    sql(newMessages.values(ready.map(messageRow))),
  )
  const ids = new Map(inserted.rows.map((row) => [row.inbound_email_id, row.id]))
  const missing = ready.find(({ request }) => !ids.has(request.inboundEmailId))
  if (missing !== undefined) throw new RaceError(missing.request.mail.messageId)
  return ids
}

function messageRow({ request, senderId }: Ready): RowOf<typeof columnTypes> {
  const { decision, mail } = request
  const isAgent = decision.action === 'append-as-agent'
  const senderType = isAgent ? 'user' : 'contact'
  const content = contentOf(request)
  const attributes = maskReplyAddresses(
    toJsonb({
      ...emailAttributes(mail, decision.marks),
      ...shownMarks(decision.marks),
      ...(mail.automation === 'list' ? { mailing_list: true } : {}),
      ...(isAgent ? { delivery: { state: 'queued' } } : {}),
    }),
  )
  return {
    conversation_id: decision.conversationId,
    message_type: isAgent ? 'outgoing' : 'incoming',
    content: content === null ? null : toComposed(maskReplyAddresses(content)),
    processed: maskReplyAddresses(toSearchedText(mail.replyText.slice(0, maxMessageLength))),
    attributes,
    source_id: sourceIdOf(request),
    sender_type: senderId === null ? null : senderType,
    sender_id: senderId,
    inbound_email_id: request.inboundEmailId,
    digest: digestMail(mail),
  }
}

// An agent's mail leaves under a new Message-ID of our form (see append-group); a reused id would break the constraint.
function sourceIdOf({ decision, mail }: Ready['request']): string | null {
  return decision.action === 'append-as-agent' || decision.marks.reusedMessageId ? null : toTextOrNull(mail.messageId)
}

function contentOf({ mail }: Ready['request']): string | null {
  const text = messageText(mail)
  if (text !== '') return text
  return mail.degraded === null ? null : `This mail could not be read (${mail.degraded}). The original is attached.`
}

function shownMarks(marks: Marks): Record<string, boolean> {
  return {
    ...(marks.viaOtherReplyAddress ? { via_other_reply_address: true } : {}),
    ...(marks.reusedMessageId ? { reused_message_id: true } : {}),
    sender_verified: marks.verified,
  }
}
