// …/events: the account's live events for its members, over server-sent events (ours; the names and payloads are those of Chatwoot's cable). An agent
// hears of the conversations that they see, and of all contacts; an administrator hears everything.

import type { ToldEvent } from '../../conversations/events/told-event.ts'
import type { Streams } from '../../conversations/events/streams.ts'
import type { Gate, Member } from '../auth.ts'
import { seesInbox } from '../conversations/get-conversation.ts'
import { presentPush } from '../present/push-event.ts'
import { ApiFault } from '../request/fault.ts'
import { anyField } from '../request/fields.ts'
import { forMember, type Route } from '../request/route.ts'
import { eventText, sendEvents } from './event-stream.ts'

export interface EventDeps {
  readonly streams: Streams
  readonly gate: Gate
  readonly publicUrl: string
  readonly heartbeatMs: number
}

const streamsPerToken = 10

export function eventRoutes({ streams, gate, publicUrl, heartbeatMs }: EventDeps): Route[] {
  const openOf = new Map<string, number>()
  const words = createWords(publicUrl)
  return [
    forMember('GET /events', { tag: 'Events', summary: 'Live events, as server-sent events; resumes behind Last-Event-ID', takes: { last_event_id: anyField }, sends: 'text/event-stream' }, ({ member, http, fields }) => {
      const { token } = member
      const count = openOf.get(token) ?? 0
      if (count >= streamsPerToken) throw new ApiFault('rate-limited', { error: `This token has ${String(streamsPerToken)} event streams open already` })
      openOf.set(token, count + 1)
      let now = member
      return (response) => {
        sendEvents(response, {
          ...{ streams, heartbeatMs, accountId: member.account.id },
          after: positionOf(http.headers['last-event-id'] ?? fields['last_event_id']),
          tell: (told) => (hears(now, told) ? words(told) : null),
          mayListen: async () => {
            now = await gate.admit(await gate.identify(http), member.account.id)
            return true
          },
          onClose: () => {
            const left = (openOf.get(token) ?? 1) - 1
            if (left > 0) openOf.set(token, left)
            else openOf.delete(token)
          },
        })
      }
    }),
  ]
}

/** A position as a client gives it back; null for anything that is none. */
function positionOf(value: unknown): number | null {
  return typeof value === 'string' && /^\d{1,15}$/.test(value.trim()) ? Number(value) : null
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
  if (event.name.startsWith('conversation_typing') && event.performer === `user:${String(member.user.id)}`) return false
  if (event.name === 'conversation_mentioned') return event.facts?.['user_id'] === member.user.id
  return event.inboxId === null || seesInbox(member, event.inboxId) || isAssigned(member, told)
}

// Now, or until this event.
function isAssigned({ user }: Member, { event, conversation }: ToldEvent): boolean {
  return conversation?.assignee?.id === user.id || event.changes?.['assignee_id']?.previous_value === user.id
}
