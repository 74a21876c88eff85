// A conversation as webhooks and live streams show it: `id` is the display id, times that never happened are 0, but
// `first_reply_created_at` is a time or null.

import { z } from 'zod'

import { conversationStatuses, priorities } from '../../conversations/records/rows.ts'
import type { ContactInboxRow, EventConversation } from '../../events/event-details.ts'
import { epoch, id, isoTime, json, listOf, text } from './kinds.ts'
import { presentPushMessage, pushMessageShape } from './message.ts'
import { contactSenderShape, presentContactSender, presentUserSender, userSenderShape } from './people.ts'
import { epochSeconds } from './time.ts'

const contactInboxShape = z.object({
  id,
  contact_id: id,
  inbox_id: id,
  source_id: text,
  hmac_verified: z.boolean(),
  created_at: isoTime,
  updated_at: isoTime,
})

export const eventConversationShape = z.object({
  additional_attributes: json,
  can_reply: z.boolean(),
  channel: text,
  contact_inbox: contactInboxShape.nullable(),
  id,
  inbox_id: id,
  messages: listOf(pushMessageShape),
  labels: listOf(text),
  meta: z.object({
    sender: contactSenderShape,
    assignee: userSenderShape.nullable(),
    assignee_agent_bot_id: id.nullable(),
    assignee_type: text.nullable(),
    team: z.object({ id, name: text }).nullable(),
    hmac_verified: z.boolean(),
  }),
  status: z.enum(conversationStatuses),
  custom_attributes: json,
  snoozed_until: isoTime.nullable(),
  unread_count: z.int(),
  first_reply_created_at: isoTime.nullable(),
  priority: z.enum(priorities).nullable(),
  waiting_since: epoch,
  agent_last_seen_at: epoch,
  contact_last_seen_at: epoch,
  last_activity_at: epoch,
  timestamp: epoch,
  created_at: epoch,
  updated_at: z.number(),
})

export function presentEventConversation(
  conversation: EventConversation,
  publicUrl: string,
): z.output<typeof eventConversationShape> {
  const { lastPublicMessage: last, contactInbox } = conversation
  return {
    additional_attributes: conversation.additionalAttributes,
    can_reply: conversation.canReply,
    channel: conversation.channelType,
    contact_inbox: contactInbox === null ? null : presentContactInbox(contactInbox),
    id: conversation.displayId,
    inbox_id: conversation.inboxId,
    messages: last === null ? [] : [presentPushMessage(last, conversation, publicUrl)],
    labels: conversation.labels,
    meta: presentMeta(conversation),
    status: conversation.status,
    custom_attributes: conversation.customAttributes,
    snoozed_until: conversation.snoozedUntil,
    unread_count: conversation.unreadCount,
    first_reply_created_at: conversation.firstReplyCreatedAt,
    priority: conversation.priority,
    waiting_since: epochSeconds(conversation.waitingSince),
    agent_last_seen_at: epochSeconds(conversation.agentLastSeenAt),
    contact_last_seen_at: epochSeconds(conversation.contactLastSeenAt),
    last_activity_at: epochSeconds(conversation.lastActivityAt),
    timestamp: epochSeconds(conversation.lastActivityAt),
    created_at: epochSeconds(conversation.createdAt),
    updated_at: conversation.updatedAt.getTime() / 1000,
  }
}

function presentMeta({ contact, assignee, assigneeAgentBot, team, hmacVerified }: EventConversation) {
  return {
    sender: presentContactSender(contact),
    assignee: assignee === null ? null : presentUserSender(assignee),
    assignee_agent_bot_id: assigneeAgentBot?.id ?? null,
    assignee_type: assigneeType(assignee !== null, assigneeAgentBot !== null),
    team: team === null ? null : { id: team.id, name: team.name },
    hmac_verified: hmacVerified,
  }
}

function assigneeType(isUser: boolean, isBot: boolean): 'User' | 'AgentBot' | null {
  if (isUser) return 'User'
  return isBot ? 'AgentBot' : null
}

// Without the visitor's pubsub token, with which its holder could open the visitor's stream.
function presentContactInbox(contactInbox: ContactInboxRow): z.output<typeof contactInboxShape> {
  return {
    id: contactInbox.id,
    contact_id: contactInbox.contactId,
    inbox_id: contactInbox.inboxId,
    source_id: contactInbox.sourceId,
    hmac_verified: contactInbox.hmacVerified,
    created_at: contactInbox.createdAt,
    updated_at: contactInbox.updatedAt,
  }
}
