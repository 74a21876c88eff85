// Compiles a filter to one SQL expression, or a sentence with its fault. Conditions join from left to right as Chatwoot
// joins them: without parentheses, AND before OR. A negation matches all rows that its assertion does not, including
// those without a value. Pure: names select from fixed maps, values are parameters only.

import { toText } from '../../db/json.ts'
import { type Attribute, attributes, customColumn, type Model, type Subject } from './attributes.ts'
import { type Condition, type Denial, denied, type FilterProblem, invalidValue, type Operator } from './conditions.ts'
import { customKind } from './custom-kinds.ts'

/** A custom attribute that the account has defined. */
export interface Definition {
  readonly key: string
  readonly displayType: string
  readonly model: string
}

export interface Compiled {
  /** A Boolean expression; `true` for a filter without conditions. */
  readonly sql: string
  /** Its parameters from `$firstPlace` on. */
  readonly values: readonly unknown[]
}

export interface CompileOptions {
  readonly subject: Subject
  readonly definitions: readonly Definition[]
  readonly firstParameter: number
  readonly now: Date
  /** The zone of the account's days. */
  readonly zone: string
}

/** Never throws; the expression never fails in the database. */
export function compileFilter(conditions: readonly Condition[], options: CompileOptions): Compiled | FilterProblem {
  const values: unknown[] = []
  const bind = (value: unknown, type: string): string => {
    values.push(storable(value))
    return `$${String(options.firstParameter + values.length - 1)}::${type}`
  }
  let sql = ''
  let joins = ''
  for (const condition of conditions) {
    const part = compileCondition(condition, options, bind)
    if (typeof part !== 'string') return part
    sql += `${joins}(${part})`
    joins = ` ${condition.joins} `
  }
  return { sql: sql === '' ? 'true' : `(${sql})`, values }
}

type Bind = (value: unknown, type: string) => string

function compileCondition(condition: Condition, options: CompileOptions, bind: Bind): string | FilterProblem {
  const attribute = findAttribute(condition, options, bind)
  if ('error' in attribute) return attribute
  const operator = attribute.operators.find((name) => name === condition.operator)
  if (operator === undefined) return invalidOperator(condition.key, attribute.operators)
  const denies = isDenial(operator)
  const sql = attribute.kind({
    sql: attribute.sql,
    operator: denies ? denied[operator] : operator,
    values: condition.values,
    bind,
    now: options.now,
    zone: condition.timezone ?? options.zone,
  })
  if (sql === null) return invalidValue(condition.key)
  return denies ? `(${sql}) is not true` : sql
}

function isDenial(operator: Operator): operator is Denial {
  return operator in denied
}

function findAttribute(condition: Condition, options: CompileOptions, bind: Bind): Attribute | FilterProblem {
  const known = attributes[options.subject]
  const standard = condition.model === '' ? known.get(condition.key) : undefined
  if (standard !== undefined) return standard
  const own: Model = options.subject === 'contact' ? 'contact_attribute' : 'conversation_attribute'
  const model = condition.model === '' ? own : condition.model
  // A contact filter does not look at the contact's conversations.
  const isReached = options.subject !== 'contact' || model === 'contact_attribute'
  const definition = isReached
    ? options.definitions.find((row) => row.key === condition.key && row.model === model)
    : undefined
  if (definition === undefined) return known.get(condition.key) ?? invalidAttribute(condition.key, [...known.keys()])
  const { kind, operators } = customKind(definition.displayType)
  return {
    sql: `(${customColumn(options.subject, definition.model as Model)} ->> ${bind(definition.key, 'text')})`,
    kind,
    operators,
  }
}

function invalidAttribute(key: string, known: readonly string[]): FilterProblem {
  return {
    error:
      `Invalid attribute key - [${key.slice(0, 100)}]. The key should be one of [${known.join(',')}] or a ` +
      'custom attribute defined in the account.',
  }
}

function invalidOperator(key: string, allowed: readonly Operator[]): FilterProblem {
  return { error: `Invalid operator. The allowed operators for ${key} are [${allowed.join(',')}].` }
}

function storable(value: unknown): unknown {
  if (typeof value === 'string') return toText(value)
  return Array.isArray(value) ? value.map(storable) : value
}
