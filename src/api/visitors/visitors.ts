// /public/api/v1/inboxes/:inboxIdentifier …: the requests of a website's widget or an app for its visitor (Chatwoot's
// public client API). The inbox is named by an Api inbox's identifier or a website's token, the visitor by their source
// id, which only they have. 401 for a wrong identity proof.

import { z } from 'zod'

import type { Introduction } from '../../conversations/visitors/proofs.ts'
import type { Visitor } from '../../conversations/visitors/visitor.ts'
import type { Entered } from '../../conversations/visitors/visitors.ts'
import type { Ledger } from '../../ledger.ts'
import { ApiFault, saved } from '../input/fault.ts'
import { filledText, object, text } from '../input/fields.ts'
import { listOf } from '../present/kinds.ts'
import {
  presentVisitor,
  presentVisitorConversation,
  presentVisitorInbox,
  visitorConversationShape,
  visitorInboxShape,
  visitorShape,
} from '../present/visitor.ts'
import { forPublic, forVisitor, type Given, type Route } from '../request/route.ts'

export interface VisitorDeps {
  readonly ledger: Pick<Ledger, 'visitors' | 'visitorConversations' | 'conversations' | 'messages' | 'actions'>
  readonly publicUrl: string
}

export const visitorSpec = { tag: 'Visitors' } as const
const contactFields = {
  identifier: text,
  identifier_hash: filledText,
  email_hash: filledText,
  email: text,
  name: text,
  phone_number: text,
  avatar_url: text,
  custom_attributes: object,
}

export function visitorRoutes(deps: VisitorDeps): Route[] {
  const { ledger } = deps
  return [
    forPublic(
      'GET ',
      { ...visitorSpec, summary: 'Get the inbox, as a widget needs it', answer: visitorInboxShape },
      ({ inbox, identifier }) => presentVisitorInbox(inbox, identifier),
    ),
    forPublic(
      'POST /contacts',
      {
        ...visitorSpec,
        summary: 'Create a visitor; `source_id` of the answer is their key',
        takes: { ...contactFields, source_id: filledText },
        under: 'contact',
        answer: visitorShape,
      },
      async ({ inbox, given }) =>
        presentVisitor(visitorOf(await ledger.visitors.enter(inbox, introductionOf(given, given.source_id)))),
    ),
    forVisitor('GET ', { ...visitorSpec, summary: 'Get the visitor', answer: visitorShape }, ({ visitor }) =>
      presentVisitor(visitor),
    ),
    forVisitor(
      'UPDATE ',
      {
        ...visitorSpec,
        summary: 'Update data of the visitor, such as name and email address',
        takes: contactFields,
        under: 'contact',
        answer: visitorShape,
      },
      async ({ inbox, visitor, given }) =>
        presentVisitor(visitorOf(await ledger.visitors.introduce(inbox, visitor, introductionOf(given)))),
    ),
    forVisitor(
      'GET /conversations',
      {
        ...visitorSpec,
        summary: 'List the visitor’s conversations, newest first',
        answer: listOf(visitorConversationShape),
      },
      async ({ inbox, visitor }) => {
        const conversations = await ledger.visitorConversations.listConversations({ inbox, visitor })
        return conversations.map((conversation) => presentVisitorConversation(conversation, visitor, deps.publicUrl))
      },
    ),
  ]
}

function introductionOf(given: Given<typeof contactFields>, sourceId?: string): Introduction {
  return {
    fields: {
      identifier: given.identifier,
      email: given.email,
      name: given.name,
      phoneNumber: given.phone_number,
      avatarUrl: given.avatar_url,
      customAttributes: given.custom_attributes,
    },
    identifierHash: given.identifier_hash ?? null,
    emailHash: given.email_hash ?? null,
    sourceId: sourceId ?? null,
  }
}

function visitorOf(entered: Entered): Visitor {
  if (entered === 'unproven')
    throw new ApiFault('unauthenticated', { error: 'HMAC failed: Invalid Identifier Hash Provided' })
  return 'visitor' in entered ? entered.visitor : saved<Visitor>(entered)
}

export const seenShape = z.object({ contact_last_seen_at: z.int() })
