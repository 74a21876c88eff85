// …/conversations: list, meta, create, show, toggle_status (chatwoot.md §4.2); ids are display ids.

import type { Ledger } from '../conversations/ledger.ts'
import { presentConversation } from './present/conversation.ts'
import { forMember, type MemberRequest, type Route } from './request/route.ts'
import { getConversation } from './sees.ts'

interface Deps {
  readonly ledger: Pick<Ledger, 'conversations'>
  readonly publicUrl: string
}

export function conversationRoutes(deps: Deps): Route[] {
  return [forMember('GET /conversations/:displayId', (request) => show(deps, request))]
}

async function show({ ledger, publicUrl }: Deps, request: MemberRequest) {
  const conversation = await getConversation(ledger.conversations, request)
  return presentConversation(await ledger.conversations.readOverview(conversation), { viewerId: request.member.user.id, publicUrl })
}
