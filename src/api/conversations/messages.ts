// …/conversations/:displayId/messages: list and create (chatwoot.md §4.4).

import { z } from 'zod'

import type { Ledger } from '../../conversations/ledger.ts'
import { messageFields, parseNewMessage } from './message-input.ts'
import { listOf } from '../present/kinds.ts'
import { messagesMetaShape, presentMessagesMeta } from '../present/conversation.ts'
import { messageShape, presentMessage } from '../present/message.ts'
import { found } from '../request/fault.ts'
import { filledText, flag, recordId } from '../request/fields.ts'
import { forMember, forMemberOrBot, type ActorRequest, type Given, type MemberRequest, type Route } from '../request/route.ts'
import { getConversation } from './get-conversation.ts'

const path = '/conversations/:displayId/messages'
const spec = { tag: 'Messages' } as const
const windowFields = { before: recordId, after: recordId, filter_internal_messages: flag }

interface Deps {
  readonly ledger: Pick<Ledger, 'conversations' | 'messages'>
  readonly publicUrl: string
}

export function messageRoutes(deps: Deps): Route[] {
  return [
    forMember(`GET ${path}`, { ...spec, summary: 'Messages, oldest first, in a window of ids', takes: windowFields, answer: z.object({ meta: messagesMetaShape, payload: listOf(messageShape) }) }, (request) =>
      list(deps, request),
    ),
    forMemberOrBot(`POST ${path}`, { ...spec, summary: 'Writes a message', takes: { ...messageFields, echo_id: filledText }, under: 'message', files: true, answer: messageShape }, (request) => create(deps, request)),
  ]
}

async function list({ ledger, publicUrl }: Deps, request: MemberRequest & { readonly given: Given<typeof windowFields> }) {
  const { before, after, filter_internal_messages: withoutInternal } = request.given
  const conversation = await getConversation(ledger.conversations, request)
  const messages = await ledger.messages.listMessages(conversation, { before, after, withoutInternal })
  return { meta: presentMessagesMeta(conversation), payload: messages.map((message) => presentMessage(message, conversation.displayId, publicUrl)) }
}

async function create({ ledger, publicUrl }: Deps, request: ActorRequest & { readonly given: Given<typeof messageFields> & { readonly echo_id?: string | undefined } }) {
  const { member, given } = request
  const { echo_id: echoId } = given
  const conversation = await getConversation(ledger.conversations, request)
  const written = parseNewMessage({ given, files: request.files, by: member }, conversation.channelType)
  const id = await ledger.messages.createMessage(conversation.id, written)
  const message = found(await ledger.messages.findMessage(member.account.id, id))
  return { ...presentMessage(message, conversation.displayId, publicUrl), ...(echoId === undefined ? {} : { echo_id: echoId }) }
}
