// …/contacts: list, search, create, show, update. 15 a page; attributes are merged on update.

import { z } from 'zod'

import type { ContactFields } from '../../conversations/contacts/contact-fields.ts'
import type { Ledger } from '../../ledger.ts'
import { performerOf } from '../conversations/conversation-input.ts'
import { seesInbox } from '../conversations/get-conversation.ts'
import { found, notAllowed, saved, unprocessable } from '../input/fault.ts'
import { anyField, filledText, flag, list as listOfText, object, recordId, text } from '../input/fields.ts'
import { pageOf } from '../input/paging.ts'
import type { TakePicture } from '../people/pictures.ts'
import { inboxShape, presentInbox } from '../present/inbox.ts'
import { listOf } from '../present/kinds.ts'
import { contactWithInboxesShape, presentWithInboxes } from '../present/people.ts'
import { forMember, type Given, type MemberRequest, type Route } from '../request/route.ts'
import { getContact } from './get-contact.ts'

type Deps = Pick<Ledger, 'contacts' | 'inboxes'> & { readonly takePicture: TakePicture }

const pageSize = 15

const listing = { sort: filledText, labels: listOfText, include_contact_inboxes: flag, page: recordId }
const contactFields = {
  name: text,
  email: text,
  phone_number: text,
  identifier: text,
  blocked: flag,
  avatar_url: text,
  additional_attributes: object,
  custom_attributes: object,
}
const spec = { tag: 'Contacts' } as const
const wrapped = z.object({ payload: contactWithInboxesShape })

export function contactRoutes(ledger: Deps): Route[] {
  return [...listRoutes(ledger), ...oneRoutes(ledger)]
}

function listRoutes(ledger: Deps): Route[] {
  return [
    forMember(
      'GET /contacts',
      {
        ...spec,
        summary: 'List contacts that have an email, phone number or identifier, 15 a page',
        takes: listing,
        answer: pageShape,
      },
      (request) => list(ledger, request),
    ),
    forMember(
      'GET /contacts/active',
      { ...spec, summary: 'List contacts that are online; always empty', takes: listing, answer: pageShape },
      (request) => ({
        meta: { count: 0, current_page: pageOf(request.fields, pageSize).number },
        payload: [],
      }),
    ),
    forMember(
      'GET /contacts/search',
      {
        ...spec,
        summary: 'Search contacts by name, email, phone number or identifier',
        takes: { ...listing, q: filledText },
        answer: foundShape,
      },
      (request) => search(ledger, request),
    ),
    forMember(
      'POST /contacts/filter',
      {
        ...spec,
        summary: 'Filter contacts, 15 a page',
        takes: { ...listing, payload: anyField },
        answer: pageShape,
      },
      (request) => filter(ledger, request),
    ),
  ]
}

function oneRoutes(ledger: Deps): Route[] {
  const { takePicture } = ledger
  return [
    forMember(
      'POST /contacts',
      {
        ...spec,
        summary: 'Create a contact, with `inbox_id` also its contact inbox; a form may have a picture as `avatar`',
        files: true,
        takes: { ...contactFields, inbox_id: recordId, source_id: filledText },
        under: 'contact',
        answer: createdShape,
      },
      (request) => create(ledger, request),
    ),
    forMember(
      'GET /contacts/:id',
      { ...spec, summary: 'Get a contact', takes: { include_contact_inboxes: flag }, answer: wrapped },
      async (request) => ({
        payload: presentWithInboxes(
          await getContact(ledger.contacts, request),
          request.member,
          request.given.include_contact_inboxes,
        ),
      }),
    ),
    forMember(
      'UPDATE /contacts/:id',
      {
        ...spec,
        summary: 'Update a contact; attributes are merged',
        files: true,
        takes: contactFields,
        under: 'contact',
        answer: wrapped,
      },
      async (request) => {
        const contact = await getContact(ledger.contacts, request)
        const fields = { ...fieldsOf(request.given), ...(await takePicture(contact.accountId, request.files)) }
        return {
          payload: presentWithInboxes(
            saved(await ledger.contacts.updateContact(contact, fields, editorOf(request))),
            request.member,
          ),
        }
      },
    ),
    forMember(
      'DELETE /contacts/:id/avatar',
      { ...spec, summary: 'Delete the picture of a contact', answer: wrapped },
      async (request) => ({
        payload: presentWithInboxes(
          saved(await ledger.contacts.updateContact(await getContact(ledger.contacts, request), { avatarUrl: null })),
          request.member,
        ),
      }),
    ),
  ]
}

