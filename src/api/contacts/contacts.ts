// …/contacts: list, search, create, show, update (chatwoot.md §4.2). 15 a page; attributes are merged on update.

import type { Ledger } from '../../conversations/ledger.ts'
import type { ContactFields } from '../../conversations/people/contact-fields.ts'
import type { ContactWithInboxes } from '../../conversations/rows.ts'
import { presentInbox } from '../present/account.ts'
import { presentContact, presentContactInbox } from '../present/people.ts'
import { found, saved, unprocessable } from '../request/fault.ts'
import { filledText, flag, idOf, list as listOf, object, parseFields, recordId, text, unwrap } from '../request/fields.ts'
import { pageOf } from '../request/paging.ts'
import type { Parameters } from '../request/parameters.ts'
import { forMember, type MemberRequest, type Route } from '../request/route.ts'

type Deps = Pick<Ledger, 'contacts' | 'inboxes'>

const pageSize = 15

export function contactRoutes(ledger: Deps): Route[] {
  return [
    forMember('GET /contacts', (request) => list(ledger, request)),
    forMember('GET /contacts/search', (request) => search(ledger, request)),
    forMember('POST /contacts', (request) => create(ledger, request)),
    forMember('GET /contacts/:id', async (request) => ({ payload: presentWithInboxes(await getContact(ledger, request), request.fields) })),
    forMember('UPDATE /contacts/:id', async (request) => {
      const contact = await getContact(ledger, request)
      const changed = saved(await ledger.contacts.updateContact(contact, parseContact(request.fields)))
      return { payload: presentWithInboxes(changed, request.fields) }
    }),
  ]
}

async function list({ contacts }: Deps, request: MemberRequest) {
  const page = pageOf(request.fields, pageSize)
  const found = await contacts.listContacts({ ...parseListing(request), ...page })
  return { meta: { count: found.count, current_page: page.number }, payload: found.contacts.map((contact) => presentWithInboxes(contact, request.fields)) }
}

async function search({ contacts }: Deps, request: MemberRequest) {
  const { q } = parseFields({ q: filledText }, request.fields)
  if (q === undefined) throw unprocessable('Specify search string with parameter q')
  const page = pageOf(request.fields, pageSize)
  const found = await contacts.searchContacts({ ...parseListing(request), ...page, text: q.trim() })
  const meta = { count: found.contacts.length, current_page: page.number, has_more: found.hasMore }
  return { meta, payload: found.contacts.map((contact) => presentWithInboxes(contact, request.fields)) }
}

function parseListing({ member, fields }: MemberRequest) {
  const { sort, labels } = parseFields({ sort: filledText, labels: listOf }, fields)
  return { accountId: member.account.id, sort: sort ?? null, labels: labels ?? [] }
}

async function create({ contacts, inboxes }: Deps, request: MemberRequest) {
  const { member } = request
  const fields = unwrap(request.fields, 'contact')
  const { inbox_id: inboxId, source_id: sourceId } = parseFields({ inbox_id: recordId, source_id: filledText }, fields)
  const inbox = inboxId === undefined ? null : found(await inboxes.findInbox(member.account.id, inboxId))
  const place = inbox === null ? null : { inboxId: inbox.id, sourceId: sourceId ?? null }
  const { contact, contactInboxId } = saved(await contacts.createContact(member.account.id, parseContact(fields), place))
  const joined = contact.contactInboxes.find(({ id }) => id === contactInboxId)
  return {
    payload: {
      contact: presentWithInboxes(contact, {}),
      contact_inbox: { inbox: inbox === null ? null : presentInbox(inbox, member.role === 'administrator'), source_id: joined?.sourceId ?? null },
    },
  }
}

async function getContact({ contacts }: Deps, { member, params }: MemberRequest): Promise<ContactWithInboxes> {
  return found(await contacts.findContact(member.account.id, idOf(params['id'])))
}

function parseContact(given: Parameters): ContactFields {
  const shape = { name: text, email: text, phone_number: text, identifier: text, blocked: flag, avatar_url: text, additional_attributes: object, custom_attributes: object }
  const fields = parseFields(shape, unwrap(given, 'contact'))
  return {
    name: fields.name,
    email: fields.email,
    phoneNumber: fields.phone_number,
    identifier: fields.identifier,
    blocked: fields.blocked,
    avatarUrl: fields.avatar_url,
    additionalAttributes: fields.additional_attributes,
    customAttributes: fields.custom_attributes,
  }
}

function presentWithInboxes(contact: ContactWithInboxes, fields: Parameters) {
  const { include_contact_inboxes: wanted } = parseFields({ include_contact_inboxes: flag }, fields)
  return { ...presentContact(contact), ...(wanted === false ? {} : { contact_inboxes: contact.contactInboxes.map(presentContactInbox) }) }
}
