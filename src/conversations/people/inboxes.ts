// Inboxes with their channels.

import type { Db } from '../../db/client.ts'
import { inboxInclude, toInboxRow } from '../row-mapping.ts'
import type { InboxRow } from '../rows.ts'
import type { VisibleInboxes } from './users.ts'

export function createInboxes(db: Db) {
  return {
    /** The inboxes of an account that someone sees, by name. */
    async listInboxes(accountId: number, visible: VisibleInboxes): Promise<InboxRow[]> {
      const records = await db.inbox.findMany({ where: { accountId, ...(visible === null ? {} : { id: { in: [...visible] } }) }, include: inboxInclude, orderBy: [{ name: 'asc' }, { id: 'asc' }] })
      return records.map(toInboxRow)
    },

    async findInbox(accountId: number, inboxId: number): Promise<InboxRow | null> {
      const record = await db.inbox.findFirst({ where: { accountId, id: inboxId }, include: inboxInclude })
      return record === null ? null : toInboxRow(record)
    },
  }
}
