// A contact's fields as they are kept (lower-case address, +phone) and what may be wrong with them, in Chatwoot's
// words.

import { toComposedValue } from '../../db/json.ts'
import { isEmailAddress } from '../../mail/address.ts'
import type { Problem } from '../records/problem.ts'
import type { Json } from '../records/rows.ts'

/** The contact fields of a request; an absent field stays unchanged, null or blank clears it. */
export interface ContactFields {
  readonly name?: string | null | undefined
  readonly email?: string | null | undefined
  readonly phoneNumber?: string | null | undefined
  readonly identifier?: string | null | undefined
  readonly blocked?: boolean | undefined
  readonly avatarUrl?: string | null | undefined
  /** Merged into the existing ones. */
  readonly additionalAttributes?: Json | undefined
  readonly customAttributes?: Json | undefined
}

type Column = readonly [name: string, value: unknown]

/** The fields as columns; attributes as JSON text. Never throws. */
export function columnsOf(given: ContactFields): Column[] {
  const fields = toComposedValue(given)
  const columns: Column[] = [
    ['name', fields.name === undefined ? undefined : (fields.name ?? '').trim()],
    ['email', filled(fields.email)?.toLowerCase() ?? emptied(fields.email)],
    ['phone_number', filled(fields.phoneNumber) ?? emptied(fields.phoneNumber)],
    ['identifier', filled(fields.identifier) ?? emptied(fields.identifier)],
    ['blocked', fields.blocked],
    ['avatar_url', filled(fields.avatarUrl) ?? emptied(fields.avatarUrl)],
    ['additional_attributes', jsonOf(fields.additionalAttributes)],
    ['custom_attributes', jsonOf(fields.customAttributes)],
  ]
  return columns.filter(([, value]) => value !== undefined)
}

/** Problems of the fields themselves. Never throws. */
export function findContactProblems(columns: readonly Column[]): Problem[] {
  const values = new Map(columns)
  return rules
    .filter(([attribute, , isFine]) => {
      const value = values.get(attribute)
      return typeof value === 'string' && !isFine(value)
    })
    .map(([attribute, message]) => ({ attribute, message }))
}

type Rule = readonly [attribute: string, message: string, isFine: (value: string) => boolean]
const rules: readonly Rule[] = [
  ['name', 'is too long (maximum is 255 characters)', (value) => value.length <= 255],
  ['email', 'Invalid email', isEmailAddress],
  ['phone_number', 'should be in e164 format', (value) => /^\+[1-9]\d{1,14}$/.test(value)],
  ['identifier', 'is too long (maximum is 255 characters)', (value) => value.length <= 255],
  ['avatar_url', 'is invalid', (value) => value.length <= 2_048 && /^https?:\/\/[^\s"'<>]+$/i.test(value)],
]

function filled(text: string | null | undefined): string | undefined {
  const trimmed = text?.trim()
  return trimmed === '' ? undefined : trimmed
}

// Given, but with nothing in it.
function emptied(text: string | null | undefined): null | undefined {
  return text === undefined ? undefined : null
}

function jsonOf(value: Json | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value)
}
