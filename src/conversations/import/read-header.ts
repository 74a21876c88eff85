// The first row of a CSV of contacts: the names of its columns.

import { unverifiedHints } from '../contacts/unverified-identifiers.ts'
import { CsvFault } from './csv-form.ts'
import { type CsvRow, readCell } from './read-csv.ts'

const maxColumns = 500
const own = ['identifier', 'email', 'phone_number', 'name']

/** Columns of several values, as exports name them. */
export const furtherColumns = {
  identifier: 'additional_identifiers',
  email: 'additional_emails',
  phoneNumber: 'additional_phone_numbers',
} as const
const furtherNames: readonly string[] = Object.values(furtherColumns)

/** Export columns that an import into another account cannot tell from custom attributes by name alone. */
export const exportColumns: readonly string[] = ['id', 'company_name', 'city', 'country']

/** Before the name of an additional attribute that has no column of its own. */
export const attributePrefix = 'additional_attributes.'

/** The additional attribute that a column of an export is; null for another column. Never throws. */
export function additionalAttribute(column: string): string | null {
  if (!column.startsWith(attributePrefix)) return null
  const name = column.slice(attributePrefix.length)
  return unverifiedHints.includes(name) ? null : name
}

/** The last columns of a file of refused rows. They have no name for readers: the file can come back. */
export const reportColumns = ['row', 'errors'] as const

/** The columns without those at the end that have no name. Never throws. */
export function namedColumns(header: readonly string[]): string[] {
  return header.slice(0, header.findLastIndex((name) => name !== '') + 1)
}

/** The columns by the names that rows are read by. Throws `CsvFault` if the row is not a header. */
export function readHeader({ line, values }: CsvRow): string[] {
  const where = `Line ${String(line)}`
  const exact = values.map((value) => readCell(value))
  const names = isExport(exact) ? exact : values.map(columnName)
  while (names.at(-1) === '') names.pop()
  if (reportColumns.every((name, index) => names.at(index - 2) === name)) names.fill('', -reportColumns.length)
  if (names.length > maxColumns)
    throw new CsvFault(
      `${where}: there are ${String(names.length)} columns, and at most ${String(maxColumns)} can be read`,
    )
  if (![...own, ...furtherNames].some((name) => names.includes(name)))
    throw new CsvFault(
      `${where}: the header is missing. The first line should name the columns, among them name, email, ` +
        'phone_number or identifier',
    )
  const twice = names.find((name, index) => name !== '' && names.indexOf(name) !== index)
  if (twice !== undefined) throw new CsvFault(`${where}: the column ${twice} is there twice`)
  return names
}

/**
 * True if an export wrote the file: it has columns that only exports have, or the usual ones with `id` first. Never
 * throws.
 */
export function isExport(header: readonly string[]): boolean {
  if (header[0] === 'id' && own.every((name) => header.includes(name))) return true
  return header.some((name) => furtherNames.includes(name) || name.startsWith(attributePrefix))
}

// "E-Mail", "Phone Number" and "phone_number" are names of one column each.
function columnName(given: string): string {
  const name = readCell(given).trim().replaceAll('\0', '').normalize('NFC').slice(0, 255)
  const plain = name.toLowerCase().replace(/[\s-]+/g, '_')
  if (['company', 'company_name', 'city', 'country', 'labels', ...furtherNames, ...own].includes(plain)) return plain
  if (plain === 'e_mail') return 'email'
  return plain === 'phone' ? 'phone_number' : name
}
