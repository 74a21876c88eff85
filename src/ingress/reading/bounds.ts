// Limits of one request of an HTTP ingress, in bytes and in structure. Enforced while reading and before any parse
// (body.ts, form.ts, json.ts), because several providers sign the body: the content is not authenticated yet. Figures
// of the providers: docs/reference/limits.md.

import type { JsonBounds } from '../../http-client/json-bounds.ts'

export interface RequestBounds {
  /**
   * How many times MAX_MESSAGE_BYTES a request may have: base64, percent signs and parts sent twice make a mail grow.
   */
  readonly growth: number
  /** In bytes, however large a mail may be. */
  readonly maxBytes?: number
  readonly json?: JsonBounds
  /** Parts or fields of a form. */
  readonly maxParts?: number
}

/** Room for a hundred recipients, a thousand header fields and a few hundred attachments. */
export const usualJson: JsonBounds = { maxDepth: 32, maxValues: 100_000 }

/** Every header field of a mail may be a field of the form (Mailgun). */
export const usualParts = 2_000

/** The most bytes that a request may have. Never throws. */
export function maxRequestBytes({ growth, maxBytes = Infinity }: RequestBounds, maxMessageBytes: number): number {
  return Math.min(growth * maxMessageBytes, maxBytes)
}
