// Conversations as lists and pages show them: with contact, assignee, team, last messages and what is unread, in a constant number of queries.

import type { Db, Prisma } from '../../db/client.ts'
import type { Pool } from '../../db/pool.ts'
import { readMessages } from '../messages/message-rows.ts'
import { agentInclude, teamInclude, toAgentRow, toContactRow, toJson, toTeamRow } from '../row-mapping.ts'
import type { ConversationOverview, ConversationRow, MessageRow } from '../rows.ts'
import { canReply } from './reply-window.ts'

const conversationInclude = (accountId: number) =>
  ({
    contact: true,
    inbox: { select: { channel: { select: { channelType: true, settings: true } } } },
    assignee: { include: agentInclude(accountId) },
    team: { include: teamInclude },
    contactInbox: { select: { sourceId: true, hmacVerified: true } },
  }) satisfies Prisma.ConversationInclude
type ConversationRecord = Prisma.ConversationGetPayload<{ include: ReturnType<typeof conversationInclude> }>

/** The conversations of one account that `where` names, in no order. */
export async function readConversations(db: Db, accountId: number, where: Prisma.ConversationWhereInput): Promise<ConversationRow[]> {
  const records = await db.conversation.findMany({ where: { ...where, accountId }, include: conversationInclude(accountId) })
  return records.map((record) => toConversationRow(record, accountId))
}

/** The same conversations, each with its last messages and what is unread. */
export async function withOverview(sql: { readonly db: Db; readonly pool: Pool }, rows: readonly ConversationRow[]): Promise<ConversationOverview[]> {
  const accountId = rows[0]?.accountId
  if (accountId === undefined) return []
  const facts = await readFacts(
    sql.pool,
    rows.map((row) => row.id),
  )
  const ids = [...facts.values()].flatMap((fact) => [fact.last_id, fact.last_chat_id]).filter((id) => id !== null)
  const messages = new Map((await readMessages(sql.db, accountId, { where: { id: { in: [...new Set(ids)] } } })).map((message) => [message.id, message]))
  const messageOf = (id: number | null | undefined): MessageRow | null => messages.get(id ?? 0) ?? null
  return rows.map((row) => {
    const fact = facts.get(row.id)
    return {
      ...row,
      unreadCount: fact?.unread ?? 0,
      canReply: canReply({ type: row.channelType, settings: row.channelSettings }, row.lastIncomingAt, new Date()),
      lastMessage: messageOf(fact?.last_id),
      lastNonActivityMessage: messageOf(fact?.last_chat_id),
    }
  })
}

interface Fact {
  readonly id: number
  readonly unread: number
  readonly last_id: number | null
  readonly last_chat_id: number | null
}

async function readFacts(pool: Pool, ids: readonly number[]): Promise<Map<number, Fact>> {
  const { rows } = await pool.query<Fact>(
    `select c.id,
       (select count(*)::int from (select 1 from messages m where m.conversation_id = c.id and m.message_type = 'incoming'
          and (c.agent_last_seen_at is null or m.created_at > c.agent_last_seen_at) limit 10) unread) as unread,
       (select m.id from messages m where m.conversation_id = c.id order by m.id desc limit 1) as last_id,
       (select m.id from messages m where m.conversation_id = c.id and m.message_type <> 'activity' order by m.id desc limit 1) as last_chat_id
     from conversations c where c.id = any($1)`,
    [ids],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

function toConversationRow(record: ConversationRecord, accountId: number): ConversationRow {
  return {
    ...record,
    additionalAttributes: toJson(record.additionalAttributes),
    customAttributes: toJson(record.customAttributes),
    contact: toContactRow(record.contact),
    channelType: record.inbox.channel.channelType,
    channelSettings: toJson(record.inbox.channel.settings),
    assignee: record.assignee === null ? null : toAgentRow(record.assignee, accountId),
    team: record.team === null ? null : toTeamRow(record.team),
    sourceId: record.contactInbox?.sourceId ?? null,
    hmacVerified: record.contactInbox?.hmacVerified ?? false,
  }
}
