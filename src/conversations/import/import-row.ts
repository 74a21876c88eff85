// One row of a CSV of contacts as what it says of a contact (chatwoot.md §4.6): identifier, email, phone_number and name are its own columns,
// company and city additional attributes, every other column a custom attribute.

import { columnsOf, findContactProblems } from '../contacts/contact-fields.ts'
import type { Json } from '../rows.ts'

export interface ContactRowFields {
  readonly identifier: string | null
  readonly email: string | null
  readonly phoneNumber: string | null
  readonly name: string | null
  readonly additionalAttributes: Json
  readonly customAttributes: Json
}

const ownColumns = ['identifier', 'email', 'phone_number', 'name']
const maxValueLength = 10_000

/** The row's contact, or what is wrong with it, for people. Never throws. */
export function readRow(header: readonly string[], values: readonly string[]): { readonly row: ContactRowFields } | { readonly errors: string } {
  if (values.length > header.length) return { errors: `Row has ${String(values.length)} values for ${String(header.length)} columns` }
  const cells = new Map(header.flatMap((name, index) => cellOf(name, values[index])))
  const given = { identifier: cells.get('identifier'), email: cells.get('email'), phoneNumber: phoneOf(cells.get('phone_number')), name: cells.get('name') }
  const errors = [
    ...findContactProblems(columnsOf(given)).map(({ attribute, message }) => `${readable(attribute)} ${message}`),
    ...[...cells].filter(([, value]) => value.length > maxValueLength).map(([name]) => `${name} is too long (maximum is ${String(maxValueLength)} characters)`),
    ...(cells.size === 0 ? ['Row is empty'] : []),
  ]
  if (errors.length > 0) return { errors: errors.join(', ') }
  const columns = new Map(columnsOf(given))
  return {
    row: {
      identifier: textOf(columns.get('identifier')),
      email: textOf(columns.get('email')),
      phoneNumber: textOf(columns.get('phone_number')),
      name: textOf(columns.get('name')),
      additionalAttributes: attributesOf([
        ['company_name', cells.get('company_name') ?? cells.get('company')],
        ['city', cells.get('city')],
      ]),
      customAttributes: Object.fromEntries([...cells].filter(([name]) => !ownColumns.includes(name))),
    },
  }
}

function readable(attribute: string): string {
  const words = attribute.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

// NUL cannot be kept; a cell of nothing says nothing.
function cellOf(name: string, value = ''): [string, string][] {
  const text = value.replaceAll('\0', '').trim()
  return name === '' || text === '' ? [] : [[name, text]]
}

function phoneOf(given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  const bare = given.replace(/[\s().-]/g, '')
  return bare.startsWith('+') ? bare : `+${bare.replace(/^00/, '')}`
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function attributesOf(pairs: readonly (readonly [string, string | undefined])[]): Json {
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined))
}
