// Repairs raw bytes before mailparser, each for a defect seen in real mail (RFC 2045, RFC 2046). The original is never
// changed; it stays in the store. Bounded and linear: one pass to find, one to write, nothing if there is no defect.
import { Buffer } from 'node:buffer'

import { detectCharset, isRare, isSingleByte, isUtf8Words, readCharset } from '../encoding/charset.ts'
import { decodeTransferEncoding } from '../encoding/transfer-encoding.ts'
import type { Head } from '../header/split-head.ts'
import { readFieldValue, splitHead } from '../header/split-head.ts'
import type { HeaderField } from '../parsed-mail.ts'
import type { LimitedBodies } from './body-limits.ts'
import { limitBodies, maxWordBytes } from './body-limits.ts'
import { mimeHead } from './mime-head.ts'
import { contentTypeFor, isMultipart } from './missing-boundary.ts'
import type { Envelope } from './smime.ts'
import { readEnvelope } from './smime.ts'
import type { Edit, Part, Range, Structure } from './structure.ts'
import { readStructure } from './structure.ts'

export interface RepairedMail {
  /** The bytes with line ends repaired; offsets of `head` and `parts` refer to them. */
  readonly raw: Buffer
  readonly head: Head
  readonly parts: readonly Part[]
  /** What stands in no part. */
  readonly idle: readonly Range[]
  /** More parts than mailparser reads. */
  readonly isTooMany: boolean
  /** The mail is an S/MIME or PGP envelope: opened, or not. */
  readonly envelope: Envelope['kind'] | null
  /** A defect that leaves the reading in doubt, or null. */
  readonly note: string | null
  /** Those of `parts` that hold words; the others are files. */
  readonly words: readonly Part[]
  /** A small head with the MIME fields alone, then the repaired body: header bombs never reach mailparser. */
  readonly forParser: readonly Buffer[]
  /** True if text was left out of `forParser`, and the files by ticket. */
  readonly limited: Pick<LimitedBodies, 'truncated' | 'files'>
}

/** A mail of which nothing is known. */
export const unreadMail: RepairedMail = {
  raw: Buffer.alloc(0),
  head: { fields: [], bodyStart: 0, truncated: false, irregular: false },
  parts: [],
  idle: [],
  isTooMany: false,
  words: [],
  note: null,
  envelope: null,
  forParser: [],
  limited: { truncated: false, files: new Map() },
}

/** Finds and repairs what mailparser would misread. Never throws. */
export function repairRaw(original: Uint8Array): RepairedMail {
  const raw = repairLineEnds(Buffer.from(original.buffer, original.byteOffset, original.byteLength))
  const head = splitHead(raw)
  const envelope = readEnvelope(raw, head.bodyStart, head.fields)
  if (envelope?.kind !== 'signed') return repairParsed(raw, head, envelope?.kind ?? null)
  const content = repairLineEnds(envelope.content)
  // The fields of the mail stay those of its own head; the content has MIME fields of its own.
  return { ...repairParsed(content, splitHead(content), 'signed'), head }
}

function repairParsed(raw: Buffer, declared: Head, envelope: RepairedMail['envelope']): RepairedMail {
  const { head, parts, edits, idle, isTooMany, note } = readParts(raw, declared)
  const firstText = parts.find((part) => part.contentType.startsWith('text/'))
  const words = parts.filter((part) => isText(part) && !isFile(part, part !== firstText))
  const limited = limitBodies(raw, parts, (part) => words.includes(part))
  const [only] = parts
  const isSingle = only?.headStart === 0
  const fields = isSingle ? repairPart(raw, only, false) : null
  const partEdits = isSingle ? [] : repairParts(raw, parts)
  const body = applyEdits(raw, head.bodyStart, mergeEdits(edits, [...partEdits, ...limited.edits]))
  return {
    raw,
    head: declared,
    parts,
    idle,
    isTooMany,
    words,
    note,
    envelope,
    forParser: [Buffer.from(mimeHead(fields ?? head.fields)), ...body],
    limited,
  }
}

// The parts by the declared boundary; where it never occurs, by the one that does, or the body as text.
function readParts(raw: Buffer, head: Head): Structure & { head: Head; note: string | null } {
  const structure = readStructure(raw, head)
  const isLost = isMultipart(head.fields) && structure.parts.every((part) => part.headStart === 0)
  const type = isLost ? contentTypeFor(raw, head.bodyStart) : null
  if (type === null) return { ...structure, head, note: null }
  const repaired = { ...head, fields: withField(head.fields, 'content-type', type) }
  const note = 'the boundary that the mail declares is not in it: its parts may be read wrongly'
  return { ...readStructure(raw, repaired), head: repaired, note }
}

/** Lone CR as line end: CRLF where the mail has no LF at all (seen: old Macintosh gateways). */
function repairLineEnds(raw: Buffer): Buffer {
  if (raw.includes(0x0a) || !raw.includes(0x0d)) return raw
  return Buffer.from(raw.toString('latin1').replaceAll('\r', '\r\n'), 'latin1')
}

