// Several values in one cell of a CSV: divided by commas, quoted where a value has a comma, a quote or blanks at its
// ends.

const item = /\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(?:,|$)/gy

/** The values as one cell. Never throws. */
export function joinList(values: readonly string[]): string {
  return values.map((value) => (/[",]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(',')
}

/** The values of a cell, each once, blank ones left out. Never throws. */
export function splitList(cell: string): string[] {
  const values = [...cell.matchAll(item)].map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain.trim())
  return [...new Set(values.filter((value) => value.trim() !== ''))]
}
