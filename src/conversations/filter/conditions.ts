// Parses the filter of a request into ordered conditions, without knowledge of the attributes.

import type { Json } from '../records/rows.ts'
import { isTimezone } from '../records/time-zone.ts'

export const operators = [
  'equal_to',
  'not_equal_to',
  'contains',
  'does_not_contain',
  'is_present',
  'is_not_present',
  'is_greater_than',
  'is_less_than',
  'days_before',
  'starts_with',
] as const
export type Operator = (typeof operators)[number]

/** Operators that deny another: they mean every row that the other does not, those without a value included. */
export const denied = { not_equal_to: 'equal_to', does_not_contain: 'contains' } as const
export type Denial = keyof typeof denied

export interface Condition {
  readonly key: string
  /** Any word: which ones are allowed depends on the attribute. */
  readonly operator: string
  /** Every scalar as text. */
  readonly values: readonly string[]
  /** How the next condition joins; ignored in the last condition. */
  readonly joins: 'and' | 'or'
  /** 'conversation_attribute', 'contact_attribute' or '' = that of what is filtered. */
  readonly model: string
  /** The time zone of the condition's days; null: the account's. */
  readonly timezone: string | null
}

/** An invalid filter; `error` is a sentence for people. */
export interface FilterProblem {
  readonly error: string
}

const maxConditions = 50
const maxValues = 200
const maxValueLength = 500
// Every row is compared with every pattern, so the total length of the patterns decides the cost of a filter.
const maxLengthInAll = 20_000
const maxPatterns = 100
const patternOperators = ['contains', 'does_not_contain', 'starts_with']

const invalidQueryOperator: FilterProblem = { error: 'Query operator must be either "AND" or "OR".' }

/**
 * The conditions of a payload, or what is wrong with it. Lists may be objects with numbers for names, as forms write
 * them. Never throws.
 */
export function parseConditions(payload: unknown): readonly Condition[] | FilterProblem {
  const list = listOf(payload)
  if (list === null) return { error: 'Invalid filter payload. It should be a list of conditions.' }
  if (list.length > maxConditions)
    return { error: `Invalid filter payload. It may hold ${String(maxConditions)} conditions at most.` }
  const conditions: Condition[] = []
  for (const [index, item] of list.entries()) {
    const condition = parseCondition(item, index === list.length - 1)
    if ('error' in condition) return condition
    conditions.push(condition)
  }
  return findExcess(conditions) ?? conditions
}

function findExcess(conditions: readonly Condition[]): FilterProblem | null {
  const long = conditions.find(({ values }) => values.some((value) => value.length > maxValueLength))
  if (long !== undefined)
    return {
      error:
        `Invalid value. A value of ${long.key.slice(0, 100)} may have ${String(maxValueLength)} characters at ` +
        'most.',
    }
  const length = conditions.flatMap(({ values }) => values).reduce((sum, value) => sum + value.length, 0)
  const patterns = conditions
    .filter(({ operator }) => patternOperators.includes(operator))
    .flatMap(({ values }) => values)
  if (length > maxLengthInAll || patterns.length > maxPatterns)
    return {
      error:
        `Invalid filter payload. All values may have ${String(maxLengthInAll)} characters together, and ` +
        `${String(maxPatterns)} of them may be searched for in a text.`,
    }
  return null
}

function parseCondition(item: unknown, isLast: boolean): Condition | FilterProblem {
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    return { error: 'Invalid filter payload. Each condition should be an object.' }
  const given = item as Json
  const key = given['attribute_key']
  const operator = given['filter_operator']
  if (typeof key !== 'string' || typeof operator !== 'string')
    return { error: 'Invalid filter payload. A condition needs attribute_key and filter_operator.' }
  const joins = parseJoin(given['query_operator'], isLast)
  if (joins === null) return invalidQueryOperator
  const values = valuesOf(given['values'])
  if (values === null) return invalidValue(key)
  const timezone = parseTimezone(given['timezone'])
  if (timezone === 'invalid') return invalidTimezone(key)
  const model = given['custom_attribute_type']
  return { key, operator, values, joins, model: typeof model === 'string' ? model : '', timezone }
}

function parseTimezone(given: unknown): string | null {
  if (given === undefined || given === null || given === '') return null
  return typeof given === 'string' && isTimezone(given) ? given : 'invalid'
}

/** The values of a condition do not fit its attribute. */
export function invalidValue(key: string): FilterProblem {
  return { error: `Invalid value. The values provided for ${key} are invalid` }
}

function invalidTimezone(key: string): FilterProblem {
  return { error: `Invalid timezone. The timezone of ${key.slice(0, 100)} should be a name like Europe/Berlin.` }
}

// The operator after the last condition is ignored.
function parseJoin(given: unknown, isLast: boolean): Condition['joins'] | null {
  if (given === undefined || given === null || given === '') return 'and'
  const word = typeof given === 'string' ? given.trim().toLowerCase() : ''
  if (word === 'and' || word === 'or') return word
  return isLast && word === '' ? 'and' : null
}

function valuesOf(given: unknown): string[] | null {
  if (given === undefined || given === null) return []
  const list = listOf(given) ?? [given]
  if (list.length > maxValues || !list.every(isScalar)) return null
  return list.map(String)
}

function isScalar(value: unknown): value is string | number | boolean {
  return (
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
  )
}

function listOf(value: unknown): unknown[] | null {
  if (Array.isArray(value)) return value as unknown[]
  if (typeof value !== 'object' || value === null) return null
  return Object.keys(value).every((name) => /^\d+$/.test(name)) ? Object.values(value) : null
}
