// Numbers as a CSV download.

import type { Send } from '../request/route.ts'

/**
 * A CSV answer with these rows, the first of them the header. Rows hold only fixed words and numbers, so nothing needs
 * quoting.
 */
export function csvAnswer(name: string, rows: readonly (readonly (string | number)[])[]): Send {
  return (response) => {
    response.set({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'private, no-store',
    })
    response.end(rows.map((row) => `${row.join(',')}\r\n`).join(''))
  }
}
