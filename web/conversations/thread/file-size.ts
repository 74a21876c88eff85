// Sizes of files as people read them, in powers of 1000.

/** "412 KB". Never throws. */
export function fileSize(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB']
  const power = Math.min(units.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3))
  const amount = bytes / 1000 ** power
  const digits = amount < 10 && power > 0 ? 1 : 0
  return `${amount.toLocaleString(undefined, { maximumFractionDigits: digits })} ${units[power] ?? 'B'}`
}
