// One line of a reply as the markers look at it: invisible characters gone, blanks folded, a quote sign recognised.

/** The line's text without bidirectional marks, zero-width characters and surplus blanks. Never throws. */
export function plainLine(line: string): string {
  return line
    .slice(0, maxMarkerLength + 100)
    .replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '')
    .replace(/[\s\u00a0]+/g, ' ')
    .trim()
}

/** The line at an index, '' beyond the text. Never throws. */
export function lineAt(lines: readonly string[], index: number): string {
  return lines[index] ?? ''
}

/** Longer lines are never markers. */
export const maxMarkerLength = 500

/** True if the line is a quotation by its sign: up to three blanks, then ">". An mbox ">From " is not. Never throws. */
export function isQuoted(line: string): boolean {
  return /^[ \t\ufeff\u200b]{0,3}>(?!From )/.test(line)
}

/** True if the line has a letter or a digit. Never throws. */
export function hasWords(line: string): boolean {
  return /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(line)
}

/** True if the line is only a rule: "_____", "-----", "=====", "*****", "-=-=-". Never throws. */
export function isRule(line: string): boolean {
  const text = line.trim()
  return (
    /^[-_=*~—–#. ]{3,}$/.test(text) && (/([-_=*~—–#])\s?\1/.test(text) || /^(?:-=){2,}-?$|^(?:—-){2,}—?$/.test(text))
  )
}
