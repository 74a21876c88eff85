// What clients say of conversations: filters of the list, a new one, a change of status (chatwoot.md §4.2).

import type { ConversationFilter } from '../../conversations/list/conversation-list.ts'
import type { NewConversation } from '../../conversations/create-conversation.ts'
import { conversationStatuses, type ConversationStatus } from '../../conversations/rows.ts'
import type { Performer } from '../../conversations/acts/performer.ts'
import type { StatusChange } from '../../conversations/acts/change-status.ts'
import type { Member } from '../auth.ts'
import { unprocessable } from '../request/fault.ts'
import { filledText, list, object, parseFields, recordId, unwrap } from '../request/fields.ts'
import { isParameters } from '../request/parameters.ts'
import type { MemberRequest } from '../request/route.ts'
import { parseNewMessage } from './message-input.ts'

const filterShape = {
  assignee_type: filledText,
  status: filledText,
  inbox_id: recordId,
  team_id: recordId,
  labels: list,
  q: filledText,
  conversation_type: filledText,
  updated_within: filledText,
}

/** The filter of a list; open ones where no status is named. Throws 422 for a status that is none. */
export function parseFilter({ member, fields }: MemberRequest): ConversationFilter {
  const given = parseFields(filterShape, fields)
  return {
    accountId: member.account.id,
    viewerId: member.user.id,
    visibleInboxes: member.visibleInboxes,
    assigneeType: oneOf(['me', 'unassigned', 'assigned'] as const, given.assignee_type) ?? 'all',
    assignedTo: null,
    status: given.status === 'all' ? null : (parseStatus(given.status) ?? 'open'),
    inboxId: given.inbox_id ?? null,
    teamId: given.team_id ?? null,
    labels: given.labels ?? [],
    text: given.q ?? null,
    conversationType: oneOf(['mention', 'participating', 'unattended'] as const, given.conversation_type) ?? null,
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

const newShape = {
  contact_id: recordId,
  inbox_id: recordId,
  source_id: filledText,
  status: filledText,
  snoozed_until: filledText,
  assignee_id: recordId,
  team_id: recordId,
  additional_attributes: object,
  custom_attributes: object,
}

/** A new conversation with its first message. Throws 422 with a sentence. */
export function parseNewConversation(request: MemberRequest): NewConversation {
  const { member, fields } = request
  const given = parseFields(newShape, unwrap(fields, 'conversation'))
  return {
    accountId: member.account.id,
    contactId: given.contact_id ?? null,
    inboxId: given.inbox_id ?? null,
    sourceId: given.source_id ?? null,
    visibleInboxes: member.visibleInboxes,
    status: parseStatus(given.status) ?? null,
    snoozedUntil: parseTime(given.snoozed_until),
    assigneeId: given.assignee_id ?? null,
    teamId: given.team_id ?? null,
    additionalAttributes: given.additional_attributes ?? {},
    customAttributes: given.custom_attributes ?? {},
    firstMessage: parseFirstMessage(request),
  }
}

function parseFirstMessage({ member, fields, files }: MemberRequest): NewConversation['firstMessage'] {
  const message = fields['message']
  if (!isParameters(message) || Object.keys(message).length === 0) return null
  return (channelType) => parseNewMessage({ fields: message, files, userId: member.user.id }, channelType)
}

/** A change of status; an agent who opens a conversation this way takes it over. Throws 422. */
export function parseStatusChange({ member, fields }: MemberRequest): StatusChange & { readonly by: Performer } {
  const given = parseFields({ status: filledText, snoozed_until: filledText }, fields)
  return { status: parseStatus(given.status) ?? null, snoozedUntil: parseTime(given.snoozed_until), by: performerOf(member) }
}

// Epoch seconds or a date.
function parseTime(given: string | undefined): Date | null {
  if (given === undefined) return null
  const time = new Date(/^\d+$/.test(given) ? Number(given) * 1000 : given)
  const year = time.getUTCFullYear()
  if (Number.isNaN(year) || year < 1970 || year > 9999) throw unprocessable('snoozed_until is not a time')
  return time
}

/** Who acts. */
export function performerOf({ user, role }: Member): Performer {
  return { kind: 'user', id: user.id, name: user.name, role }
}
