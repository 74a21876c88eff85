// A row as it was right after an event: later changes are undone, and the event's own changes count.

import type {
  ContactRow,
  ConversationStatus,
  InboxRow,
  Json,
  MessageRow,
  MessageStatus,
  Priority,
} from '../conversations/records/rows.ts'
import type { EventConversation, People } from './event-details.ts'
import type { Changes, EventRow } from './event-rows.ts'
import { type LaterEvent, sinceThen } from './moment.ts'

/** `before`: the other side of the change. */
type Reader<Row> = (
  value: unknown,
  row: Row,
  context: { readonly people: People; readonly before: unknown },
) => Partial<Row>
type Readers<Row> = Readonly<Record<string, Reader<Row>>>

type Bot = EventConversation['assigneeAgentBot']

// The name of a bot that is gone is not known.
const botOf = (id: unknown, now: Bot): Bot => (now?.id === id ? now : { id: Number(id), name: '', avatarUrl: null })

const conversationReaders: Readers<EventConversation> = {
  status: (value) => ({ status: value as ConversationStatus }),
  priority: (value) => ({ priority: value as Priority | null }),
  snoozed_until: (value) => ({ snoozedUntil: timeOf(value) }),
  waiting_since: (value) => ({ waitingSince: timeOf(value) }),
  first_reply_created_at: (value) => ({ firstReplyCreatedAt: timeOf(value) }),
  contact_last_seen_at: (value) => ({ contactLastSeenAt: timeOf(value) }),
  label_list: (value) => ({ labels: value as readonly string[] }),
  custom_attributes: (value) => ({ customAttributes: value as Json }),
  additional_attributes: (value) => ({ additionalAttributes: value as Json }),
  assignee_id: (value, row, { people: { users } }) => ({
    assignee: value === null ? null : (users.get(Number(value)) ?? row.assignee),
  }),
  assignee_agent_bot_id: (value, row) => ({
    assigneeAgentBot: value === null ? null : botOf(value, row.assigneeAgentBot),
  }),
  team_id: (value, row, { people: { teams } }) => ({
    team: value === null ? null : (teams.get(Number(value)) ?? row.team),
  }),
}

const messageReaders: Readers<MessageRow> = {
  status: (value) => ({ status: value as MessageStatus }),
  content: (value) => ({ content: value as string | null }),
  content_type: (value) => ({ contentType: value as string }),
  private: (value) => ({ private: value as boolean }),
  // The trigger keeps the keys that changed, on either side; the others are as they are.
  content_attributes: (value, row, { before }) => ({
    contentAttributes: { ...without(row.contentAttributes, before), ...(value as Json) },
  }),
}

const contactReaders: Readers<ContactRow> = {
  name: (value) => ({ name: value as string }),
  email: (value) => ({ email: value as string | null }),
  phone_number: (value) => ({ phoneNumber: value as string | null }),
  identifier: (value) => ({ identifier: value as string | null }),
  blocked: (value) => ({ blocked: value as boolean }),
  avatar_url: (value) => ({ avatarUrl: value as string | null }),
  label_list: (value) => ({ labels: value as readonly string[] }),
  additional_attributes: (value) => ({ additionalAttributes: value as Json }),
  custom_attributes: (value) => ({ customAttributes: value as Json }),
}

const inboxReaders: Readers<InboxRow> = {
  name: (value) => ({ name: value as string }),
  business_name: (value) => ({ businessName: value as string | null }),
  sender_name_type: (value) => ({ senderNameType: value as string }),
  timezone: (value) => ({ timezone: value as string }),
  avatar_url: (value) => ({ avatarUrl: value as string | null }),
  greeting_enabled: (value) => ({ greetingEnabled: value as boolean }),
  greeting_message: (value) => ({ greetingMessage: value as string | null }),
  out_of_office_message: (value) => ({ outOfOfficeMessage: value as string | null }),
  working_hours_enabled: (value) => ({ workingHoursEnabled: value as boolean }),
  enable_auto_assignment: (value) => ({ enableAutoAssignment: value as boolean }),
  auto_assignment_config: (value) => ({ autoAssignmentConfig: value as Json }),
  csat_survey_enabled: (value) => ({ csatSurveyEnabled: value as boolean }),
  csat_config: (value) => ({ csatConfig: value as Json }),
  enable_email_collect: (value) => ({ enableEmailCollect: value as boolean }),
  allow_messages_after_resolved: (value) => ({ allowMessagesAfterResolved: value as boolean }),
  lock_to_single_conversation: (value) => ({ lockToSingleConversation: value as boolean }),
}

