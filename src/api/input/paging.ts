// Pages are counted from 1; sizes are fixed per list, as Chatwoot's clients expect (25 conversations, 15 contacts).

import type { Parameters } from './parameters.ts'

// Keeps offset below what PostgreSQL takes.
const maxPage = 1_000_000

export interface Page {
  readonly number: number
  readonly limit: number
  readonly offset: number
}

/** The page number of `page`; anything invalid is page 1. Never throws. */
export function pageOf(fields: Parameters, limit: number): Page {
  const value = fields['page']
  const asked = typeof value === 'number' || typeof value === 'string' ? Math.trunc(Number(value)) : 1
  const number = Number.isFinite(asked) ? Math.min(Math.max(asked, 1), maxPage) : 1
  return { number, limit, offset: (number - 1) * limit }
}
