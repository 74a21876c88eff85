// Reads what clients send about conversations: list filters, a new conversation, a change of status.

import type { StatusChange } from '../../conversations/actions/change-status.ts'
import type { Priority } from '../../conversations/actions/describe.ts'
import type { ConversationFilter } from '../../conversations/list/conversation-list.ts'
import type { NewConversation } from '../../conversations/messages/create-conversation.ts'
import type { Performer } from '../../conversations/performer.ts'
import { type ConversationStatus, conversationStatuses, priorities } from '../../conversations/records/rows.ts'
import type { MemberOrBot } from '../access/auth.ts'
import { unprocessable } from '../input/fault.ts'
import { anyField, filledText, list, object, parseFields, recordId } from '../input/fields.ts'
import { isParameters } from '../input/parameters.ts'
import type { Given, MemberOrBotRequest, MemberRequest } from '../request/route.ts'
import { messageFields, parseNewMessage } from './message-input.ts'
import { parseTime } from './parse-time.ts'

export const filterFields = {
  assignee_type: filledText,
  status: filledText,
  inbox_id: recordId,
  team_id: recordId,
  labels: list,
  q: filledText,
  conversation_type: filledText,
  updated_within: filledText,
  /** An agent's id: those assigned to them. */
  assignee_id: recordId,
}

/** The filter of a list; open conversations by default. Throws 422 for an unknown status. */
export function parseFilter({
  member,
  given,
}: MemberRequest & { readonly given: Given<typeof filterFields> }): ConversationFilter {
  return {
    accountId: member.account.id,
    viewerId: member.user.id,
    visibleInboxes: member.visibleInboxes,
    assigneeType: oneOf(['me', 'unassigned', 'assigned'] as const, given.assignee_type) ?? 'all',
    assignedTo: given.assignee_id ?? null,
    status: given.status === 'all' ? null : (parseStatus(given.status) ?? 'open'),
    inboxId: given.inbox_id ?? null,
    teamId: given.team_id ?? null,
    labels: given.labels ?? [],
    text: given.q ?? null,
    conversationType:
      oneOf(['mention', 'participating', 'unattended', 'resolvable'] as const, given.conversation_type) ?? null,
    updatedWithinSeconds: secondsOf(given.updated_within),
  }
}

function oneOf<Name extends string>(names: readonly Name[], given: string | undefined): Name | undefined {
  return names.find((name) => name === given)
}

function parseStatus(given: string | undefined): ConversationStatus | undefined {
  if (given === undefined) return undefined
  // As in Chatwoot's own column: 0 open, 1 resolved, 2 pending, 3 snoozed.
  const status = conversationStatuses.find((name, number) => name === given || String(number) === given)
  if (status === undefined) throw unprocessable(`'${given}' is not a valid status`)
  return status
}

function secondsOf(given: string | undefined): number | null {
  const seconds = Number(given)
  return given !== undefined && Number.isFinite(seconds) && seconds > 0 && seconds < 1e9 ? seconds : null
}

export const newConversationFields = {
  contact_id: recordId,
  inbox_id: recordId,
  source_id: filledText,
  status: filledText,
  snoozed_until: filledText,
  assignee_id: recordId,
  team_id: recordId,
  additional_attributes: object,
  custom_attributes: object,
  /** The first message, as POST …/messages takes it. */
  message: anyField,
}

/** A new conversation with its first message. Throws 422 with a sentence. */
export function parseNewConversation(
  request: MemberOrBotRequest & { readonly given: Given<typeof newConversationFields> },
): NewConversation {
  const { member, given } = request
  return {
    accountId: member.account.id,
    contactId: given.contact_id ?? null,
    inboxId: given.inbox_id ?? null,
    sourceId: given.source_id ?? null,
    visibleInboxes: member.visibleInboxes,
    status: parseStatus(given.status) ?? null,
    snoozedUntil: given.snoozed_until === undefined ? null : parseTime('snoozed_until', given.snoozed_until),
    assigneeId: given.assignee_id ?? null,
    teamId: given.team_id ?? null,
    additionalAttributes: given.additional_attributes ?? {},
    customAttributes: given.custom_attributes ?? {},
    firstMessage: parseFirstMessage(request),
    by: performerOf(member),
  }
}

function parseFirstMessage({
  member,
  given: { message },
  files,
}: MemberOrBotRequest & { readonly given: Given<typeof newConversationFields> }): NewConversation['firstMessage'] {
  if (!isParameters(message) || Object.keys(message).length === 0) return null
  const given = parseFields(messageFields, message)
  return (channelType) => parseNewMessage({ given, files, by: member }, channelType)
}

export const statusFields = { status: filledText, snoozed_until: filledText }

/** A change of status; an agent who opens a conversation this way takes it over. Throws 422. */
export function parseStatusChange({
  member,
  given,
}: MemberOrBotRequest & { readonly given: Given<typeof statusFields> }): StatusChange & { readonly by: Performer } {
  return {
    status: parseStatus(given.status) ?? null,
    snoozedUntil: given.snoozed_until === undefined ? null : parseTime('snoozed_until', given.snoozed_until),
    by: performerOf(member),
  }
}

/** Null removes it. Throws 422 if it is invalid. */
export function parsePriority(given: unknown): Priority | null {
  // Chatwoot's documentation lists none among the priorities.
  if (given === undefined || given === null || given === '' || given === 'none') return null
  const priority = priorities.find((name, position) => name === given || given === position)
  if (priority === undefined)
    throw unprocessable(
      `'${typeof given === 'string' ? given.slice(0, 100) : JSON.stringify(given).slice(0, 100)}' is not a ` +
        'valid priority',
    )
  return priority
}

/** The author of the change. */
export function performerOf({ user, bot, role }: MemberOrBot): Performer {
  return user === null
    ? { kind: 'agent_bot', id: bot.id, name: bot.name }
    : { kind: 'user', id: user.id, name: user.name, role }
}
