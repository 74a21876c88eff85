// Webhook payloads in Chatwoot's form: flat JSON with the event's name; `id` is that of the message, the conversation
// (display id) or the contact, depending on the event; `message_type` is a word.

import type { EventName } from '../../contracts/event-names.ts'
import type { ContactRow, InboxRow, MessageRow, MessageSender } from '../../conversations/records/rows.ts'
import type { EventConversation, EventDetails } from '../../events/event-details.ts'
import { changedAttributes } from './changed-attributes.ts'
import { presentEventConversation } from './event-conversation.ts'
import { presentInbox } from './inbox.ts'
import { withInlinePictures } from './inline-pictures.ts'
import { presentAttachments } from './message.ts'

type Payload = Readonly<Record<string, unknown>>
type Account = EventDetails['account']
type Presenter = (details: EventDetails, publicUrl: string) => Payload | null

/**
 * The payload under the delivery's event name: a rule sends the conversation. Null if the event's subject is gone.
 * Never throws.
 */
export function presentWebhook(details: EventDetails, name: string, publicUrl: string): Payload | null {
  const present = name.startsWith('automation_event.') ? ofConversation : presenters.get(name)
  const payload = present?.(details, publicUrl) ?? null
  return payload === null ? null : { event: name, ...payload }
}

const ofMessage: Presenter = ({ account, conversation, message, inbox }, publicUrl) => {
  if (message === null || conversation === null) return null
  return {
    account,
    additional_attributes: message.additionalAttributes,
    content_attributes: withInlinePictures(message, publicUrl),
    content_type: message.contentType,
    content: message.content,
    conversation: presentConversation(conversation, account, publicUrl),
    created_at: message.createdAt,
    id: message.id,
    inbox: inbox === null ? null : presentInboxName(inbox),
    message_type: message.messageType,
    private: message.private,
    status: message.status,
    sender: presentSender(message, account),
    source_id: message.sourceId,
    ...(message.attachments.length === 0 ? {} : { attachments: presentAttachments(message, publicUrl) }),
  }
}

const ofConversation: Presenter = ({ account, conversation }, publicUrl) =>
  conversation === null ? null : presentConversation(conversation, account, publicUrl)
const ofContact: Presenter = ({ account, contact }) => (contact === null ? null : presentContact(contact, account))
const ofInbox: Presenter = ({ inbox }) => (inbox === null ? null : presentInbox(inbox, false))

const ofTyping: Presenter = ({ account, conversation, performer, event }, publicUrl) => {
  if (conversation === null) return null
  return {
    user: performer === null ? null : presentPerson(performer, account),
    conversation: presentConversation(conversation, account, publicUrl),
    is_private: event.facts?.['is_private'] === true,
  }
}

const withChanges =
  (present: Presenter): Presenter =>
  (details, publicUrl) => {
    const payload = present(details, publicUrl)
    return payload === null ? null : { ...payload, changed_attributes: changedAttributes(details.event.changes) }
  }

const presenters: ReadonlyMap<string, Presenter> = new Map<EventName, Presenter>([
  ['message_created', ofMessage],
  ['message_updated', withChanges(ofMessage)],
  ['conversation_created', ofConversation],
  ['conversation_opened', ofConversation],
  ['conversation_resolved', ofConversation],
  ['conversation_updated', withChanges(ofConversation)],
  ['conversation_status_changed', withChanges(ofConversation)],
  ['contact_created', ofContact],
  ['contact_updated', withChanges(ofContact)],
  ['inbox_created', ofInbox],
  ['inbox_updated', withChanges(ofInbox)],
  ['conversation_typing_on', ofTyping],
  ['conversation_typing_off', ofTyping],
])

function presentConversation(conversation: EventConversation, account: Account, publicUrl: string): Payload {
  return { ...presentEventConversation(conversation, publicUrl), account }
}

function presentSender({ sender }: MessageRow, account: Account): Payload | null {
  return sender === null ? null : presentPerson(sender, account)
}

function presentPerson(person: MessageSender, account: Account): Payload {
  if (person.type === 'contact') return presentContact(person, account)
  return {
    id: person.id,
    name: person.name,
    type: person.type,
    ...(person.type === 'user' ? { email: person.email } : {}),
  }
}

function presentContact(contact: ContactRow, account: Account): Payload {
  return {
    account,
    additional_attributes: contact.additionalAttributes,
    avatar: contact.avatarUrl ?? '',
    custom_attributes: contact.customAttributes,
    email: contact.email,
    id: contact.id,
    identifier: contact.identifier,
    name: contact.name,
    phone_number: contact.phoneNumber,
    thumbnail: contact.avatarUrl ?? '',
    blocked: contact.blocked,
  }
}

function presentInboxName({ id, name }: InboxRow): Payload {
  return { id, name }
}
