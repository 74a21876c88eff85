// …/contacts/:sourceId/events: what happens in a visitor's conversations, live, so that a widget does not have to poll
// (server-sent events, as for members). It sends only what the visitor may see.

import type { Visitor } from '../../conversations/visitors/visitor.ts'
import type { EventDetails } from '../../events/event-details.ts'
import type { Streams } from '../../events/streams.ts'
import type { Ledger } from '../../ledger.ts'
import { eventText, positionOf, sendEvents } from '../events/event-stream.ts'
import { createOpenStreams } from '../events/open-streams.ts'
import { anyField } from '../input/fields.ts'
import { presentVisitorEvent } from '../present/visitor-event.ts'
import { forVisitor, type Route } from '../request/route.ts'
import { visitorSpec } from './visitors.ts'

export interface VisitorEventDeps {
  readonly ledger: Pick<Ledger, 'visitors'>
  readonly streams: Streams
  readonly publicUrl: string
  readonly heartbeatMs: number
}

const spec = {
  ...visitorSpec,
  summary: 'Stream events of the visitor’s conversations as server-sent events; resumes after Last-Event-ID',
  takes: { last_event_id: anyField },
  sends: 'text/event-stream',
} as const

/** Visitors are not authenticated, and finding their events means searching those of the whole account. */
const maxReach = 2_000

export function visitorEventRoutes({ ledger, streams, publicUrl, heartbeatMs }: VisitorEventDeps): Route[] {
  const [visitors, addresses, all] = [
    createOpenStreams(5, 'This visitor'),
    createOpenStreams(200, 'This address'),
    createOpenStreams(10_000, 'This process'),
  ]
  return [
    forVisitor('GET /events', spec, ({ inbox, visitor, address, http, fields }) => {
      const opened = openAll([
        () => visitors.open(String(visitor.contactInbox.id)),
        () => addresses.open(address),
        () => all.open('all'),
      ])
      let now: Visitor | null = visitor
      return (response) => {
        sendEvents(response, {
          ...{ streams, heartbeatMs, accountId: inbox.accountId },
          after: positionOf(http.headers['last-event-id'] ?? fields['last_event_id']),
          reach: maxReach,
          render: (details) => {
            const pushed =
              now !== null && isOwnEvent(details, now, inbox.id)
                ? presentVisitorEvent(details, { visitor: now, publicUrl })
                : null
            return pushed === null ? null : eventText(details.event.position, pushed)
          },
          mayListen: async () => {
            now = await ledger.visitors.findVisitor(inbox, visitor.contactInbox.sourceId)
            return now !== null
          },
          onClose: opened,
        })
      }
    }),
  ]
}

// All or none: when a later count is full, the earlier ones are taken back.
function openAll(opens: readonly (() => () => void)[]): () => void {
  const closes: (() => void)[] = []
  const close = (): void => {
    for (const one of closes.splice(0)) one()
  }
  try {
    for (const open of opens) closes.push(open())
  } catch (error) {
    close()
    throw error
  }
  return close
}

// Events of their contact inbox; for a verified visitor, of their contact in this inbox.
function isOwnEvent(
  { conversation, event }: EventDetails,
  { contactInbox, contact }: Visitor,
  inboxId: number,
): boolean {
  if (conversation?.contactInbox == null || event.inboxId !== inboxId) return false
  return (
    conversation.contactInbox.id === contactInbox.id ||
    (contactInbox.verified && conversation.contactInbox.contactId === contact.id)
  )
}
