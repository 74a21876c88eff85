// …/events: the account's live events for its members, over server-sent events (ours; the names and payloads are
// those of Chatwoot's cable). An agent hears of the conversations that they see, and of all contacts; an
// administrator hears everything.

import type { Streams } from '../../events/streams.ts'
import type { ToldEvent } from '../../events/told-event.ts'
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
            tell: (told) => (hears(now, told) ? words(told) : null),
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

// Put into words once, however many listen.
function createWords(publicUrl: string): (told: ToldEvent) => string | null {
  const known = new WeakMap<ToldEvent, string | null>()
  return (told) => {
    const before = known.get(told)
    if (before !== undefined) return before
    const pushed = presentPush(told, publicUrl)
    const words = pushed === null ? null : eventText(told.event.position, pushed)
    known.set(told, words)
    return words
  }
}

function hears(member: Member, told: ToldEvent): boolean {
  const { event } = told
  const isOwn = event.performer === `user:${String(member.user.id)}`
  if (isOwn && /^conversation_(typing|viewing)/.test(event.name)) return false
  if (event.name === 'conversation_mentioned') return event.facts?.['user_id'] === member.user.id
  if (event.name.startsWith('inbound_email')) return hearsOfMail(member, event.facts)
  return event.inboxId === null || seesInbox(member, event.inboxId) || isAssigned(member, told)
}

// Of mail that was going to no inbox only administrators hear.
function hearsOfMail(member: Member, facts: ToldEvent['event']['facts']): boolean {
  const inboxIds = facts?.['inbox_ids']
  return (
    member.visibleInboxes === null || (Array.isArray(inboxIds) && inboxIds.some((id) => seesInbox(member, Number(id))))
  )
}

// Now, or until this event.
function isAssigned({ user }: Member, { event, conversation }: ToldEvent): boolean {
  return conversation?.assignee?.id === user.id || event.changes?.['assignee_id']?.previous_value === user.id
}
