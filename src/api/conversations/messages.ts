// …/conversations/:displayId/messages: list and create.

import { z } from 'zod'

import { isApi } from '../../contracts/channels.ts'
import { parseAddresses } from '../../conversations/messages/new-message.ts'
import type { NotAgain, Recipients } from '../../conversations/messages/send-again.ts'
import { type ConversationRow, type MessageRow, messageStatuses } from '../../conversations/records/rows.ts'
import type { Ledger } from '../../ledger.ts'
import type { MemberOrBot } from '../access/auth.ts'
import { ApiFault, found, notFound, unprocessable } from '../input/fault.ts'
import { filledText, flag, idOf, list, recordId } from '../input/fields.ts'
import { messagesMetaShape, presentMessagesMeta } from '../present/conversation.ts'
import { listOf } from '../present/kinds.ts'
import { messageShape, presentMessage } from '../present/message.ts'
import { messageGuards } from '../request/idempotency.ts'
import {
  forMember,
  forMemberOrBot,
  type Given,
  type MemberOrBotRequest,
  type MemberRequest,
  type Route,
} from '../request/route.ts'
import { performerOf } from './conversation-input.ts'
import { getConversation } from './get-conversation.ts'
import { messageFields, parseNewMessage } from './message-input.ts'

const path = '/conversations/:displayId/messages'
const spec = { tag: 'Messages' } as const
const reportFields = { status: filledText, external_error: filledText }
const againFields = { to_emails: list, cc_emails: list, bcc_emails: list }
const windowFields = {
  before: recordId,
  after: recordId,
  around: recordId,
  without_html: flag,
  filter_internal_messages: flag,
}

interface Deps {
  readonly ledger: Pick<Ledger, 'conversations' | 'messages' | 'agentBots'>
  readonly publicUrl: string
}

export function messageRoutes(deps: Deps): Route[] {
  return [
    forMember(
      `GET ${path}`,
      {
        ...spec,
        summary: 'List messages, oldest first, before, after or around an id',
        takes: windowFields,
        answer: z.object({ meta: messagesMetaShape, payload: listOf(messageShape) }),
      },
      (request) => listMessages(deps, request),
    ),
    forMember(
      `UPDATE ${path}/:id`,
      {
        ...spec,
        summary: 'Report the status of a message; API inboxes only',
        takes: reportFields,
        answer: messageShape,
      },
      (request) => report(deps, request),
    ),
    forMember(
      `DELETE ${path}/:id`,
      { ...spec, summary: 'Delete the content of a message', answer: messageShape },
      async (request) => {
        const conversation = await getConversation(deps.ledger.conversations, request)
        const messageId = idOf(request.params['id'])
        if (!(await deps.ledger.messages.deleteMessage(conversation.id, messageId))) throw notFound()
        return show(deps, conversation, messageId)
      },
    ),
    forMember(
      `POST ${path}/:id/retry`,
      { ...spec, summary: 'Send a failed message again', answer: messageShape },
      async (request) => {
        const conversation = await getConversation(deps.ledger.conversations, request)
        const messageId = idOf(request.params['id'])
        const outcome = await deps.ledger.messages.retryMessage(conversation.id, messageId)
        if (outcome === 'gone') throw notFound()
        if (outcome === 'not-failed') throw unprocessable('Only a failed message can be sent again')
        return show(deps, conversation, messageId)
      },
    ),
    forMember(
      `POST ${path}/:id/send_again`,
      {
        ...spec,
        summary: 'Send a message again: to those who did not get it, or to other recipients',
        takes: againFields,
        answer: messageShape,
      },
      (request) => sendAgain(deps, request),
    ),
    forMember(
      `POST ${path}/:id/cancel_send`,
      {
        ...spec,
        summary: 'Cancel a message that is not sent yet',
        answer: z.object({ ...messageShape.shape, blob_ids: listOf(z.string()) }),
      },
      (request) => cancelSend(deps, request),
    ),
    forMember(
      `POST ${path}/:id/translate`,
      {
        ...spec,
        summary: 'Translate a message; not configured',
        takes: { target_language: filledText },
        answer: z.object({ content: z.string() }),
      },
      async (request) => {
        const conversation = await getConversation(deps.ledger.conversations, request)
        await find(deps, conversation, idOf(request.params['id']))
        throw unprocessable('Translation is not configured')
      },
    ),
    forMemberOrBot(
      `POST ${path}`,
      {
        ...spec,
        summary: 'Create a message',
        takes: { ...messageFields, echo_id: filledText },
        under: 'message',
        files: true,
        answer: messageShape,
      },
      (request) => create(deps, request),
    ),
  ]
}

async function listMessages(
  { ledger, publicUrl }: Deps,
  request: MemberRequest & { readonly given: Given<typeof windowFields> },
) {
  const { before, after, around, filter_internal_messages: withoutInternal } = request.given
  const conversation = await getConversation(ledger.conversations, request)
  const messages = await ledger.messages.listMessages(conversation, { before, after, around, withoutInternal })
  return {
    meta: presentMessagesMeta(conversation),
    payload: messages
      .map((message) => (request.given.without_html === true ? withoutHtml(message) : message))
      .map((message) => presentMessage(message, conversation.displayId, publicUrl)),
  }
}

