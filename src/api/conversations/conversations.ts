// …/conversations: list, meta, filter, create, show, change, delete (chatwoot.md §4.2). Ids are display ids; 25 a page.

import { z } from 'zod'

import type { Ledger } from '../../conversations/ledger.ts'
import type { ConversationCounts } from '../../conversations/list/page-of-ids.ts'
import type { ConversationOverview, ConversationRow } from '../../conversations/rows.ts'
import { conversationShape, presentConversation } from '../present/conversation.ts'
import { listOf } from '../present/kinds.ts'
import { found, notAllowed, notFound, saved, unprocessable } from '../request/fault.ts'
import { anyField, filledText, recordId } from '../request/fields.ts'
import { pageOf } from '../request/paging.ts'
import { forAdministrator, forMember, forMemberOrBot, type ActorRequest, type Given, type MemberRequest, type Route } from '../request/route.ts'
import { filterFields, newConversationFields, parseFilter, parseNewConversation, parsePriority, performerOf } from './conversation-input.ts'
import { getConversation } from './get-conversation.ts'

interface Deps {
  readonly ledger: Pick<Ledger, 'conversations' | 'acts'>
  readonly publicUrl: string
}

const pageSize = 25
const spec = { tag: 'Conversations' } as const
const listFields = { ...filterFields, sort_by: filledText, page: recordId }
const meantFields = { payload: anyField, sort_by: filledText, page: recordId }
const countsShape = z.object({ mine_count: z.int(), assigned_count: z.int(), unassigned_count: z.int(), all_count: z.int() })
const pageShape = z.object({ meta: countsShape, payload: listOf(conversationShape) })

export function conversationRoutes(deps: Deps): Route[] {
  const { conversations, acts } = deps.ledger
  const path = '/conversations/:displayId'
  return [
    forMember('GET /conversations', { ...spec, summary: 'Conversations, 25 a page, with the counts above them', takes: listFields, answer: z.object({ data: pageShape }) }, async (request) => ({
      data: await list(deps, request),
    })),
    forMember('GET /conversations/meta', { ...spec, summary: 'How many conversations match', takes: filterFields, answer: z.object({ meta: countsShape }) }, async (request) => ({
      meta: presentCounts(await conversations.countConversations(parseFilter(request))),
    })),
    forMember('GET /conversations/search', { ...spec, summary: 'Conversations with these words in a message, whatever their status', takes: listFields, answer: pageShape }, (request) => list(deps, request)),
    forMember('POST /conversations/filter', { ...spec, summary: 'Conversations that a filter means, 25 a page', takes: meantFields, answer: pageShape }, (request) => filter(deps, request)),
    forMemberOrBot('POST /conversations', { ...spec, summary: 'Begins a conversation', takes: newConversationFields, under: 'conversation', files: true, answer: conversationShape }, (request) => create(deps, request)),
    forMember(`GET ${path}`, { ...spec, summary: 'One conversation', answer: conversationShape }, async (request) => present(deps, request, await getConversation(conversations, request))),
    forMemberOrBot(`UPDATE ${path}`, { ...spec, summary: 'Changes the priority', takes: { priority: anyField }, under: 'conversation', answer: conversationShape }, async (request) => {
      const conversation = await getConversation(conversations, request)
      const { priority } = request.given
      if (priority !== undefined) found(await acts.changePriority(conversation.id, { priority: parsePriority(priority), by: performerOf(request.member) }))
      return present(deps, request, await getConversation(conversations, request))
    }),
    forAdministrator(`DELETE ${path}`, { ...spec, summary: 'Deletes a conversation with its messages' }, async (request) => {
      const conversation = await getConversation(conversations, request)
      await acts.deleteConversation(conversation.id)
      return undefined
    }),
  ]
}

async function list(deps: Deps, request: MemberRequest & { readonly given: Given<typeof listFields> }) {
  const page = { ...pageOf(request.fields, pageSize), sort: request.given.sort_by ?? null }
  const { counts, conversations } = await deps.ledger.conversations.listConversations(parseFilter(request), page)
  return { meta: presentCounts(counts), payload: presentAll(deps, request, conversations) }
}

async function filter(deps: Deps, request: MemberRequest & { readonly given: Given<typeof meantFields> }) {
  const { member, given } = request
  const meant = { accountId: member.account.id, viewerId: member.user.id, visibleInboxes: member.visibleInboxes, payload: given.payload }
  const page = await deps.ledger.conversations.filterConversations(meant, { ...pageOf(request.fields, pageSize), sort: given.sort_by ?? null })
  if ('error' in page) throw unprocessable(page.error)
  return { meta: presentCounts(page.counts), payload: presentAll(deps, request, page.conversations) }
}

async function create(deps: Deps, request: ActorRequest & { readonly given: Given<typeof newConversationFields> }) {
  const { conversations } = deps.ledger
  const created = await conversations.createConversation(parseNewConversation(request))
  if (created === 'not-found') throw notFound()
  if (created === 'not-visible') throw notAllowed()
  return present(deps, request, found(await conversations.findConversation(request.member.account.id, saved(created).displayId)))
}

async function present(deps: Deps, request: Pick<ActorRequest, 'member'>, conversation: ConversationRow) {
  return presentConversation(await deps.ledger.conversations.readOverview(conversation), viewOf(deps, request))
}

function presentAll(deps: Deps, request: MemberRequest, rows: readonly ConversationOverview[]) {
  return rows.map((row) => presentConversation(row, viewOf(deps, request)))
}

function viewOf({ publicUrl }: Deps, { member }: Pick<ActorRequest, 'member'>) {
  return { viewerId: member.user?.id ?? null, publicUrl }
}

function presentCounts(counts: ConversationCounts) {
  return { mine_count: counts.mine, assigned_count: counts.assigned, unassigned_count: counts.unassigned, all_count: counts.all }
}
