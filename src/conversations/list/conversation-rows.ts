// Conversations as lists and pages show them: with contact, assignee, team, last messages and what is unread, in a
// constant number of queries. Lists are asked for all the time: the rows are read by one statement, in plain SQL.

import { type Sql, statement } from '../../db/pool.ts'
import { readMessages } from '../records/message-rows.ts'
import {
  agentObject,
  columns,
  type ContactObject,
  contactObject,
  toAgent,
  toContact,
} from '../records/people-objects.ts'
import { toJson } from '../records/row-mapping.ts'
import type { ConversationOverview, ConversationRow, MessageRow } from '../records/rows.ts'
import { canReply } from './reply-window.ts'

const ofConversation = [
  ...(['id', 'uuid', 'priority', 'labels'] as const).map((name) => [name, name] as const),
  ...([
    ['displayId', 'display_id'],
    ['accountId', 'account_id'],
    ['inboxId', 'inbox_id'],
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
// Chatwoot's clients know four states: what was merged into another is resolved to them.
const read = (facts: string): string => `
  select
    ${facts}${columns('c', ofConversation)},
    case c.status when 'merged' then 'resolved' else c.status::text end as status,
    (select d.display_id from conversations d where d.id = c.merged_into_id) as "mergedInto",
    ${contactObject('k')} as contact,
    ch.channel_type as "channelType",
    ch.settings as "channelSettings",
    p.source_id as "sourceId",
    coalesce(p.hmac_verified, false) as "hmacVerified",
    case when r.email is not null then jsonb_build_object('email', r.email, 'state', r.state) end as recipient,
    ${agentObject('u', 'a', 'c.account_id')} as assignee,
    case
      when t.id is not null then jsonb_build_object(
        'id',
        t.id,
        'accountId',
        t.account_id,
        'name',
        t.name,
        'description',
        t.description,
        'allowAutoAssign',
        t.allow_auto_assign,
        'memberIds',
        (
          select coalesce(jsonb_agg(m.user_id order by m.user_id), '[]')
          from team_members m
          where m.team_id = t.id
        )
      )
    end as team,
    case
      when b.id is not null then jsonb_build_object('id', b.id, 'name', b.name, 'avatarUrl', b.avatar_url)
    end as "assigneeAgentBot"
  from conversations c
  join conversation_recipients r on r.conversation_id = c.id
  join contacts k on k.id = c.contact_id
  join inboxes i on i.id = c.inbox_id
  join channels ch on ch.id = i.channel_id
  left join contact_inboxes p on p.id = c.contact_inbox_id
  left join users u on u.id = c.assignee_id
  left join account_users a on a.account_id = c.account_id and a.user_id = c.assignee_id
  left join teams t on t.id = c.team_id
  left join agent_bots b on b.id = c.assignee_agent_bot_id
  where c.account_id = $1 and
`
/** A stranger may begin many linked conversations. */
const maxLinked = 50
const facts = `
  case
    when c.last_incoming_at <= c.agent_last_seen_at then 0
    else (
      select count(*)::int
      from (
        select m.created_at
        from messages m
        where m.conversation_id = c.id and m.message_type = 'incoming'
        order by m.id desc
        limit 10
      ) latest
      where latest.created_at > coalesce(c.agent_last_seen_at, '-infinity')
    )
  end as "unreadCount",
  (select m.id from messages m where m.conversation_id = c.id order by m.id desc limit 1) as "lastMessageId",
  (
    select m.id
    from messages m
    where m.conversation_id = c.id and m.message_type <> 'activity'
    order by m.id desc
    limit 1
  ) as "lastNonActivityMessageId",
  (
    select coalesce(jsonb_agg(l.linked order by l.display_id), '[]')
    from (
      select
        k.display_id,
        jsonb_build_object('displayId', k.display_id, 'inboxId', k.inbox_id, 'assigneeId', k.assignee_id) as linked
      from conversations k
      where (k.id = c.linked_to_id or k.linked_to_id = c.id)
        and k.account_id = c.account_id
        and k.merged_into_id is null
      order by k.id
      limit ${String(maxLinked)}
    ) l
  ) as linked,
`
const byIds = statement(`${read('')} c.id = any($2)`)
const byDisplayId = statement(`${read('')} c.display_id = $2`)
const overviews = statement(`${read(facts)} c.id = any($2)`)

type Found = Omit<ConversationRow, 'contact'> & { readonly contact: ContactObject; readonly mergedInto: number | null }

/** The conversations of one account with these ids, or this display id, in no order. */
export async function readConversations(
  sql: Sql,
  accountId: number,
  which: { readonly ids: readonly number[] } | { readonly displayId: number },
): Promise<ConversationRow[]> {
  if ('ids' in which && which.ids.length === 0) return []
  const { rows } = await sql.query<Found>(
    'ids' in which ? byIds([accountId, which.ids]) : byDisplayId([accountId, which.displayId]),
  )
  return rows.map(toRow)
}

type FoundOverview = Found & {
  readonly unreadCount: number
  readonly linked: ConversationOverview['linked']
  readonly lastMessageId: number | null
  readonly lastNonActivityMessageId: number | null
}

/**
 * The conversations of one account with these ids, in that order, each with its last messages and what is unread;
 * those that are gone are left out.
 */
export async function readOverviews(
  sql: Sql,
  accountId: number,
  ids: readonly number[],
): Promise<ConversationOverview[]> {
  if (ids.length === 0) return []
  const { rows } = await sql.query<FoundOverview>(overviews([accountId, ids]))
  const lastIds = rows.flatMap((row) => [row.lastMessageId, row.lastNonActivityMessageId]).filter((id) => id !== null)
  const messages = byId(await readMessages(sql, accountId, lastIds))
  const messageOf = (id: number | null): MessageRow | null => (id === null ? null : (messages.get(id) ?? null))
  const found = byId(
    rows.map(({ lastMessageId, lastNonActivityMessageId, unreadCount, linked, ...rest }) => {
      const row = toRow(rest)
      const answerable = canReply(
        { type: row.channelType, settings: row.channelSettings },
        row.lastIncomingAt,
        new Date(),
      )
      return {
        ...row,
        unreadCount,
        linked,
        canReply: answerable,
        lastMessage: messageOf(lastMessageId),
        lastNonActivityMessage: messageOf(lastNonActivityMessageId),
      }
    }),
  )
  return ids.map((id) => found.get(id)).filter((row) => row !== undefined)
}

function toRow({ mergedInto, ...row }: Found): ConversationRow {
  return {
    ...row,
    contact: toContact(row.contact),
    assignee: row.assignee === null ? null : toAgent(row.assignee),
    additionalAttributes: {
      ...toJson(row.additionalAttributes),
      ...(mergedInto === null ? {} : { merged_into: mergedInto }),
    },
    customAttributes: toJson(row.customAttributes),
    channelSettings: toJson(row.channelSettings),
  }
}

function byId<Row extends { readonly id: number }>(rows: readonly Row[]): Map<number, Row> {
  return new Map(rows.map((row) => [row.id, row]))
}
