// The transport that an account or inbox chooses: one that this installation has.

import type { Problem } from './problem.ts'

/** Blank chooses the default. Never throws. */
export function findTransportProblems(name: string | null | undefined, known: readonly string[]): Problem[] {
  const wanted = name?.trim() ?? ''
  if (wanted === '' || known.includes(wanted)) return []
  const message = known.length === 0 ? 'is not known: TRANSPORTS names none' : `is not one of ${known.join(', ')}`
  return [{ attribute: 'transport', message }]
}
