// How each kind of attribute is compared: a condition's operator and values as one SQL expression, values only as
// parameters. Null means that the values do not fit the kind. Text is compared whatever its case and accents. Negations
// ("not equal", "does not contain") are not part of a kind: compile.ts negates the assertion here.

import { anyFolded, asked, asLine, containing, startingLine, startingWith } from '../../db/like.ts'
import { phoneDigits, toPhoneNumber } from '../records/phone-number.ts'
import type { Denial, Operator } from './conditions.ts'

/** One side of a comparison. `sql` is trusted text. */
export interface Comparison {
  readonly sql: string
  readonly operator: Exclude<Operator, Denial>
  readonly values: readonly string[]
  /** A parameter of the statement. */
  readonly bind: (value: unknown, type: string) => string
  readonly now: Date
  /** The time zone of days. */
  readonly zone: string
}

export type Kind = (comparison: Comparison) => string | null

type Pattern = (value: string) => string
type Patterns = ReadonlyMap<Operator, Pattern>

// A pattern costs its length times that of the text in the worst case: a text is searched in its beginning.
const searchedLength = 10_000
const folded = (sql: string) => `left(fold(${sql}), ${String(searchedLength)})`

/** Text, compared whatever its case and accents. */
export const text: Kind = (comparison) => {
  const { sql, operator, values, bind } = comparison
  if (operator !== 'equal_to') return matching(comparison, folded(sql), inText)
  return values.length === 0 ? null : `fold(${sql}) = ${anyFolded(bind(values.map(asked), 'text[]'))}`
}

/** Several texts, one a line: what is asked may be any of them. */
export const texts: Kind = (comparison) =>
  matching(comparison, `(E'\\n' || ${folded(comparison.sql)} || E'\\n')`, inLines)

const inText: Patterns = new Map<Operator, Pattern>([
  ['contains', containing],
  ['starts_with', startingWith],
])
const inLines: Patterns = new Map<Operator, Pattern>([
  ['equal_to', asLine],
  ['contains', containing],
  ['starts_with', startingLine],
])

function matching({ sql, operator, values, bind }: Comparison, searched: string, patterns: Patterns): string | null {
  const pattern = patterns.get(operator)
  if (pattern === undefined) return presence(sql, operator)
  return values.length === 0 ? null : `${searched} like ${anyFolded(bind(values.map(pattern), 'text[]'))}`
}

/** The presence test; null for another operator. Never throws. */
export function presence(sql: string, operator: Operator): string | null {
  if (operator === 'is_present') return `${sql} is not null`
  return operator === 'is_not_present' ? `${sql} is null` : null
}

/**
 * As `kind`, for texts that a contact `k` is searched by: looks into the folded column first, and folds the few that
 * are left.
 */
export function searched(kind: Kind): Kind {
  return (comparison) => {
    const { operator, values, bind } = comparison
    const sql = kind(comparison)
    const isAsked = values.length > 0 && (operator === 'equal_to' || inText.has(operator))
    // Texts are divided by line ends here, and by spaces in the folded column.
    if (sql === null || !isAsked || values.some((value) => value.includes('\n'))) return sql
    return `k.search_text like ${anyFolded(bind(values.map(containing), 'text[]'))} and ${sql}`
  }
}

/** Phone numbers, one a line, asked for in any usual spelling. */
export const phones: Kind = (comparison) => {
  const part = (value: string) => phoneDigits(value) ?? value
  const whole = (value: string) => (phoneDigits(value) === null ? toPhoneNumber(value) : `+${part(value)}`)
  return texts({ ...comparison, values: comparison.values.map(comparison.operator === 'contains' ? part : whole) })
}

/** A numeric column; a value that is not a number is refused, a value out of range matches nothing. */
export const number: Kind = (comparison) => {
  const { sql, operator, values, bind } = comparison
  if (operator === 'contains') return text({ ...comparison, sql: `${sql}::text` })
  if (operator !== 'equal_to') return presence(sql, operator)
  if (values.length === 0 || !values.every((value) => /^\s*\d{1,18}\s*$/.test(value))) return null
  const known = values.map(Number).filter((value) => value <= 2_147_483_647)
  return `${sql} = any(${bind(known, 'int[]')})`
}

/** A column of an enumeration; `all` is every one of its names. Numbers count them. */
export function oneOf(names: readonly string[], type: string): Kind {
  return ({ sql, operator, values, bind }) => {
    if (operator !== 'equal_to') return presence(sql, operator)
    const found: (string | undefined)[] = values.includes('all')
      ? [...names]
      : values.map((value) =>
          names.find((name, position) => name === value.toLowerCase() || String(position) === value),
        )
    if (found.length === 0 || found.includes(undefined)) return null
    return `${sql} = any(${bind(found, `${type}[]`)})`
  }
}

/** True or false. */
export const flag: Kind = ({ sql, operator, values, bind }) => {
  if (operator !== 'equal_to') return presence(sql, operator)
  const wanted = values.map(toFlag)
  if (wanted.length === 0 || wanted.includes(null)) return null
  return `${sql} = any(${bind(wanted, 'bool[]')})`
}

function toFlag(value: string): boolean | null {
  const word = value.trim().toLowerCase()
  if (['true', '1', 't', 'yes'].includes(word)) return true
  return ['false', '0', 'f', 'no'].includes(word) ? false : null
}

/** Labels: any of those named. */
export const labels: Kind = ({ sql, operator, values, bind }) => {
  if (operator === 'is_present') return `${sql} <> '{}'`
  if (operator === 'is_not_present') return `${sql} = '{}'`
  if (values.length === 0) return null
  const parameter = bind(
    values.map((value) => value.normalize('NFC').trim().toLowerCase()),
    'text[]',
  )
  return `${sql} && ${parameter}`
}
