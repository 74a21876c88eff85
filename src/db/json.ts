// Values on their way into PostgreSQL, whose text and jsonb hold neither NUL nor half a surrogate pair; mail brings
// both.

// The JSON escapes that jsonb refuses; a false match only takes the slow path.
const refused = /\\u(?:0000|d[89a-f])/i

/** JSON that jsonb takes. Never throws on plain values. */
export function toJsonb(value: unknown): string {
  const json = JSON.stringify(value)
  return refused.test(json)
    ? JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? toText(part) : part))
    : json
}

/** Text that PostgreSQL takes: without NUL, half pairs replaced. Never throws. */
export function toText(text: string): string {
  const plain = text.includes('\0') ? text.replaceAll('\0', '') : text
  return plain.isWellFormed() ? plain : plain.toWellFormed()
}

/** Text that is searched for, as it is kept: in Unicode's composed form (NFC). Never throws. */
export function toComposed(text: string): string {
  // Latin-1 has no other form.
  return /[^\0-\xff]/.test(text) ? text.normalize('NFC') : text
}

/** As `toComposed`, for every text in a value, keys included. Never throws on plain values. */
export function toComposedValue<Value>(value: Value): Value {
  if (typeof value === 'string') return toComposed(value) as Value
  if (Array.isArray(value)) return value.map(toComposedValue) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [toComposed(key), toComposedValue(part as unknown)]),
  ) as Value
}

/** As `toText` and `toComposed`: a text from outside that is searched for. Never throws. */
export function toSearchedText(text: string): string {
  return toComposed(toText(text))
}

/** As `toText`, null staying null. */
export function toTextOrNull(text: string | null): string | null {
  return text === null ? null : toText(text)
}
