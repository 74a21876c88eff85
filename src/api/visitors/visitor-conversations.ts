// …/contacts/:sourceId/conversations …: a visitor's conversations: create, write, read, mark seen, resolve, type. 404
// for one that belongs to another visitor; 422 with a sentence.

import type { VisitorEntry } from '../access/visitor-access.ts'
import { parseNewMessage } from '../conversations/message-input.ts'
import { found, notFound, saved, unprocessable } from '../input/fault.ts'
import { anyField, filledText, idOf, object, recordId, text } from '../input/fields.ts'
import { listOf } from '../present/kinds.ts'
import { epochSeconds } from '../present/time.ts'
import {
  presentVisitorConversation,
  presentVisitorMessage,
  visitorConversationShape,
  visitorMessageShape,
} from '../present/visitor.ts'
import { messageGuards } from '../request/idempotency.ts'
import { forVisitor, type Given, type Request, type Route } from '../request/route.ts'
import { seenShape, type VisitorDeps, visitorSpec } from './visitors.ts'

const base = '/conversations'
const one = `${base}/:displayId`
const messageFields = { content: text, echo_id: filledText, attachments: anyField, content_attributes: object }
const submission = { submitted_values: anyField, submitted_email: filledText }

export function visitorConversationRoutes(deps: VisitorDeps): Route[] {
  const { ledger, publicUrl } = deps
  return [
    forVisitor(
      `POST ${base}`,
      {
        ...visitorSpec,
        summary: 'Create a conversation',
        takes: { custom_attributes: object },
        answer: visitorConversationShape,
      },
      (request) => begin(deps, request),
    ),
    forVisitor(
      `GET ${one}`,
      { ...visitorSpec, summary: 'Get a conversation', answer: visitorConversationShape },
      async (request) => {
        const { visitor, conversation } = await getOwnConversation(deps, request)
        return presentVisitorConversation(conversation, visitor, publicUrl)
      },
    ),
    forVisitor(
      `POST ${one}/toggle_status`,
      {
        ...visitorSpec,
        summary: 'Resolve the conversation; a resolved one stays resolved',
        answer: visitorConversationShape,
      },
      async (request) => {
        const { visitor, conversation } = await getOwnConversation(deps, request)
        if (conversation.status !== 'resolved')
          await ledger.actions.changeStatus(conversation.id, {
            status: 'resolved',
            snoozedUntil: null,
            by: { kind: 'contact', id: visitor.contact.id, name: visitor.contact.name },
          })
        return presentVisitorConversation((await getOwnConversation(deps, request)).conversation, visitor, publicUrl)
      },
    ),
    forVisitor(
      `POST ${one}/toggle_typing`,
      { ...visitorSpec, summary: 'Set whether the visitor is typing', takes: { typing_status: filledText } },
      async (request) => {
        const { visitor, conversation } = await getOwnConversation(deps, request)
        await ledger.actions.noteTyping(conversation, {
          on: request.given.typing_status === 'on',
          isPrivate: false,
          by: { kind: 'contact', id: visitor.contact.id, name: visitor.contact.name },
        })
        return undefined
      },
    ),
    forVisitor(
      `POST ${one}/update_last_seen`,
      { ...visitorSpec, summary: 'Mark the conversation as seen by the visitor', answer: seenShape },
      async (request) => {
        const { conversation } = await getOwnConversation(deps, request)
        return { contact_last_seen_at: epochSeconds(await ledger.actions.markSeenByContact(conversation.id)) }
      },
    ),
    ...messageRoutes(deps),
  ]
}

function messageRoutes(deps: VisitorDeps): Route[] {
  const { ledger, publicUrl } = deps
  return [
    forVisitor(
      `GET ${one}/messages`,
      {
        ...visitorSpec,
        summary: 'List messages, oldest first, before or after an id',
        takes: { before: recordId, after: recordId },
        answer: listOf(visitorMessageShape),
      },
      async (request) => {
        const { visitor, conversation } = await getOwnConversation(deps, request)
        const messages = await ledger.messages.listMessages(conversation, { ...request.given, withoutInternal: true })
        const view = { visitor, displayId: conversation.displayId, publicUrl }
        return (await ledger.visitorConversations.hideMail(visitor, messages)).map((message) =>
          presentVisitorMessage(message, view),
        )
      },
    ),
    forVisitor(
      `POST ${one}/messages`,
      {
        ...visitorSpec,
        summary: 'Create a message of the visitor',
        takes: messageFields,
        under: 'message',
        files: true,
        answer: visitorMessageShape,
      },
      (request) => write(deps, request),
    ),
    forVisitor(
      `UPDATE ${one}/messages/:messageId`,
      {
        ...visitorSpec,
        summary: 'Submit the answers of the visitor',
        takes: submission,
        under: 'message',
        answer: visitorMessageShape,
      },
      (request) => submit(deps, request),
    ),
  ]
}

