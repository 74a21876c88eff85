// Values on their way into PostgreSQL, whose text and jsonb hold neither NUL nor half a surrogate pair; mail brings both.

/** JSON that jsonb takes. Never throws on plain values. */
export function toJsonb(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? toText(part) : part))
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
