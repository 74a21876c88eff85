// Conversations, in the shape of chatwoot.md §4.3; `id` is the display id.

import type { ConversationOverview, ConversationRow } from '../../conversations/rows.ts'
import { presentPushMessage } from './message.ts'
import { presentAgent, presentContact, presentContactSender, presentTeam, presentUserSender } from './people.ts'
import { epochSeconds } from './time.ts'

type Json = Record<string, unknown>

export interface View {
  /** Who looks: decides `is_member` of a team. */
  readonly viewerId: number
  readonly publicUrl: string
}

export function presentConversation(conversation: ConversationOverview, view: View): Json {
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
    last_non_activity_message: lastNonActivityMessage === null ? null : presentPushMessage(lastNonActivityMessage, conversation, view.publicUrl),
    last_activity_at: epochSeconds(conversation.lastActivityAt),
    priority: conversation.priority,
    waiting_since: epochSeconds(conversation.waitingSince),
    sla_policy_id: null,
  }
}

function presentMeta(conversation: ConversationRow, view: View): Json {
  const { assignee, team } = conversation
  return {
    sender: presentContact(conversation.contact),
    channel: conversation.channelType,
    ...(assignee === null ? {} : { assignee: presentAgent(assignee), assignee_type: 'User' }),
    ...(team === null ? {} : { team: presentTeam(team, view.viewerId) }),
    hmac_verified: conversation.hmacVerified,
  }
}

/** What stands above a list of messages. */
export function presentMessagesMeta(conversation: ConversationRow): Json {
  return {
    labels: conversation.labels,
    additional_attributes: conversation.additionalAttributes,
    contact: presentContactSender(conversation.contact),
    ...(conversation.assignee === null ? {} : { assignee: presentUserSender(conversation.assignee) }),
    agent_last_seen_at: conversation.agentLastSeenAt,
    assignee_last_seen_at: conversation.assigneeLastSeenAt,
  }
}
