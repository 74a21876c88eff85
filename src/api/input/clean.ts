// Makes input storable in PostgreSQL: no NUL, no half surrogate pair, bounded nesting. Applied to all input: fields,
// paths, and JSON that a field has as text.

import { unprocessable } from './fault.ts'
import { isParameters } from './parameters.ts'

const maxDepth = 64
// One byte of JSON can be a value that takes fifty bytes of memory.
const maxValues = 100_000

/**
 * The value, with every text in it and every key made storable. Throws 422 when it is nested too deeply, or has too
 * many values.
 */
export function clean<T>(value: T): T {
  return cleanValue(value, { depth: 0, count: { left: maxValues } }) as T
}

/** One storable text. Never throws. */
export function cleanText(text: string): string {
  return text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd')
}

/** The named parts of a path, made storable. Never throws. */
export function cleanParams(
  params: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, cleanText(String(value))]))
}

interface Within {
  readonly depth: number
  readonly count: { left: number }
}

function cleanValue(value: unknown, { depth, count }: Within): unknown {
  if (depth > maxDepth) throw unprocessable('The request is nested too deeply')
  if (--count.left < 0) throw unprocessable('The request has too many values')
  const inner = (element: unknown): unknown => cleanValue(element, { depth: depth + 1, count })
  if (typeof value === 'string') return cleanText(value)
  if (Array.isArray(value)) return value.map(inner)
  if (!isParameters(value)) return value
  const entries = Object.entries(value).filter(([key]) => key !== '__proto__')
  return Object.fromEntries(entries.map(([key, element]) => [cleanText(key), inner(element)]))
}
