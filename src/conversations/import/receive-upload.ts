// Receives an uploaded file: chunks are committed as they arrive, so that no transaction waits for the sender. Only a
// complete file is processed; an aborted one is deleted at once or, if the process ended with it, by the next sweep.

import { inTransaction, type Pool, queryOne, type Tx } from '../../db/pool.ts'
import { MailError } from '../../errors.ts'

/** How many files an account may send at once. */
const uploadsAtOnce = 2

/** An upload that has received nothing for this long is dead; an interval of SQL. */
export const uploadPatience = '10 minutes'

const chunkBytes = 256 * 1024

export interface Uploader {
  readonly accountId: number
  readonly userId: number | null
}

/**
 * Stores the bytes of `source` under a new transfer; `takeUp` runs in the transaction that records its end. Answers the
 * transfer's id. `source`'s faults are thrown as they are, and leave nothing. Throws `MailError`: rate-limited, or
 * conflict for an upload that was given up meanwhile.
 */
export async function receiveUpload(
  pool: Pool,
  uploader: Uploader,
  {
    source,
    takeUp,
  }: { readonly source: AsyncIterable<Uint8Array>; readonly takeUp: (tx: Tx, transferId: number) => Promise<void> },
): Promise<number> {
  const transferId = await startUpload(pool, uploader)
  try {
    let size = 0
    let number = 0
    for await (const chunk of inChunks(source)) {
      await storeNext(pool, { transferId, number }, chunk)
      number += 1
      size += chunk.length
    }
    await inTransaction(pool, async (tx) => {
      const { rowCount } = await tx.query(
        `
          update data_transfers
          set status = 'pending', byte_size = $2, updated_at = now()
          where id = $1 and status = 'uploading'
        `,
        [transferId, size],
      )
      if (rowCount === 0) throw givenUp(transferId)
      await takeUp(tx, transferId)
    })
    return transferId
  } catch (error) {
    await pool.query(`delete from data_transfers where id = $1 and status = 'uploading'`, [transferId])
    throw error
  }
}

// The account's row is held: of three that begin together one is refused.
async function startUpload(pool: Pool, { accountId, userId }: Uploader): Promise<number> {
  return inTransaction(pool, async (tx) => {
    await tx.query('select 1 from accounts where id = $1 for no key update', [accountId])
    const row = await queryOne<{ id: number }>(
      tx,
      `
        insert into data_transfers (account_id, user_id, direction, status)
        select $1, $2, 'import', 'uploading'
        where (
          select count(*)
          from data_transfers
          where account_id = $1 and status = 'uploading' and updated_at > now() - $4::interval
        ) < $3
        returning id
      `,
      [accountId, userId, uploadsAtOnce, uploadPatience],
    )
    if (row === null)
      throw new MailError(
        'rate-limited',
        `account ${String(accountId)} is sending ${String(uploadsAtOnce)} files already`,
        { publicMessage: 'Too many imports are being uploaded, try again when one has finished' },
      )
    return row.id
  })
}

async function* inChunks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let gathered: Uint8Array[] = []
  let waiting = 0
  for await (const chunk of source) {
    gathered.push(chunk)
    waiting += chunk.length
    if (waiting < chunkBytes) continue
    yield Buffer.concat(gathered)
    gathered = []
    waiting = 0
  }
  if (waiting > 0) yield Buffer.concat(gathered)
}

async function storeNext(
  pool: Pool,
  { transferId, number }: { readonly transferId: number; readonly number: number },
  bytes: Buffer,
): Promise<void> {
  const { rowCount } = await pool.query(
    `with alive as (update data_transfers set updated_at = now() where id = $1 and status = 'uploading' returning id)
     insert into data_transfer_pieces (transfer_id, kind, number, bytes) select id, 'file', $2, $3 from alive`,
    [transferId, number, bytes],
  )
  if (rowCount === 0) throw givenUp(transferId)
}

function givenUp(transferId: number): MailError {
  return new MailError('conflict', `upload ${String(transferId)} was given up`, {
    publicMessage: `No data of the file arrived for ${uploadPatience}, so the upload was cancelled. Send it again`,
  })
}
