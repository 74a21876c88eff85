// GET …/events: the account's live events for its members over server-sent events, with the event names and payloads of
// Chatwoot's cable. An agent receives events of the conversations they see and of all contacts; an administrator
// receives all events.

import type { EventDetails } from '../../events/event-details.ts'
import type { Streams } from '../../events/streams.ts'
import type { Gate, Member } from '../access/auth.ts'
import { seesInbox } from '../conversations/get-conversation.ts'
import { anyField } from '../input/fields.ts'
import { presentPush } from '../present/push-event.ts'
import { forMember, type Route } from '../request/route.ts'
import { eventText, positionOf, sendEvents } from './event-stream.ts'
import { createOpenStreams } from './open-streams.ts'

export interface EventDeps {
  readonly streams: Streams
  readonly gate: Gate
  readonly publicUrl: string
  readonly heartbeatMs: number
}

export function eventRoutes({ streams, gate, publicUrl, heartbeatMs }: EventDeps): Route[] {
  const tokens = createOpenStreams(10, 'This token')
  const words = createWords(publicUrl)
  return [
    forMember(
      'GET /events',
      {
        tag: 'Events',
        summary: 'Stream live events as server-sent events; resumes after Last-Event-ID',
        takes: { last_event_id: anyField },
        sends: 'text/event-stream',
      },
      ({ member, http, fields }) => {
        const onClose = tokens.open(member.token)
        let now = member
        return (response) => {
          sendEvents(response, {
            ...{ streams, heartbeatMs, accountId: member.account.id },
            after: positionOf(http.headers['last-event-id'] ?? fields['last_event_id']),
            reach: null,
            render: (details) => (isVisibleTo(now, details) ? words(details) : null),
            mayListen: async () => {
              now = await gate.admit(await gate.identify(http), member.account.id)
              return true
            },
            onClose,
          })
        }
      },
    ),
  ]
}

// Rendered once, for all streams.
function createWords(publicUrl: string): (details: EventDetails) => string | null {
  const known = new WeakMap<EventDetails, string | null>()
  return (details) => {
    const before = known.get(details)
    if (before !== undefined) return before
    const pushed = presentPush(details, publicUrl)
    const words = pushed === null ? null : eventText(details.event.position, pushed)
    known.set(details, words)
    return words
  }
}

function isVisibleTo(member: Member, details: EventDetails): boolean {
  const { event } = details
  const isOwn = event.performer === `user:${String(member.user.id)}`
  if (isOwn && /^conversation_(typing|viewing)/.test(event.name)) return false
  if (event.name === 'conversation_mentioned') return event.facts?.['user_id'] === member.user.id
  if (event.name.startsWith('inbound_email')) return seesMailEvents(member, event.facts)
  return event.inboxId === null || seesInbox(member, event.inboxId) || isAssigned(member, details)
}

// Mail that reached no inbox is visible to administrators only.
function seesMailEvents(member: Member, facts: EventDetails['event']['facts']): boolean {
  const inboxIds = facts?.['inbox_ids']
  return (
    member.visibleInboxes === null || (Array.isArray(inboxIds) && inboxIds.some((id) => seesInbox(member, Number(id))))
  )
}

// Now, or until this event.
function isAssigned({ user }: Member, { event, conversation }: EventDetails): boolean {
  return conversation?.assignee?.id === user.id || event.changes?.['assignee_id']?.previous_value === user.id
}