function repairParts(raw: Buffer, parts: readonly Part[]): Edit[] {
  let seenText = false
  return parts.flatMap((part) => {
    const fields = repairPart(raw, part, seenText) ?? (part.irregular ? part.fields : null)
    seenText ||= part.contentType.startsWith('text/')
    return fields ? [{ from: part.headStart, to: part.bodyStart, insert: mimeHead(fields) }] : []
  })
}

// The part's fields as they should have been, or null when they may stay.
function repairPart(raw: Buffer, part: Part, isLater: boolean): HeaderField[] | null {
  if (!isText(part)) return null
  if (isFile(part, isLater))
    return withField(
      part.fields,
      'content-disposition',
      `attachment; filename="${part.filename.replace(/["\\\r\n]/g, '_')}"`,
    )
  // seen: an unknown disposition; the only text of a mail must not become a file because of it
  const isOdd = part.disposition !== '' && part.disposition !== 'inline'
  const fields = isOdd ? withField(part.fields, 'content-disposition', 'inline') : part.fields
  const charset = repairedCharset(raw, part)
  const isPlain = isPlainUnderBase64(raw, part)
  if (charset === null && !isOdd && !isPlain) return null
  const typed = charset === null ? fields : withField(fields, 'content-type', typeWithCharset(part, charset))
  return isPlain ? withField(typed, 'content-transfer-encoding', '8bit') : [...typed]
}

// seen: "base64" over words in the clear; what is decoded is then no text at all
function isPlainUnderBase64(raw: Buffer, { encoding, bodyStart, bodyEnd }: Part): boolean {
  if (!encoding.trim().startsWith('base64')) return false
  const start = raw.toString('latin1', bodyStart, Math.min(bodyEnd, bodyStart + 2_000)).trimStart()
  return /^[^\r\n]*[a-z][ ][a-z][^\r\n]*/i.test(start)
}

function isText(part: Part): boolean {
  return /^text\/(?:plain|html)$/.test(part.contentType) && part.disposition !== 'attachment'
}

// seen: "inline" text files with a name, behind the text of the mail; they are files, not words
function isFile(part: Part, isLater: boolean): boolean {
  return isLater && part.filename !== '' && !part.alternative
}

function typeWithCharset(part: Part, charset: string): string {
  const declared = readFieldValue(part.fields, 'content-type') ?? ''
  const type = declared.includes('/') ? declared : part.contentType
  return `${type.replace(/;\s{0,20}charset\*?\s{0,20}=\s{0,20}(?:"[^"]*"?|[^;]*)/gi, '')}; charset=${charset}`
}

function withField(fields: readonly HeaderField[], name: string, value: string): HeaderField[] {
  return [{ name, value }, ...fields.filter((field) => field.name !== name)]
}

// The charset that the bytes show, where none was declared or the declared one cannot be; null when the label may stay.
function repairedCharset(raw: Buffer, part: Part): string | null {
  const label = part.charset.toLowerCase()
  const doubt = doubtOf(label)
  if (doubt === 'none') return null
  const bytes = decodeTransferEncoding(
    raw.subarray(part.bodyStart, Math.min(part.bodyEnd, part.bodyStart + maxWordBytes)),
    part.encoding,
  )
  return charsetOf(bytes, label, doubt)
}

function charsetOf(bytes: Buffer, label: string, doubt: Doubt): string | null {
  if (doubt === 'single-byte' || doubt === 'latin') return charsetBesideSingleByte(bytes, doubt)
  const found = detectCharset(bytes)
  if (found === 'us-ascii' || (found === 'utf-8' && doubt === 'utf-8')) return null
  return found === 'iso-2022-jp' && label !== '' ? null : found
}

function charsetBesideSingleByte(bytes: Buffer, doubt: Doubt): string | null {
  if (isUtf8Words(bytes)) return 'utf-8'
  // seen: "iso-8859-1" with the curly quotes of windows-1252
  return doubt === 'latin' && hasC1(bytes) ? 'windows-1252' : null
}

type Doubt = 'none' | 'single-byte' | 'latin' | 'utf-8' | 'unlabelled'

// How far a charset label is trusted: most are, some are only a program's default.
function doubtOf(label: string): Doubt {
  if (label === '' || /^(?:us-?)?ascii$/.test(label)) return 'unlabelled'
  const declared = readCharset(label)
  if (declared === 'utf-8') return 'utf-8'
  if (declared === null) return isRare(label) ? 'none' : 'unlabelled'
  if (declared === 'windows-1252' && !label.endsWith('1252')) return 'latin'
  return isSingleByte(declared) ? 'single-byte' : 'none'
}

function hasC1(bytes: Buffer): boolean {
  return bytes.some((byte) => byte >= 0x80 && byte <= 0x9f)
}

function mergeEdits(one: readonly Edit[], other: readonly Edit[]): Edit[] {
  if (other.length === 0) return [...one]
  return [...one, ...other].sort((a, b) => a.from - b.from)
}

function applyEdits(raw: Buffer, start: number, edits: readonly Edit[]): Buffer[] {
  const pieces: Buffer[] = []
  let at = start
  for (const edit of edits) {
    if (edit.from < at) continue
    pieces.push(raw.subarray(at, edit.from), Buffer.from(edit.insert, 'utf8'))
    at = edit.to
  }
  pieces.push(raw.subarray(at))
  return pieces.filter((piece) => piece.length > 0)
}
