// Actions on contacts besides changes of their fields: merge, labels, erasure, contact inboxes, and their
// conversations.

import { z } from 'zod'

import type { Ledger } from '../../ledger.ts'
import { seesInbox } from '../conversations/get-conversation.ts'
import { found, notAllowed, notFound, saved, unprocessable } from '../input/fault.ts'
import { filledText, list, recordId } from '../input/fields.ts'
import { labelOf } from '../input/label.ts'
import { conversationShape, presentConversation } from '../present/conversation.ts'
import { inboxShape, presentInbox } from '../present/inbox.ts'
import { listOf, payloadOf, text } from '../present/kinds.ts'
import { contactWithInboxesShape, presentWithInboxes } from '../present/people.ts'
import { forAdministrator, forMember, type MemberRequest, type Route } from '../request/route.ts'
import { getContact } from './get-contact.ts'

interface Deps {
  readonly ledger: Pick<Ledger, 'contacts' | 'inboxes' | 'conversations'>
  readonly publicUrl: string
}

const spec = { tag: 'Contacts' } as const
const labelsAnswer = payloadOf(text)
const contactInboxShape = z.object({ source_id: text, inbox: inboxShape })

export function contactActionRoutes(deps: Deps): Route[] {
  const { contacts } = deps.ledger
  return [
    ...contactInboxRoutes(deps),
    forMember(
      'POST /actions/contact_merge',
      {
        ...spec,
        summary: 'Merge one contact into another',
        takes: { base_contact_id: recordId, mergee_contact_id: recordId },
        answer: contactWithInboxesShape,
      },
      async ({ member, given }) => {
        const { base_contact_id: baseId = 0, mergee_contact_id: mergeeId = 0 } = given
        if (baseId === mergeeId && baseId !== 0) throw unprocessable('A contact cannot be merged with itself')
        if (!(await contacts.mergeContacts({ accountId: member.account.id, baseId, mergeeId }))) throw notFound()
        return presentWithInboxes(found(await contacts.findContact(member.account.id, baseId)), member)
      },
    ),
    forMember(
      'GET /contacts/:id/labels',
      { ...spec, summary: 'List the labels of a contact', answer: labelsAnswer },
      async (request) => ({ payload: (await getContact(contacts, request)).labels }),
    ),
    forMember(
      'POST /contacts/:id/labels',
      {
        ...spec,
        summary: 'Replace the labels of a contact',
        takes: { labels: list },
        answer: labelsAnswer,
      },
      async (request) => ({
        payload: await contacts.setLabels((await getContact(contacts, request)).id, request.given.labels ?? []),
      }),
    ),
    ...([true, false] as const).map((isThere) =>
      forMember(
        `${isThere ? 'UPDATE' : 'DELETE'} /contacts/:id/labels/:label`,
        { ...spec, summary: isThere ? 'Add a label' : 'Remove a label', answer: labelsAnswer },
        async (request) => {
          const change = { label: labelOf(request.params), isThere }
          return { payload: saved(await contacts.changeLabel((await getContact(contacts, request)).id, change)) }
        },
      ),
    ),
    forMember(
      'POST /contacts/:id/destroy_custom_attributes',
      {
        ...spec,
        summary: 'Remove custom attributes',
        takes: { custom_attributes: list },
        answer: z.object({ payload: contactWithInboxesShape }),
      },
      async (request) => ({
        payload: presentWithInboxes(
          await contacts.destroyCustomAttributes(
            await getContact(contacts, request),
            request.given.custom_attributes ?? [],
          ),
          request.member,
        ),
      }),
    ),
    forAdministrator(
      'DELETE /contacts/:id',
      { ...spec, summary: 'Delete a contact with its conversations, files and raw mail' },
      async (request) => {
        await contacts.deleteContact(request.member.account.id, (await getContact(contacts, request)).id)
        return undefined
      },
    ),
    forMember(
      'GET /contacts/:id/conversations',
      { ...spec, summary: 'List the latest twenty conversations of a contact', answer: payloadOf(conversationShape) },
      (request) => listConversations(deps, request),
    ),
  ]
}

function contactInboxRoutes({ ledger: { contacts, inboxes } }: Deps): Route[] {
  return [
    forMember(
      'POST /contacts/:id/contact_inboxes',
      {
        ...spec,
        summary: 'Create a contact inbox',
        takes: { inbox_id: recordId, source_id: filledText },
        answer: contactInboxShape,
      },
      async (request) => {
        const { member, given } = request
        const contact = await getContact(contacts, request)
        const inbox = found(await inboxes.findInbox(member.account.id, given.inbox_id ?? 0))
        if (!seesInbox(member, inbox.id)) throw notAllowed()
        const sourceId = await contacts.joinInbox({
          contactId: contact.id,
          inboxId: inbox.id,
          sourceId: given.source_id ?? null,
        })
        return { source_id: sourceId, inbox: presentInbox(inbox, member.role === 'administrator') }
      },
    ),
    forMember(
      'GET /contacts/:id/contactable_inboxes',
      {
        ...spec,
        summary: 'List the inboxes through which a contact can be reached',
        answer: z.object({ payload: listOf(contactInboxShape) }),
      },
      async (request) => {
        const { member } = request
        const reachable = await contacts.listReachableInboxes(
          await getContact(contacts, request),
          member.visibleInboxes,
        )
        return {
          payload: reachable.map(({ sourceId, inbox }) => ({
            source_id: sourceId,
            inbox: presentInbox(inbox, member.role === 'administrator'),
          })),
        }
      },
    ),
    forMember(
      'POST /contact_inboxes/filter',
      {
        ...spec,
        summary: 'Find the contact with this source id in an inbox',
        takes: { inbox_id: recordId, source_id: filledText },
        answer: contactWithInboxesShape,
      },
      async ({ member, given }) => {
        const inboxId = given.inbox_id ?? 0
        const contact = found(
          await contacts.findContactBySourceId(member.account.id, { inboxId, sourceId: given.source_id ?? '' }),
        )
        if (!seesInbox(member, inboxId)) throw notAllowed()
        return presentWithInboxes(contact, member)
      },
    ),
  ]
}

async function listConversations({ ledger, publicUrl }: Deps, request: MemberRequest) {
  const { member } = request
  const contact = await getContact(ledger.contacts, request)
  const rows = await ledger.conversations.listOfContact(
    { accountId: member.account.id, contactId: contact.id },
    member.visibleInboxes,
  )
  return {
    payload: rows.map((row) =>
      presentConversation(row, { viewerId: member.user.id, visibleInboxes: member.visibleInboxes, publicUrl }),
    ),
  }
}
