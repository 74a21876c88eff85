// The lowest rung of the ladder: a mail that its parser could not finish, known by its header alone. Cheap enough for
// any thread.

import { Buffer } from 'node:buffer'

import { repairRaw, unreadMail } from '../mime/raw-repair.ts'
import type { ParsedMail } from '../parsed-mail.ts'
import { assembleMail } from './assemble.ts'

const headBytes = 64 * 1024

/** The first 64 KB of the head, with the reason why there is no more. Never throws. */
export function degradedMail(raw: Uint8Array, reason: string): ParsedMail {
  const content = { text: null, html: null, attachments: [], degraded: `only the header could be read: ${reason}` }
  const head = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, headBytes))
  const end = Math.max(head.indexOf('\r\n\r\n'), head.indexOf('\n\n'))
  try {
    return assembleMail(
      { ...repairRaw(end === -1 ? head : head.subarray(0, end + 2)), parts: [], words: [] },
      content,
      {},
    )
  } catch {
    return assembleMail(unreadMail, content, {})
  }
}
