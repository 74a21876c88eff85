// Payloads of live streams: the event names and payloads of Chatwoot's cable.

import type { EventName } from '../../contracts/event-names.ts'
import type { EventDetails } from '../../events/event-details.ts'
import type { Changes } from '../../events/event-rows.ts'
import { changedAttributes } from './changed-attributes.ts'
import { presentEventConversation } from './event-conversation.ts'
import { presentInbox } from './inbox.ts'
import { presentPushMessage } from './message.ts'
import { presentContactSender, presentSender } from './people.ts'

type Payload = Readonly<Record<string, unknown>>
type Presenter = (details: EventDetails, publicUrl: string) => Payload | null

export interface PushEvent {
  readonly name: string
  readonly data: Payload
}

/** Null for events that are not sent in streams, and when their subject is gone. Never throws. */
export function presentPush(details: EventDetails, publicUrl: string): PushEvent | null {
  const [name, present] = pushed.get(details.event.name) ?? []
  const data = present?.(details, publicUrl) ?? null
  if (name === undefined || data === null) return null
  return {
    name,
    data: {
      ...data,
      ...(changing.has(details.event.name) ? { changed_attributes: changedAttributes(details.event.changes) } : {}),
      account_id: details.account.id,
      ...(details.performer === null ? {} : { performer: presentSender(details.performer) }),
    },
  }
}

const ofConversation: Presenter = ({ conversation }, publicUrl) =>
  conversation === null ? null : presentEventConversation(conversation, publicUrl)
const ofMessage: Presenter = ({ message, conversation }, publicUrl) =>
  message === null || conversation === null ? null : presentPushMessage(message, conversation, publicUrl)
const ofContact: Presenter = ({ contact }) => (contact === null ? null : presentContactSender(contact))
const ofChangedMessage: Presenter = (details, publicUrl) => {
  const data = ofMessage(details, publicUrl)
  return data === null ? null : { ...data, previous_changes: pairsOf(details.event.changes) }
}
const ofTyping: Presenter = ({ conversation, performer, event }, publicUrl) =>
  conversation === null
    ? null
    : {
        conversation: presentEventConversation(conversation, publicUrl),
        user: performer === null ? null : presentSender(performer),
        is_private: event.facts?.['is_private'] === true,
      }
const ofFacts: Presenter = ({ event }) => event.facts ?? {}
// No text of the mail: clients fetch the record, and that request checks their permission.
const ofInboundEmail: Presenter = ({ event: { facts } }) => ({
  id: facts?.['id'],
  status: facts?.['status'],
  reason: facts?.['reason'],
})
const ofViewing: Presenter = ({ conversation, event }) => (conversation === null ? null : (event.facts ?? {}))
const ofMerge: Presenter = (details, publicUrl) => {
  const conversation = ofConversation(details, publicUrl)
  return conversation === null ? null : { ...conversation, ...details.event.facts }
}
const ofInbox: Presenter = ({ inbox }) => (inbox === null ? null : presentInbox(inbox, false))

const pushed: ReadonlyMap<EventName, readonly [name: string, present: Presenter]> = new Map([
  ['message_created', ['message.created', ofMessage]],
  ['message_updated', ['message.updated', ofChangedMessage]],
  ['conversation_created', ['conversation.created', ofConversation]],
  ['conversation_updated', ['conversation.updated', ofConversation]],
  ['conversation_status_changed', ['conversation.status_changed', ofConversation]],
  ['conversation_read', ['conversation.read', ofConversation]],
  ['conversation_contact_changed', ['conversation.contact_changed', ofConversation]],
  ['conversation_merged', ['conversation.merged', ofMerge]],
  ['conversation_unmerged', ['conversation.unmerged', ofMerge]],
  ['conversation_mentioned', ['conversation.mentioned', ofConversation]],
  ['conversation_typing_on', ['conversation.typing_on', ofTyping]],
  ['conversation_typing_off', ['conversation.typing_off', ofTyping]],
  ['conversation_viewing', ['conversation.viewing', ofViewing]],
  ['assignee_changed', ['assignee.changed', ofConversation]],
  ['team_changed', ['team.changed', ofConversation]],
  ['first_reply_created', ['first.reply.created', ofConversation]],
  ['contact_created', ['contact.created', ofContact]],
  ['contact_updated', ['contact.updated', ofContact]],
  ['contact_merged', ['contact.merged', ofContact]],
  ['contact_deleted', ['contact.deleted', ofFacts]],
  ['inbox_created', ['inbox.created', ofInbox]],
  ['inbox_updated', ['inbox.updated', ofInbox]],
  ['inbound_email_held', ['inbound_email.held', ofInboundEmail]],
  ['inbound_email_updated', ['inbound_email.updated', ofInboundEmail]],
])

/** Events that carry `changed_attributes`, as webhooks do. */
const changing: ReadonlySet<EventName> = new Set([
  'message_updated',
  'conversation_updated',
  'conversation_status_changed',
  'conversation_contact_changed',
  'assignee_changed',
  'team_changed',
  'contact_updated',
  'inbox_updated',
])

// As Rails writes them: [before, after].
function pairsOf(changes: Changes | null): Payload {
  return Object.fromEntries(
    Object.entries(changes ?? {}).map(([name, { previous_value, current_value }]) => [
      name,
      [previous_value, current_value],
    ]),
  )
}
