// The head of a mail or of a part, from its raw bytes: fields in order, unfolded (RFC 5322 §2.2, §2.2.3). Our own,
// because parsers disagree on doubled fields and die on header bombs: verifiers read the bytes, so do we. One pass,
// linear.
import { isAscii } from 'node:buffer'

import { decodeText } from '../encoding/charset.ts'
import type { HeaderField } from '../parsed-mail.ts'

export interface Head {
  readonly fields: readonly HeaderField[]
  /** Offset of the body in the given bytes. */
  readonly bodyStart: number
  /** True when fields above `maxFieldBytes` were left out. */
  readonly truncated: boolean
  /** The bytes differ from what is said here: no blank line ends the head, or a field was not folded. */
  readonly irregular: boolean
}

const lf = 0x0a
const cr = 0x0d

const maxFieldBytes = 256 * 1024
const maxFields = 10_000
const maxHeadBytes = 4 * 1024 * 1024

/** The head of a whole mail. Bytes that are no head at all are all body. Never throws. */
export function splitHead(raw: Buffer): Head {
  return readHead(raw, skipPreamble(raw), false)
}

/** The head of a MIME part that starts at `start`; it ends at a boundary line at the latest. Never throws. */
export function splitPartHead(raw: Buffer, start: number): Head {
  return readHead(raw, start, true)
}

function readHead(raw: Buffer, first: number, isPart: boolean): Head {
  const reader: HeadReader = {
    raw,
    fields: [],
    from: -1,
    to: -1,
    size: 0,
    truncated: false,
    irregular: false,
    firstOther: null,
    other: null,
  }
  let at = first
  while (at < raw.length && at - first < maxHeadBytes) {
    const next = nextLine(raw, at)
    const end = lineEnd(raw, at, next)
    if (end === at) return finishAt(reader, { first, blank: at, body: next, isPart })
    if (isPart && raw.toString('latin1', at, at + 2) === '--') break
    if (readLine(reader, at, end)) noteField(reader, at)
    // seen: a text without any head; everything is body
    else if (at === first) return { ...noFields, bodyStart: first }
    else noteOther(reader, at)
    at = next
  }
  return finishAt(reader, { first, blank: at, body: at, isPart })
}

function noteOther(reader: HeadReader, at: number): void {
  reader.firstOther ??= at
  reader.other ??= at
}

function noteField(reader: HeadReader, at: number): void {
  if (reader.other !== null && knownField.test(reader.raw.toString('latin1', at, at + 24))) reader.other = null
}

const noFields = { fields: [], truncated: false, irregular: true } as const

interface End {
  readonly first: number
  /** Where the blank line is, or should have been. */
  readonly blank: number
  readonly body: number
  readonly isPart: boolean
}

// seen: the blank line is missing; the body starts at the first line that is not a field
function finishAt(reader: HeadReader, { first, blank, body, isPart }: End): Head {
  flush(reader)
  const { fields, truncated } = reader
  // seen: a part without a head whose first line is like a field
  if (isPart && fields.length > 0 && !fields.some(({ name }) => knownField.test(`${name}:`)))
    return { ...noFields, bodyStart: first }
  const isOpen = blank === body
  const start = isOpen ? reader.firstOther : wordsBefore(reader, blank)
  const irregular = isOpen || start !== null || reader.irregular
  return { fields, bodyStart: start ?? body, truncated, irregular }
}

const knownField =
  /^(?:content-|x-|mime-|dkim-|arc-|list-|received|resent-|return-path|reply-to|(?:authentication-results|bcc|cc|date|from|in-reply-to|message-id|references|sender|subject|to)[ \t]{0,5}:)/i

// Words above the blank line are the first paragraph of a body whose own blank line is missing.
function wordsBefore({ raw, other }: HeadReader, blank: number): number | null {
  if (other === null) return null
  const lines = raw.toString('latin1', other, Math.min(blank, other + 2_000)).split('\n')
  return lines.some(isWords) ? other : null
}

// Words that people write, not the rest of a broken field.
function isWords(line: string): boolean {
  const text = line.trim()
  return /^[a-z\x80-\xff]{2,30}[,.!?]?$/i.test(text) || (/\S\s+\S/.test(text) && !/^\S{0,100}\s{0,5}=/.test(text))
}

interface HeadReader {
  readonly raw: Buffer
  readonly fields: HeaderField[]
  from: number
  to: number
  size: number
  truncated: boolean
  irregular: boolean
  /** The first line that is not a field, and the first after the last field that mail is known to have. */
  firstOther: number | null
  other: number | null
}

