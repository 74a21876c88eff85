// A conversation as a visitor sees it (Chatwoot's public API): no private messages, and of people only the public
// fields.

import { z } from 'zod'

import {
  conversationStatuses,
  type InboxRow,
  type MessageRow,
  type MessageSender,
  messageTypes,
} from '../../conversations/records/rows.ts'
import { storedDay } from '../../conversations/records/working-hours.ts'
import type { Visitor } from '../../conversations/visitors/visitor.ts'
import type { VisitorConversation, VisitorMessage } from '../../conversations/visitors/visitor-conversations.ts'
import { anything, epoch, id, json, listOf, maybeText, named, text } from './kinds.ts'
import { attachmentShape, presentAttachments } from './message.ts'
import { epochSeconds } from './time.ts'

export const visitorInboxShape = named(
  'VisitorInbox',
  z.object({
    identifier: text,
    identity_validation_enabled: z.boolean(),
    name: text,
    timezone: text,
    working_hours: anything,
    working_hours_enabled: z.boolean(),
    csat_survey_enabled: z.boolean(),
    greeting_enabled: z.boolean(),
    greeting_message: maybeText,
    out_of_office_message: maybeText,
    enable_email_collect: z.boolean(),
    settings: json,
  }),
)

const shownSettings = [
  'website_url',
  'widget_color',
  'welcome_title',
  'welcome_tagline',
  'reply_time',
  'selected_feature_flags',
  'pre_chat_form_enabled',
  'pre_chat_form_options',
  'show_header',
  'show_personal_logo',
  'show_message_input',
  'logo_url',
  'customize_css',
  'web_widget_template',
]

/** `identifier` is the one that the visitor came with. */
export function presentVisitorInbox(inbox: InboxRow, identifier: string): z.output<typeof visitorInboxShape> {
  const { settings } = inbox.channel
  return {
    identifier,
    identity_validation_enabled: settings['hmac_mandatory'] === true,
    name: inbox.name,
    timezone: inbox.timezone,
    working_hours: inbox.workingHours.map(storedDay),
    working_hours_enabled: inbox.workingHoursEnabled,
    csat_survey_enabled: inbox.csatSurveyEnabled,
    greeting_enabled: inbox.greetingEnabled,
    greeting_message: inbox.greetingMessage,
    out_of_office_message: inbox.outOfOfficeMessage,
    enable_email_collect: inbox.enableEmailCollect,
    settings: Object.fromEntries(
      shownSettings.filter((name) => name in settings).map((name) => [name, settings[name]]),
    ),
  }
}

const visitorFields = { source_id: text, pubsub_token: text, id, name: text, email: maybeText, phone_number: maybeText }
export const visitorShape = named('Visitor', z.object(visitorFields))

/** A visitor who proved to be the contact sees the contact's data; any other visitor sees only the data they gave. */
export function presentVisitor({ contact, contactInbox, speaksForContact }: Visitor): z.output<typeof visitorShape> {
  const unverified = (name: string): string | null => {
    const value = contactInbox.claims[name]
    return typeof value === 'string' ? value : null
  }
  const known = speaksForContact ? contact : { name: '', email: null, phoneNumber: null }
  return {
    source_id: contactInbox.sourceId,
    pubsub_token: contactInbox.pubsubToken,
    id: contact.id,
    name: known.name === '' ? (unverified('name') ?? '') : known.name,
    email: unverified('email') ?? known.email,
    phone_number: unverified('phone_number') ?? known.phoneNumber,
  }
}

const senderShape = z.object({
  id,
  name: text,
  avatar_url: text,
  thumbnail: text,
  type: z.enum(['contact', 'user', 'agent_bot']),
})
export const visitorMessageShape = named(
  'VisitorMessage',
  z.object({
    id,
    content: maybeText,
    message_type: z.int(),
    content_type: text,
    content_attributes: json,
    created_at: epoch,
    conversation_id: id,
    echo_id: text.optional(),
    attachments: listOf(attachmentShape).optional(),
    sender: senderShape.optional(),
  }),
)

