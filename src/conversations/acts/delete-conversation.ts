// A conversation goes with its messages and files; the raw mail that it came from stays as long as retention says (store/incinerate).

import { inTransaction, type Pool } from '../../db/pool.ts'

/** False when it is gone already. */
export function deleteConversation(pool: Pool, conversationId: number): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ blob_sha256: Buffer }>('select distinct a.blob_sha256 from attachments a join messages m on m.id = a.message_id where m.conversation_id = $1 and a.blob_sha256 is not null', [
      conversationId,
    ])
    const { rowCount } = await tx.query('delete from conversations where id = $1', [conversationId])
    const hashes = rows.map((row) => row.blob_sha256)
    if (hashes.length === 0) return rowCount === 1
    // A new message with the same file may be on its way: whoever holds the row first is seen by the other.
    await tx.query('select 1 from blobs where sha256 = any($1) order by sha256 for update', [hashes])
    await tx.query('delete from blobs b where b.sha256 = any($1) and not exists (select 1 from attachments a where a.blob_sha256 = b.sha256)', [hashes])
    return rowCount === 1
  })
}
