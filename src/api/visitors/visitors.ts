// /public/api/v1/inboxes/:inboxIdentifier …: what a website's widget or an app asks for its visitor (Chatwoot's public client API). The inbox is named
// by an Api inbox's identifier or a website's token, the visitor by their source id, which only they have. 401 for a wrong identity proof.

import { z } from 'zod'

import type { Ledger } from '../../conversations/ledger.ts'
import type { Entered, Introduction, Visitor } from '../../conversations/visitors/visitors.ts'
import { presentVisitor, presentVisitorInbox, presentVisitorConversation, visitorConversationShape, visitorInboxShape, visitorShape } from '../present/visitor.ts'
import { listOf } from '../present/kinds.ts'
import { ApiFault, saved } from '../request/fault.ts'
import { filledText, object, text } from '../request/fields.ts'
import { forAnyone, type Given, type Request, type Route } from '../request/route.ts'
import { getDoor, getVisitor, type DoorDeps } from './door.ts'

export interface VisitorDeps {
  readonly ledger: Pick<Ledger, 'visitors' | 'visitorConversations' | 'conversations' | 'messages' | 'acts'>
  readonly limits: DoorDeps['limits']
  readonly publicUrl: string
}

export const visitorBase = '/public/api/v1/inboxes/:inboxIdentifier'
export const visitorSpec = { tag: 'Visitors' } as const
const one = `${visitorBase}/contacts/:sourceId`
const contactFields = { identifier: text, identifier_hash: filledText, email: text, name: text, phone_number: text, avatar_url: text, custom_attributes: object }

export function visitorRoutes(deps: VisitorDeps): Route[] {
  const { ledger } = deps
  return [
    forAnyone(`GET ${visitorBase}`, { ...visitorSpec, summary: 'The inbox, as a widget needs it', answer: visitorInboxShape }, async (request) => {
      const { inbox, identifier } = await getDoor(deps, request)
      return presentVisitorInbox(inbox, identifier)
    }),
    forAnyone(
      `POST ${visitorBase}/contacts`,
      { ...visitorSpec, summary: 'A visitor comes in; the answer’s source_id is their key', takes: { ...contactFields, source_id: filledText }, under: 'contact', answer: visitorShape },
      async (request) => {
        const { inbox } = await getDoor(deps, request)
        return presentVisitor(visitorOf(await ledger.visitors.enter(inbox, introductionOf(request, request.given.source_id))))
      },
    ),
    forAnyone(`GET ${one}`, { ...visitorSpec, summary: 'The visitor', answer: visitorShape }, async (request) => presentVisitor((await getVisitor(deps, request)).visitor)),
    forAnyone(
      `UPDATE ${one}`,
      { ...visitorSpec, summary: 'What the visitor says of themselves: an email address to be answered at, a name', takes: contactFields, under: 'contact', answer: visitorShape },
      async (request) => {
        const { inbox, visitor } = await getVisitor(deps, request)
        return presentVisitor(visitorOf(await ledger.visitors.introduce(inbox, visitor, introductionOf(request))))
      },
    ),
    forAnyone(`GET ${one}/conversations`, { ...visitorSpec, summary: 'The visitor’s conversations, newest first', answer: listOf(visitorConversationShape) }, async (request) => {
      const { inbox, visitor } = await getVisitor(deps, request)
      const conversations = await ledger.visitorConversations.listConversations({ inbox, visitor })
      return conversations.map((conversation) => presentVisitorConversation(conversation, visitor, deps.publicUrl))
    }),
  ]
}

type Introducing = Request & { readonly given: Given<typeof contactFields> }

function introductionOf({ given }: Introducing, sourceId?: string): Introduction {
  return {
    fields: { identifier: given.identifier, email: given.email, name: given.name, phoneNumber: given.phone_number, avatarUrl: given.avatar_url, customAttributes: given.custom_attributes },
    identifierHash: given.identifier_hash ?? null,
    sourceId: sourceId ?? null,
  }
}

function visitorOf(entered: Entered): Visitor {
  if (entered === 'unproven') throw new ApiFault('unauthenticated', { error: 'HMAC failed: Invalid Identifier Hash Provided' })
  return 'visitor' in entered ? entered.visitor : saved<Visitor>(entered)
}

export const seenShape = z.object({ contact_last_seen_at: z.int() })
