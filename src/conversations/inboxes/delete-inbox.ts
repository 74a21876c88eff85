// An inbox goes with its conversations, their messages and files; contacts stay, without their place in it. In one transaction,
// however large: nobody sees half of it. Accepted mail keeps its record and octets, and mail that still comes for it is held.

import { inTransaction, type Pool } from '../../db/pool.ts'
import type { InboxRow } from '../rows.ts'

// By their own indexes, largest first, so that the cascades from the channel find nothing left to look for.
const statements = [
  'select 1 from inboxes where id = $1 for update',
  'delete from conversations where inbox_id = $1',
  'delete from contact_inboxes where inbox_id = $1',
  'delete from channels where id = (select channel_id from inboxes where id = $1)',
]

export async function deleteInbox(pool: Pool, inbox: InboxRow): Promise<void> {
  await inTransaction(pool, async (tx) => {
    for (const statement of statements) await tx.query(statement, [inbox.id])
  })
}
