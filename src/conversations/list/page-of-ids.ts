// Conversations that some conditions mean, counted and in pages: the ids in SQL, whatever the conditions are (chatwoot.md §4.2).

import type { Pool } from '../../db/pool.ts'

/** Conditions on `conversations c`, text of ours. $1 is the account, $2 the viewer. */
export interface Scope {
  readonly where: string
  readonly values: readonly unknown[]
  /** No index has all that the conditions ask for: they are looked at once, for the count and the page. */
  readonly dear: boolean
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
export async function countScope(pool: Pool, { where, values }: Pick<Scope, 'where' | 'values'>): Promise<ConversationCounts> {
  const { rows } = await pool.query<Counted>(`select ${counted} from conversations c where ${where}`, [...values])
  return countsOf(rows[0])
}

interface Counted {
  readonly mine: number
  readonly none: number
  readonly all: number
}

function countsOf({ mine, none, all }: Counted = { mine: 0, none: 0, all: 0 }): ConversationCounts {
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

const counted = `count(*) filter (where c.assignee_id = $2)::int as mine, count(*) filter (where ${unassigned})::int as none, count(*)::int as all`

type AskedPage = ConversationPage & { readonly assigneeType: AssigneeType }

/** How many match, and the row ids of a page of them, in order. */
export async function countedPage(pool: Pool, scope: Scope, page: AskedPage): Promise<{ readonly counts: ConversationCounts; readonly ids: readonly number[] }> {
  if (scope.dear) return inOnePass(pool, scope, page)
  const [counts, { rows }] = await Promise.all([countScope(pool, scope), pool.query<{ id: number }>(pageSql(scope, page, `conversations c where ${scope.where} and`), [...scope.values, page.limit, page.offset])])
  return { counts, ids: rows.map(({ id }) => id) }
}

function pageSql({ values }: Scope, { sort, assigneeType }: AskedPage, from: string): string {
  const order = orders.get(sort ?? 'latest') ?? `${byActivity}, c.id desc`
  return `select c.id from ${from} ${assigned[assigneeType]} order by ${order} limit $${String(values.length + 1)} offset $${String(values.length + 2)}`
}

// All that orders and counts look at.
const looked = ['id', 'assignee_id', 'priority', 'created_at', 'last_activity_at', 'last_incoming_at', 'agent_last_seen_at', 'waiting_since'].map((name) => `c.${name}`).join(', ')

async function inOnePass(pool: Pool, scope: Scope, page: AskedPage): Promise<{ readonly counts: ConversationCounts; readonly ids: readonly number[] }> {
  const { rows } = await pool.query<Counted & { ids: number[] }>(
    `with meant as materialized (select ${looked} from conversations c where ${scope.where})
     select ${counted}, array(${pageSql(scope, page, 'meant c where')}) as ids from meant c`,
    [...scope.values, page.limit, page.offset],
  )
  return { counts: countsOf(rows[0]), ids: rows[0]?.ids ?? [] }
}
