// An event as it lies in the table.

import type { Json } from '../conversations/records/rows.ts'

export type Changes = Readonly<Record<string, { readonly previous_value: unknown; readonly current_value: unknown }>>

export interface EventRow {
  readonly id: number
  readonly accountId: number
  readonly name: string
  readonly conversationId: number | null
  readonly messageId: number | null
  readonly contactId: number | null
  readonly inboxId: number | null
  readonly changes: Changes | null
  /** 'user:5', 'contact:9', 'automation_rule:3', 'agent_bot:2'; null = we ourselves. */
  readonly performer: string | null
  readonly facts: Json | null
  readonly createdAt: Date
  /** The order in which events are told. */
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

/** What webhooks may ask for (chatwoot.md §5), in Chatwoot's order: who asks for nothing gets the first eight.
 * `webwidget_triggered` never happens: we have no widget of Chatwoot's, whose page would say that it is there. */
export const subscribable = [
  'conversation_status_changed',
  'conversation_updated',
  'conversation_created',
  'contact_created',
  'contact_updated',
  'message_created',
  'message_updated',
  'webwidget_triggered',
  'inbox_created',
  'inbox_updated',
  'conversation_typing_on',
  'conversation_typing_off',
] as const

/** What bots hear of, as in Chatwoot. */
export const botEvents = ['conversation_opened', 'conversation_resolved', 'message_created', 'message_updated'] as const

/** The events that start rules. */
export const startsRules = [
  'conversation_created',
  'conversation_updated',
  'conversation_opened',
  'conversation_resolved',
  'message_created',
] as const
