// Messages and their attachments, in Chatwoot's two shapes: REST, and "push" inside conversations and live events.

import { z } from 'zod'

import {
  type AttachmentRow,
  type ConversationOverview,
  type MessageRow,
  messageStatuses,
  messageTypes,
} from '../../conversations/records/rows.ts'
import { attachmentUrl } from '../../links.ts'
import { withInlinePictures } from './inline-pictures.ts'
import { epoch, id, isoTime, json, listOf, maybeText, named, text } from './kinds.ts'
import { presentSender, senderShape } from './people.ts'
import { epochSeconds } from './time.ts'

export const attachmentShape = named(
  'Attachment',
  z.object({
    id,
    message_id: id,
    file_type: text,
    account_id: id,
    data_url: maybeText,
    fallback_title: maybeText.optional(),
    extension: maybeText.optional(),
    thumb_url: text.optional(),
    file_size: z.int().optional(),
    width: z.int().nullable().optional(),
    height: z.int().nullable().optional(),
    content_id: text.optional(),
    inline: z.literal(true).optional(),
  }),
)

const fields = {
  id,
  content: maybeText,
  inbox_id: id,
  conversation_id: id,
  message_type: z.int().min(0).max(3),
  content_type: text,
  status: z.enum(messageStatuses),
  content_attributes: json,
  created_at: epoch,
  private: z.boolean(),
  source_id: maybeText,
  sender: senderShape.optional(),
  attachments: listOf(attachmentShape).optional(),
}
export const messageShape = named('Message', z.object({ ...fields, echo_id: text.optional() }))
export const pushMessageShape = named(
  'MessageInConversation',
  z.object({
    ...fields,
    account_id: id,
    updated_at: isoTime,
    sender_type: maybeText,
    sender_id: id.nullable(),
    external_source_ids: json,
    additional_attributes: json,
    processed_message_content: maybeText,
    sentiment: json,
    conversation: z.object({
      assignee_id: id.nullable(),
      unread_count: z.int(),
      last_activity_at: epoch,
      contact_inbox: z.object({ source_id: maybeText }),
    }),
  }),
)

/** A message as a REST answer. `publicUrl` is where attachments are fetched. */
export function presentMessage(
  message: MessageRow,
  displayId: number,
  publicUrl: string,
): z.output<typeof messageShape> {
  return {
    id: message.id,
    content: message.content,
    inbox_id: message.inboxId,
    conversation_id: displayId,
    message_type: messageTypes.indexOf(message.messageType),
    content_type: message.contentType,
    status: message.status,
    content_attributes: withInlinePictures(message, publicUrl),
    created_at: epochSeconds(message.createdAt),
    private: message.private,
    source_id: message.sourceId,
    ...senderAndAttachments(message, publicUrl),
  }
}

/** A message inside its conversation: all columns, and the conversation's state. */
export function presentPushMessage(
  message: MessageRow,
  conversation: ConversationOverview,
  publicUrl: string,
): z.output<typeof pushMessageShape> {
  return {
    id: message.id,
    content: message.content,
    account_id: message.accountId,
    inbox_id: message.inboxId,
    conversation_id: conversation.displayId,
    message_type: messageTypes.indexOf(message.messageType),
    created_at: epochSeconds(message.createdAt),
    updated_at: message.updatedAt,
    private: message.private,
    status: message.status,
    source_id: message.sourceId,
    content_type: message.contentType,
    content_attributes: withInlinePictures(message, publicUrl),
    sender_type: message.senderType === null ? null : senderTypes[message.senderType],
    sender_id: message.senderId,
    external_source_ids: {},
    additional_attributes: message.additionalAttributes,
    processed_message_content: message.processedMessageContent,
    sentiment: {},
    conversation: {
      assignee_id: conversation.assignee?.id ?? null,
      unread_count: conversation.unreadCount,
      last_activity_at: epochSeconds(conversation.lastActivityAt),
      contact_inbox: { source_id: conversation.sourceId },
    },
    ...senderAndAttachments(message, publicUrl),
  }
}

const senderTypes = { contact: 'Contact', user: 'User', agent_bot: 'AgentBot' } as const

function senderAndAttachments(message: MessageRow, publicUrl: string) {
  return {
    ...(message.sender === null ? {} : { sender: presentSender(message.sender) }),
    ...(message.attachments.length === 0 ? {} : { attachments: presentAttachments(message, publicUrl) }),
  }
}

/** The files of a message. */
export function presentAttachments(
  { attachments }: Pick<MessageRow, 'attachments'>,
  publicUrl: string,
): z.output<typeof attachmentShape>[] {
  return attachments.map((attachment) => presentAttachment(attachment, publicUrl))
}

/** One file. */
export function presentAttachment(attachment: AttachmentRow, publicUrl: string): z.output<typeof attachmentShape> {
  const base = {
    id: attachment.id,
    message_id: attachment.messageId,
    file_type: attachment.fileType,
    account_id: attachment.accountId,
  }
  if (['location', 'fallback', 'contact'].includes(attachment.fileType))
    return { ...base, fallback_title: attachment.fallbackTitle, data_url: attachment.externalUrl }
  const url = attachment.externalUrl ?? attachmentUrl(publicUrl, attachment.token, attachment.fileName ?? 'file')
  return {
    ...base,
    extension: extensionOf(attachment.fileName),
    data_url: url,
    thumb_url: attachment.fileType === 'image' ? url : '',
    file_size: attachment.byteSize,
    width: null,
    height: null,
    ...(attachment.contentId === null ? {} : { content_id: attachment.contentId }),
    ...(attachment.inline ? { inline: true as const } : {}),
  }
}

function extensionOf(fileName: string | null): string | null {
  return /\.([A-Za-z0-9]{1,16})$/.exec(fileName ?? '')?.[1]?.toLowerCase() ?? null
}