// Blank lines and an mbox "From " line in front of the head (seen: spool files, pipes of MTAs).
function skipPreamble(raw: Buffer): number {
  let at = raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf ? 3 : 0
  while (isBlank(raw[at])) at++
  const first = raw.toString('latin1', at, at + 6)
  if (!first.startsWith('From ') && first !== '>From ') return at
  const newline = raw.indexOf(lf, at)
  return newline < 0 ? at : newline + 1
}

function isBlank(byte: number | undefined): boolean {
  return byte === cr || byte === lf || byte === 0x20 || byte === 0x09
}

function nextLine(raw: Buffer, at: number): number {
  const newline = raw.indexOf(lf, at)
  return newline < 0 ? raw.length : newline + 1
}

// Without its CRLF, LF or (seen) CR CR LF.
function lineEnd(raw: Buffer, from: number, to: number): number {
  let end = to
  while (end > from && (raw[end - 1] === lf || raw[end - 1] === cr)) end--
  return end
}

function readLine(reader: HeadReader, at: number, end: number): boolean {
  const first = reader.raw[at]
  if (first === 0x20 || first === 0x09) {
    if (reader.from >= 0) reader.to = end
    return reader.from >= 0
  }
  if (isUnfolded(reader, at, end)) {
    reader.to = end
    reader.irregular = true
    return true
  }
  // Also before a line that is not a field: its continuation lines belong to it, not to the field above.
  flush(reader)
  if (!startsField(reader.raw, at, end)) return false
  reader.from = at
  reader.to = end
  return true
}

// seen: a parameter on a line of its own that is not folded; its field ends in ";"
function isUnfolded({ raw, from, to }: HeadReader, at: number, end: number): boolean {
  return (
    from >= 0 &&
    raw[to - 1] === 0x3b &&
    /^(?:boundary|charset|name|filename|format|type)\*?\d{0,2}\*?[ \t]{0,9}=/i.test(
      raw.toString('latin1', at, Math.min(end, at + 40)),
    )
  )
}

// field-name = printable US-ASCII except ":" (RFC 5322 §2.2), with blanks allowed before the colon (§4.5)
function startsField(raw: Buffer, at: number, end: number): boolean {
  return /^[!-9;-~]{1,200}[ \t]{0,20}:/.test(raw.toString('latin1', at, Math.min(end, at + 222)))
}

function flush(reader: HeadReader): void {
  if (reader.from < 0) return
  const field = readField(reader.raw.subarray(reader.from, reader.to))
  reader.from = -1
  const size = field.name.length + field.value.length
  const fits = reader.size + size <= maxFieldBytes && reader.fields.length < maxFields
  // what the body is must be known even behind a bomb
  if (fits || (field.name.startsWith('content-') && size < 10_000)) {
    reader.fields.push(field)
    reader.size += size
  } else {
    reader.truncated = true
    // A Received line marks a hop even if it is too long: its position is kept.
    if (field.name === 'received' && reader.fields.length < maxFields)
      reader.fields.push({ name: 'received', value: '' })
  }
}

function readField(bytes: Buffer): HeaderField {
  const colon = bytes.indexOf(0x3a)
  const name = bytes.toString('latin1', 0, colon).trimEnd().toLowerCase()
  const value = bytes.subarray(colon + 1)
  const text = isAscii(value) && !value.includes(0x1b) ? value.toString('latin1') : decodeText(value, '')
  // PostgreSQL text refuses NUL; in an address what stood around it must not become one word
  return { name, value: unfold(text).replaceAll('\0', addressFields.has(name) ? '\ufffd' : '') }
}

const addressFields = new Set(['from', 'sender', 'reply-to', 'to', 'cc', 'bcc'])

function unfold(value: string): string {
  return (value.includes('\n') ? value.replace(/\r*\n(?=[ \t])|[\r\n]/g, '') : value).trim()
}

/** The topmost value of a field (name in lower case), or null when it is missing. Never throws. */
export function readFieldValue(fields: readonly HeaderField[], name: string): string | null {
  return fields.find((field) => field.name === name)?.value ?? null
}

/** All values of a field, the topmost first. Never throws. */
export function readFieldValues(fields: readonly HeaderField[], name: string): string[] {
  return fields.filter((field) => field.name === name).map((field) => field.value)
}
