// An event as it lies in the table.

import type { EventName } from '../contracts/event-names.ts'
import type { Json } from '../conversations/records/rows.ts'

export type Changes = Readonly<Record<string, { readonly previous_value: unknown; readonly current_value: unknown }>>

export interface EventRow {
  readonly id: number
  readonly accountId: number
  readonly name: EventName
  readonly conversationId: number | null
  readonly messageId: number | null
  readonly contactId: number | null
  readonly inboxId: number | null
  readonly changes: Changes | null
  /** 'user:5', 'contact:9', 'automation_rule:3', 'agent_bot:2'; null = the system. */
  readonly performer: string | null
  readonly facts: Json | null
  readonly createdAt: Date
  /** The order of delivery. */
  readonly position: number
  /** The transaction that wrote it. */
  readonly tx: number | null
}

/** For a `select` or `returning`, of the table's alias `e`. */
export const eventColumns = `
  e.id,
  e.account_id as "accountId",
  e.name,
  e.conversation_id as "conversationId",
  e.message_id as "messageId",
  e.contact_id as "contactId",
  e.inbox_id as "inboxId",
  e.changes,
  e.performer,
  e.facts,
  e.created_at as "createdAt",
  e.position,
  e.tx
`
