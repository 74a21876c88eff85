// Conditions that narrow a list of conversations.

import { matchingConversations } from '../matching/matching.ts'
import { toTextQuery } from '../matching/words.ts'
import type { VisibleInboxes } from '../records/access.ts'
import type { ConversationStatus } from '../records/rows.ts'
import type { AssigneeType } from './page-of-ids.ts'
import type { Scope } from './scope.ts'

export interface ConversationFilter {
  readonly accountId: number
  /** "Mine" are this user's. */
  readonly viewerId: number
  readonly visibleInboxes: VisibleInboxes
  readonly assigneeType: AssigneeType
  /** Assigned to this agent. */
  readonly assignedTo: number | null
  /** Null = all. */
  readonly status: ConversationStatus | null
  readonly inboxId: number | null
  readonly teamId: number | null
  /** Any of them; empty = all. */
  readonly labels: readonly string[]
  /** Words in a message; then status does not matter. */
  readonly text: string | null
  readonly conversationType: 'mention' | 'participating' | 'unattended' | 'resolvable' | null
  readonly updatedWithinSeconds: number | null
}

/** The conditions of a filter. Never throws. */
export function scopeOf(filter: ConversationFilter): Scope {
  // Both parameters appear in every case, because PostgreSQL must know the type of each bound value.
  const values: unknown[] = [filter.accountId, filter.viewerId]
  const conditions = ['c.account_id = $1', '$2::int is not null']
  const add = (value: unknown, condition: (parameter: string) => string) => {
    if (value === null) return
    values.push(value)
    conditions.push(condition(`$${String(values.length)}`))
  }
  add(filter.visibleInboxes, (parameter) => `(c.inbox_id = any(${parameter}::int[]) or c.assignee_id = $2)`)
  add(filter.text === null ? filter.status : null, (parameter) => `c.status = ${parameter}::conversation_status`)
  if (filter.text !== null || filter.status === null) conditions.push(`c.status <> 'merged'`)
  add(filter.assignedTo, (parameter) => `c.assignee_id = ${parameter}`)
  add(filter.inboxId, (parameter) => `c.inbox_id = ${parameter}`)
  add(filter.teamId, (parameter) => `c.team_id = ${parameter}`)
  add(filter.labels.length === 0 ? null : filter.labels, (parameter) => `c.labels && ${parameter}::text[]`)
  if (filter.text !== null) add(toTextQuery(filter.text) ?? '', matchesText)
  add(filter.updatedWithinSeconds, (parameter) => `c.updated_at >= now() - ${parameter}::float8 * interval '1 second'`)
  if (filter.conversationType !== null) conditions.push(kinds[filter.conversationType])
  return { where: conditions.join(' and '), values, expensive: filter.text !== null }
}

const matchesText = (parameter: string) => `c.id in (${matchingConversations(parameter)})`

const kinds: Readonly<Record<NonNullable<ConversationFilter['conversationType']>, string>> = {
  mention: 'exists (select 1 from mentions n where n.conversation_id = c.id and n.user_id = $2)',
  participating: 'exists (select 1 from conversation_participants p where p.conversation_id = c.id and p.user_id = $2)',
  unattended: '(c.first_reply_created_at is null or c.waiting_since is not null)',
  // Conversations open for longer than the account's auto-resolve limit.
  resolvable:
    `(c.status = 'open' and c.last_activity_at < now() - (select (a.settings ->> ` +
    `'auto_resolve_after')::float8 * interval '1 minute' from accounts a where a.id = $1 and ` +
    `jsonb_typeof(a.settings -> 'auto_resolve_after') = 'number'))`,
}