const pageShape = z.object({
  meta: z.object({ count: z.int(), current_page: z.int() }),
  payload: listOf(contactWithInboxesShape),
})
const foundShape = z.object({
  meta: z.object({ count: z.int(), current_page: z.int(), has_more: z.boolean() }),
  payload: listOf(contactWithInboxesShape),
})
const createdShape = z.object({
  payload: z.object({
    contact: contactWithInboxesShape,
    contact_inbox: z.object({ inbox: inboxShape.nullable(), source_id: z.string().nullable() }),
  }),
})

type Listing = MemberRequest & { readonly given: Given<typeof listing> }

async function list({ contacts }: Deps, request: Listing) {
  const page = pageOf(request.fields, pageSize)
  const found = await contacts.listContacts({ ...listingOf(request), ...page })
  return {
    meta: { count: found.count, current_page: page.number },
    payload: found.contacts.map((contact) =>
      presentWithInboxes(contact, request.member, request.given.include_contact_inboxes),
    ),
  }
}

async function search({ contacts }: Deps, request: Listing & { readonly given: { readonly q?: string | undefined } }) {
  const { q } = request.given
  if (q === undefined) throw unprocessable('Specify search string with parameter q')
  const page = pageOf(request.fields, pageSize)
  const found = await contacts.searchContacts({ ...listingOf(request), ...page, text: q.trim() })
  const meta = { count: found.contacts.length, current_page: page.number, has_more: found.hasMore }
  return {
    meta,
    payload: found.contacts.map((contact) =>
      presentWithInboxes(contact, request.member, request.given.include_contact_inboxes),
    ),
  }
}

async function filter({ contacts }: Deps, request: Listing & { readonly given: { readonly payload?: unknown } }) {
  const page = pageOf(request.fields, pageSize)
  const found = await contacts.filterContacts({
    accountId: request.member.account.id,
    sort: request.given.sort ?? null,
    payload: request.given.payload,
    ...page,
  })
  if ('error' in found) throw unprocessable(found.error)
  return {
    meta: { count: found.count, current_page: page.number },
    payload: found.contacts.map((contact) =>
      presentWithInboxes(contact, request.member, request.given.include_contact_inboxes),
    ),
  }
}

function listingOf({ member, given: { sort, labels } }: Listing) {
  return { accountId: member.account.id, sort: sort ?? null, labels: labels ?? [] }
}

function editorOf({ member }: MemberRequest) {
  return { by: performerOf(member), visibleInboxes: member.visibleInboxes }
}

type Creation = MemberRequest & {
  readonly given: Given<typeof contactFields & { inbox_id: typeof recordId; source_id: typeof filledText }>
}

async function create({ contacts, inboxes, takePicture }: Deps, { member, given, files }: Creation) {
  const { inbox_id: inboxId, source_id: sourceId } = given
  const inbox = inboxId === undefined ? null : found(await inboxes.findInbox(member.account.id, inboxId))
  if (inbox !== null && !seesInbox(member, inbox.id)) throw notAllowed()
  const firstInbox = inbox === null ? null : { inboxId: inbox.id, sourceId: sourceId ?? null }
  const { contact, contactInboxId } = saved(
    await contacts.createContact(
      member.account.id,
      { ...fieldsOf(given), ...(await takePicture(member.account.id, files)) },
      firstInbox,
    ),
  )
  const joined = contact.contactInboxes.find(({ id }) => id === contactInboxId)
  return {
    payload: {
      contact: presentWithInboxes(contact, member),
      contact_inbox: {
        inbox: inbox === null ? null : presentInbox(inbox, member.role === 'administrator'),
        source_id: joined?.sourceId ?? null,
      },
    },
  }
}

function fieldsOf(given: Given<typeof contactFields>): ContactFields {
  return {
    name: given.name,
    email: given.email,
    phoneNumber: given.phone_number,
    identifier: given.identifier,
    blocked: given.blocked,
    avatarUrl: given.avatar_url,
    additionalAttributes: given.additional_attributes,
    customAttributes: given.custom_attributes,
  }
}
