// The inboxes through which a contact can be reached, those in which they could get a contact inbox, and lookup by
// source id.

import type { Db } from '../../db/client.ts'
import { inTransaction, type Pool } from '../../db/pool.ts'
import type { VisibleInboxes } from '../records/access.ts'
import { readContacts } from '../records/contact-records.ts'
import { inboxInclude, toInboxRows } from '../records/row-mapping.ts'
import type { ContactWithInboxes, InboxRow } from '../records/rows.ts'
import { findContactId, findSourceId, joinInbox, type Joining, reachableSourceId } from './contact-inboxes.ts'

export interface ReachableInbox {
  readonly sourceId: string
  readonly inbox: InboxRow
}

export function createReachableInboxes({ db, pool }: { readonly db: Db; readonly pool: Pool }) {
  return {
    /**
     * Adds the contact to the inbox; returns the source id. Throws 422 if the contact lacks a field that the channel
     * needs.
     */
    async joinInbox(joining: Joining): Promise<string> {
      const id = await inTransaction(pool, (tx) => joinInbox(tx, joining))
      return (await findSourceId(pool, id)) ?? ''
    },

    /** The inboxes through which this contact could be written to, each with the source id that it would have there. */
    async listReachableInboxes(contact: ContactWithInboxes, visibleInboxes: VisibleInboxes): Promise<ReachableInbox[]> {
      const records = await db.inbox.findMany({
        where: {
          accountId: contact.accountId,
          ...(visibleInboxes === null ? {} : { id: { in: [...visibleInboxes] } }),
        },
        include: inboxInclude,
        orderBy: { id: 'asc' },
      })
      const talking = new Set(
        (
          await db.conversation.findMany({
            where: { contactId: contact.id },
            select: { contactInboxId: true },
            distinct: ['contactInboxId'],
          })
        ).map((row) => row.contactInboxId),
      )
      return toInboxRows(records).flatMap((inbox) => {
        const contactInbox = contact.contactInboxes.filter((one) => one.inbox.id === inbox.id && !one.merged).at(-1)
        const sourceId = reachableSourceId({
          channelType: inbox.channel.type,
          contact,
          contactInbox: contactInbox ?? null,
          isTalking: talking.has(contactInbox?.id ?? 0),
        })
        return sourceId === null ? [] : [{ sourceId, inbox }]
      })
    },

    /** The contact with this source id in an inbox, or null. */
    async findContactBySourceId(
      accountId: number,
      contactInbox: { readonly inboxId: number; readonly sourceId: string },
    ): Promise<ContactWithInboxes | null> {
      const contactId = await findContactId(pool, accountId, contactInbox)
      const [contact] = contactId === null ? [] : await readContacts(db, [contactId])
      return contact ?? null
    },
  }
}
