// The page of conversations after a cursor. The order of the list as it was when its first page was read decides: a
// conversation that has moved to the top since is found where it was, so that a client that pages on gets each
// conversation once.

import type { ListCursor } from './cursor.ts'
import { activity, keyTexts, orderBy, type SortKey } from './orders.ts'
import type { Scope } from './scope.ts'

interface Query {
  readonly text: string
  readonly values: readonly unknown[]
}

// When a conversation was last active, as it was at `asOf`: activity lines do not count.
const wasActive = (asOf: string) => `lateral (
    select coalesce(max(m.created_at), c.created_at) as at
    from messages m
    where m.conversation_id = c.id
      and m.created_at <= ${asOf}
      and m.message_type <> 'activity'
  ) was`

/**
 * Reads `limit` rows after the cursor, as `PageRow`s (page-of-ids.ts). The cursor must have as many keys as the
 * order.
 */
export function pageAfter({ where, values }: Scope, { cursor, keys, assigned, limit }: PageAfter): Query {
  const bound = [...values]
  const bind = (value: unknown, type: string) => `$${String(bound.push(value))}::${type}`
  const asOf = bind(cursor.asOf, 'timestamptz')
  const parameters = keys.map(({ type }, position) => bind(cursor.keys[position] ?? null, type))
  const most = bind(limit, 'int')
  const branch = (from: string, condition: string, sqlOf: (one: SortKey) => string) => `(
      select c.id, ${keys.map((one, position) => `${sqlOf(one)} as k${String(position)}`).join(', ')}
      from ${from}
      where ${where}
        and ${assigned}
        and ${condition}
        and ${isAfter(keys, cursor, { parameters, sqlOf })}
      order by ${orderBy(keys, sqlOf)}
      limit ${most}
    )`
  const own = ({ sql }: SortKey) => sql
  const before = (one: SortKey) => (one.sql === activity.sql ? 'was.at' : one.sql)
  const moves = keys.some(({ sql }) => sql === activity.sql)
  const branches = moves
    ? [
        branch('conversations c', `c.last_activity_at <= ${asOf}`, own),
        branch(
          `conversations c, ${wasActive(asOf)}`,
          `c.last_activity_at > ${asOf} and c.created_at <= ${asOf}`,
          before,
        ),
      ]
    : [branch('conversations c', 'true', own)]
  const column = (_one: SortKey, position: number) => `k${String(position)}`
  return {
    text: `select id, ${asOf}::text as "asOf", ${keyTexts(keys, column)} as keys
    from (${branches.join(' union all ')}) rows
    order by ${orderBy(keys, column)}
    limit ${most}`,
    values: bound,
  }
}

export interface PageAfter {
  readonly cursor: ListCursor
  readonly keys: readonly SortKey[]
  /** Condition on whom a conversation is assigned to. */
  readonly assigned: string
  readonly limit: number
}

interface Compared {
  readonly parameters: readonly string[]
  readonly sqlOf: (one: SortKey) => string
}

// Lexicographic: after in the first key, or the same there and after in the second, and so on. The first key alone
// bounds it for the index.
function isAfter(keys: readonly SortKey[], cursor: ListCursor, { parameters, sqlOf }: Compared): string {
  const alternatives = keys.flatMap((one, position) => {
    const later = isLater(one, {
      sql: sqlOf(one),
      parameter: parameters[position] ?? '',
      isNull: cursor.keys[position] === null,
    })
    if (later === null) return []
    const same = keys.slice(0, position).map((key, at) => `${sqlOf(key)} is not distinct from ${parameters[at] ?? ''}`)
    return [`(${[...same, later].join(' and ')})`]
  })
  const [first] = keys
  const bound =
    first === undefined || first.nullable || first.type === 'boolean'
      ? []
      : [`${sqlOf(first)} ${first.direction === 'asc' ? '>=' : '<='} ${parameters[0] ?? ''}`]
  return [...bound, `(${alternatives.join(' or ')})`].join(' and ')
}

// After rows without a value only the next key's rows follow.
function isLater(
  { direction, nullable }: SortKey,
  { sql, parameter, isNull }: { readonly sql: string; readonly parameter: string; readonly isNull: boolean },
): string | null {
  if (isNull) return null
  const later = `${sql} ${direction === 'asc' ? '>' : '<'} ${parameter}`
  return nullable ? `(${later} or ${sql} is null)` : later
}
