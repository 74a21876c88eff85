// Internal notes of the team about a contact.

import type { Db } from '../../db/client.ts'
import { agentInclude, toAgentRow } from '../records/row-mapping.ts'
import type { AgentRow } from '../records/rows.ts'

export interface NoteRow {
  readonly id: number
  readonly accountId: number
  readonly contactId: number
  readonly content: string
  readonly createdAt: Date
  readonly updatedAt: Date
  /** Null when they are gone. */
  readonly author: AgentRow | null
}

interface ContactKey {
  readonly accountId: number
  readonly contactId: number
}

export function createContactNotes(db: Db) {
  const include = (accountId: number) => ({ user: { include: agentInclude(accountId) } })
  const find = async ({ accountId, contactId }: ContactKey, id: number): Promise<NoteRow | null> => {
    const record = await db.contactNote.findFirst({ where: { id, accountId, contactId }, include: include(accountId) })
    return record === null
      ? null
      : { ...record, author: record.user === null ? null : toAgentRow(record.user, accountId) }
  }
  return {
    findNote: find,
    /** Newest first. */
    async listNotes({ accountId, contactId }: ContactKey): Promise<NoteRow[]> {
      const records = await db.contactNote.findMany({
        where: { accountId, contactId },
        include: include(accountId),
        orderBy: { id: 'desc' },
      })
      return records.map((record) => ({
        ...record,
        author: record.user === null ? null : toAgentRow(record.user, accountId),
      }))
    },
    async createNote(
      { accountId, contactId }: ContactKey,
      note: { readonly userId: number; readonly content: string },
    ): Promise<NoteRow | null> {
      const { id } = await db.contactNote.create({ data: { accountId, contactId, ...note } })
      return find({ accountId, contactId }, id)
    },
    /** Null when there is no such note. */
    async updateNote({ accountId, contactId }: ContactKey, id: number, content: string): Promise<NoteRow | null> {
      await db.contactNote.updateMany({ where: { accountId, contactId, id }, data: { content } })
      return find({ accountId, contactId }, id)
    },
    async deleteNote({ accountId, contactId }: ContactKey, id: number): Promise<boolean> {
      return (await db.contactNote.deleteMany({ where: { accountId, contactId, id } })).count > 0
    },
  }
}
