// Deletes an inbox with its conversations, their messages and files; contacts stay, without their contact inbox. In one
// transaction, however large, so that it is never seen half deleted. Accepted mail keeps its record and raw bytes, and
// mail that still arrives for it is held.

import { type Pool, type Tx, withDeadlockRetry } from '../../db/pool.ts'
import type { InboxRow } from '../records/rows.ts'
import { removeConversations } from './erase-messages.ts'

export async function deleteInbox(pool: Pool, inbox: InboxRow): Promise<void> {
  await withDeadlockRetry(pool, async (tx) => {
    await empty(tx, inbox.id)
    // The inbox is deleted after its contents, in the lock order of writers; then the rows that arrived meanwhile.
    await tx.query('select 1 from inboxes where id = $1 for update', [inbox.id])
    await empty(tx, inbox.id)
    await tx.query('delete from channels where id = (select channel_id from inboxes where id = $1)', [inbox.id])
  })
}

// By their own indexes, largest first, so that the cascades from the channel find no rows left.
async function empty(tx: Tx, inboxId: number): Promise<void> {
  await removeConversations(tx, 'inbox_id', inboxId)
  await tx.query('delete from contact_inboxes where inbox_id = $1', [inboxId])
}
