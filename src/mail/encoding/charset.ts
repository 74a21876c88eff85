// Bytes → text, whatever charset was declared, misdeclared or forgotten (RFC 2045 §5.2, RFC 2046 §4.1.2, WHATWG
// Encoding labels). Used by header fields, by text parts that mailparser does not see, and by the repair pass to name
// an undeclared charset.
import { Buffer, isAscii, isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'

import iconv from 'iconv-lite'

import { guessCharset } from './guess-charset.ts'

// Names that mail uses and the WHATWG table does not know.
const aliases: Readonly<Record<string, string>> = {
  ansi: 'windows-1252',
  cp932: 'shift_jis',
  cp936: 'gbk',
  cp949: 'euc-kr',
  cp950: 'big5',
  cp50220: 'iso-2022-jp',
  cp50221: 'iso-2022-jp',
  'iso-2022-jp-1': 'iso-2022-jp',
  'iso-2022-jp-2': 'iso-2022-jp',
  'iso-2022-jp-ms': 'iso-2022-jp',
  eucjp: 'euc-jp',
  euckr: 'euc-kr',
  uhc: 'euc-kr',
  utf16: 'utf-16le',
}

/** The WHATWG name of a charset label, or null if unknown to TextDecoder. Never throws. */
export function readCharset(label: string): string | null {
  const wanted = label.trim().toLowerCase().replace(/\*.*$/s, '').replace(/["']/g, '')
  if (wanted === '') return null
  const candidates = [
    wanted,
    aliases[wanted],
    wanted.replace(/_/g, '-'),
    wanted.replace(/^(x-)?(cp|win(dows)?)-?(?=125\d$)/, 'windows-'),
    wanted.replace(/^iso[-_ ]?8859[-_ ]?/, 'iso-8859-'),
  ]
  for (const candidate of candidates) {
    const name = candidate === undefined ? null : knownName(candidate)
    if (name !== null) return name
  }
  return null
}

const knownNames = new Map<string, string | null>()

function knownName(label: string): string | null {
  const known = knownNames.get(label)
  if (known !== undefined) return known
  let name: string | null
  try {
    name = new TextDecoder(label).encoding
  } catch {
    name = null
  }
  // seen: labels made up by the thousand must not fill the memory
  if (knownNames.size < 500) knownNames.set(label, name)
  return name
}

/** The charset of unlabelled bytes: a WHATWG name, or `us-ascii`; `windows-1252` in doubt. Never throws. */
export function detectCharset(bytes: Uint8Array): string {
  if (isAscii(bytes)) return hasJapaneseEscape(bytes) ? 'iso-2022-jp' : 'us-ascii'
  return isUtf8(bytes) || isMostlyUtf8(bytes) ? 'utf-8' : guessCharset(bytes)
}

// seen: UTF-8 cut in the middle of a character by a line-length limit; one broken character must not spoil the others
function isMostlyUtf8(bytes: Uint8Array): boolean {
  const text = new TextDecoder('utf-8').decode(bytes.subarray(0, 256 * 1024))
  let broken = 0
  let sound = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0xfffd) broken++
    else if (code >= 0x80) sound++
  }
  return sound > broken * 4
}

function hasJapaneseEscape(bytes: Uint8Array): boolean {
  const escape = bytes.indexOf(0x1b)
  return escape >= 0 && bytes[escape + 1] === 0x24 && (bytes[escape + 2] === 0x42 || bytes[escape + 2] === 0x40)
}

/** True for a WHATWG charset of one byte a character: any bytes are text in it, so its label proves nothing. */
export function isSingleByte(charset: string): boolean {
  return /^(?:windows-125\d|iso-8859-\d{1,2}(?:-i)?|koi8-[ru]|macintosh|x-mac-cyrillic|ibm866|windows-874)$/.test(
    charset,
  )
}

/** True for bytes beyond ASCII that are valid UTF-8: text of a single-byte charset almost never is. */
export function isUtf8Words(bytes: Uint8Array): boolean {
  return !isAscii(bytes) && isUtf8(bytes)
}

/**
 * Text of `bytes`; a missing, unknown or evidently wrong label is replaced by what the bytes look like. Never throws.
 */
export function decodeText(bytes: Uint8Array, label: string): string {
  const declared = readCharset(label)
  if (declared === null && isRare(label)) return iconv.decode(bytes, label.trim())
  const vague = declared === null || declared === 'utf-8' || /^(us-)?ascii$/i.test(label.trim())
  const charset = vague ? detectCharset(bytes) : mislabelled(bytes, declared)
  if (charset === 'us-ascii') return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const decoder = new TextDecoder(charset)
  // One shot, Node 20 turns windows-1252 0x80–0x9F into control characters; as a stream it does not.
  return decoder.decode(bytes, { stream: true }) + decoder.decode()
}

/** True for a charset label that TextDecoder does not know and iconv-lite does: `cp850`, `utf-7`. Never throws. */
export function isRare(label: string): boolean {
  const wanted = label.trim()
  return wanted.length <= 40 && !notText.test(wanted) && iconv.encodingExists(wanted)
}

// Names of iconv-lite that are encodings of bytes, or ASCII, whose label is often wrong.
const notText = /^(?:base64|hex|internal|binary|us-?ascii|ascii.*|ansi.*)?$/i

// seen: UTF-8 under the label of a single-byte charset
function mislabelled(bytes: Uint8Array, declared: string): string {
  return isSingleByte(declared) && isUtf8Words(bytes) ? 'utf-8' : declared
}
