// The orders of conversation lists, as keys: for ORDER BY, and to go on after a row (list/page-after.ts).

/** One key of an order. Its SQL is fixed text: a client's value selects a line, it never becomes SQL. */
export interface SortKey {
  readonly sql: string
  readonly type: 'timestamptz' | 'priority' | 'boolean' | 'int'
  readonly direction: 'asc' | 'desc'
  /** Rows without a value come last. */
  readonly nullable: boolean
}

type Direction = SortKey['direction']

const time = (sql: string, direction: Direction): SortKey => ({ sql, type: 'timestamptz', direction, nullable: false })
const maybeTime = (sql: string, direction: Direction): SortKey => ({ ...time(sql, direction), nullable: true })
const byId = (direction: Direction): SortKey => ({ sql: 'c.id', type: 'int', direction, nullable: false })
const byPriority = (direction: Direction): SortKey => ({
  sql: 'c.priority',
  type: 'priority',
  direction,
  nullable: true,
})

/** By last activity, the latest first. */
export const activity = time('c.last_activity_at', 'desc')
const id = { asc: byId('asc'), desc: byId('desc') }
const created = { asc: time('c.created_at', 'asc'), desc: time('c.created_at', 'desc') }
const priority = { asc: byPriority('asc'), desc: byPriority('desc') }
const waiting = { asc: maybeTime('c.waiting_since', 'asc'), desc: maybeTime('c.waiting_since', 'desc') }
const incoming = maybeTime('c.last_incoming_at', 'desc')
const unread: SortKey = {
  sql: `((c.last_incoming_at > coalesce(c.agent_last_seen_at, '-infinity')) is true)`,
  type: 'boolean',
  direction: 'desc',
  nullable: false,
}

const latest = [activity, id.desc]
const orders = new Map<string, readonly SortKey[]>([
  ['last_activity_at_asc', [time('c.last_activity_at', 'asc'), id.asc]],
  ['last_activity_at_desc', latest],
  ['latest', latest],
  ['created_at_asc', [created.asc, id.asc]],
  ['created_at_desc', [created.desc, id.desc]],
  ['sort_on_created_at', [created.asc, id.asc]],
  ['priority_asc', [priority.asc, ...latest]],
  ['priority_desc', [priority.desc, ...latest]],
  ['sort_on_priority', [priority.desc, ...latest]],
  ['priority_desc_created_at_asc', [priority.desc, created.asc, id.asc]],
  ['waiting_since_asc', [waiting.asc, id.asc]],
  ['waiting_since_desc', [waiting.desc, id.desc]],
  ['sort_on_waiting_since', [waiting.asc, id.asc]],
  ['last_user_message_at', [incoming, id.desc]],
  ['unread', [unread, ...latest]],
])

/** The values of `sort_by`. */
export const sortNames = [...orders.keys()]

/** The keys of the order that `sort` names; by last activity where it names none. */
export function keysOf(sort: string | null): readonly SortKey[] {
  return orders.get(sort ?? 'latest') ?? latest
}

type SqlOf = (one: SortKey, position: number) => string
const own: SqlOf = ({ sql }) => sql

/** For ORDER BY; `sqlOf` where the keys have other names. */
export function orderBy(keys: readonly SortKey[], sqlOf: SqlOf = own): string {
  return keys
    .map((one, position) => `${sqlOf(one, position)} ${one.direction}${one.nullable ? ' nulls last' : ''}`)
    .join(', ')
}

/** The keys as texts, for a cursor. */
export function keyTexts(keys: readonly SortKey[], sqlOf: SqlOf = own): string {
  return `array[${keys.map((one, position) => `(${sqlOf(one, position)})::text`).join(', ')}]`
}
