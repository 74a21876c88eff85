// Reads one CSV row of contacts: identifier, email, phone_number and name are columns of the contact, `labels`
// (separated by commas) are added, company and city become additional attributes, every other column a custom
// attribute.

import { toComposedValue } from '../../db/json.ts'
import { cleanLabels } from '../actions/describe.ts'
import { columnsOf, findContactProblems } from '../contacts/contact-fields.ts'
import { toPhoneNumber } from '../records/phone-number.ts'
import type { Json } from '../records/rows.ts'
import { maxAttributes } from '../records/save.ts'
import { splitList } from './list-cell.ts'
import { readCell } from './read-csv.ts'
import { additionalAttribute, attributePrefix, exportColumns, furtherColumns, isExport } from './read-header.ts'
import { type ContactRowFields, type Further, keys } from './row-fields.ts'

const setColumns = ['identifier', 'email', 'phone_number', 'name', 'labels', ...Object.values(furtherColumns)]
// Columns that an export writes and an import does not change.
const reportColumns = ['id', 'blocked', 'created_at', 'last_activity_at']

/** The row's contact, or what is wrong with it, for people. Never throws. */
export function readRow(
  header: readonly string[],
  given: readonly string[],
): { readonly row: ContactRowFields } | { readonly errors: string } {
  const last = given.findLastIndex((value) => value.trim() !== '')
  if (last >= header.length)
    return { errors: `Row has ${String(last + 1)} values for ${String(header.length)} columns` }
  const isFromExport = isExport(header)
  const cells = new Map(header.flatMap((name, index) => cellOf(name, given[index], isFromExport)))
  const spaced = isFromExport ? (text?: string) => text : plainSpaces
  const phone = readPhone(cells.get('phone_number'))
  const columns = columnsOf({
    identifier: spaced(cells.get('identifier')),
    email: spaced(cells.get('email')),
    phoneNumber: phone.number,
    name: spaced(cells.get('name')),
  })
  const { further, errors: wrong } = readFurther(cells)
  const errors = [
    ...findContactProblems(columns).map(({ attribute, message }) => `${readable(attribute)} ${message}`),
    ...(phone.error === undefined ? [] : [phone.error]),
    ...wrong,
    ...[...cells]
      .filter(([, value]) => value.length > maxAttributes)
      .map(([name]) => `${name} is too long (maximum is ${String(maxAttributes)} characters)`),
    ...(cells.size === 0 ? ['Row is empty'] : []),
  ]
  if (errors.length > 0) return { errors: errors.join(', ') }
  const kept = new Map(columns)
  return {
    row: {
      id: isFromExport && /^\d{1,9}$/.test(cells.get('id') ?? '') ? Number(cells.get('id')) : null,
      identifier: textOf(kept.get('identifier')),
      email: textOf(kept.get('email')),
      phoneNumber: textOf(kept.get('phone_number')),
      name: textOf(kept.get('name')),
      further,
      labels: cleanLabels(splitList(cells.get('labels') ?? '')),
      ...attributesOf(cells, isFromExport),
    },
  }
}

function readable(attribute: string): string {
  const words = attribute.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

// NUL cannot be stored; a blank cell is ignored, except for an attribute that an export wrote.
function cellOf(name: string, value = '', isFromExport = false): [string, string][] {
  const text = readCell(value.replaceAll('\0', ''))
  const isBlank = text.trim() === ''
  return name === '' || text === '' || (isBlank && !(isFromExport && isAttribute(name))) ? [] : [[name, text]]
}

function isAttribute(name: string): boolean {
  return ![...setColumns, ...reportColumns].includes(name)
}

// Spreadsheets and web pages bring spaces that only look like one.
function plainSpaces(text: string | undefined): string | undefined {
  return text?.replace(/[\u00a0\u2007\u202f]/g, ' ')
}

// 4.79123E+09 has lost digits, and 4791234567.0 has gained one.
const writtenAsNumber = /^[+-]?\d+(?:[.,]\d+)?e[+-]?\d+$|^\+?\d{6,}[.,]\d+$/i

function readPhone(given: string | undefined): { readonly number?: string; readonly error?: string } {
  if (given === undefined) return {}
  // In a cell that was marked as text, also where the spreadsheet kept the mark.
  const text = given.trim().replace(/^'(?=[\d(])/, '')
  if (!writtenAsNumber.test(text)) return { number: toPhoneNumber(text) }
  return {
    error:
      `Phone number ${text} was written as a number by a spreadsheet: format its column as text, and enter ` +
      'it again',
  }
}

function readFurther(cells: ReadonlyMap<string, string>): { readonly further: Further; readonly errors: string[] } {
  const errors: string[] = []
  const values = (key: (typeof keys)[number], read: (text: string) => ReturnType<typeof columnsOf>): string[] =>
    splitList(cells.get(furtherColumns[key]) ?? '').flatMap((text) => {
      const columns = read(text)
      const problems = findContactProblems(columns).map(({ message }) => message)
      errors.push(...problems.map((message) => `${readable(furtherColumns[key])}: ${text} ${message}`))
      return problems.length > 0 ? [] : columns.map(([, value]) => String(value))
    })
  const further = {
    identifier: values('identifier', (identifier) => columnsOf({ identifier })),
    email: values('email', (email) => columnsOf({ email })),
    phoneNumber: values('phoneNumber', (text) => columnsOf({ phoneNumber: toPhoneNumber(text) })),
  }
  return { further, errors }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

// In other files than exports, company and city are custom attributes as well.
function attributesOf(
  cells: ReadonlyMap<string, string>,
  isFromExport: boolean,
): Pick<ContactRowFields, 'additionalAttributes' | 'customAttributes'> {
  const company = isFromExport ? undefined : cells.get('company')
  const additional = isFromExport
    ? [...cells].flatMap(([column, value]): [string, string][] => {
        const name = exportColumns.slice(1).includes(column) ? column : additionalAttribute(column)
        return name === null ? [] : [[name, value]]
      })
    : [
        ['company_name', cells.get('company_name') ?? company],
        ['city', cells.get('city')],
        ['country', cells.get('country')],
      ].flatMap(([name = '', value]) => (value === undefined ? [] : [[name, value]]))
  const isCustom = (name: string, value: string) => {
    if (setColumns.includes(name)) return false
    return isFromExport ? !reportColumns.includes(name) && !isAdditional(name) : !isReportColumn(name, value)
  }
  const custom = [...cells].filter(([name, value]) => isCustom(name, value))
  return {
    additionalAttributes: toComposedValue(Object.fromEntries(additional) as Json),
    customAttributes: toComposedValue(Object.fromEntries(custom)),
  }
}

function isAdditional(column: string): boolean {
  return exportColumns.includes(column) || column.startsWith(attributePrefix)
}

// `blocked` and times as an export writes them are the contact's own; in other words they are custom attributes.
function isReportColumn(name: string, value: string): boolean {
  if (!reportColumns.includes(name)) return false
  if (name === 'blocked') return value === 'true' || value === 'false'
  return name !== 'id' && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?[+-]\d\d(:\d\d)?$/.test(value)
}
