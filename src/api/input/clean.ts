// Text from outside as PostgreSQL can keep it: no NUL, no half surrogate, no bottomless nesting. Applied to
// everything that comes in: fields, paths, and JSON that lay in a field as text.

import { unprocessable } from './fault.ts'
import { isParameters } from './parameters.ts'

const maxDepth = 64
// A byte of JSON can be a value that takes fifty.
const maxValues = 100_000

/**
 * The same value with every text in it, keys too, storable. Throws 422 when it is nested too deeply, or has too many
 * values.
 */
export function clean<T>(value: T): T {
  return cleanValue(value, { depth: 0, count: { left: maxValues } }) as T
}

/** One storable text. Never throws. */
export function cleanText(text: string): string {
  return text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd')
}

/** The parts of a path that were named, storable. Never throws. */
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