// A page of newsletters would be megabytes of HTML; clients read `…/html` of the message that is opened.
function withoutHtml(message: MessageRow): MessageRow {
  const { email } = message.contentAttributes
  if (typeof email !== 'object' || email === null) return message
  const { html_content: html = {} } = email as { readonly html_content?: Readonly<Record<string, unknown>> }
  const kept = { ...email, html_content: {}, has_html: 'full' in html }
  return { ...message, contentAttributes: { ...message.contentAttributes, email: kept } }
}

async function find({ ledger }: Deps, conversation: ConversationRow, messageId: number): Promise<MessageRow> {
  const message = found(await ledger.messages.findMessage(conversation.accountId, messageId))
  if (message.conversationId !== conversation.id) throw notFound()
  return message
}

async function show(deps: Deps, conversation: ConversationRow, messageId: number) {
  return presentMessage(await find(deps, conversation, messageId), conversation.displayId, deps.publicUrl)
}

async function cancelSend({ ledger, publicUrl }: Deps, request: MemberRequest) {
  const conversation = await getConversation(ledger.conversations, request)
  const cancelled = await ledger.messages.cancelSend({
    accountId: conversation.accountId,
    conversationId: conversation.id,
    messageId: idOf(request.params['id']),
    by: performerOf(request.member),
  })
  if (cancelled === 'gone') throw notFound()
  if (cancelled === 'left') throw new ApiFault('conflict', { error: 'The message has been sent already' })
  return { ...presentMessage(cancelled.message, conversation.displayId, publicUrl), blob_ids: cancelled.uploads }
}

const notAgain: Readonly<Record<Exclude<NotAgain, 'gone'>, string>> = {
  'not-mailed': 'Only a message that leaves as mail can be sent again',
  waiting: 'The message has not left yet: it is sent by itself',
  'sent-again': 'The message was sent again already (sent_again_as). Name recipients to send it once more',
  unclear: 'Only Bcc recipients did not get it: name the recipients of the new mail in to_emails',
  'other-channel': 'Only the mail of an email inbox can be sent again; write the message again',
}

async function sendAgain(deps: Deps, request: MemberRequest & { readonly given: Given<typeof againFields> }) {
  const { member, given } = request
  const conversation = await getConversation(deps.ledger.conversations, request)
  const wanted = {
    conversationId: conversation.id,
    messageId: idOf(request.params['id']),
    author: { type: 'user' as const, id: member.user.id },
    recipients: parseOtherRecipients(given),
  }
  const guards = messageGuards(request, {
    id: undefined,
    writer: member.performer,
    conversationId: conversation.id,
  })
  const outcome = await deps.ledger.messages.sendAgain(wanted, guards)
  if (outcome === 'gone') throw notFound()
  if (outcome === 'waiting' || outcome === 'sent-again') throw new ApiFault('conflict', { error: notAgain[outcome] })
  if (typeof outcome === 'string') throw unprocessable(notAgain[outcome])
  return show(deps, conversation, outcome)
}

// A field that is not named has nobody.
function parseOtherRecipients(given: Given<typeof againFields>): Recipients | null {
  if (Object.values(given).every((list) => list === undefined)) return null
  const recipients = {
    to_emails: parseAddresses(given.to_emails ?? []),
    cc_emails: parseAddresses(given.cc_emails ?? []),
    bcc_emails: parseAddresses(given.bcc_emails ?? []),
  }
  if (recipients.to_emails.length === 0) throw unprocessable('to_emails must name a recipient')
  return recipients
}

async function report(deps: Deps, request: MemberRequest & { readonly given: Given<typeof reportFields> }) {
  const conversation = await getConversation(deps.ledger.conversations, request)
  const message = await find(deps, conversation, idOf(request.params['id']))
  if (!isApi(conversation.channelType))
    throw new ApiFault('forbidden', { error: 'Message status update is only allowed for API inboxes' })
  const status = messageStatuses.find((name) => name === request.given.status)
  if (status === undefined) throw unprocessable(`'${(request.given.status ?? '').slice(0, 100)}' is not a valid status`)
  await deps.ledger.messages.reportOnMessage({
    conversationId: conversation.id,
    messageId: message.id,
    status,
    externalError: request.given.external_error ?? null,
  })
  return show(deps, conversation, message.id)
}

async function create(
  { ledger, publicUrl }: Deps,
  request: MemberOrBotRequest & {
    readonly given: Given<typeof messageFields> & { readonly echo_id?: string | undefined }
  },
) {
  const { member, given } = request
  const { echo_id: echoId } = given
  const conversation = await getConversation(ledger.conversations, request)
  const bot =
    given.sender_type === 'AgentBot' ? await ledger.agentBots.findBot(member.account.id, given.sender_id ?? 0) : null
  const by: Pick<MemberOrBot, 'user' | 'bot'> = bot === null ? member : { user: null, bot }
  const written = parseNewMessage({ given, files: request.files, by }, conversation.channelType)
  const guards = messageGuards(request, { id: echoId, writer: member.performer, conversationId: conversation.id })
  const id = await ledger.messages.createMessage(conversation.id, written, guards)
  const message = found(await ledger.messages.findMessage(member.account.id, id))
  return {
    ...presentMessage(message, conversation.displayId, publicUrl),
    ...(echoId === undefined ? {} : { echo_id: echoId }),
  }
}
