// Codes that people type: mailed to an inbox's address, entered to prove that the account reads it. Kept as a hash.
// Pure apart from randomness.

import { createHash, randomInt } from 'node:crypto'

// Without letters that look like digits (RFC 4648 §3.4 leaves them out for the same reason).
const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const length = 12

/** A new code of 60 random bits, `ABCD-EFGH-JKLM`. */
export function newAddressCode(): string {
  const code = Array.from({ length }, () => letters[randomInt(letters.length)]).join('')
  return code.replace(/(.{4})(?=.)/g, '$1-')
}

/** The form in which a code is kept; case, dashes and blanks do not matter. Never throws. */
export function hashAddressCode(code: string): Buffer {
  return createHash('sha256').update(code.toUpperCase().replace(/[\s-]/g, ''), 'utf8').digest()
}
