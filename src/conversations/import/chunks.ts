// A file of any size in the database, in pieces: written as it arrives, read as it is needed, never whole in memory.

import type { Sql } from '../../db/pool.ts'

type Kind = 'file' | 'refused'

interface TransferFile {
  readonly transferId: number
  readonly kind: Kind
}

/** Keeps one piece. */
export async function storeChunk(
  sql: Sql,
  { transferId, kind, number }: TransferFile & { readonly number: number },
  bytes: Uint8Array,
): Promise<void> {
  await sql.query('insert into data_transfer_pieces (transfer_id, kind, number, bytes) values ($1, $2, $3, $4)', [
    transferId,
    kind,
    number,
    bytes,
  ])
}

/** The pieces in order, one at a time. */
export async function* readChunks(sql: Sql, { transferId, kind }: TransferFile): AsyncGenerator<Buffer> {
  let after = -1
  for (;;) {
    const { rows } = await sql.query<{ number: number; bytes: Buffer }>(
      `
        select number, bytes
        from data_transfer_pieces
        where transfer_id = $1 and kind = $2 and number > $3
        order by number
        limit 1
      `,
      [transferId, kind, after],
    )
    const [chunk] = rows
    if (chunk === undefined) return
    after = chunk.number
    yield chunk.bytes
  }
}
