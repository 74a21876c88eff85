// …/conversations/:displayId/messages: list and create (chatwoot.md §4.4).

import type { Ledger } from '../../conversations/ledger.ts'
import { parseNewMessage } from './message-input.ts'
import { presentMessagesMeta } from '../present/conversation.ts'
import { presentMessage } from '../present/message.ts'
import { found } from '../request/fault.ts'
import { filledText, flag, parseFields, recordId, unwrap } from '../request/fields.ts'
import { forMember, type MemberRequest, type Route } from '../request/route.ts'
import { getConversation } from './get-conversation.ts'

const path = '/conversations/:displayId/messages'

interface Deps {
  readonly ledger: Pick<Ledger, 'conversations' | 'messages'>
  readonly publicUrl: string
}

export function messageRoutes(deps: Deps): Route[] {
  return [forMember(`GET ${path}`, (request) => list(deps, request)), forMember(`POST ${path}`, (request) => create(deps, request))]
}

async function list({ ledger, publicUrl }: Deps, request: MemberRequest) {
  const { before, after, filter_internal_messages: withoutInternal } = parseFields({ before: recordId, after: recordId, filter_internal_messages: flag }, request.fields)
  const conversation = await getConversation(ledger.conversations, request)
  const messages = await ledger.messages.listMessages(conversation, { before, after, withoutInternal })
  return { meta: presentMessagesMeta(conversation), payload: messages.map((message) => presentMessage(message, conversation.displayId, publicUrl)) }
}

async function create({ ledger, publicUrl }: Deps, request: MemberRequest) {
  const { member } = request
  const conversation = await getConversation(ledger.conversations, request)
  const fields = unwrap(request.fields, 'message')
  const { echo_id: echoId } = parseFields({ echo_id: filledText }, fields)
  const written = parseNewMessage({ fields, files: request.files, userId: member.user.id }, conversation.channelType)
  const id = await ledger.messages.createMessage(conversation.id, written)
  const message = found(await ledger.messages.findMessage(member.account.id, id))
  return { ...presentMessage(message, conversation.displayId, publicUrl), ...(echoId === undefined ? {} : { echo_id: echoId }) }
}
