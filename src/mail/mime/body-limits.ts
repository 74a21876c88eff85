// Limits the cost of one mail in mailparser, which reads line by line: three million lines take it a second. Words
// beyond a limit are left out and the mail says so; a file of very many lines bypasses mailparser and is decoded in one
// piece. The original is never changed.
import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'

import { decodeTransferEncoding } from '../encoding/transfer-encoding.ts'
import type { RawAttachment } from './attachments.ts'
import type { Edit, Part } from './structure.ts'

export const maxWordBytes = 4 * 1024 * 1024
const maxWordLines = 100_000
const maxFileLines = 200_000
const knownEncoding = /^\s*(?:|7bit|8bit|binary|base64|quoted-printable)\s*$/i
const lf = 0x0a

export interface LimitedBodies {
  readonly edits: readonly Edit[]
  /** True when words were left out. */
  readonly truncated: boolean
  /** The bodies of files that mailparser sees only as tickets, by ticket. */
  readonly files: ReadonlyMap<string, Part>
}

// Unpredictable for the author of a mail.
const ticketStart = `rethread-${randomBytes(16).toString('hex')}-`

/**
 * The bodies that mailparser gets; all text parts of a mail share one budget. `isWords` separates text from files.
 * Never throws.
 */
export function limitBodies(raw: Buffer, parts: readonly Part[], isWords: (part: Part) => boolean): LimitedBodies {
  const edits: Edit[] = []
  const files = new Map<string, Part>()
  const left = { bytes: 2 * maxWordBytes, lines: 2 * maxWordLines }
  let truncated = false
  for (const part of parts) {
    if (isWords(part)) {
      const end = endOfWords(raw, part, left)
      if (end === part.bodyEnd) continue
      edits.push({ from: end, to: part.bodyEnd, insert: '' })
      truncated = true
    } else if (
      knownEncoding.test(part.encoding) &&
      countLines(raw, part, { bytes: part.bodyEnd - part.bodyStart, lines: maxFileLines }).lines === maxFileLines
    ) {
      const ticket = `${ticketStart}${String(files.size)}`
      files.set(ticket, part)
      edits.push({
        from: part.bodyStart,
        to: part.bodyEnd,
        insert: part.encoding.trim().toLowerCase().startsWith('base64')
          ? Buffer.from(ticket).toString('base64')
          : ticket,
      })
    }
  }
  return { edits, truncated, files }
}

function endOfWords(raw: Buffer, part: Part, left: { bytes: number; lines: number }): number {
  const { bytes, lines } = countLines(raw, part, {
    bytes: Math.min(left.bytes, maxWordBytes),
    lines: Math.min(left.lines, maxWordLines),
  })
  left.bytes -= bytes
  left.lines -= lines
  let end = part.bodyStart + bytes
  // not in the middle of a UTF-8 character
  for (let i = 0; i < 3 && end < part.bodyEnd && end > part.bodyStart && ((raw[end] ?? 0) & 0xc0) === 0x80; i++) end--
  return end
}

// How far the limits reach into a body.
function countLines(
  raw: Buffer,
  part: Part,
  limits: { bytes: number; lines: number },
): { bytes: number; lines: number } {
  const most = Math.min(part.bodyEnd, part.bodyStart + limits.bytes)
  let at = part.bodyStart
  let lines = 0
  while (lines < limits.lines) {
    const newline = raw.indexOf(lf, at)
    if (newline < 0 || newline >= most) return { bytes: Math.max(most - part.bodyStart, 0), lines }
    at = newline + 1
    lines++
  }
  return { bytes: at - part.bodyStart, lines }
}

/** A decoded part, with the content of its ticket. Never throws. */
export function redeemTicket(raw: Buffer, files: ReadonlyMap<string, Part>, decoded: RawAttachment): RawAttachment {
  if (files.size === 0 || decoded.content.length > 200) return decoded
  const part = files.get(decoded.content.toString('latin1').trim())
  return part
    ? { ...decoded, content: decodeTransferEncoding(raw.subarray(part.bodyStart, part.bodyEnd), part.encoding) }
    : decoded
}