type VisitorRequest = Request & VisitorEntry

async function getOwnConversation({ ledger }: VisitorDeps, { inbox, visitor, params }: VisitorRequest) {
  return {
    inbox,
    visitor,
    conversation: found(
      await ledger.visitorConversations.findConversation({ inbox, visitor }, idOf(params['displayId'])),
    ),
  }
}

async function begin(
  { ledger, publicUrl }: VisitorDeps,
  {
    inbox,
    visitor,
    given,
    guard,
  }: VisitorRequest & { readonly given: { readonly custom_attributes?: Record<string, unknown> | undefined } },
) {
  const nothing = {
    status: null,
    snoozedUntil: null,
    assigneeId: null,
    teamId: null,
    additionalAttributes: {},
    firstMessage: null,
    visibleInboxes: null,
    by: { kind: 'contact', id: visitor.contact.id, name: visitor.contact.name },
  } as const
  const created = await ledger.conversations.createConversation(
    {
      ...nothing,
      accountId: inbox.accountId,
      contactId: visitor.contact.id,
      inboxId: inbox.id,
      sourceId: visitor.contactInbox.sourceId,
      byUnprovenVisitor: !visitor.isAnsweredAsContact,
      customAttributes: given.custom_attributes ?? {},
    },
    guard === null ? [] : [guard],
  )
  if (typeof created === 'string') throw notFound()
  return presentVisitorConversation(
    found(await ledger.visitorConversations.findConversation({ inbox, visitor }, saved(created).displayId)),
    visitor,
    publicUrl,
  )
}

async function write(deps: VisitorDeps, request: VisitorRequest & { readonly given: Given<typeof messageFields> }) {
  const { ledger, publicUrl } = deps
  const { inbox, conversation } = await getOwnConversation(deps, request)
  if (conversation.status === 'resolved' && !inbox.allowMessagesAfterResolved)
    throw unprocessable('The conversation is resolved; begin another')
  const { content, echo_id: echoId, attachments } = request.given
  const written = parseNewMessage(
    { given: { content, attachments }, files: request.files, by: null },
    inbox.channel.type,
  )
  const guards = messageGuards(request, {
    id: echoId,
    writer: `visitor:${String(request.visitor.contactInbox.id)}`,
    conversationId: conversation.id,
  })
  const id = await ledger.messages.createMessage(conversation.id, { ...written, messageType: 'incoming' }, guards)
  const message = found(await ledger.messages.findMessage(inbox.accountId, id))
  return {
    ...presentVisitorMessage(
      { message, isHidden: false },
      { visitor: request.visitor, displayId: conversation.displayId, publicUrl },
    ),
    ...(echoId === undefined ? {} : { echo_id: echoId }),
  }
}

/** In characters of JSON. */
const maxSubmitted = 65_536

async function submit(deps: VisitorDeps, request: VisitorRequest & { readonly given: Given<typeof submission> }) {
  const { ledger } = deps
  const { inbox, visitor, conversation } = await getOwnConversation(deps, request)
  const { submitted_values: values, submitted_email: email } = request.given
  if (values === undefined && email === undefined) throw unprocessable('submitted_values or submitted_email is missing')
  const submitted = {
    ...(values === undefined ? {} : { submitted_values: values }),
    ...(email === undefined ? {} : { submitted_email: email }),
  }
  if (JSON.stringify(submitted).length > maxSubmitted) throw unprocessable('The submitted values are too long')
  const message = found(
    await ledger.visitorConversations.submit(
      { visitor, conversation },
      { messageId: idOf(request.params['messageId']), submitted },
    ),
  )
  if (email !== undefined) await leaveAddress(deps, { inbox, visitor, email })
  return presentVisitorMessage(message, { visitor, displayId: conversation.displayId, publicUrl: deps.publicUrl })
}

// A verified visitor needs no further proof for an address.
async function leaveAddress(
  { ledger }: VisitorDeps,
  { inbox, visitor, email }: Pick<VisitorEntry, 'inbox' | 'visitor'> & { readonly email: string },
): Promise<void> {
  const entered = await ledger.visitors.introduce(inbox, visitor, {
    fields: { email },
    identifierHash: null,
    emailHash: null,
    sourceId: null,
  })
  if (entered !== 'unproven' && 'problems' in entered && entered.problems.length > 0)
    throw unprocessable('Email is invalid')
}