export interface Moment {
  readonly event: EventRow
  /** Later changes of the rows that the events are about, oldest first. */
  readonly later: readonly LaterEvent[]
  readonly people: People
}

/** Never throws. */
export function conversationAsOf(row: EventConversation, moment: Moment): EventConversation {
  const isConcerned = (one: LaterEvent): boolean => one.conversationId === row.id && one.messageId === null
  const own = moment.event.messageId === null && moment.event.conversationId === row.id
  const { lastPublicMessage: last } = row
  return {
    ...asOf(row, moment, { readers: conversationReaders, isConcerned, own }),
    contact: contactAsOf(row.contact, moment),
    lastPublicMessage: last === null ? null : messageAsOf(last, moment),
  }
}

/** A message that was deleted since is shown as it is now. Never throws. */
export function messageAsOf(row: MessageRow, moment: Moment): MessageRow {
  const isConcerned = (one: LaterEvent): boolean => one.messageId === row.id && !isDeletion(one.changes)
  return asOf(row, moment, { readers: messageReaders, isConcerned, own: moment.event.messageId === row.id })
}

/** Never throws. */
export function contactAsOf(row: ContactRow, moment: Moment): ContactRow {
  const { event } = moment
  return asOf(row, moment, {
    readers: contactReaders,
    isConcerned: (one) => one.contactId === row.id && one.conversationId === null,
    own: event.contactId === row.id && event.conversationId === null,
  })
}

/** Its own columns; its channel and hours are shown as they are now. Never throws. */
export function inboxAsOf(row: InboxRow, moment: Moment): InboxRow {
  const isConcerned = (one: Pick<LaterEvent, 'inboxId' | 'conversationId' | 'contactId'>): boolean =>
    one.inboxId === row.id && one.conversationId === null && one.contactId === null
  return asOf(row, moment, { readers: inboxReaders, isConcerned, own: isConcerned(moment.event) })
}

interface Kind<Row> {
  readonly readers: Readers<Row>
  /** True if a later event changed this row. */
  readonly isConcerned: (one: LaterEvent) => boolean
  /** True if the event itself changed it. */
  readonly own: boolean
}

function asOf<Row extends object>(
  row: Row,
  { event, later, people }: Moment,
  { readers, isConcerned, own }: Kind<Row>,
): Row {
  const undone = sinceThen(later, event)
    .filter(isConcerned)
    .reduce((now, { changes }) => apply(now, changes, { readers, people, side: 'previous_value' }), row)
  return own ? apply(undone, event.changes, { readers, people, side: 'current_value' }) : undone
}

function apply<Row extends object>(
  row: Row,
  changes: Changes | null,
  { readers, people, side }: { readers: Readers<Row>; people: People; side: 'previous_value' | 'current_value' },
): Row {
  const other = side === 'previous_value' ? 'current_value' : 'previous_value'
  return Object.entries(changes ?? {}).reduce(
    (now, [name, change]) => ({ ...now, ...readers[name]?.(change[side], now, { people, before: change[other] }) }),
    row,
  )
}

function isDeletion(changes: Changes | null): boolean {
  return (changes?.['content_attributes']?.current_value as Json | null | undefined)?.['deleted'] === true
}

function without(attributes: Json, keys: unknown): Json {
  const gone = new Set(typeof keys === 'object' && keys !== null ? Object.keys(keys) : [])
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => !gone.has(key)))
}

function timeOf(value: unknown): Date | null {
  return typeof value === 'string' ? new Date(value) : null
}