// The rest is the team's: recipients, delivery, the mail's own headers.
const shownAttributes = [
  'items',
  'submitted_values',
  'submitted_email',
  'in_reply_to',
  'deleted',
  'type',
  'location',
  'format',
  'csat_survey_response',
]

export interface VisitorView {
  readonly visitor: Visitor
  readonly displayId: number
  readonly publicUrl: string
}

export function presentVisitorMessage(
  { message, isHidden }: VisitorMessage,
  { visitor, displayId, publicUrl }: VisitorView,
): z.output<typeof visitorMessageShape> {
  if (isHidden) return presentHiddenMail(message, displayId)
  const sender = asSeenBy(visitor, message.sender)
  return {
    id: message.id,
    content:
      message.contentType === 'incoming_email' ? (message.processedMessageContent ?? message.content) : message.content,
    message_type: messageTypes.indexOf(message.messageType),
    content_type: message.contentType,
    content_attributes: Object.fromEntries(
      Object.entries(message.contentAttributes).filter(([name]) => shownAttributes.includes(name)),
    ),
    created_at: epochSeconds(message.createdAt),
    conversation_id: displayId,
    ...(message.attachments.length === 0 ? {} : { attachments: presentAttachments(message, publicUrl) }),
    ...(sender === null ? {} : { sender: presentVisitorPerson(sender) }),
  }
}

// After a merge the session's own messages are shown under the contact's name, which the session must not learn.
function asSeenBy(visitor: Visitor, sender: MessageSender | null): MessageSender | null {
  if (sender?.type !== 'contact' || visitor.speaksForContact) return sender
  return { ...sender, name: presentVisitor(visitor).name }
}

// Mail is confidential: a visitor who claims its author's address is shown only that it came, and how to see it.
function presentHiddenMail(message: MessageRow, displayId: number): z.output<typeof visitorMessageShape> {
  const isIncoming = message.messageType === 'incoming'
  return {
    id: message.id,
    content: isIncoming
      ? 'An answer arrived by mail. To see it here, open the link in the mail that we sent to you.'
      : 'An answer was sent by mail. To see it here, open the link in the mail that we sent to you.',
    message_type: messageTypes.indexOf(message.messageType),
    content_type: 'text',
    content_attributes: { hidden_mail: true },
    created_at: epochSeconds(message.createdAt),
    conversation_id: displayId,
  }
}

/** The author of a message, or of typing, with the fields that a visitor may see. */
export function presentVisitorPerson(person: MessageSender): z.output<typeof senderShape> {
  const picture = person.type === 'contact' ? '' : (person.avatarUrl ?? '')
  return {
    id: person.id,
    name: person.type === 'user' ? (person.displayName ?? person.name) : person.name,
    avatar_url: picture,
    thumbnail: picture,
    type: person.type,
  }
}

export const visitorConversationShape = named(
  'VisitorConversation',
  z.object({
    id,
    uuid: text,
    inbox_id: id,
    status: z.enum(conversationStatuses),
    contact_last_seen_at: epoch,
    agent_last_seen_at: epoch,
    last_activity_at: epoch,
    custom_attributes: json,
    messages: listOf(visitorMessageShape),
    contact: visitorShape,
  }),
)

export function presentVisitorConversation(
  conversation: VisitorConversation,
  visitor: Visitor,
  publicUrl: string,
): z.output<typeof visitorConversationShape> {
  return {
    id: conversation.displayId,
    uuid: conversation.uuid,
    inbox_id: conversation.inboxId,
    status: conversation.status,
    contact_last_seen_at: epochSeconds(conversation.contactLastSeenAt),
    agent_last_seen_at: epochSeconds(conversation.agentLastSeenAt),
    last_activity_at: epochSeconds(conversation.lastActivityAt),
    custom_attributes: conversation.customAttributes,
    messages: conversation.messages.map((message) =>
      presentVisitorMessage(message, { visitor, displayId: conversation.displayId, publicUrl }),
    ),
    contact: presentVisitor(visitor),
  }
}
