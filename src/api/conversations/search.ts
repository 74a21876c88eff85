// …/search, …/search/conversations, /contacts and /messages: search in an account by words; 15 of each a page.

import { z } from 'zod'

import type { ConversationRow, MessageRow } from '../../conversations/records/rows.ts'
import { highlight } from '../../conversations/search/highlight.ts'
import type { Search } from '../../conversations/search/search.ts'
import type { Ledger } from '../../ledger.ts'
import { filledText, recordId } from '../input/fields.ts'
import { pageOf } from '../input/paging.ts'
import { epoch, id, json, listOf, maybeText, text } from '../present/kinds.ts'
import { messageShape, presentMessage } from '../present/message.ts'
import { agentShape, presentAgent } from '../present/people.ts'
import { epochSeconds } from '../present/time.ts'
import { forMember, type Given, type MemberRequest, type Route } from '../request/route.ts'

interface Deps {
  readonly ledger: Pick<Ledger, 'search'>
  readonly publicUrl: string
}

const pageSize = 15
const spec = { tag: 'Search' } as const
const takes = { q: filledText, page: recordId }
const contactShape = z.object({
  id,
  name: text,
  email: maybeText,
  phone_number: maybeText,
  identifier: maybeText,
  additional_attributes: json,
  last_activity_at: epoch,
})
const inboxShape = z.object({ id, channel_id: id, name: text, channel_type: text })
const highlightShape = z.object({ text, matches: listOf(z.tuple([z.int(), z.int()])) })
const foundMessageShape = z.object({ ...messageShape.shape, inbox: inboxShape.nullable(), highlight: highlightShape })
const foundConversationShape = z.object({
  id,
  uuid: text,
  account_id: id,
  created_at: epoch,
  additional_attributes: json,
  message: messageShape.nullable(),
  contact: contactShape,
  inbox: inboxShape.nullable(),
  agent: agentShape.nullable(),
})
const shapes = {
  conversations: listOf(foundConversationShape),
  contacts: listOf(contactShape),
  messages: listOf(foundMessageShape),
}

export function searchRoutes(deps: Deps): Route[] {
  return [
    forMember(
      'GET /search',
      {
        ...spec,
        summary: 'Search conversations, contacts and messages',
        takes,
        answer: z.object({ payload: z.object(shapes) }),
      },
      async (request) => {
        const [conversations, contacts, messages] = await Promise.all([
          findConversations(deps, request),
          findContacts(deps, request),
          findMessages(deps, request),
        ])
        return { payload: { conversations, contacts, messages } }
      },
    ),
    forMember(
      'GET /search/conversations',
      {
        ...spec,
        summary: 'Search conversations by number or contact',
        takes,
        answer: z.object({ payload: z.object({ conversations: shapes.conversations }) }),
      },
      async (request) => ({
        payload: { conversations: await findConversations(deps, request) },
      }),
    ),
    forMember(
      'GET /search/contacts',
      {
        ...spec,
        summary: 'Search contacts by name, email, phone number or identifier',
        takes,
        answer: z.object({ payload: z.object({ contacts: shapes.contacts }) }),
      },
      async (request) => ({
        payload: { contacts: await findContacts(deps, request) },
      }),
    ),
    forMember(
      'GET /search/messages',
      {
        ...spec,
        summary: 'Search messages; the last word may be unfinished',
        takes,
        answer: z.object({ payload: z.object({ messages: shapes.messages }) }),
      },
      async (request) => ({
        payload: { messages: await findMessages(deps, request) },
      }),
    ),
  ]
}

type Asked = MemberRequest & { readonly given: Given<typeof takes> }

function searchOf({ member, given, fields }: Asked): Search {
  return {
    accountId: member.account.id,
    viewerId: member.user.id,
    visibleInboxes: member.visibleInboxes,
    text: given.q ?? '',
    ...pageOf(fields, pageSize),
  }
}

type Inboxes = Awaited<ReturnType<Ledger['search']['inboxNames']>>

function presentInbox(inboxes: Inboxes, inboxId: number): z.output<typeof inboxShape> | null {
  const inbox = inboxes.get(inboxId)
  return inbox === undefined
    ? null
    : { id: inbox.id, channel_id: inbox.channelId, name: inbox.name, channel_type: inbox.channelType }
}

async function findConversations({ ledger, publicUrl }: Deps, request: Asked) {
  const [found, inboxes] = await Promise.all([
    ledger.search.conversations(searchOf(request)),
    ledger.search.inboxNames(request.member.account.id),
  ])
  return found.map(({ conversation, message }) => ({
    id: conversation.displayId,
    uuid: conversation.uuid,
    account_id: conversation.accountId,
    created_at: epochSeconds(conversation.createdAt),
    additional_attributes: conversation.additionalAttributes,
    message: message === null ? null : presentIn(message, conversation, publicUrl),
    contact: presentContact(conversation.contact),
    inbox: presentInbox(inboxes, conversation.inboxId),
    agent: conversation.assignee === null ? null : presentAgent(conversation.assignee),
  }))
}

function presentIn(message: MessageRow, conversation: ConversationRow, publicUrl: string) {
  return presentMessage(message, conversation.displayId, publicUrl)
}

async function findContacts({ ledger }: Deps, request: Asked) {
  return (await ledger.search.contacts(searchOf(request))).map(presentContact)
}

async function findMessages({ ledger, publicUrl }: Deps, request: Asked) {
  const [found, inboxes] = await Promise.all([
    ledger.search.messages(searchOf(request)),
    ledger.search.inboxNames(request.member.account.id),
  ])
  return found.map(({ message, conversation }) => ({
    ...presentIn(message, conversation, publicUrl),
    inbox: presentInbox(inboxes, message.inboxId),
    highlight: presentHighlight(message.content ?? '', request.given.q ?? ''),
  }))
}

function presentHighlight(content: string, query: string): z.output<typeof highlightShape> {
  const { text: piece, matches } = highlight(content, query)
  return { text: piece, matches: matches.map(([start, end]) => [start, end]) }
}

function presentContact(contact: ConversationRow['contact']): z.output<typeof contactShape> {
  return {
    id: contact.id,
    name: contact.name,
    email: contact.email,
    phone_number: contact.phoneNumber,
    identifier: contact.identifier,
    additional_attributes: contact.additionalAttributes,
    last_activity_at: epochSeconds(contact.lastActivityAt),
  }
}
