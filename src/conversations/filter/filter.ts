// Runs filters in the database: pages of conversations and of contacts, and whether one conversation matches
// (automation rules).

import { type Pool, queryOne, type Sql } from '../../db/pool.ts'
import type { VisibleInboxes } from '../records/access.ts'
import type { Json } from '../records/rows.ts'
import { zoneOfAccount } from '../records/time-zone.ts'
import type { Subject } from './attributes.ts'
import { type Compiled, compileFilter, type Definition } from './compile.ts'
import { type FilterProblem, parseConditions } from './conditions.ts'

/** A payload as an expression, with the custom attributes of the account; or what is wrong with it. */
export async function compilePayload(
  sql: Sql,
  payload: unknown,
  on: { readonly subject: Subject; readonly accountId: number; readonly firstParameter: number },
): Promise<Compiled | FilterProblem> {
  const conditions = parseConditions(payload)
  if ('error' in conditions) return conditions
  return compileFilter(conditions, { ...on, ...(await readDeps(sql, on.accountId)), now: new Date() })
}

// The account's custom attributes, and the time zone of its days.
async function readDeps(sql: Sql, accountId: number): Promise<{ definitions: Definition[]; zone: string }> {
  const row = await queryOne<{ settings: Json; definitions: Definition[] }>(
    sql,
    `select a.settings,
       coalesce((
         select jsonb_agg(jsonb_build_object(
           'key', d.attribute_key,
           'displayType', d.attribute_display_type,
           'model', d.attribute_model
         ))
         from custom_attribute_definitions d
         where d.account_id = a.id
       ), '[]') as definitions
     from accounts a
     where a.id = $1`,
    [accountId],
  )
  return { definitions: row?.definitions ?? [], zone: zoneOfAccount(row?.settings ?? {}) }
}

/** True if a filter matches one conversation, or a message of it. False if either is gone. */
export async function matchesConversation(
  sql: Sql,
  payload: unknown,
  of: { readonly accountId: number; readonly conversationId: number; readonly messageId: number | null },
): Promise<boolean | FilterProblem> {
  const compiled = await compilePayload(sql, payload, {
    subject: 'automation',
    accountId: of.accountId,
    firstParameter: 4,
  })
  if ('error' in compiled) return compiled
  const row = await queryOne(
    sql,
    `
      select 1
      from conversations c
      left join messages m on m.id = $3 and m.conversation_id = c.id
      where c.id = $2 and c.account_id = $1 and ($3::int is null or m.id is not null) and ${compiled.sql}
    `,
    [of.accountId, of.conversationId, of.messageId, ...compiled.values],
  )
  return row !== null
}

export interface FilterPage {
  readonly offset: number
  readonly limit: number
}

export interface ContactFilter extends FilterPage {
  readonly accountId: number
  readonly payload: unknown
  /** Trusted SQL text. */
  readonly orderBy: string
}

/** How many contacts match a filter, and the ids of a page of them. */
export async function filterContactIds(
  pool: Pool,
  filter: ContactFilter,
): Promise<{ readonly count: number; readonly ids: readonly number[] } | FilterProblem> {
  const compiled = await compilePayload(pool, filter.payload, {
    subject: 'contact',
    accountId: filter.accountId,
    firstParameter: 2,
  })
  if ('error' in compiled) return compiled
  const where = `k.account_id = $1 and ${compiled.sql}`
  const values = [filter.accountId, ...compiled.values]
  const counted = await queryOne<{ count: number }>(
    pool,
    `select count(*)::int as count from contacts k where ${where}`,
    values,
  )
  const last = values.length
  const { rows } = await pool.query<{ id: number }>(
    `
      select k.id
      from contacts k
      where ${where}
      order by ${filter.orderBy}
      limit $${String(last + 1)}
      offset $${String(last + 2)}
    `,
    [...values, filter.limit, filter.offset],
  )
  return { count: counted?.count ?? 0, ids: rows.map((row) => row.id) }
}

export interface MatchingConversations {
  readonly accountId: number
  readonly viewerId: number
  readonly visibleInboxes: VisibleInboxes
  readonly payload: unknown
}

/** The filter as conditions on `conversations c` that the viewer sees: $1 is the account, $2 the viewer. */
export async function compileConversations(
  pool: Pool,
  filter: MatchingConversations,
): Promise<{ readonly where: string; readonly values: readonly unknown[] } | FilterProblem> {
  const compiled = await compilePayload(pool, filter.payload, {
    subject: 'conversation',
    accountId: filter.accountId,
    firstParameter: 4,
  })
  if ('error' in compiled) return compiled
  return {
    where:
      `c.account_id = $1 and $2::int is not null and c.status <> 'merged' and ($3::int[] is null or ` +
      `c.inbox_id = any($3) or c.assignee_id = $2) and ${compiled.sql}`,
    values: [filter.accountId, filter.viewerId, filter.visibleInboxes, ...compiled.values],
  }
}
