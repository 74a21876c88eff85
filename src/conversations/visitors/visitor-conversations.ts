// The conversations that a visitor sees: those of their session or, once their identifier is proven, of their contact
// in this inbox; of each the public messages. Mail from an address that the session has not proven is shown without its
// text.

import { type Pool, queryOne } from '../../db/pool.ts'
import { mayReadMail, readMailTies } from '../records/mail-authors.ts'
import { readMessages } from '../records/message-rows.ts'
import type { ConversationStatus, InboxRow, Json, MessageRow } from '../records/rows.ts'
import type { Visitor } from './visitor.ts'

export interface VisitorConversation {
  readonly id: number
  readonly displayId: number
  readonly uuid: string
  readonly accountId: number
  readonly inboxId: number
  readonly status: ConversationStatus
  readonly contactLastSeenAt: Date | null
  readonly agentLastSeenAt: Date | null
  readonly lastActivityAt: Date
  readonly customAttributes: Json
  /** The latest twenty, oldest first. */
  readonly messages: readonly VisitorMessage[]
}

export interface VisitorMessage {
  readonly message: MessageRow
  /** It is mail, or answers mail, whose author this visitor has not proven to be. */
  readonly isHidden: boolean
}

interface VisitorSession {
  readonly inbox: InboxRow
  readonly visitor: Visitor
}

const columns = `
  c.id,
  c.display_id as "displayId",
  c.uuid,
  c.account_id as "accountId",
  c.inbox_id as "inboxId",
  c.status,
  c.contact_last_seen_at as "contactLastSeenAt",
  c.agent_last_seen_at as "agentLastSeenAt",
  c.last_activity_at as "lastActivityAt",
  c.custom_attributes as "customAttributes"
`
const visibleSql = `
  c.inbox_id = $1
  and c.status <> 'merged'
  and (c.contact_inbox_id = $2 or ($3 and c.contact_id = $4))
`
const bindValues = ({ inbox, visitor }: VisitorSession): unknown[] => [
  inbox.id,
  visitor.contactInbox.id,
  visitor.contactInbox.verified,
  visitor.contact.id,
]

export function createVisitorConversations({ pool }: { readonly pool: Pool }) {
  return {
    /** The latest twenty, newest first. */
    async listConversations(session: VisitorSession): Promise<VisitorConversation[]> {
      const { rows } = await pool.query<Omit<VisitorConversation, 'messages'>>(
        `
          select ${columns}
          from conversations c
          where ${visibleSql}
          order by c.last_activity_at desc, c.id desc
          limit 20
        `,
        bindValues(session),
      )
      return withMessages(pool, session, rows)
    },

    async findConversation(session: VisitorSession, displayId: number): Promise<VisitorConversation | null> {
      const row = await queryOne<Omit<VisitorConversation, 'messages'>>(
        pool,
        `select ${columns} from conversations c where ${visibleSql} and c.display_id = $5`,
        [...bindValues(session), displayId],
      )
      const [conversation] = row === null ? [] : await withMessages(pool, session, [row])
      return conversation ?? null
    },

    /** Stores the visitor's input to a message that asks for it; null if the message does not ask. */
    async submit(
      { visitor, conversation }: { readonly visitor: Visitor; readonly conversation: VisitorConversation },
      { messageId, submitted }: { readonly messageId: number; readonly submitted: Json },
    ): Promise<VisitorMessage | null> {
      if ((await hideMail(pool, visitor, [{ id: messageId }]))[0]?.isHidden !== false) return null
      const { rowCount } = await pool.query(
        `
          update messages
          set content_attributes = content_attributes || $3::jsonb, updated_at = now()
          where id = $1
            and conversation_id = $2
            and message_type in ('outgoing', 'template')
            and not private
            and content_type in (
              'input_email', 'input_text', 'input_textarea', 'input_select', 'form', 'input_csat'
            )
        `,
        [messageId, conversation.id, JSON.stringify(submitted)],
      )
      const [message] = rowCount === 0 ? [] : await readMessages(pool, conversation.accountId, [messageId])
      return message === undefined ? null : { message, isHidden: false }
    },

    /** These messages as the visitor may see them. */
    hideMail: (visitor: Visitor, messages: readonly MessageRow[]): Promise<VisitorMessage[]> =>
      hideMail(pool, visitor, messages),
  }
}

async function withMessages(
  pool: Pool,
  { inbox: { accountId }, visitor }: VisitorSession,
  rows: readonly Omit<VisitorConversation, 'messages'>[],
): Promise<VisitorConversation[]> {
  const { rows: ids } = await pool.query<{ id: number }>(
    `select m.id
     from unnest($1::int[]) as c(id),
       lateral (
         select id from messages
         where conversation_id = c.id and not private and message_type <> 'activity'
         order by id desc
         limit 20
       ) m`,
    [rows.map(({ id }) => id)],
  )
  const found = await readMessages(
    pool,
    accountId,
    ids.map(({ id }) => id),
  )
  const messages = await hideMail(pool, visitor, found)
  return rows.map((row) => ({
    ...row,
    messages: messages.filter(({ message }) => message.conversationId === row.id),
  }))
}

async function hideMail<Message extends { readonly id: number }>(
  pool: Pool,
  { contactInbox }: Visitor,
  messages: readonly Message[],
): Promise<{ readonly message: Message; readonly isHidden: boolean }[]> {
  const ties = await readMailTies(
    pool,
    messages.map(({ id }) => id),
  )
  return messages.map((message) => ({
    message,
    isHidden: !mayReadMail(contactInbox.provenEmails, ties.get(message.id)),
  }))
}
