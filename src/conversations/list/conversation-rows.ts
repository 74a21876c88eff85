// Conversations as lists and pages show them: with contact, assignee, team, last messages and what is unread, in a constant number of queries.
// Lists are asked for all the time: the rows are read by one statement, in plain SQL.

import { statement, type Sql } from '../../db/pool.ts'
import type { Db } from '../../db/client.ts'
import { readMessages } from '../messages/message-rows.ts'
import { toJson } from '../row-mapping.ts'
import type { ConversationOverview, ConversationRow, MessageRow } from '../rows.ts'
import { canReply } from './reply-window.ts'

const columns = (table: string, prefix: string, names: readonly (readonly [name: string, column: string])[]): string => names.map(([name, column]) => `${table}.${column} as "${prefix}${name}"`).join(', ')

const ofConversation = [
  ...(['id', 'uuid', 'status', 'priority', 'labels'] as const).map((name) => [name, name] as const),
  ...([
    ['displayId', 'display_id'],
    ['accountId', 'account_id'],
    ['inboxId', 'inbox_id'],
    ['assigneeAgentBotId', 'assignee_agent_bot_id'],
    ['snoozedUntil', 'snoozed_until'],
    ['additionalAttributes', 'additional_attributes'],
    ['customAttributes', 'custom_attributes'],
    ['contactLastSeenAt', 'contact_last_seen_at'],
    ['agentLastSeenAt', 'agent_last_seen_at'],
    ['assigneeLastSeenAt', 'assignee_last_seen_at'],
    ['lastActivityAt', 'last_activity_at'],
    ['lastIncomingAt', 'last_incoming_at'],
    ['firstReplyCreatedAt', 'first_reply_created_at'],
    ['waitingSince', 'waiting_since'],
    ['createdAt', 'created_at'],
    ['updatedAt', 'updated_at'],
  ] as const),
]
const ofContact = [
  ...(['id', 'name', 'email', 'identifier', 'blocked'] as const).map((name) => [name, name] as const),
  ...([
    ['accountId', 'account_id'],
    ['phoneNumber', 'phone_number'],
    ['avatarUrl', 'avatar_url'],
    ['additionalAttributes', 'additional_attributes'],
    ['customAttributes', 'custom_attributes'],
    ['lastActivityAt', 'last_activity_at'],
    ['createdAt', 'created_at'],
  ] as const),
]

const read = `select ${columns('c', '', ofConversation)}, ${columns('k', 'contact.', ofContact)},
    ch.channel_type as "channelType", ch.settings as "channelSettings", p.source_id as "sourceId", coalesce(p.hmac_verified, false) as "hmacVerified",
    case when u.id is not null then jsonb_build_object('id', u.id, 'accountId', c.account_id, 'name', u.name, 'displayName', u.display_name, 'email', u.email, 'role', coalesce(a.role, 'agent'),
      'availability', coalesce(a.availability, 'offline'), 'autoOffline', coalesce(a.auto_offline, true), 'customAttributes', u.custom_attributes) end as assignee,
    case when t.id is not null then jsonb_build_object('id', t.id, 'accountId', t.account_id, 'name', t.name, 'description', t.description, 'allowAutoAssign', t.allow_auto_assign,
      'memberIds', (select coalesce(jsonb_agg(m.user_id order by m.user_id), '[]') from team_members m where m.team_id = t.id)) end as team,
    case when b.id is not null then jsonb_build_object('id', b.id, 'name', b.name, 'avatarUrl', b.avatar_url) end as "assigneeAgentBot"
  from conversations c join contacts k on k.id = c.contact_id join inboxes i on i.id = c.inbox_id join channels ch on ch.id = i.channel_id
    left join contact_inboxes p on p.id = c.contact_inbox_id left join users u on u.id = c.assignee_id left join account_users a on a.account_id = c.account_id and a.user_id = c.assignee_id
    left join teams t on t.id = c.team_id left join agent_bots b on b.id = c.assignee_agent_bot_id
  where c.account_id = $1 and`
const byIds = statement(`${read} c.id = any($2)`)
const byDisplayId = statement(`${read} c.display_id = $2`)

type Columns<Prefix extends string, Row> = { readonly [Name in keyof Row & string as `${Prefix}${Name}`]: Row[Name] }
type Found = Omit<ConversationRow, 'contact'> & Columns<'contact.', ConversationRow['contact']>

/** The conversations of one account with these ids, or this display id, in no order. */
export async function readConversations(sql: Sql, accountId: number, which: { readonly ids: readonly number[] } | { readonly displayId: number }): Promise<ConversationRow[]> {
  if ('ids' in which && which.ids.length === 0) return []
  const { rows } = await sql.query<Found>('ids' in which ? byIds([accountId, which.ids]) : byDisplayId([accountId, which.displayId]))
  return rows.map(toRow)
}

function toRow(found: Found): ConversationRow {
  const contact: Record<string, unknown> = {}
  const conversation: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(found)) {
    if (name.startsWith('contact.')) contact[name.slice('contact.'.length)] = value
    else conversation[name] = value
  }
  return {
    ...(conversation as unknown as Omit<ConversationRow, 'contact'>),
    contact: { ...(contact as unknown as ConversationRow['contact']), additionalAttributes: toJson(contact['additionalAttributes']), customAttributes: toJson(contact['customAttributes']) },
    additionalAttributes: toJson(found.additionalAttributes),
    customAttributes: toJson(found.customAttributes),
    channelSettings: toJson(found.channelSettings),
  }
}

/** The same conversations, each with its last messages and what is unread. */
export async function withOverview(sql: { readonly db: Db; readonly pool: Sql }, rows: readonly ConversationRow[]): Promise<ConversationOverview[]> {
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

const factsSql = statement(`select c.id,
    case when c.last_incoming_at <= c.agent_last_seen_at then 0 else
      (select count(*)::int from (select m.created_at from messages m where m.conversation_id = c.id and m.message_type = 'incoming' order by m.id desc limit 10) latest
       where latest.created_at > coalesce(c.agent_last_seen_at, '-infinity')) end as unread,
    (select m.id from messages m where m.conversation_id = c.id order by m.id desc limit 1) as last_id,
    (select m.id from messages m where m.conversation_id = c.id and m.message_type <> 'activity' order by m.id desc limit 1) as last_chat_id
  from conversations c where c.id = any($1)`)

async function readFacts(sql: Sql, ids: readonly number[]): Promise<Map<number, Fact>> {
  const { rows } = await sql.query<Fact>(factsSql([ids]))
  return new Map(rows.map((row) => [row.id, row]))
}
