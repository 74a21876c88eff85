// Conversations, in Chatwoot's shape; `id` is the display id.

import { z } from 'zod'

import {
  addressStates,
  type ConversationOverview,
  type ConversationRow,
  conversationStatuses,
  priorities,
} from '../../conversations/records/rows.ts'
import { epoch, id, isoTime, json, listOf, named, text } from './kinds.ts'
import { presentPushMessage, pushMessageShape } from './message.ts'
import { agentShape, botSenderShape, contactSenderShape, contactShape, teamShape, userSenderShape } from './people.ts'
import {
  presentAgent,
  presentBotSender,
  presentContact,
  presentContactSender,
  presentTeam,
  presentUserSender,
} from './people.ts'
import { epochSeconds } from './time.ts'

const metaShape = z.object({
  sender: contactShape,
  channel: text,
  assignee: z.union([agentShape, botSenderShape]).optional(),
  assignee_type: text.optional(),
  team: teamShape.optional(),
  hmac_verified: z.boolean(),
})

/** The recipient of the conversation's replies. */
export const recipientShape = named('Recipient', z.object({ email: text, state: z.enum(addressStates) }))

export const conversationShape = named(
  'Conversation',
  z.object({
    meta: metaShape,
    id,
    messages: listOf(pushMessageShape),
    account_id: id,
    uuid: text,
    additional_attributes: json,
    agent_last_seen_at: epoch,
    assignee_last_seen_at: epoch,
    can_reply: z.boolean(),
    contact_last_seen_at: epoch,
    custom_attributes: json,
    inbox_id: id,
    labels: listOf(text),
    muted: z.boolean(),
    snoozed_until: isoTime.nullable(),
    status: z.enum(conversationStatuses),
    created_at: epoch,
    updated_at: z.number(),
    timestamp: epoch,
    first_reply_created_at: epoch,
    unread_count: z.int().min(0).max(10),
    last_non_activity_message: pushMessageShape.nullable(),
    last_activity_at: epoch,
    priority: z.enum(priorities).nullable(),
    waiting_since: epoch,
    sla_policy_id: z.null(),
    recipient: recipientShape.nullable(),
    linked_conversations: listOf(id),
  }),
)

export interface View {
  /** The viewer: decides `is_member` of a team. */
  readonly viewerId: number | null
  /** Null: all. */
  readonly visibleInboxes: readonly number[] | null
  readonly publicUrl: string
}

export function presentConversation(
  conversation: ConversationOverview,
  view: View,
): z.output<typeof conversationShape> {
  const { lastMessage, lastNonActivityMessage } = conversation
  return {
    meta: presentMeta(conversation, view),
    id: conversation.displayId,
    messages: lastMessage === null ? [] : [presentPushMessage(lastMessage, conversation, view.publicUrl)],
    account_id: conversation.accountId,
    uuid: conversation.uuid,
    additional_attributes: conversation.additionalAttributes,
    agent_last_seen_at: epochSeconds(conversation.agentLastSeenAt),
    assignee_last_seen_at: epochSeconds(conversation.assigneeLastSeenAt),
    can_reply: conversation.canReply,
    contact_last_seen_at: epochSeconds(conversation.contactLastSeenAt),
    custom_attributes: conversation.customAttributes,
    inbox_id: conversation.inboxId,
    labels: conversation.labels,
    muted: conversation.contact.blocked,
    snoozed_until: conversation.snoozedUntil,
    status: conversation.status,
    created_at: epochSeconds(conversation.createdAt),
    updated_at: conversation.updatedAt.getTime() / 1000,
    timestamp: epochSeconds(conversation.lastActivityAt),
    first_reply_created_at: epochSeconds(conversation.firstReplyCreatedAt),
    unread_count: conversation.unreadCount,
    last_non_activity_message:
      lastNonActivityMessage === null ? null : presentPushMessage(lastNonActivityMessage, conversation, view.publicUrl),
    last_activity_at: epochSeconds(conversation.lastActivityAt),
    priority: conversation.priority,
    waiting_since: epochSeconds(conversation.waitingSince),
    sla_policy_id: null,
    recipient: conversation.recipient,
    linked_conversations: visibleLinks(conversation, view),
  }
}

function visibleLinks({ linked }: ConversationOverview, { viewerId, visibleInboxes }: View): number[] {
  return linked
    .filter(
      ({ inboxId, assigneeId }) =>
        visibleInboxes === null || visibleInboxes.includes(inboxId) || (assigneeId !== null && assigneeId === viewerId),
    )
    .map(({ displayId }) => displayId)
}

function presentMeta(conversation: ConversationRow, view: View): z.output<typeof metaShape> {
  const { assignee, assigneeAgentBot: bot, team } = conversation
  return {
    sender: presentContact(conversation.contact),
    channel: conversation.channelType,
    ...(assignee === null ? {} : { assignee: presentAgent(assignee), assignee_type: 'User' }),
    ...(assignee === null && bot !== null ? { assignee: presentBotSender(bot), assignee_type: 'AgentBot' } : {}),
    ...(team === null ? {} : { team: presentTeam(team, view.viewerId) }),
    hmac_verified: conversation.hmacVerified,
  }
}

export const messagesMetaShape = z.object({
  labels: listOf(text),
  additional_attributes: json,
  contact: contactSenderShape,
  assignee: userSenderShape.optional(),
  agent_last_seen_at: isoTime.nullable(),
  assignee_last_seen_at: isoTime.nullable(),
})

/** The `meta` object above a list of messages. */
export function presentMessagesMeta(conversation: ConversationRow): z.output<typeof messagesMetaShape> {
  return {
    labels: conversation.labels,
    additional_attributes: conversation.additionalAttributes,
    contact: presentContactSender(conversation.contact),
    ...(conversation.assignee === null ? {} : { assignee: presentUserSender(conversation.assignee) }),
    agent_last_seen_at: conversation.agentLastSeenAt,
    assignee_last_seen_at: conversation.assigneeLastSeenAt,
  }
}
