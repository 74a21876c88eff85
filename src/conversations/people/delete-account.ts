// Deletes an account with all that it has. Accepted mail keeps its record and raw bytes, people their tokens.

import { type Pool, type Tx, withDeadlockRetry } from '../../db/pool.ts'
import { removeConversations } from '../erasure/erase-messages.ts'
import { removeUploads } from '../files/uploads.ts'

/** In one transaction, however large. */
export async function deleteAccount(pool: Pool, id: number): Promise<void> {
  await withDeadlockRetry(pool, async (tx) => {
    await empty(tx, id)
    // The account is deleted after its contents, in the lock order of writers; then the rows that arrived meanwhile.
    await tx.query('select 1 from accounts where id = $1 for update', [id])
    await empty(tx, id)
    await tx.query('delete from accounts where id = $1', [id])
  })
}

// By their own indexes, so that the cascades find little left.
async function empty(tx: Tx, accountId: number): Promise<void> {
  await removeConversations(tx, 'account_id', accountId)
  await removeUploads(tx, 'account_id = $1', [accountId])
  for (const table of ['contacts', 'channels'])
    await tx.query(`delete from ${table} where account_id = $1`, [accountId])
}
