// Text from outside as PostgreSQL can keep it: no NUL, no half surrogate, no bottomless nesting. Applied once, to everything that comes in.

import { isParameters, type Parameters } from './parameters.ts'
import { unprocessable } from './fault.ts'

const maxDepth = 64

/** The same value with every text in it, keys too, storable. Throws 422 when it is nested too deeply. */
export function clean(value: Parameters): Parameters {
  return cleanValue(value, 0) as Parameters
}

/** One storable text. Never throws. */
export function cleanText(text: string): string {
  return text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd')
}

function cleanValue(value: unknown, depth: number): unknown {
  if (depth > maxDepth) throw unprocessable('The request is nested too deeply')
  if (typeof value === 'string') return cleanText(value)
  if (Array.isArray(value)) return value.map((element) => cleanValue(element, depth + 1))
  if (!isParameters(value)) return value
  const entries = Object.entries(value).filter(([key]) => key !== '__proto__')
  return Object.fromEntries(entries.map(([key, element]) => [cleanText(key), cleanValue(element, depth + 1)]))
}
