// Converts the text of a search field to a full-text query: every word, in any order, the last one possibly unfinished.
// Pure.

import { asked } from '../../db/like.ts'

const maxWords = 20
const maxLength = 200

/**
 * The query in PostgreSQL's own notation, quoted so that nothing in it is an operator; null when there are no words.
 * Never throws.
 */
export function toTextQuery(text: string): string | null {
  const words = asked(text.slice(0, maxLength))
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word))
    .slice(0, maxWords)
  if (words.length === 0) return null
  return `${words.map((word) => `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`).join(' & ')}:*`
}
