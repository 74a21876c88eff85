// The work of an import: looks through the kept file once (is it a CSV, how many rows), then writes its rows, a
// thousand at a time or 8 MB, and says after each batch how far it is. A crash costs one batch: rows that were
// committed are passed over when the work is taken up again.

import { inTransaction, type Pool } from '../../db/pool.ts'
import { enqueue } from '../../queue/work.ts'
import { isUniqueViolation } from '../records/unique.ts'
import { readChunks, storeChunk } from './chunks.ts'
import { CsvFault, type CsvForm, findForm } from './csv-form.ts'
import { type BatchResult, importBatch, type NumberedRow } from './import-batch.ts'
import { readRow } from './import-row.ts'
import { csvLine, readCell, readCsv, safeCell } from './read-csv.ts'
import { namedColumns, readHeader } from './read-header.ts'
import { readTransfer, type TransferRow } from './transfers.ts'

interface Numbered {
  readonly number: number
  readonly line: number
  readonly values: readonly string[]
}

const batchSize = 1_000

/** How much of a file is in memory as rows. A cell costs, also when it is empty. */
const batchBytes = 8 * 1024 * 1024
const cellBytes = 16
const maxRaces = 5

/** Work is leased for two minutes: after half of that the rest is left to another piece of work. */
const longestMs = 60_000

/**
 * Imports as much as one piece of work may; a fault of the file is written on the transfer. Throws temporary faults.
 */
export async function importContacts(pool: Pool, transferId: number): Promise<void> {
  const transfer = await readTransfer(pool, transferId)
  if (transfer === null || transfer.status === 'completed' || transfer.status === 'failed') return
  try {
    const form = await findForm(readChunks(pool, { transferId, kind: 'file' }))
    const { header, total } = await lookThrough(pool, transferId, form)
    await pool.query(
      `
        update data_transfers
        set
          status = 'processing',
          total_records = $2,
          wanted = jsonb_build_object('header', $3::jsonb),
          updated_at = now()
        where id = $1
      `,
      [transferId, total, JSON.stringify(header)],
    )
    const isDone = await importRows(pool, transfer, { form, header, until: performance.now() + longestMs })
    if (isDone) await endTransfer(pool, transferId, null)
    else
      await enqueue(pool, [
        { kind: 'import-contacts', key: `transfer:${String(transfer.accountId)}`, payload: { transferId } },
      ])
  } catch (error) {
    if (!(error instanceof CsvFault)) throw error
    await endTransfer(pool, transferId, `The file is not a valid CSV: ${error.message}. Nothing of it was imported.`)
  }
}

/** Ends a transfer, with success or with an error to show, and deletes its file. The requester is notified by mail. */
export async function endTransfer(pool: Pool, transferId: number, error: string | null): Promise<void> {
  await inTransaction(pool, async (tx) => {
    const { rowCount } = await tx.query(
      `
        update data_transfers
        set
          status = case when $2::text is null then 'completed' else 'failed' end::transfer_status,
          error = left($2, 2000),
          updated_at = now()
        where id = $1
      `,
      [transferId, error],
    )
    if (rowCount === 0) return
    await tx.query(`delete from data_transfer_pieces where transfer_id = $1 and kind = 'file'`, [transferId])
    await enqueue(tx, [{ kind: 'notify-transfer', key: null, payload: { transferId } }])
  })
}

// Throws for a malformed file before anything is written.
async function lookThrough(
  pool: Pool,
  transferId: number,
  form: CsvForm,
): Promise<{ header: string[]; total: number }> {
  let header: string[] | null = null
  let total = 0
  for await (const row of readCsv(readChunks(pool, { transferId, kind: 'file' }), form)) {
    if (header !== null) total += 1
    else header = readHeader(row)
  }
  if (header === null) throw new CsvFault('it is empty')
  return { header, total }
}

interface Reading {
  readonly form: CsvForm
  readonly header: readonly string[]
  /** The time after which the rest is left to another piece of work, by `performance.now`. */
  readonly until: number
}

/** True if the end was reached. */
async function importRows(pool: Pool, transfer: TransferRow, { form, header, until }: Reading): Promise<boolean> {
  let number = -1
  let batch: Numbered[] = []
  let size = 0
  for await (const { line, values } of readCsv(readChunks(pool, { transferId: transfer.id, kind: 'file' }), form)) {
    number += 1
    if (number === 0 || number <= transfer.processedRecords) continue
    batch.push({ number, line, values })
    size += values.reduce((sum, value) => sum + value.length + cellBytes, 0)
    if (batch.length < batchSize && size < batchBytes) continue
    await writeBatch(pool, transfer, { header, rows: batch, races: 0 })
    batch = []
    size = 0
    if (performance.now() > until) return false
  }
  if (batch.length > 0) await writeBatch(pool, transfer, { header, rows: batch, races: 0 })
  return true
}

interface Batch {
  readonly header: readonly string[]
  readonly rows: readonly Numbered[]
  /** How often a batch is repeated because another transaction was first. */
  readonly races: number
}

async function writeBatch(pool: Pool, transfer: TransferRow, { header, rows, races }: Batch): Promise<void> {
  const read = rows.map((row) => ({ ...row, outcome: readRow(header, row.values) }))
  const good = read.flatMap(({ number, outcome }): NumberedRow[] =>
    'row' in outcome ? [{ number, row: outcome.row }] : [],
  )
  const bad = read.flatMap(({ number, outcome }) => ('errors' in outcome ? [{ number, errors: outcome.errors }] : []))
  try {
    await inTransaction(pool, async (tx) => {
      const result = await importBatch(tx, transfer.accountId, good)
      const refused = [...bad, ...result.refused].toSorted((one, other) => one.number - other.number)
      if (refused.length > 0)
        await storeChunk(
          tx,
          { transferId: transfer.id, kind: 'refused', number: rows[0]?.number ?? 0 },
          reportOf(header, rows, refused),
        )
      const { rowCount } = await tx.query(
        `
          update data_transfers
          set
            processed_records = processed_records + $2,
            created_records = created_records + $3,
            changed_records = changed_records + $4,
            refused_records = refused_records + $5,
            updated_at = now()
          where id = $1 and processed_records = $6
        `,
        [transfer.id, rows.length, result.created, result.changed, refused.length, (rows[0]?.number ?? 1) - 1],
      )
      if (rowCount === 0) throw new Error('another process has taken this import over')
    })
  } catch (error) {
    // A mail or a client made one of these contacts meanwhile: look again.
    if (!isUniqueViolation(error) || races >= maxRaces) throw error
    await writeBatch(pool, transfer, { header, rows, races: races + 1 })
  }
}

function reportOf(header: readonly string[], rows: readonly Numbered[], refused: BatchResult['refused']): Buffer {
  const read = new Map(rows.map((row) => [row.number, row]))
  return Buffer.from(
    refused
      .map(({ number, errors }) => {
        const { line = 0, values = [] } = read.get(number) ?? {}
        const cells = namedColumns(header).map((_, index) => safeCell(readCell(values[index] ?? '')))
        return csvLine([...cells, String(number), `Line ${String(line)}: ${errors}`])
      })
      .join(''),
  )
}
