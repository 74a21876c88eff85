// A row as it was after the event that tells of it: what the event says of its own changes, over what has become of the row since.

import type { ConversationStatus, Json, MessageRow, MessageStatus, Priority } from '../rows.ts'
import type { Changes, EventRow } from './event-rows.ts'
import type { People, ToldConversation } from './told-event.ts'

type Reader<Row> = (value: unknown, row: Row, people: People) => Partial<Row>

const conversationReaders: Readonly<Record<string, Reader<ToldConversation>>> = {
  status: (value) => ({ status: value as ConversationStatus }),
  priority: (value) => ({ priority: value as Priority | null }),
  snoozed_until: (value) => ({ snoozedUntil: timeOf(value) }),
  waiting_since: (value) => ({ waitingSince: timeOf(value) }),
  first_reply_created_at: (value) => ({ firstReplyCreatedAt: timeOf(value) }),
  contact_last_seen_at: (value) => ({ contactLastSeenAt: timeOf(value) }),
  label_list: (value) => ({ labels: value as readonly string[] }),
  custom_attributes: (value) => ({ customAttributes: value as Json }),
  additional_attributes: (value) => ({ additionalAttributes: value as Json }),
  assignee_id: (value, row, { users }) => ({ assignee: value === null ? null : (users.get(Number(value)) ?? row.assignee) }),
  assignee_agent_bot_id: (value, row) => ({ assigneeAgentBot: value === null ? null : row.assigneeAgentBot?.id === value ? row.assigneeAgentBot : { id: Number(value), name: '', avatarUrl: null } }),
  team_id: (value, row, { teams }) => ({ team: value === null ? null : (teams.get(Number(value)) ?? row.team) }),
}

const messageReaders: Readonly<Record<string, Reader<MessageRow>>> = {
  status: (value) => ({ status: value as MessageStatus }),
  content: (value) => ({ content: value as string | null }),
  // The trigger keeps the keys that changed; the others are as they are.
  content_attributes: (value, row) => ({ contentAttributes: { ...row.contentAttributes, ...(value as Json) } }),
}

/** Never throws. */
export function conversationAsOf(row: ToldConversation, { changes }: EventRow, people: People): ToldConversation {
  return asOf(row, changes, { readers: conversationReaders, people })
}

/** Never throws. */
export function messageAsOf(row: MessageRow, { changes }: EventRow): MessageRow {
  return asOf(row, changes, { readers: messageReaders, people: { users: new Map(), teams: new Map() } })
}

function asOf<Row extends object>(row: Row, changes: Changes | null, { readers, people }: { readers: Readonly<Record<string, Reader<Row>>>; people: People }): Row {
  return Object.entries(changes ?? {}).reduce((now, [name, { current_value: value }]) => ({ ...now, ...readers[name]?.(value, now, people) }), row)
}

function timeOf(value: unknown): Date | null {
  return typeof value === 'string' ? new Date(value) : null
}
