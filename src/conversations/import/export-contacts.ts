// The work of an export: the account's contacts as CSV, a thousand at a time, into a file that is kept for a week.

import { toComposed } from '../../db/json.ts'
import { inTransaction, type Pool, type Tx } from '../../db/pool.ts'
import { MailError } from '../../errors.ts'
import { enqueue } from '../../queue/work.ts'
import { isUnverifiedSql } from '../contacts/unverified-identifiers.ts'
import { compilePayload } from '../filter/filter.ts'
import { storeChunk } from './chunks.ts'
import { joinList } from './list-cell.ts'
import { byteOrderMark, csvLine, safeCell } from './read-csv.ts'
import { additionalAttribute } from './read-header.ts'
import { readTransfer, type TransferRow } from './transfers.ts'

interface ContactRecord {
  readonly id: number
  readonly values: readonly (string | readonly string[] | null)[]
}

const batchSize = 1_000

// The columns that an export may have, as SQL of text or a list; others are additional (`additional_attributes.NAME`)
// or custom attributes. An identifier that a visitor claims is left empty: an import would take it as verified.
const columns: Readonly<Record<string, string>> = {
  id: 'k.id::text',
  name: 'k.name',
  email: 'k.email',
  phone_number: 'k.phone_number',
  identifier: `case when ${isUnverifiedSql} then null else k.identifier end`,
  company_name: `k.additional_attributes->>'company_name'`,
  city: `k.additional_attributes->>'city'`,
  country: `k.additional_attributes->>'country'`,
  additional_emails: 'k.additional_emails',
  additional_phone_numbers: 'k.additional_phone_numbers',
  additional_identifiers: 'k.additional_identifiers',
  labels: 'k.labels',
  blocked: 'k.blocked::text',
  created_at: 'k.created_at::text',
  last_activity_at: 'k.last_activity_at::text',
}
const usual = ['id', 'name', 'email', 'phone_number', 'identifier']

/** Writes the file from the beginning; run again, it begins again. */
export async function exportContacts(pool: Pool, transferId: number): Promise<void> {
  await inTransaction(pool, async (tx) => {
    // Locked to the end: a deletion of a contact waits, and then removes the file.
    await tx.query('select 1 from data_transfers where id = $1 for update', [transferId])
    const transfer = await readTransfer(tx, transferId)
    if (transfer?.status !== 'pending') return
    await tx.query('delete from data_transfer_pieces where transfer_id = $1', [transferId])
    const { count, bytes } = await writeAll(tx, transfer)
    await tx.query(
      `
        update data_transfers
        set status = 'completed', total_records = $2, processed_records = $2, byte_size = $3, updated_at = now()
        where id = $1
      `,
      [transferId, count, bytes],
    )
    await enqueue(tx, [{ kind: 'notify-transfer', key: null, payload: { transferId } }])
  })
}

async function writeAll(tx: Tx, transfer: TransferRow): Promise<{ count: number; bytes: number }> {
  const names = namesOf(transfer)
  const total = { count: 0, bytes: 0 }
  let after = 0
  for (let number = 0; ; number += 1) {
    const records = await readBatch(tx, transfer, { names, after })
    const lines = records.map(({ values }) => csvLine(values.map((value) => safeCell(asText(value)))))
    const chunk = Buffer.from((number === 0 ? byteOrderMark + csvLine(names.map(safeCell)) : '') + lines.join(''))
    if (chunk.length > 0) await storeChunk(tx, { transferId: transfer.id, kind: 'file', number }, chunk)
    total.count += records.length
    total.bytes += chunk.length
    after = records.at(-1)?.id ?? after
    if (records.length < batchSize) return total
  }
}

function asText(value: ContactRecord['values'][number]): string | null {
  return typeof value === 'object' && value !== null ? joinList(value) : value
}

function namesOf({ wanted }: TransferRow): string[] {
  const given = wanted['column_names']
  const names = Array.isArray(given) ? given.map(String).slice(0, 100) : []
  return names.length > 0 ? [...new Set(names.map(toComposed))] : usual
}

// Names of columns pick fixed text; a custom attribute's name is a value.
async function readBatch(
  tx: Tx,
  transfer: TransferRow,
  { names, after }: { readonly names: readonly string[]; readonly after: number },
): Promise<ContactRecord[]> {
  const label = typeof transfer.wanted['label'] === 'string' ? transfer.wanted['label'] : null
  const values: unknown[] = [transfer.accountId, after, batchSize, label]
  const matching = await compilePayload(tx, transfer.wanted['payload'] ?? [], {
    subject: 'contact',
    accountId: transfer.accountId,
    firstParameter: values.length + 1,
  })
  // It was checked when the export was requested; the attribute that it names may have been deleted since.
  if ('error' in matching) throw new MailError('malformed', matching.error, { publicMessage: matching.error })
  values.push(...matching.values)
  const picked = names.map((name) => {
    const known = Object.hasOwn(columns, name) ? columns[name] : undefined
    if (known !== undefined) return `to_jsonb(${known})`
    const additional = additionalAttribute(name)
    const [column, attribute] = additional === null ? ['custom', name] : ['additional', additional]
    return `to_jsonb(k.${column}_attributes->>$${String(values.push(attribute))}::text)`
  })
  const { rows } = await tx.query<ContactRecord>(
    `select k.id, jsonb_build_array(${picked.join(', ')}) as values
     from contacts k
     where k.account_id = $1 and k.id > $2 and ($4::text is null or $4 = any(k.labels)) and ${matching.sql}
     order by k.id
     limit $3`,
    values,
  )
  return rows
}
