// A word that was probably meant: a beginning of it, or a few letters away.

const longest = 30

/** True if `written` is likely to be a mistyped `word`. Never throws. */
export function isNear(written: string, word: string): boolean {
  if (written.length < 3 || written.length > longest) return false
  if (word.startsWith(written) || written.startsWith(word)) return true
  return distance(written, word) <= (word.length < 6 ? 1 : 2)
}

// Letters to insert, delete or replace (Levenshtein).
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_none, index) => index)
  for (let line = 0; line < from.length; line++) {
    const next = [line + 1]
    for (let column = 0; column < to.length; column++) {
      const replaced = (row[column] ?? 0) + (to[column] === from[line] ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
