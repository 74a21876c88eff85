// Query strings, urlencoded bodies and multipart fields name nested things with brackets, as Rack reads them:
// `labels[]=a`, `label[title]=x`, `payload[][key]=y`, and as PHP and qs write lists: `labels[0]=a`. Pairs are counted
// before they are parsed.

import { type ApiFault, unprocessable } from './fault.ts'

export type Parameters = Record<string, unknown>

const maxDepth = 16
const maxNameLength = 1_000

/**
 * Nested parameters out of flat pairs. A name that contradicts an earlier one replaces it. Throws 422 above
 * `maxPairs`.
 */
export function nestParameters(pairs: Iterable<readonly [string, string]>, maxPairs: number): Parameters {
  const root: Parameters = {}
  let count = 0
  for (const [name, value] of pairs) {
    if (++count > maxPairs) throw tooMany()
    if (name.length > maxNameLength) throw unprocessable('The request has a name that is too long')
    const path = splitName(name)
    if (path.length <= maxDepth && !path.includes('__proto__')) assign(root, path, value)
  }
  return root
}

/** Parameters of a query string or urlencoded body. Throws 422 above `maxPairs`, before anything is parsed. */
export function parseParameters(text: string, maxPairs: number): Parameters {
  let pairs = 1
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) if (++pairs > maxPairs) throw tooMany()
  return nestParameters(new URLSearchParams(text), maxPairs)
}

function tooMany(): ApiFault {
  return unprocessable('The request has too many values')
}

// 'a[b][]' → ['a', 'b', '']; a name without well-formed brackets is one part.
function splitName(name: string): string[] {
  const match = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name)
  if (match === null) return [name]
  const brackets = match[2] ?? ''
  return [match[1] ?? '', ...(brackets === '' ? [] : brackets.slice(1, -1).split(']['))]
}

function assign(into: Parameters, path: readonly string[], value: string): void {
  const [key = '', next, ...rest] = path
  if (next === undefined) {
    into[key] = value
    return
  }
  if (next === '') {
    appendTo(listAt(into, key), rest, value)
    return
  }
  assign(objectAt(into, key), [next, ...rest], value)
}

// As in Rack: `a[][k]=v` adds to the last element until that has its `k`.
function appendTo(list: unknown[], rest: readonly string[], value: string): void {
  const [key] = rest
  if (key === undefined || key === '') {
    list.push(value)
    return
  }
  const last = list.at(-1)
  const element = isParameters(last) && !Object.hasOwn(last, key) ? last : {}
  if (element !== last) list.push(element)
  assign(element, rest, value)
}

function listAt(into: Parameters, key: string): unknown[] {
  const there = Object.hasOwn(into, key) ? into[key] : undefined
  if (Array.isArray(there)) return there
  const list: unknown[] = []
  into[key] = list
  return list
}

function objectAt(into: Parameters, key: string): Parameters {
  const there = Object.hasOwn(into, key) ? into[key] : undefined
  if (isParameters(there)) return there
  const object: Parameters = {}
  into[key] = object
  return object
}

/** True if a value is an object with fields (not an array, not null). Never throws. */
export function isParameters(value: unknown): value is Parameters {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
