// The Message-ID of a mail that is not parsed yet: acceptance stores it, so that a reply which follows at once finds
// the mail ahead.

import { Buffer } from 'node:buffer'

import { readMessageId } from './message-id.ts'
import { readFieldValue, splitHead } from './split-head.ts'

/** A Message-ID further down is found when the mail is parsed. */
const maxHeadBytes = 64 * 1024

/**
 * The id as `parseMail` reads it, from the first 64 KB of the raw bytes; null when there is none. Linear. Never
 * throws.
 */
export function readMessageIdOf(raw: Uint8Array): string | null {
  const head = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, maxHeadBytes))
  return readMessageId(readFieldValue(splitHead(head).fields, 'message-id'))
}
