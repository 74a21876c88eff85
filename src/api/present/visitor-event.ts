// Payloads of a visitor's live stream: the event names of Chatwoot's cable, in the shapes of the public API. Nothing
// that is for the team only.

import type { EventName } from '../../contracts/event-names.ts'
import { mayReadMail } from '../../conversations/records/mail-authors.ts'
import type { Visitor } from '../../conversations/visitors/visitor.ts'
import type { EventConversation, EventDetails } from '../../events/event-details.ts'
import type { PushEvent } from './push-event.ts'
import { epochSeconds } from './time.ts'
import { presentVisitorMessage, presentVisitorPerson } from './visitor.ts'

interface Viewer {
  readonly visitor: Visitor
  readonly publicUrl: string
}

type Presenter = (details: EventDetails, conversation: EventConversation, viewer: Viewer) => PushEvent['data'] | null

const ofMessage: Presenter = ({ message, mailTies }, { displayId }, viewer) =>
  message === null || message.private || message.messageType === 'activity'
    ? null
    : presentVisitorMessage(
        { message, isHidden: !mayReadMail(viewer.visitor.contactInbox.provenEmails, mailTies) },
        { ...viewer, displayId },
      )

const ofConversation: Presenter = (_details, { displayId, uuid, inboxId, status, lastActivityAt }) => ({
  id: displayId,
  uuid,
  inbox_id: inboxId,
  status,
  last_activity_at: epochSeconds(lastActivityAt),
})

// Typing of the team in private notes, and the visitor's own typing, are not sent.
const ofTyping: Presenter = ({ performer, event }, { displayId }) =>
  performer === null || performer.type === 'contact' || event.facts?.['is_private'] === true
    ? null
    : { conversation: { id: displayId }, user: presentVisitorPerson(performer) }

const pushed: ReadonlyMap<EventName, readonly [name: string, present: Presenter]> = new Map([
  ['message_created', ['message.created', ofMessage]],
  ['message_updated', ['message.updated', ofMessage]],
  ['conversation_created', ['conversation.created', ofConversation]],
  ['conversation_status_changed', ['conversation.status_changed', ofConversation]],
  ['conversation_typing_on', ['conversation.typing_on', ofTyping]],
  ['conversation_typing_off', ['conversation.typing_off', ofTyping]],
])

/** Null for events that visitors do not receive. Never throws. */
export function presentVisitorEvent(details: EventDetails, viewer: Viewer): PushEvent | null {
  const [name, present] = pushed.get(details.event.name) ?? []
  const data = details.conversation === null ? null : (present?.(details, details.conversation, viewer) ?? null)
  return name === undefined || data === null ? null : { name, data }
}
