// Bounds of JSON from outside, checked on its bytes before JSON.parse: nesting and the number of values decide what a
// parse costs. Strings are skipped with indexOf, so a large base64 value costs almost nothing. Used by the ingresses
// and the API.

export interface JsonBounds {
  /** Levels of arrays and objects. */
  readonly maxDepth: number
  /** Keys, elements and values, counted together. */
  readonly maxValues: number
}

const quote = 0x22
const backslash = 0x5c

/** The first excess over the bounds, in words, or null. Reads no further; does not check the syntax. Never throws. */
export function findExcess(json: Uint8Array, { maxDepth, maxValues }: JsonBounds): string | null {
  let depth = 0
  let values = 1
  for (let at = 0; at < json.length; at++) {
    const byte = json[at] ?? 0
    if (byte === quote) {
      at = endOfString(json, at + 1)
      if (at === -1) return null
    }
    depth += depthOf[byte] ?? 0
    values += valuesOf[byte] ?? 0
    if (depth > maxDepth) return 'nested too deeply'
    if (values > maxValues) return 'too many values'
  }
  return null
}

const depthOf = tableOf({ '[': 1, '{': 1, ']': -1, '}': -1 })
const valuesOf = tableOf({ '[': 1, '{': 1, ',': 1, ':': 1 })

// By byte: what a byte outside a string adds.
function tableOf(steps: Readonly<Record<string, number>>): Int8Array {
  const table = new Int8Array(256)
  for (const [char, step] of Object.entries(steps)) table[char.charCodeAt(0)] = step
  return table
}

// The closing quotation mark, or -1: JSON.parse refuses an open string where it begins to matter.
function endOfString(json: Uint8Array, start: number): number {
  for (let at = json.indexOf(quote, start); at !== -1; at = json.indexOf(quote, at + 1)) {
    let first = at
    while (first > start && json[first - 1] === backslash) first--
    if ((at - first) % 2 === 0) return at
  }
  return -1
}
