// …/conversations: list, meta, create, show, toggle_status (chatwoot.md §4.2). Ids are display ids; 25 a page.

import type { Ledger } from '../../conversations/ledger.ts'
import type { ConversationCounts } from '../../conversations/list/page-of-ids.ts'
import type { ConversationRow } from '../../conversations/rows.ts'
import { presentConversation } from '../present/conversation.ts'
import { found, notAllowed, notFound } from '../request/fault.ts'
import { filledText, parseFields } from '../request/fields.ts'
import { pageOf } from '../request/paging.ts'
import { forMember, type MemberRequest, type Route } from '../request/route.ts'
import { parseFilter, parseNewConversation, parseStatusChange } from './conversation-input.ts'
import { getConversation } from './get-conversation.ts'

interface Deps {
  readonly ledger: Pick<Ledger, 'conversations' | 'acts'>
  readonly publicUrl: string
}

const pageSize = 25

export function conversationRoutes(deps: Deps): Route[] {
  const { conversations } = deps.ledger
  return [
    forMember('GET /conversations', (request) => list(deps, request)),
    forMember('GET /conversations/meta', async (request) => ({ meta: presentCounts(await conversations.countConversations(parseFilter(request))) })),
    forMember('POST /conversations', (request) => create(deps, request)),
    forMember('GET /conversations/:displayId', async (request) => present(deps, request, await getConversation(conversations, request))),
    forMember('POST /conversations/:displayId/toggle_status', (request) => toggleStatus(deps, request)),
  ]
}

async function list({ ledger, publicUrl }: Deps, request: MemberRequest) {
  const filter = parseFilter(request)
  const { sort_by: sort } = parseFields({ sort_by: filledText }, request.fields)
  const { counts, conversations: rows } = await ledger.conversations.listConversations(filter, { ...pageOf(request.fields, pageSize), sort: sort ?? null })
  const view = { viewerId: request.member.user.id, publicUrl }
  return { data: { meta: presentCounts(counts), payload: rows.map((row) => presentConversation(row, view)) } }
}

async function create(deps: Deps, request: MemberRequest) {
  const { conversations } = deps.ledger
  const created = await conversations.createConversation(parseNewConversation(request))
  if (created === 'not-found') throw notFound()
  if (created === 'not-visible') throw notAllowed()
  return present(deps, request, found(await conversations.findConversation(request.member.account.id, created.displayId)))
}

async function present({ ledger, publicUrl }: Deps, request: MemberRequest, conversation: ConversationRow) {
  return presentConversation(await ledger.conversations.readOverview(conversation), { viewerId: request.member.user.id, publicUrl })
}

async function toggleStatus({ ledger }: Deps, request: MemberRequest) {
  const change = parseStatusChange(request)
  const conversation = await getConversation(ledger.conversations, request)
  const now = found(await ledger.acts.changeStatus(conversation.id, change))
  const payload = { success: true, conversation_id: conversation.displayId, current_status: now.status, snoozed_until: now.snoozedUntil }
  return { meta: {}, payload }
}

function presentCounts(counts: ConversationCounts) {
  return { mine_count: counts.mine, assigned_count: counts.assigned, unassigned_count: counts.unassigned, all_count: counts.all }
}
