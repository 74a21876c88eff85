// Messages with their authors and attachments, however many, by one statement: lists of them are asked for all the
// time.

import { type Sql, statement } from '../../db/pool.ts'
import { maskReplyAddresses } from '../../mail/reply-address.ts'
import { readEmailAttributes } from './email-attributes.ts'
import {
  agentObject,
  botObject,
  columns,
  type ContactObject,
  contactObject,
  toAgent,
  toBot,
  toContact,
} from './people-objects.ts'
import { toJson } from './row-mapping.ts'
import type { AgentBotRow, AgentRow, MessageRow } from './rows.ts'

const ofMessage = [
  ...(['id', 'content', 'private', 'status'] as const).map((name) => [name, name] as const),
  ...([
    ['accountId', 'account_id'],
    ['inboxId', 'inbox_id'],
    ['conversationId', 'conversation_id'],
    ['messageType', 'message_type'],
    ['contentType', 'content_type'],
    ['processedMessageContent', 'processed_message_content'],
    ['contentAttributes', 'content_attributes'],
    ['additionalAttributes', 'additional_attributes'],
    ['sourceId', 'source_id'],
    ['senderType', 'sender_type'],
    ['senderId', 'sender_id'],
    ['createdAt', 'created_at'],
    ['updatedAt', 'updated_at'],
  ] as const),
]

const attachments = `
  (
    select
      jsonb_agg(
        jsonb_build_object(
          'id',
          f.id,
          'accountId',
          f.account_id,
          'messageId',
          f.message_id,
          'fileType',
          f.file_type,
          'fileName',
          f.file_name,
          'contentType',
          f.content_type,
          'byteSize',
          f.byte_size,
          'externalUrl',
          f.external_url,
          'fallbackTitle',
          f.fallback_title,
          'token',
          f.token,
          'contentId',
          f.content_id,
          'inline',
          f.inline
        )
        order by f.id
      )
    from attachments f
    where f.message_id = m.id
  )
`

// $1 is the account.
const read = (which: string): string => `
  select
    ${columns('m', ofMessage)},
    ${attachments} as attachments,
    ${contactObject('k')} as contact,
    ${agentObject('u', 'a', 'm.account_id')} as user,
    ${botObject('b')} as bot
  from (select m.* from messages m where m.account_id = $1 and ${which}) m
  left join contacts k on m.sender_type = 'contact' and k.id = m.sender_id and k.account_id = m.account_id
  left join users u on m.sender_type = 'user' and u.id = m.sender_id
  left join account_users a on a.account_id = m.account_id and a.user_id = u.id
  left join agent_bots b on m.sender_type = 'agent_bot'
    and b.id = m.sender_id
    and (b.account_id = m.account_id or b.account_id is null)
  order by m.created_at, m.id
`

const byIds = statement(read('m.id = any($2)'))
const range =
  'm.conversation_id = $2 and m.id > $3 and m.id < $4 and ($5 or not m.private and m.message_type <> ' + `'activity')`
const newest = statement(read(`${range} order by m.created_at desc, m.id desc limit $6`))
const oldest = statement(read(`${range} order by m.created_at, m.id limit $6`))

type Found = Omit<MessageRow, 'sender' | 'attachments'> & {
  readonly attachments: MessageRow['attachments'] | null
  readonly contact: ContactObject | null
  readonly user: AgentRow | null
  readonly bot: AgentBotRow | null
}

/** The messages of one account with these ids, oldest first. */
export async function readMessages(sql: Sql, accountId: number, ids: readonly number[]): Promise<MessageRow[]> {
  if (ids.length === 0) return []
  const { rows } = await sql.query<Found>(byIds([accountId, ids]))
  return rows.map(toMessageRow)
}

export interface MessageRange {
  readonly accountId: number
  readonly conversationId: number
  /** Ids; neither is meant. */
  readonly above: number
  readonly below: number
  /** Private notes and activity, too. */
  readonly internal: boolean
  /** Which are left out where there are more. */
  readonly keep: 'newest' | 'oldest'
  readonly limit: number
}

/** The messages of a conversation in a range, oldest first. */
export async function readMessageRange(
  sql: Sql,
  { accountId, conversationId, above, below, internal, keep, limit }: MessageRange,
): Promise<MessageRow[]> {
  const ends = keep === 'newest' ? newest : oldest
  const { rows } = await sql.query<Found>(ends([accountId, conversationId, above, below, internal, limit]))
  return rows.map(toMessageRow)
}

function toMessageRow({ contact, user, bot, ...message }: Found): MessageRow {
  // Texts stored before addresses were masked are masked here.
  const mask = (text: string | null): string | null => (text === null ? null : maskReplyAddresses(text))
  return {
    ...message,
    content: mask(message.content),
    processedMessageContent: mask(message.processedMessageContent),
    contentAttributes: readEmailAttributes(toJson(message.contentAttributes)),
    additionalAttributes: toJson(message.additionalAttributes),
    sender: senderOf({ contact, user, bot }),
    attachments: message.attachments ?? [],
  }
}

function senderOf({ contact, user, bot }: Pick<Found, 'contact' | 'user' | 'bot'>): MessageRow['sender'] {
  if (contact !== null) return { type: 'contact', ...toContact(contact) }
  if (user !== null) return { type: 'user', ...toAgent(user) }
  return bot === null ? null : { type: 'agent_bot', ...toBot(bot) }
}
