// Header fields: those at the top of raw bytes, as a provider's own additions stand there, and those that JSON gives.
// Nothing is decoded.

import type { Json } from './json.ts'

export type Fields = readonly (readonly [name: string, value: string])[]

const maxHead = 256 * 1024

/** Fields that JSON gives as a map, a repeated one as a list of texts; other values are omitted. Never throws. */
export function fieldsOfMap(map: Json): Fields {
  return Object.entries(map).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as readonly unknown[]) : [value]).flatMap((one) =>
      typeof one === 'string' ? [[name, one] as const] : [],
    ),
  )
}

/** Name and unfolded value of each field, in order. Never throws. */
export function readHead(raw: Buffer | string): Fields {
  const text =
    typeof raw === 'string' ? raw.slice(0, maxHead) : raw.toString('latin1', 0, Math.min(raw.length, maxHead))
  const head = /^[\s\S]*?(?=\r?\n\r?\n|$(?![\s\S]))/.exec(text)?.[0] ?? ''
  return head
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)
    .flatMap((line) => {
      const colon = line.indexOf(':')
      return colon > 0 ? [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const] : []
    })
}

/** The value of the topmost field of a name in lower case, or null. Never throws. */
export function headerOf(fields: Fields, name: string): string | null {
  return fields.find(([other]) => other.toLowerCase() === name)?.[1] ?? null
}

/** The first word of a value, as `pass` of "Pass (sender is authorised)", or null. Never throws. */
export function firstWord(value: string | null): string | null {
  return /^\s*([a-z]+)/i.exec(value ?? '')?.[1]?.toLowerCase() ?? null
}
