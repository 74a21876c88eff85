// Values on their way into PostgreSQL, whose text and jsonb hold neither NUL nor half a surrogate pair; mail brings both.

// How JSON writes what jsonb refuses; also in words that only look like it, which then take the slow way.
const refused = /\\u(?:0000|d[89a-f])/i

/** JSON that jsonb takes. Never throws on plain values. */
export function toJsonb(value: unknown): string {
  const json = JSON.stringify(value)
  return refused.test(json) ? JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? toText(part) : part)) : json
}

/** Text that PostgreSQL takes: without NUL, half pairs replaced. Never throws. */
export function toText(text: string): string {
  const plain = text.includes('\0') ? text.replaceAll('\0', '') : text
  return plain.isWellFormed() ? plain : plain.toWellFormed()
}

/** As `toText`, null staying null. */
export function toTextOrNull(text: string | null): string | null {
  return text === null ? null : toText(text)
}
