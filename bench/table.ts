// Figures in columns, as they come.

export type Cell = string | number | null

/** A printer of rows under these titles; numbers to two digits below 100, whole above. */
export function startTable(titles: readonly string[]): (cells: readonly Cell[]) => void {
  const widths = titles.map((title) => Math.max(9, title.length + 2))
  const print = (cells: readonly string[]): void => {
    console.log(cells.map((cell, column) => cell.padStart(widths[column] ?? 9)).join(''))
  }
  print(titles)
  return (cells) => {
    print(
      cells.map((cell) =>
        typeof cell === 'number' ? cell.toFixed(cell < 100 && !Number.isInteger(cell) ? 2 : 0) : (cell ?? '-'),
      ),
    )
  }
}
