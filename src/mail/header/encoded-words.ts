// Encoded words in header fields: "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=" (RFC 2047), tolerant of long words, blanks, "?" and
// raw bytes inside.
import { Buffer } from 'node:buffer'

import { decodeText } from '../encoding/charset.ts'
import { decodeQuotedPrintable } from '../encoding/transfer-encoding.ts'

interface Word {
  readonly charset: string
  readonly bytes: Buffer
  /** Where the text after the word starts. */
  readonly end: number
}

const maxWordLength = 4096

/**
 * A field value as people read it. Neighbouring words of one charset are joined before decoding, as senders split
 * characters. Never throws.
 */
export function decodeEncodedWords(value: string): string {
  if (!value.includes('=?')) return value
  const state: Decoding = { out: [], pending: [], charset: '' }
  let at = 0
  for (let start = value.indexOf('=?'); start >= 0; start = value.indexOf('=?', at)) {
    const word = readWord(value, start)
    if (word) {
      addWord(state, word, value.slice(at, start))
      at = word.end
    } else {
      addPlain(state, value.slice(at, start + 2))
      at = start + 2
    }
  }
  addPlain(state, value.slice(at))
  return state.out.join('')
}

interface Decoding {
  readonly out: string[]
  /** Bytes of the words so far, all of one charset. */
  pending: Buffer[]
  charset: string
}

// Blanks between two encoded words are not part of the text (RFC 2047 §6.2).
function addWord(state: Decoding, word: Word, between: string): void {
  const isNeighbour = state.pending.length > 0 && between.trim() === ''
  // every word of a stateful charset starts anew
  if (!isNeighbour || word.charset !== state.charset || word.charset.startsWith('iso-2022'))
    addPlain(state, isNeighbour ? '' : between)
  state.pending.push(word.bytes)
  state.charset = word.charset
}

function addPlain(state: Decoding, text: string): void {
  if (state.pending.length > 0) state.out.push(decodeText(Buffer.concat(state.pending), state.charset))
  state.pending = []
  state.out.push(text)
}

function readWord(value: string, start: number): Word | null {
  const opening = /^=\?([^?\s]{1,60})\?([bq])\?/i.exec(value.slice(start, start + 70))
  if (!opening) return null
  const from = start + opening[0].length
  const length = value.slice(from, from + maxWordLength).indexOf('?=')
  if (length < 0) return null
  const text = value.slice(from, from + length)
  const bytes =
    opening[2]?.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : decodeQuotedPrintable(text, { underscore: true })
  return { charset: (opening[1] ?? '').toLowerCase().replace(/\*.*$/, ''), bytes, end: from + length + 2 }
}
