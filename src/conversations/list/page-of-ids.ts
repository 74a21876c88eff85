// Conversations that some conditions mean, counted and in pages: the ids in SQL, whatever the conditions are (chatwoot.md §4.2).

import type { Pool } from '../../db/pool.ts'

/** Conditions on `conversations c`, text of ours. $1 is the account, $2 the viewer. */
export interface Scope {
  readonly where: string
  readonly values: readonly unknown[]
}

export type AssigneeType = 'me' | 'unassigned' | 'assigned' | 'all'

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
const hasUnread = `(c.last_incoming_at > coalesce(c.agent_last_seen_at, '-infinity')) is true`
// Fixed text only: what a client says picks a line, it never becomes SQL.
const orders = new Map([
  ['last_activity_at_asc', 'c.last_activity_at asc, c.id asc'],
  ['last_activity_at_desc', `${byActivity}, c.id desc`],
  ['latest', `${byActivity}, c.id desc`],
  ['created_at_asc', 'c.created_at asc, c.id asc'],
  ['created_at_desc', 'c.created_at desc, c.id desc'],
  ['sort_on_created_at', 'c.created_at asc, c.id asc'],
  ['priority_asc', `c.priority asc nulls last, ${byActivity}, c.id desc`],
  ['priority_desc', `c.priority desc nulls last, ${byActivity}, c.id desc`],
  ['sort_on_priority', `c.priority desc nulls last, ${byActivity}, c.id desc`],
  ['priority_desc_created_at_asc', 'c.priority desc nulls last, c.created_at asc, c.id asc'],
  ['waiting_since_asc', 'c.waiting_since asc nulls last, c.id asc'],
  ['waiting_since_desc', 'c.waiting_since desc nulls last, c.id desc'],
  ['sort_on_waiting_since', 'c.waiting_since asc nulls last, c.id asc'],
  ['last_user_message_at', 'c.last_incoming_at desc nulls last, c.id desc'],
  ['unread', `${hasUnread} desc, ${byActivity}, c.id desc`],
])

/** How many match, whoever they are assigned to. */
export async function countScope(pool: Pool, { where, values }: Scope): Promise<ConversationCounts> {
  const { rows } = await pool.query<{ mine: number; unassigned: number; all: number }>(
    `select count(*) filter (where c.assignee_id = $2)::int as mine, count(*) filter (where ${unassigned})::int as unassigned, count(*)::int as all
     from conversations c where ${where}`,
    [...values],
  )
  const { mine = 0, unassigned: none = 0, all = 0 } = rows[0] ?? {}
  return { mine, unassigned: none, all, assigned: all - none }
}

// One that a bot has is nobody's to take.
const unassigned = 'c.assignee_id is null'
const assigned: Readonly<Record<AssigneeType, string>> = {
  me: 'c.assignee_id = $2',
  unassigned,
  assigned: 'c.assignee_id is not null',
  all: 'true',
}

/** The row ids of a page, in order. */
export async function pageOfIds(pool: Pool, { where, values }: Scope, page: ConversationPage & { readonly assigneeType: AssigneeType }): Promise<number[]> {
  const order = orders.get(page.sort ?? 'latest') ?? `${byActivity}, c.id desc`
  const { rows } = await pool.query<{ id: number }>(
    `select c.id from conversations c where ${where} and ${assigned[page.assigneeType]}
     order by ${order} limit $${String(values.length + 1)} offset $${String(values.length + 2)}`,
    [...values, page.limit, page.offset],
  )
  return rows.map((row) => row.id)
}
