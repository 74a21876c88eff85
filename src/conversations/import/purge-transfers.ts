// Deletes files of contacts: uploads that were never finished, after a week all others, and, when a contact was
// deleted, every file that may name them.

import { inTransaction, type Pool } from '../../db/pool.ts'
import { uploadPatience } from './receive-upload.ts'

/** Removes dead uploads, and transfers that ended a week ago; returns how many. */
export async function sweepTransfers(pool: Pool): Promise<number> {
  const { rowCount } = await pool.query(
    `
      delete from data_transfers
      where (status = 'uploading' and updated_at < now() - $1::interval)
        or (status in ('completed', 'failed') and updated_at < now() - interval '7 days')
    `,
    [uploadPatience],
  )
  return rowCount ?? 0
}

const removed = 'The file was removed: a contact whom it may have named was deleted. Ask for it again.'

/** Removes the account's exports and the rows that its imports refused; an export under way is waited for. */
export async function purgeNamed(pool: Pool, accountId: number): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await tx.query('select 1 from data_transfers where account_id = $1 order by id for update', [accountId])
    await tx.query(
      `
        update data_transfers
        set status = 'failed', error = $2, updated_at = now()
        where account_id = $1 and direction = 'export' and status = 'completed'
      `,
      [accountId, removed],
    )
    await tx.query(
      `
        delete from data_transfer_pieces p
        using data_transfers t
        where t.id = p.transfer_id
          and t.account_id = $1
          and (p.kind = 'refused' or (t.direction = 'export' and t.status = 'failed'))
      `,
      [accountId],
    )
  })
}
