// Encoded words in header fields: "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=" (RFC 2047), tolerant of long words, blanks, "?" and raw bytes inside.
import { Buffer } from 'node:buffer'
import { decodeText } from '../mime/charset.ts'
import { decodeQuotedPrintable } from '../mime/transfer-encoding.ts'

interface Word {
  readonly charset: string
  readonly bytes: Buffer
  /** Where the text after the word starts. */
  readonly end: number
}

const maxWordLength = 4096

/** A field value as people read it. Neighbouring words of one charset are joined before decoding, as senders split characters. Never throws. */
export function decodeEncodedWords(value: string): string {
  if (!value.includes('=?')) return value
  const out: string[] = []
  let pending: Buffer[] = []
  let charset = ''
  let at = 0
  const flush = (): void => {
    if (pending.length > 0) out.push(decodeText(Buffer.concat(pending), charset))
    pending = []
  }
  for (;;) {
    const start = value.indexOf('=?', at)
    const word = start < 0 ? null : readWord(value, start)
    if (start >= 0 && word === null) {
      flush()
      out.push(value.slice(at, start + 2))
      at = start + 2
      continue
    }
    const between = value.slice(at, start < 0 ? value.length : start)
    const joins = pending.length > 0 && word !== null && between.trim() === ''
    // every word of a stateful charset starts anew
    if (!joins || word.charset !== charset || charset.startsWith('iso-2022')) flush()
    if (!joins) out.push(between)
    if (word === null) return out.join('')
    pending.push(word.bytes)
    charset = word.charset
    at = word.end
  }
}

function readWord(value: string, start: number): Word | null {
  const opening = /^=\?([^?\s]{1,60})\?([bq])\?/i.exec(value.slice(start, start + 70))
  if (!opening) return null
  const from = start + opening[0].length
  const length = value.slice(from, from + maxWordLength).indexOf('?=')
  if (length < 0) return null
  const text = value.slice(from, from + length)
  const bytes = opening[2]?.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : decodeQuotedPrintable(text, { underscore: true })
  return { charset: (opening[1] ?? '').toLowerCase().replace(/\*.*$/, ''), bytes, end: from + length + 2 }
}
