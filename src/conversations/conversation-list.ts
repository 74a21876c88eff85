// Conversations in pages, with the counts above them (chatwoot.md §4.2): the ids in SQL, the rows in a constant number of queries.

import type { Pool } from '../db/pool.ts'
import type { VisibleInboxes } from './people/users.ts'
import type { ConversationStatus } from './rows.ts'

export interface ConversationFilter {
  readonly accountId: number
  /** "Mine" are this user's. */
  readonly viewerId: number
  readonly visibleInboxes: VisibleInboxes
  readonly assigneeType: 'me' | 'unassigned' | 'assigned' | 'all'
  /** Null = all. */
  readonly status: ConversationStatus | null
  readonly inboxId: number | null
  readonly teamId: number | null
  /** Any of them; empty = all. */
  readonly labels: readonly string[]
  /** Words in a message; then status does not matter. */
  readonly text: string | null
  readonly conversationType: 'mention' | 'participating' | 'unattended' | null
  readonly updatedWithinSeconds: number | null
}

export interface ConversationCounts {
  readonly mine: number
  readonly assigned: number
  readonly unassigned: number
  readonly all: number
}

export interface ConversationPage {
  readonly sort: string | null
  readonly offset: number
  readonly limit: number
}

const byActivity = 'c.last_activity_at desc'
// Fixed text only: what a client says picks a line, it never becomes SQL.
const orders = new Map([
  ['last_activity_at_asc', 'c.last_activity_at asc'],
  ['last_activity_at_desc', byActivity],
  ['latest', byActivity],
  ['created_at_asc', 'c.created_at asc'],
  ['created_at_desc', 'c.created_at desc'],
  ['priority_asc', `c.priority asc nulls first, ${byActivity}`],
  ['priority_desc', `c.priority desc nulls last, ${byActivity}`],
  ['priority_desc_created_at_asc', 'c.priority desc nulls last, c.created_at asc'],
  ['waiting_since_asc', 'c.waiting_since asc nulls last'],
  ['waiting_since_desc', 'c.waiting_since desc nulls last'],
  ['unread', `exists (select 1 from messages m where m.conversation_id = c.id and m.message_type = 'incoming' and (c.agent_last_seen_at is null or m.created_at > c.agent_last_seen_at)) desc, ${byActivity}`],
])

/** How many match, whoever they are assigned to. */
export async function countConversations(pool: Pool, filter: ConversationFilter): Promise<ConversationCounts> {
  const { where, values } = conditionsOf(filter)
  const { rows } = await pool.query<{ mine: number; unassigned: number; all: number }>(
    `select count(*) filter (where c.assignee_id = $2)::int as mine, count(*) filter (where c.assignee_id is null)::int as unassigned, count(*)::int as all
     from conversations c where ${where}`,
    values,
  )
  const { mine = 0, unassigned = 0, all = 0 } = rows[0] ?? {}
  return { mine, unassigned, all, assigned: all - unassigned }
}

const assigned: Readonly<Record<ConversationFilter['assigneeType'], string>> = {
  me: 'c.assignee_id = $2',
  unassigned: 'c.assignee_id is null',
  assigned: 'c.assignee_id is not null',
  all: 'true',
}

/** The row ids of a page, in order. */
export async function listConversationIds(pool: Pool, filter: ConversationFilter, page: ConversationPage): Promise<number[]> {
  const { where, values } = conditionsOf(filter)
  const order = orders.get(page.sort ?? 'latest') ?? byActivity
  const { rows } = await pool.query<{ id: number }>(
    `select c.id from conversations c where ${where} and ${assigned[filter.assigneeType]}
     order by ${order}, c.id desc limit $${String(values.length + 1)} offset $${String(values.length + 2)}`,
    [...values, page.limit, page.offset],
  )
  return rows.map((row) => row.id)
}

// $1 is the account, $2 the viewer, named in any case: a bound value must have a type.
function conditionsOf(filter: ConversationFilter): { where: string; values: unknown[] } {
  const values: unknown[] = [filter.accountId, filter.viewerId]
  const conditions = ['c.account_id = $1', '$2::int is not null']
  const add = (value: unknown, condition: (place: string) => string) => {
    if (value === null) return
    values.push(value)
    conditions.push(condition(`$${String(values.length)}`))
  }
  add(filter.visibleInboxes, (place) => `(c.inbox_id = any(${place}::int[]) or c.assignee_id = $2)`)
  add(filter.text === null ? filter.status : null, (place) => `c.status = ${place}::conversation_status`)
  add(filter.inboxId, (place) => `c.inbox_id = ${place}`)
  add(filter.teamId, (place) => `c.team_id = ${place}`)
  add(filter.labels.length === 0 ? null : filter.labels, (place) => `c.labels && ${place}::text[]`)
  add(filter.text === null ? null : `%${filter.text.replace(/[\\%_]/g, '\\$&')}%`, saysIt)
  add(filter.updatedWithinSeconds, (place) => `c.updated_at >= now() - ${place}::float8 * interval '1 second'`)
  if (filter.conversationType !== null) conditions.push(kinds[filter.conversationType])
  return { where: conditions.join(' and '), values }
}

const saysIt = (place: string) => `exists (select 1 from messages m where m.conversation_id = c.id and m.message_type in ('incoming', 'outgoing') and m.content ilike ${place})`

// Nobody is mentioned yet.
const kinds: Readonly<Record<NonNullable<ConversationFilter['conversationType']>, string>> = {
  mention: 'false',
  participating: 'exists (select 1 from conversation_participants p where p.conversation_id = c.id and p.user_id = $2)',
  unattended: '(c.first_reply_created_at is null or c.waiting_since is not null)',
}
