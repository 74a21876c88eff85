// A multipart whose declared boundary never stands on a line (RFC 2046 §5.1.1): seen from scripts that spell it
// differently on its lines, leave out the ";" in front of it, or never write it. Without this the words of such a mail
// were preamble, and were not shown.

import { readFieldValue } from '../header/split-head.ts'
import type { HeaderField } from '../parsed-mail.ts'

const maxScanned = 256 * 1024

/**
 * The Content-Type by which the body of such a multipart can be read: with the boundary that does occur, in front of
 * fields of a part, else `text/plain`. Null when the body has nothing but blanks. Never throws.
 */
export function contentTypeFor(raw: Buffer, bodyStart: number): string | null {
  const body = raw.toString('latin1', bodyStart, Math.min(raw.length, bodyStart + maxScanned))
  if (body.trim() === '') return null
  const boundary = /^--([^\s\x80-\xff][ -~]{0,68}?)[ \t]*\r?\n(?=content-[a-z-]{1,40}:)/im.exec(body)?.[1]
  return boundary === undefined || boundary.includes('"')
    ? 'text/plain'
    : `multipart/mixed; boundary="${boundary.replaceAll('\\', '\\\\')}"`
}

/** True when the fields declare a multipart. Never throws. */
export function isMultipart(fields: readonly HeaderField[]): boolean {
  return /^\s*multipart\//i.test(readFieldValue(fields, 'content-type') ?? '')
}
