// Limits of a request body, checked before it is parsed: small for visitors, larger for clients of the account. Files
// are limited by MAX_MESSAGE_BYTES instead.

import type { JsonBounds } from '../../http-client/json-bounds.ts'

export interface BodyBounds {
  /** JSON, urlencoded text, and the fields of a form together. */
  readonly maxTextBytes: number
  readonly json: JsonBounds
  /** Fields of a form or pairs of a query. */
  readonly maxPairs: number
  readonly maxFiles: number
}

// As deep as clean.ts goes.
const maxDepth = 64

export const callerBounds: BodyBounds = {
  maxTextBytes: 5 * 1024 * 1024,
  json: { maxDepth, maxValues: 100_000 },
  maxPairs: 10_000,
  maxFiles: 100,
}

/** The longest message (150,000 characters) fits, whatever its script and coding. */
export const strangerBounds: BodyBounds = {
  maxTextBytes: 1024 * 1024,
  json: { maxDepth, maxValues: 10_000 },
  maxPairs: 1_000,
  maxFiles: 20,
}
