// …/conversations: list, meta, create, show, toggle_status (chatwoot.md §4.2). Ids are display ids; 25 a page.

import { z } from 'zod'

import type { Ledger } from '../../conversations/ledger.ts'
import type { ConversationCounts } from '../../conversations/list/page-of-ids.ts'
import { conversationStatuses, type ConversationRow } from '../../conversations/rows.ts'
import { id, isoTime, listOf } from '../present/kinds.ts'
import { conversationShape, presentConversation } from '../present/conversation.ts'
import { found, notAllowed, notFound } from '../request/fault.ts'
import { filledText, recordId } from '../request/fields.ts'
import { pageOf } from '../request/paging.ts'
import { forMember, forMemberOrBot, type ActorRequest, type Given, type MemberRequest, type Route } from '../request/route.ts'
import { filterFields, newConversationFields, parseFilter, parseNewConversation, parseStatusChange, statusFields } from './conversation-input.ts'
import { getConversation } from './get-conversation.ts'

interface Deps {
  readonly ledger: Pick<Ledger, 'conversations' | 'acts'>
  readonly publicUrl: string
}

const pageSize = 25
const spec = { tag: 'Conversations' } as const
const listFields = { ...filterFields, sort_by: filledText, page: recordId }
const countsShape = z.object({ mine_count: z.int(), assigned_count: z.int(), unassigned_count: z.int(), all_count: z.int() })
const toggledShape = z.object({ meta: z.object({}), payload: z.object({ success: z.literal(true), conversation_id: id, current_status: z.enum(conversationStatuses), snoozed_until: isoTime.nullable() }) })

export function conversationRoutes(deps: Deps): Route[] {
  const { conversations } = deps.ledger
  return [
    forMember(
      'GET /conversations',
      { ...spec, summary: 'Conversations, 25 a page, with the counts above them', takes: listFields, answer: z.object({ data: z.object({ meta: countsShape, payload: listOf(conversationShape) }) }) },
      (request) => list(deps, request),
    ),
    forMember('GET /conversations/meta', { ...spec, summary: 'How many conversations match', takes: filterFields, answer: z.object({ meta: countsShape }) }, async (request) => ({
      meta: presentCounts(await conversations.countConversations(parseFilter(request))),
    })),
    forMemberOrBot('POST /conversations', { ...spec, summary: 'Begins a conversation', takes: newConversationFields, under: 'conversation', files: true, answer: conversationShape }, (request) => create(deps, request)),
    forMember('GET /conversations/:displayId', { ...spec, summary: 'One conversation', answer: conversationShape }, async (request) => present(deps, request, await getConversation(conversations, request))),
    forMemberOrBot('POST /conversations/:displayId/toggle_status', { ...spec, summary: 'Opens, resolves, snoozes', takes: statusFields, answer: toggledShape }, (request) => toggleStatus(deps, request)),
  ]
}

async function list({ ledger, publicUrl }: Deps, request: MemberRequest & { readonly given: Given<typeof listFields> }) {
  const filter = parseFilter(request)
  const { sort_by: sort } = request.given
  const { counts, conversations: rows } = await ledger.conversations.listConversations(filter, { ...pageOf(request.fields, pageSize), sort: sort ?? null })
  const view = { viewerId: request.member.user.id, publicUrl }
  return { data: { meta: presentCounts(counts), payload: rows.map((row) => presentConversation(row, view)) } }
}

async function create(deps: Deps, request: ActorRequest & { readonly given: Given<typeof newConversationFields> }) {
  const { conversations } = deps.ledger
  const created = await conversations.createConversation(parseNewConversation(request))
  if (created === 'not-found') throw notFound()
  if (created === 'not-visible') throw notAllowed()
  return present(deps, request, found(await conversations.findConversation(request.member.account.id, created.displayId)))
}

async function present({ ledger, publicUrl }: Deps, request: ActorRequest, conversation: ConversationRow) {
  return presentConversation(await ledger.conversations.readOverview(conversation), { viewerId: request.member.user?.id ?? null, publicUrl })
}

async function toggleStatus({ ledger }: Deps, request: ActorRequest & { readonly given: Given<typeof statusFields> }) {
  const change = parseStatusChange(request)
  const conversation = await getConversation(ledger.conversations, request)
  const now = found(await ledger.acts.changeStatus(conversation.id, change))
  const payload = { success: true as const, conversation_id: conversation.displayId, current_status: now.status, snoozed_until: now.snoozedUntil }
  return { meta: {}, payload }
}

function presentCounts(counts: ConversationCounts) {
  return { mine_count: counts.mine, assigned_count: counts.assigned, unassigned_count: counts.unassigned, all_count: counts.all }
}
