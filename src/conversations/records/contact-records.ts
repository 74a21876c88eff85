// Contacts with their inboxes and addresses as rows, read with Prisma.

import type { Db } from '../../db/client.ts'
import { inboxInclude, toContactRow, toInboxRows } from './row-mapping.ts'
import type { ContactWithInboxes } from './rows.ts'

/** Contacts with their inboxes, in the order of `ids`. */
export async function readContacts(db: Db, ids: readonly number[]): Promise<ContactWithInboxes[]> {
  if (ids.length === 0) return []
  const records = await db.contact.findMany({
    where: { id: { in: [...ids] } },
    include: {
      contactInboxes: { include: { inbox: { include: inboxInclude } }, orderBy: { id: 'asc' } },
      addresses: { select: { email: true, state: true }, orderBy: { id: 'asc' } },
    },
  })
  const byId = new Map(records.map((record) => [record.id, record]))
  return ids.flatMap((id) => {
    const record = byId.get(id)
    if (record === undefined) return []
    return [
      {
        ...toContactRow(record),
        additionalPhoneNumbers: record.additionalPhoneNumbers,
        additionalIdentifiers: record.additionalIdentifiers,
        addresses: record.addresses,
        contactInboxes: record.contactInboxes.flatMap(({ id, sourceId, merged, inbox }) =>
          toInboxRows([inbox]).map((existing) => ({ id, sourceId, merged, inbox: existing })),
        ),
      },
    ]
  })
}
