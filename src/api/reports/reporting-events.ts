// …/reporting_events of an account, for its administrators, and …/conversations/:displayId/reporting_events: what
// reports are made of.

import { z } from 'zod'

import type { Ledger } from '../../ledger.ts'
import type { ReportingEvent } from '../../reports/reporting-events.ts'
import { getConversation } from '../conversations/get-conversation.ts'
import { filledText, recordId } from '../input/fields.ts'
import { pageOf } from '../input/paging.ts'
import { id, listOf, named, text } from '../present/kinds.ts'
import { forAdministrator, forMember, type Route } from '../request/route.ts'
import { timeOf } from './time-of.ts'

const spec = { tag: 'Reports' } as const
const takes = {
  page: recordId,
  since: filledText,
  until: filledText,
  inbox_id: recordId,
  user_id: recordId,
  name: filledText,
}
const pageSize = 25

const eventShape = named(
  'ReportingEvent',
  z.object({
    id,
    name: text,
    value: z.number(),
    value_in_business_hours: z.number(),
    event_start_time: text,
    event_end_time: text,
    account_id: id,
    conversation_id: id.nullable(),
    inbox_id: id.nullable(),
    user_id: id.nullable(),
    created_at: text,
    updated_at: text,
  }),
)
const pageShape = z.object({
  meta: z.object({ count: z.int(), current_page: z.int(), total_pages: z.int() }),
  payload: listOf(eventShape),
})

export function reportingEventRoutes({
  conversations,
  reportingEvents,
}: Pick<Ledger, 'conversations' | 'reportingEvents'>): Route[] {
  return [
    forMember(
      'GET /conversations/:displayId/reporting_events',
      { ...spec, summary: 'List the reporting events of a conversation, oldest first', answer: listOf(eventShape) },
      async (request) =>
        (await reportingEvents.ofConversation((await getConversation(conversations, request)).id)).map(present),
    ),
    forAdministrator(
      'GET /reporting_events',
      { ...spec, summary: 'List reporting events, newest first', takes, answer: pageShape },
      async ({ member, given }) => {
        const page = pageOf(given, pageSize)
        const filter = {
          since: timeOf('since', given.since),
          until: timeOf('until', given.until),
          inboxId: given.inbox_id ?? null,
          userId: given.user_id ?? null,
          name: given.name ?? null,
        }
        const { events, count } = await reportingEvents.ofAccount(member.account.id, filter, page)
        return {
          meta: { count, current_page: page.number, total_pages: Math.ceil(count / pageSize) },
          payload: events.map(present),
        }
      },
    ),
  ]
}

function present(event: ReportingEvent): z.output<typeof eventShape> {
  const at = event.createdAt.toISOString()
  return {
    id: event.id,
    name: event.name,
    value: event.value,
    value_in_business_hours: event.valueInBusinessHours,
    event_start_time: event.startedAt.toISOString(),
    event_end_time: at,
    account_id: event.accountId,
    conversation_id: event.conversationDisplayId,
    inbox_id: event.inboxId,
    user_id: event.userId,
    created_at: at,
    updated_at: at,
  }
}
