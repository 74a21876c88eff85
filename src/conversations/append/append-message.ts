// Writes the messages of a group of mails: one insert for all, once per inbound email and once per (conversation,
// Message-ID).

import type { AgentCommands } from '../../contracts/agent-commands.ts'
import type { AppendAsAgent, AppendIncoming, Marks } from '../../contracts/decision.ts'
import { columns, type RowOf } from '../../db/columns.ts'
import { toComposed, toJsonb, toSearchedText, toTextOrNull } from '../../db/json.ts'
import { statement, type Tx } from '../../db/pool.ts'
import { digestMail, maxMessageLength, messageText } from '../../mail/message-text.ts'
import type { ParsedMail } from '../../mail/parsed-mail.ts'
import { maskReplyAddresses } from '../../mail/reply-address.ts'
import { newDelivery } from '../life-line/advance.ts'
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
  content_type: 'text',
  private: 'bool',
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

// An activity begins with the name of the agent.
const named = (text: string): string =>
  `case
      when n.message_type = 'activity' then (select u.name from users u where u.id = n.sender_id) || ' ' || ${text}
      else ${text}
    end`

const sql = statement(`
    insert into messages (
      account_id,
      inbox_id,
      conversation_id,
      message_type,
      content_type,
      private,
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
      n.content_type,
      n.private,
      ${named('n.content')},
      ${named('n.processed')},
      n.attributes,
      n.source_id,
      n.sender_type::sender_type,
      case when n.message_type <> 'activity' then n.sender_id end,
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
export async function insertMessages(tx: Tx, ready: readonly Ready[], undoMs: number): Promise<Map<number, number>> {
  if (ready.length === 0) return new Map()
  const inserted = await tx.query<{ id: number; inbound_email_id: number }>(
    sql(newMessages.values(ready.map((one) => messageRow(one, undoMs)))),
  )
  const ids = new Map(inserted.rows.map((row) => [row.inbound_email_id, row.id]))
  const missing = ready.find(({ request }) => !ids.has(request.inboundEmailId))
  if (missing !== undefined) throw new RaceError(missing.request.mail.messageId)
  return ids
}

function messageRow({ request, senderId }: Ready, undoMs: number): RowOf<typeof columnTypes> {
  const { decision, mail } = request
  const { kind, shown, content, attributes } = rowsBy(request, undoMs)
  return {
    conversation_id: decision.conversationId,
    ...kind,
    content: content === null ? null : toComposed(maskReplyAddresses(content)),
    processed: maskReplyAddresses(toSearchedText(shown.slice(0, maxMessageLength))),
    attributes: maskReplyAddresses(toJsonb(attributes)),
    source_id: sourceIdOf(request),
    sender_type: senderId === null ? null : kind.sender_type,
    sender_id: senderId,
    inbound_email_id: request.inboundEmailId,
    digest: digestMail(mail),
  }
}

interface Written {
  readonly kind: {
    readonly message_type: 'incoming' | 'outgoing' | 'activity'
    readonly content_type: 'incoming_email' | 'text'
    readonly private: boolean
    readonly sender_type: 'contact' | 'user' | null
  }
  readonly content: string | null
  /** What is found by search. */
  readonly shown: string
  readonly attributes: Readonly<Record<string, unknown>>
}

const mailed = { content_type: 'incoming_email', private: false } as const

function rowsBy({ decision, mail: received }: Ready['request'], undoMs: number): Written {
  const { marks } = decision
  const forward = decision.action === 'append' ? decision.forward : undefined
  const mail = forward === undefined ? received : forward.mail
  const attributes = {
    ...emailAttributes(mail, marks),
    ...shownMarks(marks),
    ...(forward === undefined ? {} : { forwarded_by: { user_id: forward.userId } }),
    ...(mail.automation === 'list' ? { mailing_list: true } : {}),
  }
  const whole = { content: contentOf(mail), shown: mail.replyText }
  if (decision.action === 'append')
    return { kind: { ...mailed, message_type: 'incoming', sender_type: 'contact' }, ...whole, attributes }
  const sent = { ...mailed, message_type: 'outgoing', sender_type: 'user' } as const
  const queued = { delivery: newDelivery(waitOf(decision, undoMs)) }
  const { commands } = decision
  if (commands === null) return { kind: sent, ...whole, attributes: { ...attributes, ...queued } }
  return writtenBelow(commands, {
    kind: sent,
    queued,
    attributes: { ...attributes, ...emailAttributes(below(mail, commands), marks) },
  })
}

/**
 * How long an agent's answer waits, in ms, for the agent to stop it: the setting. What another person sends on as the
 * agent's leaves at once: that agent has not just written. Never throws.
 */
export function waitOf({ marks }: AppendIncoming | AppendAsAgent, undoMs: number): number {
  return marks.verified ? undoMs : 0
}

// The words below the commands alone. A mail of commands only is an activity: it carries the Message-ID by which a
// repetition of the mail is recognised.
function writtenBelow(
  { becomes, words, said, cc }: AgentCommands,
  { kind, attributes, queued }: Pick<Written, 'kind' | 'attributes'> & { readonly queued: Written['attributes'] },
): Written {
  if (becomes === 'nothing') {
    const content = `sent commands by email: ${said.join(' ')}`
    return {
      kind: { message_type: 'activity', content_type: 'text', private: false, sender_type: null },
      content,
      shown: content,
      attributes: {},
    }
  }
  const content = words === '' ? null : words.slice(0, maxMessageLength).toWellFormed()
  const copies = cc.length === 0 ? {} : { cc_emails: cc }
  return becomes === 'note'
    ? { kind: { ...kind, private: true }, content, shown: words, attributes }
    : { kind, content, shown: words, attributes: { ...attributes, ...copies, ...queued } }
}

const below = (mail: ParsedMail, { words }: AgentCommands): ParsedMail => ({
  ...mail,
  text: words,
  replyText: words,
  html: null,
})

// An agent's mail leaves under a new Message-ID of our form (see append-group); a reused id would break the constraint.
function sourceIdOf({ decision, mail }: Ready['request']): string | null {
  if (decision.marks.reusedMessageId) return null
  const isSent = decision.action === 'append-as-agent' && decision.commands?.becomes !== 'nothing'
  return isSent ? null : toTextOrNull(mail.messageId)
}

function contentOf(mail: ParsedMail): string | null {
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
