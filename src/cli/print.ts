// Output of commands to a terminal. Subjects, names and reasons are untrusted text: control characters in them could
// move the cursor, set the clipboard or hide a line, so they are shown as escapes.

/** Text whose control characters, but for line ends and tabs, are written as `\\u….`; JSON stays JSON. Never throws. */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A line on stdout. */
export function print(text: string): void {
  console.log(printable(text))
}

/** A line on stderr. */
export function printError(text: string): void {
  console.error(printable(text))
}

/** Rows below headings, in columns as wide as their longest cell. Never throws. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? '').length)),
  )
  return [headings, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
