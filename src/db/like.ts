// Texts as people ask for them: LIKE patterns, and the SQL that compares whatever the case and the accents. The rule
// for letters is the SQL function fold(text) of the database (docs/adr/0030-letters.md).

import { toText } from './json.ts'

/**
 * A search text without the compatibility forms that fold() would turn into characters with a meaning. Never throws.
 */
export function asked(text: string): string {
  return toText(text).normalize('NFKC')
}

/** `%`, `_` and `\` stand for themselves in a pattern. Never throws. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}

const literal = (text: string): string => escapeLike(asked(text))

/** A pattern that finds the text anywhere. Never throws. */
export function containing(text: string): string {
  return `%${literal(text)}%`
}

/** A pattern that finds the text at the beginning. Never throws. */
export function startingWith(text: string): string {
  return `${literal(text)}%`
}

/** A pattern that finds the text as one whole line. Never throws. */
export function asLine(text: string): string {
  return `%\n${literal(text)}\n%`
}

/** A pattern that finds the text at the beginning of a line. Never throws. */
export function startingLine(text: string): string {
  return `%\n${literal(text)}%`
}

/** As SQL: any of the texts or patterns of an array, folded. */
export function anyFolded(parameter: string): string {
  return `any(array(select fold(v) from unnest(${parameter}) v))`
}
