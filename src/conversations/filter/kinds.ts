// How each kind of attribute is compared: a condition's operator and values as one SQL expression, values only as parameters.
// Null means that the values are not such as the kind has. As in Chatwoot, text is compared whatever its case, and "not equal" leaves
// out what has no value; only custom attributes without a value are "not equal" to one.

import type { Operator } from './conditions.ts'

/** One side of a comparison. `sql` is text of ours. */
export interface Comparison {
  readonly sql: string
  readonly operator: Operator
  readonly values: readonly string[]
  /** A place for a value in the statement. */
  readonly bind: (value: unknown, type: string) => string
  readonly now: Date
}

export type Kind = (comparison: Comparison) => string | null

/** Text, compared whatever its case. */
export const text: Kind = ({ sql, operator, values, bind }) => {
  const compare = comparisons.get(operator)
  if (compare === undefined) return presence(sql, operator)
  return values.length === 0 ? null : compare(sql, (change) => bind(values.map(change), 'text[]'))
}

type Place = (change: (value: string) => string) => string
const same = (value: string) => value
const comparisons = new Map<Operator, (sql: string, place: Place) => string>([
  ['equal_to', (sql, place) => isAmong(sql, place(same))],
  ['not_equal_to', (sql, place) => `not ${isAmong(sql, place(same))}`],
  ['contains', (sql, place) => `${sql} ilike any(${place(holding)})`],
  ['does_not_contain', (sql, place) => `${sql} not ilike all(${place(holding)})`],
  ['starts_with', (sql, place) => `${sql} ilike any(${place(beginning)})`],
])

const isAmong = (sql: string, place: string) => `(lower(${sql}) = any(array(select lower(v) from unnest(${place}) v)))`
const literal = (value: string) => value.replace(/[\\%_]/g, '\\$&')
const holding = (value: string) => `%${literal(value)}%`
const beginning = (value: string) => `${literal(value)}%`

function presence(sql: string, operator: Operator): string | null {
  if (operator === 'is_present') return `${sql} is not null`
  return operator === 'is_not_present' ? `${sql} is null` : null
}

/** A phone number: clients leave out its `+`. */
export const phone: Kind = (comparison) => {
  const values = comparison.values.map((value) => value.replace(/[\s()-]/g, ''))
  if (comparison.operator === 'contains' || comparison.operator === 'does_not_contain') return text({ ...comparison, values })
  return text({ ...comparison, values: values.map((value) => (value.startsWith('+') ? value : `+${value}`)) })
}

/** A column of ids or numbers of ours; what cannot be one is refused, what no row can have is nowhere. */
export const number: Kind = (comparison) => {
  const { sql, operator, values, bind } = comparison
  if (operator === 'contains' || operator === 'does_not_contain') return text({ ...comparison, sql: `${sql}::text` })
  if (operator !== 'equal_to' && operator !== 'not_equal_to') return presence(sql, operator)
  if (values.length === 0 || !values.every((value) => /^\s*\d{1,18}\s*$/.test(value))) return null
  const place = bind(
    values.map(Number).filter((value) => value <= 2_147_483_647),
    'int[]',
  )
  return operator === 'equal_to' ? `${sql} = any(${place})` : `${sql} <> all(${place})`
}

/** A column of an enumeration; `all` is every one of its names. Numbers count them. */
export function oneOf(names: readonly string[], type: string): Kind {
  return ({ sql, operator, values, bind }) => {
    if (operator !== 'equal_to' && operator !== 'not_equal_to') return presence(sql, operator)
    const found: (string | undefined)[] = values.includes('all') ? [...names] : values.map((value) => names.find((name, position) => name === value.toLowerCase() || String(position) === value))
    if (found.length === 0 || found.includes(undefined)) return null
    const place = bind(found, `${type}[]`)
    return operator === 'equal_to' ? `${sql} = any(${place})` : `${sql} <> all(${place})`
  }
}

/** True or false. */
export const flag: Kind = ({ sql, operator, values, bind }) => {
  if (operator !== 'equal_to' && operator !== 'not_equal_to') return presence(sql, operator)
  const wanted = values.map(toFlag)
  if (wanted.length === 0 || wanted.includes(null)) return null
  const place = bind(wanted, 'bool[]')
  return operator === 'equal_to' ? `${sql} = any(${place})` : `${sql} <> all(${place})`
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
  const place = bind(
    values.map((value) => value.trim().toLowerCase()),
    'text[]',
  )
  return operator === 'equal_to' ? `${sql} && ${place}` : `not (${sql} && ${place})`
}

const dayMs = 86_400_000

/** A moment: a day (UTC) means the whole of it, as in Chatwoot: what is greater begins with the day after. `days_before` counts back from today. */
export const time: Kind = ({ sql, operator, values, bind, now }) => {
  if (operator === 'is_present' || operator === 'is_not_present') return presence(sql, operator)
  const moment = operator === 'days_before' ? daysBefore(values[0], now) : toTime(values[0])
  if (moment === null) return null
  if (operator !== 'is_greater_than') return `${sql} < ${bind(moment.toISOString(), 'timestamptz')}`
  const isDay = /^\s*\d{4}-\d{2}-\d{2}\s*$/.test(values[0] ?? '')
  return isDay ? `${sql} >= ${bind(new Date(moment.getTime() + dayMs).toISOString(), 'timestamptz')}` : `${sql} > ${bind(moment.toISOString(), 'timestamptz')}`
}

function toTime(value: string | undefined): Date | null {
  if (value === undefined || !/^\s*\d{4}-\d{2}-\d{2}/.test(value)) return null
  const time = new Date(value.trim())
  const year = time.getUTCFullYear()
  return Number.isNaN(year) || year < 1 || year > 9998 ? null : time
}

function daysBefore(value: string | undefined, now: Date): Date | null {
  if (value === undefined || !/^\s*\d{1,5}\s*$/.test(value)) return null
  const today = Math.floor(now.getTime() / dayMs) * dayMs
  return new Date(today - Number(value) * dayMs)
}
