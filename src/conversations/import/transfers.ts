// Imports and exports of contacts, as users see them: their beginning, progress and refused rows. The work itself is
// rows of the work table.

import { toJsonb } from '../../db/json.ts'
import { inTransaction, type Pool, queryOne, type Sql, type Tx } from '../../db/pool.ts'
import { enqueue, type NewWork } from '../../queue/work.ts'
import type { FilterProblem } from '../filter/conditions.ts'
import { compilePayload } from '../filter/filter.ts'
import type { Json } from '../records/rows.ts'
import { readChunks } from './chunks.ts'
import { byteOrderMark, csvLine, safeCell } from './read-csv.ts'
import { namedColumns, reportColumns } from './read-header.ts'
import { receiveUpload, type Uploader } from './receive-upload.ts'

export interface TransferRow {
  readonly id: number
  readonly accountId: number
  readonly userId: number | null
  readonly direction: 'import' | 'export'
  readonly status: 'uploading' | 'pending' | 'processing' | 'completed' | 'failed'
  readonly wanted: Json
  readonly byteSize: number
  /** Null until all rows have been read. */
  readonly totalRecords: number | null
  readonly processedRecords: number
  readonly createdRecords: number
  readonly changedRecords: number
  readonly refusedRecords: number
  readonly error: string | null
  /** Unguessable part of the download address. */
  readonly token: string
  readonly createdAt: Date
}

const columns = `
  id,
  account_id as "accountId",
  user_id as "userId",
  direction,
  status,
  wanted,
  byte_size as "byteSize",
  total_records as "totalRecords",
  processed_records as "processedRecords",
  created_records as "createdRecords",
  changed_records as "changedRecords",
  refused_records as "refusedRecords",
  error,
  token,
  created_at as "createdAt"
`

/** `wake` is called after a commit that queued work. */
export function createTransfers({ pool, wake }: { readonly pool: Pool; readonly wake: () => void }) {
  const queue = (
    tx: Tx,
    accountId: number,
    work: Pick<NewWork<'import-contacts' | 'export-contacts'>, 'kind' | 'payload'>,
  ): Promise<void> => enqueue(tx, [{ ...work, key: `transfer:${String(accountId)}` }])
  return {
    /**
     * Keeps the file as it arrives and, once it is there whole, queues its work; answers its id. Throws what reading
     * it throws, and `MailError('rate-limited')` for too many at once.
     */
    async beginImport(asker: Uploader, file: AsyncIterable<Uint8Array>): Promise<number> {
      const transferId = await receiveUpload(pool, asker, {
        source: file,
        takeUp: (tx, id) => queue(tx, asker.accountId, { kind: 'import-contacts', payload: { transferId: id } }),
      })
      wake()
      return transferId
    },
    /** Queues the work, or says what is wrong with the filter (`payload`). */
    async beginExport(asker: Uploader, wanted: Json): Promise<{ readonly id: number } | FilterProblem> {
      const { accountId, userId } = asker
      const matching = await compilePayload(pool, wanted['payload'] ?? [], {
        subject: 'contact',
        accountId,
        firstParameter: 1,
      })
      if ('error' in matching) return matching
      const id = await inTransaction(pool, async (tx) => {
        const row = await queryOne<{ id: number }>(
          tx,
          `
            insert into data_transfers (account_id, user_id, direction, wanted)
            values ($1, $2, 'export', $3::jsonb)
            returning id
          `,
          [accountId, userId, toJsonb(wanted)],
        )
        await queue(tx, accountId, { kind: 'export-contacts', payload: { transferId: row?.id ?? 0 } })
        return row?.id ?? 0
      })
      wake()
      return { id }
    },
    findTransfer: (accountId: number, id: number) => findTransfer(pool, accountId, id),
    /** The latest 50, newest first. */
    async listTransfers(accountId: number): Promise<TransferRow[]> {
      const { rows } = await pool.query<TransferRow>(
        `select ${columns} from data_transfers where account_id = $1 order by id desc limit 50`,
        [accountId],
      )
      return rows
    },
    /** The file of a finished export, by the token of its address; null when there is none, or it is a week old. */
    async findDownload(
      token: string,
    ): Promise<{ readonly transfer: TransferRow; readonly chunks: AsyncGenerator<Buffer> } | null> {
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(token)) return null
      const transfer = await queryOne<TransferRow>(
        pool,
        `
          select ${columns}
          from data_transfers
          where token = $1::uuid
            and direction = 'export'
            and status = 'completed'
            and created_at > now() - interval '7 days'
        `,
        [token],
      )
      return transfer === null
        ? null
        : { transfer, chunks: readChunks(pool, { transferId: transfer.id, kind: 'file' }) }
    },
    /**
     * The rows that were refused, as CSV with the columns `row` (counted from 1 below the header) and `errors`, which
     * an import reads over.
     */
    readRefused: (transfer: TransferRow) => readRefused(pool, transfer),
  }
}

function findTransfer(sql: Sql, accountId: number, id: number): Promise<TransferRow | null> {
  return queryOne<TransferRow>(sql, `select ${columns} from data_transfers where account_id = $1 and id = $2`, [
    accountId,
    id,
  ])
}

/** As `findTransfer`, for its work, which knows its id only. */
export function readTransfer(sql: Sql, id: number): Promise<TransferRow | null> {
  return queryOne<TransferRow>(sql, `select ${columns} from data_transfers where id = $1`, [id])
}

async function* readRefused(sql: Sql, { id: transferId, wanted }: TransferRow): AsyncGenerator<Buffer> {
  const header = Array.isArray(wanted['header']) ? wanted['header'].map(String) : []
  yield Buffer.from(byteOrderMark + csvLine([...namedColumns(header).map(safeCell), ...reportColumns]))
  yield* readChunks(sql, { transferId, kind: 'refused' })
}
