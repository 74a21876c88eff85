// …/contacts/:id/notes: internal notes about a contact.

import { z } from 'zod'

import type { NoteRow } from '../../conversations/contacts/contact-notes.ts'
import type { Ledger } from '../../ledger.ts'
import { ApiFault, found } from '../input/fault.ts'
import { idOf, text as textField } from '../input/fields.ts'
import { id, isoTime, listOf, named, text } from '../present/kinds.ts'
import { agentShape, presentAgent } from '../present/people.ts'
import { forMember, type MemberRequest, type Route } from '../request/route.ts'
import { getContact } from './get-contact.ts'

const noteShape = named(
  'Note',
  z.object({
    id,
    content: text,
    account_id: id,
    contact_id: id,
    user: agentShape.nullable(),
    created_at: isoTime,
    updated_at: isoTime,
  }),
)
const spec = { tag: 'Contacts', under: 'note', takes: { content: textField } } as const
const path = '/contacts/:id/notes'

export function noteRoutes({ contacts, contactNotes: notes }: Pick<Ledger, 'contacts' | 'contactNotes'>): Route[] {
  const contactKeyOf = async (request: MemberRequest) => ({
    accountId: request.member.account.id,
    contactId: (await getContact(contacts, request)).id,
  })
  const noteOf = async (request: MemberRequest) =>
    found(await notes.findNote(await contactKeyOf(request), idOf(request.params['noteId'])))
  return [
    forMember(
      `GET ${path}`,
      { tag: 'Contacts', summary: 'List the notes on a contact, newest first', answer: listOf(noteShape) },
      async (request) => (await notes.listNotes(await contactKeyOf(request))).map(presentNote),
    ),
    forMember(
      `POST ${path}`,
      { ...spec, summary: 'Create a note on a contact', answer: noteShape },
      async (request) => {
        const contactKey = await contactKeyOf(request)
        return presentNote(
          found(
            await notes.createNote(contactKey, { userId: request.member.user.id, content: contentOf(request.given) }),
          ),
        )
      },
    ),
    forMember(`GET ${path}/:noteId`, { tag: 'Contacts', summary: 'Get a note', answer: noteShape }, async (request) =>
      presentNote(await noteOf(request)),
    ),
    forMember(`UPDATE ${path}/:noteId`, { ...spec, summary: 'Update a note', answer: noteShape }, async (request) => {
      const note = await noteOf(request)
      return presentNote(found(await notes.updateNote(note, note.id, contentOf(request.given))))
    }),
    forMember(`DELETE ${path}/:noteId`, { tag: 'Contacts', summary: 'Delete a note' }, async (request) => {
      const note = await noteOf(request)
      await notes.deleteNote(note, note.id)
      return undefined
    }),
  ]
}

function contentOf({ content }: { readonly content?: string | null | undefined }): string {
  if (content === undefined || content === null || content.trim() === '')
    throw new ApiFault('malformed', { message: "Content can't be blank", attributes: ['content'] })
  return content
}

function presentNote(note: NoteRow): z.output<typeof noteShape> {
  return {
    id: note.id,
    content: note.content,
    account_id: note.accountId,
    contact_id: note.contactId,
    user: note.author === null ? null : presentAgent(note.author),
    created_at: note.createdAt,
    updated_at: note.updatedAt,
  }
}
