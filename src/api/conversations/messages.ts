// …/conversations/:displayId/messages: list and create (chatwoot.md §4.4).

import { z } from 'zod'

import type { Ledger } from '../../conversations/ledger.ts'
import { messageFields, parseNewMessage } from './message-input.ts'
import { listOf } from '../present/kinds.ts'
import { messagesMetaShape, presentMessagesMeta } from '../present/conversation.ts'
import { messageShape, presentMessage } from '../present/message.ts'
import { messageStatuses, type ConversationRow, type MessageRow } from '../../conversations/rows.ts'
import { ApiFault, found, notFound, unprocessable } from '../request/fault.ts'
import { filledText, flag, idOf, recordId } from '../request/fields.ts'
import { forMember, forMemberOrBot, type ActorRequest, type Given, type MemberRequest, type Route } from '../request/route.ts'
import type { Actor } from '../auth.ts'
import { getConversation } from './get-conversation.ts'

const path = '/conversations/:displayId/messages'
const spec = { tag: 'Messages' } as const
const reportFields = { status: filledText, external_error: filledText }
const windowFields = { before: recordId, after: recordId, filter_internal_messages: flag }

interface Deps {
  readonly ledger: Pick<Ledger, 'conversations' | 'messages' | 'agentBots'>
  readonly publicUrl: string
}

export function messageRoutes(deps: Deps): Route[] {
  return [
    forMember(`GET ${path}`, { ...spec, summary: 'Messages, oldest first, in a window of ids', takes: windowFields, answer: z.object({ meta: messagesMetaShape, payload: listOf(messageShape) }) }, (request) =>
      list(deps, request),
    ),
    forMember(`UPDATE ${path}/:id`, { ...spec, summary: 'What the system that carries a message says of it; Api inboxes only', takes: reportFields, answer: messageShape }, (request) => report(deps, request)),
    forMember(`DELETE ${path}/:id`, { ...spec, summary: 'Empties a message; its place stays', answer: messageShape }, async (request) => {
      const conversation = await getConversation(deps.ledger.conversations, request)
      const messageId = idOf(request.params['id'])
      if (!(await deps.ledger.messages.deleteMessage(conversation.id, messageId))) throw notFound()
      return show(deps, conversation, messageId)
    }),
    forMember(`POST ${path}/:id/retry`, { ...spec, summary: 'Sends a failed message once more', answer: messageShape }, async (request) => {
      const conversation = await getConversation(deps.ledger.conversations, request)
      const messageId = idOf(request.params['id'])
      const outcome = await deps.ledger.messages.retryMessage(conversation.id, messageId)
      if (outcome === 'gone') throw notFound()
      if (outcome === 'not-failed') throw unprocessable('Only a message that has failed is sent again')
      return show(deps, conversation, messageId)
    }),
    forMember(`POST ${path}/:id/translate`, { ...spec, summary: 'Translates a message: nobody is set up to', takes: { target_language: filledText }, answer: z.object({ content: z.string() }) }, async (request) => {
      const conversation = await getConversation(deps.ledger.conversations, request)
      await find(deps, conversation, idOf(request.params['id']))
      throw unprocessable('Translation is not configured')
    }),
    forMemberOrBot(`POST ${path}`, { ...spec, summary: 'Writes a message', takes: { ...messageFields, echo_id: filledText }, under: 'message', files: true, answer: messageShape }, (request) => create(deps, request)),
  ]
}

async function list({ ledger, publicUrl }: Deps, request: MemberRequest & { readonly given: Given<typeof windowFields> }) {
  const { before, after, filter_internal_messages: withoutInternal } = request.given
  const conversation = await getConversation(ledger.conversations, request)
  const messages = await ledger.messages.listMessages(conversation, { before, after, withoutInternal })
  return { meta: presentMessagesMeta(conversation), payload: messages.map((message) => presentMessage(message, conversation.displayId, publicUrl)) }
}

async function find({ ledger }: Deps, conversation: ConversationRow, messageId: number): Promise<MessageRow> {
  const message = found(await ledger.messages.findMessage(conversation.accountId, messageId))
  if (message.conversationId !== conversation.id) throw notFound()
  return message
}

async function show(deps: Deps, conversation: ConversationRow, messageId: number) {
  return presentMessage(await find(deps, conversation, messageId), conversation.displayId, deps.publicUrl)
}

async function report(deps: Deps, request: MemberRequest & { readonly given: Given<typeof reportFields> }) {
  const conversation = await getConversation(deps.ledger.conversations, request)
  const message = await find(deps, conversation, idOf(request.params['id']))
  if (conversation.channelType !== 'Channel::Api') throw new ApiFault('forbidden', { error: 'Message status update is only allowed for API inboxes' })
  const status = messageStatuses.find((name) => name === request.given.status)
  if (status === undefined) throw unprocessable(`'${(request.given.status ?? '').slice(0, 100)}' is not a valid status`)
  await deps.ledger.messages.reportOnMessage({ conversationId: conversation.id, messageId: message.id, status, externalError: request.given.external_error ?? null })
  return show(deps, conversation, message.id)
}

async function create({ ledger, publicUrl }: Deps, request: ActorRequest & { readonly given: Given<typeof messageFields> & { readonly echo_id?: string | undefined } }) {
  const { member, given } = request
  const { echo_id: echoId } = given
  const conversation = await getConversation(ledger.conversations, request)
  const bot = given.sender_type === 'AgentBot' ? await ledger.agentBots.findBot(member.account.id, given.sender_id ?? 0) : null
  const by: Pick<Actor, 'user' | 'bot'> = bot === null ? member : { user: null, bot }
  const written = parseNewMessage({ given, files: request.files, by }, conversation.channelType)
  const id = await ledger.messages.createMessage(conversation.id, written)
  const message = found(await ledger.messages.findMessage(member.account.id, id))
  return { ...presentMessage(message, conversation.displayId, publicUrl), ...(echoId === undefined ? {} : { echo_id: echoId }) }
}
