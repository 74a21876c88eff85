// The refusal of a body for its size: by its Content-Length before a byte is read, and by counting while it is read
// (body.ts, multipart.ts).

import type { IncomingMessage } from 'node:http'

import { MailError } from '../../errors.ts'

/** Throws `MailError('too-large')` for a Content-Length above `maxBytes`. */
export function refuseDeclared({ headers }: IncomingMessage, maxBytes: number): void {
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(`declared above ${String(maxBytes)} bytes`)
}

export function tooLarge(message: string): MailError {
  return new MailError('too-large', message, { publicMessage: 'The request is too large' })
}
