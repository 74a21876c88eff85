// Ids of the conversations that match some conditions, counted and in pages, in SQL.

import type { Pool } from '../../db/pool.ts'
import type { ListCursor } from './cursor.ts'
import { keysOf, keyTexts, orderBy } from './orders.ts'
import { pageAfter } from './page-after.ts'
import type { Scope } from './scope.ts'

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
  /** Goes on after this row, whatever `sort` and `offset` say. */
  readonly cursor: ListCursor | null
}

/** A conversation of a page, with the keys of a cursor that continues after it. */
export interface PageRow {
  readonly id: number
  readonly asOf: string
  readonly keys: readonly (string | null)[]
}

/** Number of matches, whatever their assignee. */
export async function countScope(
  pool: Pool,
  { where, values }: Pick<Scope, 'where' | 'values'>,
): Promise<ConversationCounts> {
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

// A conversation assigned to a bot is not unassigned.
const unassigned = 'c.assignee_id is null'
const assigned: Readonly<Record<AssigneeType, string>> = {
  me: 'c.assignee_id = $2',
  unassigned,
  assigned: 'c.assignee_id is not null',
  all: 'true',
}

const counted =
  `count(*) filter (where c.assignee_id = $2)::int as mine, count(*) filter (where ${unassigned})::int ` +
  'as none, count(*)::int as all'

type AskedPage = ConversationPage & { readonly assigneeType: AssigneeType }

export interface PageOfIds {
  readonly counts: ConversationCounts
  readonly ids: readonly number[]
  /** The cursor of the next page; null after the last one. */
  readonly next: ListCursor | null
}

/** How many match, and the row ids of a page of them, in order. */
export async function countedPage(pool: Pool, scope: Scope, page: AskedPage): Promise<PageOfIds> {
  const { counts, rows } =
    page.cursor === null && scope.expensive ? await inOnePass(pool, scope, page) : await inTwo(pool, scope, page)
  const last = rows.at(-1)
  const next =
    last === undefined || rows.length < page.limit
      ? null
      : { sort: page.cursor === null ? page.sort : page.cursor.sort, asOf: last.asOf, keys: last.keys }
  return { counts, ids: rows.map(({ id }) => id), next }
}

interface Read {
  readonly counts: ConversationCounts
  readonly rows: readonly PageRow[]
}

async function inTwo(pool: Pool, scope: Scope, page: AskedPage): Promise<Read> {
  const [counts, { rows }] = await Promise.all([countScope(pool, scope), readRows(pool, scope, page)])
  return { counts, rows }
}

function readRows(pool: Pool, scope: Scope, { cursor, ...page }: AskedPage) {
  if (cursor === null) {
    const text = pageSql(scope, page, `conversations c where ${scope.where} and`)
    return pool.query<PageRow>(text, [...scope.values, page.limit, page.offset])
  }
  const { text, values } = pageAfter(scope, {
    cursor,
    keys: keysOf(cursor.sort),
    assigned: assigned[page.assigneeType],
    limit: page.limit,
  })
  return pool.query<PageRow>(text, [...values])
}

function pageSql({ values }: Scope, { sort, assigneeType }: Pick<AskedPage, 'sort' | 'assigneeType'>, from: string) {
  const keys = keysOf(sort)
  return `select c.id, now()::text as "asOf", ${keyTexts(keys)} as keys
    from ${from} ${assigned[assigneeType]}
    order by ${orderBy(keys)}
    limit $${String(values.length + 1)}
    offset $${String(values.length + 2)}`
}

// The columns that orders and counts use.
const looked = [
  'id',
  'assignee_id',
  'priority',
  'created_at',
  'last_activity_at',
  'last_incoming_at',
  'agent_last_seen_at',
  'waiting_since',
]
  .map((name) => `c.${name}`)
  .join(', ')

async function inOnePass(pool: Pool, scope: Scope, page: AskedPage): Promise<Read> {
  const { rows } = await pool.query<Counted & { page: PageRow[] }>(
    `with matching_ids as materialized (select ${looked} from conversations c where ${scope.where})
     select ${counted},
       (select coalesce(json_agg(p), '[]') from (${pageSql(scope, page, 'matching_ids c where')}) p) as page
     from matching_ids c`,
    [...scope.values, page.limit, page.offset],
  )
  return { counts: countsOf(rows[0]), rows: rows[0]?.page ?? [] }
}
