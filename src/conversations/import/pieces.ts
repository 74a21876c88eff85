// A file of any size in the database, in pieces: written as it arrives, read as it is needed, never whole in memory.

import type { Sql } from '../../db/pool.ts'

type Kind = 'file' | 'refused'

interface Place {
  readonly transferId: number
  readonly kind: Kind
}

const pieceBytes = 256 * 1024

/** Keeps what `source` gives, in the caller's transaction; answers its size. `source`'s faults are thrown as they are. */
export async function keepPieces(sql: Sql, place: Place, source: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0
  let number = 0
  let gathered: Uint8Array[] = []
  let waiting = 0
  const flush = async (): Promise<void> => {
    if (waiting === 0) return
    await keepPiece(sql, { ...place, number }, Buffer.concat(gathered))
    number += 1
    gathered = []
    waiting = 0
  }
  for await (const chunk of source) {
    gathered.push(chunk)
    waiting += chunk.length
    size += chunk.length
    if (waiting >= pieceBytes) await flush()
  }
  await flush()
  return size
}

/** Keeps one piece. */
export async function keepPiece(sql: Sql, { transferId, kind, number }: Place & { readonly number: number }, bytes: Uint8Array): Promise<void> {
  await sql.query('insert into data_transfer_pieces (transfer_id, kind, number, bytes) values ($1, $2, $3, $4)', [transferId, kind, number, bytes])
}

/** The pieces in order, one at a time. */
export async function* readPieces(sql: Sql, { transferId, kind }: Place): AsyncGenerator<Buffer> {
  let after = -1
  for (;;) {
    const { rows } = await sql.query<{ number: number; bytes: Buffer }>('select number, bytes from data_transfer_pieces where transfer_id = $1 and kind = $2 and number > $3 order by number limit 1', [
      transferId,
      kind,
      after,
    ])
    const [piece] = rows
    if (piece === undefined) return
    after = piece.number
    yield piece.bytes
  }
}
