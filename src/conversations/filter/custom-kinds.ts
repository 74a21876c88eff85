// Custom attributes are JSON that clients wrote: the stored value may differ from the declared type. A value of another
// type counts as missing; no comparison ever fails.

import { shiftDay } from '../records/time-zone.ts'
import type { Operator } from './conditions.ts'
import { type Kind, text } from './kinds.ts'
import { daysBefore } from './moments.ts'

/** The operators of a custom attribute's display type. */
export interface CustomKind {
  readonly kind: Kind
  readonly operators: readonly Operator[]
}

const equality: readonly Operator[] = ['equal_to', 'not_equal_to', 'is_present', 'is_not_present']
const words: readonly Operator[] = [...equality, 'contains', 'does_not_contain', 'starts_with']
const order: readonly Operator[] = [...equality, 'is_greater_than', 'is_less_than']

const numeric: Kind = (comparison) => {
  const { operator, values, bind } = comparison
  if (operator === 'is_present' || operator === 'is_not_present') return text(comparison)
  if (values.length === 0 || !values.every((value) => /^\s*-?\d{1,30}(\.\d{1,30})?\s*$/.test(value))) return null
  const sql = `
    (
      case
        when ${comparison.sql} ~ '^\\s*[-+]?\\d{1,100}(\\.\\d{1,100})?\\s*$' then (${comparison.sql})::numeric
      end
    )
  `
  const parameter = bind(
    values.map((value) => value.trim()),
    'numeric[]',
  )
  if (operator === 'equal_to') return `${sql} = any(${parameter})`
  return `${sql} ${operator === 'is_greater_than' ? '>' : '<'} (${parameter})[1]`
}

// Days as text sort as days do.
const day: Kind = (comparison) => {
  const { operator, values, bind, now, zone } = comparison
  if (operator === 'is_present' || operator === 'is_not_present') return text(comparison)
  const days = operator === 'days_before' ? [daysBefore(values[0], now, zone)] : values.map(dayText)
  if (days.length === 0 || days.includes(null)) return null
  const sql = `(case when ${comparison.sql} ~ '^\\d{4}-\\d{2}-\\d{2}' then left(${comparison.sql}, 10) end)`
  if (operator === 'equal_to') return `${sql} = any(${bind(days, 'text[]')})`
  return `${sql} collate "C" ${operator === 'is_greater_than' ? '>' : '<'} ${bind(days[0], 'text')}`
}

function dayText(value: string): string | null {
  const day = /^\s*(\d{4}-\d{2}-\d{2})/.exec(value)?.[1] ?? ''
  return shiftDay(day, 0)
}

const checkbox: Kind = ({ sql, operator, values, bind }) => {
  if (operator === 'is_present') return `${sql} is not null`
  if (operator === 'is_not_present') return `${sql} is null`
  const wanted = values.map((value) => value.trim().toLowerCase())
  if (wanted.length === 0 || !wanted.every((value) => value === 'true' || value === 'false')) return null
  return `lower(${sql}) = any(${bind(wanted, 'text[]')})`
}

const textual: CustomKind = { kind: text, operators: words }
const kinds = new Map<string, CustomKind>([
  ['text', textual],
  ['link', textual],
  ['list', textual],
  ['number', { kind: numeric, operators: order }],
  ['currency', { kind: numeric, operators: order }],
  ['percent', { kind: numeric, operators: order }],
  ['date', { kind: day, operators: [...order, 'days_before'] }],
  ['checkbox', { kind: checkbox, operators: equality }],
])

/** How attributes of a display type are compared; those of an unknown type as text. Never throws. */
export function customKind(displayType: string): CustomKind {
  return kinds.get(displayType) ?? textual
}
