// The last rungs of the ladder: the words of a mail that mailparser refuses (too many parts, broken beyond repair),
// without attachments.
import { Buffer } from 'node:buffer'

import { decodeText } from '../encoding/charset.ts'
import { decodeTransferEncoding } from '../encoding/transfer-encoding.ts'
import type { Part } from './structure.ts'

const maxTextBytes = 1024 * 1024

/** The first text and the first HTML part, decoded, each of at most 1 MB raw. Never throws. */
export function readTextOnly(raw: Buffer, parts: readonly Part[]): { text: string | null; html: string | null } {
  return { text: firstOf(raw, parts, 'text/plain'), html: firstOf(raw, parts, 'text/html') }
}

function firstOf(raw: Buffer, parts: readonly Part[], contentType: string): string | null {
  const part = parts.find(
    (candidate) => candidate.contentType === contentType && candidate.disposition !== 'attachment',
  )
  if (!part) return null
  const body = raw.subarray(part.bodyStart, Math.min(part.bodyEnd, part.bodyStart + maxTextBytes))
  return decodeText(decodeTransferEncoding(body, part.encoding), part.charset).replace(/\r\n?/g, '\n')
}
