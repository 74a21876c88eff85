// The parts of a mail by offsets, found in one pass over the raw bytes (RFC 2046 §5.1). mailparser decodes them; this
// map gives the repair pass the defects that mailparser would stumble over, and remains when mailparser gives up. Inner
// messages stay closed.
import { Buffer } from 'node:buffer'

import type { ParameterValue } from '../header/parameters.ts'
import { readParameters } from '../header/parameters.ts'
import type { Head } from '../header/split-head.ts'
import { readFieldValue, splitPartHead } from '../header/split-head.ts'
import type { HeaderField } from '../parsed-mail.ts'
import { mimeHead } from './mime-head.ts'

export interface Part {
  readonly fields: readonly HeaderField[]
  /** `text/plain` when nothing readable was declared. */
  readonly contentType: string
  readonly charset: string
  readonly encoding: string
  readonly disposition: string
  readonly filename: string
  /** True below a multipart/alternative. */
  readonly alternative: boolean
  readonly headStart: number
  readonly bodyStart: number
  bodyEnd: number
  /** Its head has to be written anew for mailparser. */
  readonly irregular: boolean
  /** A message of a digest. */
  readonly isOfDigest: boolean
}

/** A change of the raw bytes: the range from `from` to `to` is replaced by `insert`. */
export interface Edit {
  readonly from: number
  readonly to: number
  readonly insert: string
}

export interface Structure {
  readonly parts: readonly Part[]
  /** Repairs boundaries for mailparser, in order. */
  readonly edits: readonly Edit[]
  /** What stands in no part: before the first boundary of a multipart, and after its last. */
  readonly idle: readonly Range[]
  /** More parts than mailparser reads. */
  readonly isTooMany: boolean
}

export interface Range {
  readonly from: number
  readonly to: number
}

interface Level {
  readonly boundary: Buffer
  readonly alternative: boolean
  readonly digest: boolean
}

interface Scan {
  readonly raw: Buffer
  readonly levels: Level[]
  readonly parts: Part[]
  readonly edits: Edit[]
  readonly idle: Range[]
  /** Parts and multiparts. */
  nodes: number
  open: Part | null
  /** Offsets of bytes that belong to no part: before the first boundary of a multipart, and after its last. */
  idleFrom: number
  common: { readonly top: Level | undefined; readonly start: Buffer }
}

const maxLevels = 64
const maxParts = 5000
// mailparser refuses more, after it has read them
const maxNodes = 1000
const maxIdle = 200
// More of it before a boundary is left out: mailparser would read it line by line to throw it away.
const maxIdleBytes = 64 * 1024
const lf = 0x0a
const dashes = Buffer.from('\n--')

/** The leaves of a mail whose head is already split. Never throws. */
export function readStructure(raw: Buffer, head: Head): Structure {
  const scan: Scan = {
    raw,
    levels: [],
    parts: [],
    edits: [],
    idle: [],
    nodes: 0,
    open: null,
    idleFrom: raw.length,
    common: { top: undefined, start: dashes },
  }
  enter(scan, { ...head, irregular: false }, 0)
  let line = nextDashes(scan, head.bodyStart)
  while (line >= 0 && scan.nodes < maxParts) line = nextDashes(scan, readBoundaryLine(scan, line))
  leaveOutIdle(scan, raw.length)
  return { parts: scan.parts, edits: scan.edits, idle: scan.idle, isTooMany: scan.nodes > maxNodes }
}

// The next line that starts with "--" and what all open boundaries begin with, or -1.
function nextDashes(scan: Scan, at: number): number {
  const { raw } = scan
  if (scan.levels.length === 0) return -1
  if (raw[at] === 0x2d && raw[at + 1] === 0x2d && (at === 0 || raw[at - 1] === lf)) return at
  const found = raw.indexOf(commonStart(scan), Math.max(at - 1, 0))
  return found < 0 ? -1 : found + 1
}

function commonStart(scan: Scan): Buffer {
  const top = scan.levels.at(-1)
  // levels come and go only at the top, so the same top means the same levels
  if (scan.common.top === top) return scan.common.start
  const shared = scan.levels.map(({ boundary }) => boundary).reduce(commonBytes)
  scan.common = { top, start: Buffer.concat([dashes, shared]) }
  return scan.common.start
}

function commonBytes(one: Buffer, other: Buffer): Buffer {
  let length = 0
  while (length < one.length && one[length] === other[length]) length++
  return one.subarray(0, length)
}

// Returns where to go on looking.
function readBoundaryLine(scan: Scan, start: number): number {
  if (!scan.levels.some(({ boundary }) => mayBeBoundary(scan.raw, boundary, start + 2))) return start + 2
  const newline = scan.raw.indexOf(lf, start)
  const next = newline < 0 ? scan.raw.length : newline + 1
  // a boundary has at most 70 characters; the seen ones stay far below 400
  if (next - start > 400) return next
  const line = scan.raw.toString('latin1', start, next).replace(/\r?\n$/, '')
  const end = start + line.length
  const trimmed = start + line.replace(/[ \t]{1,400}$/, '').length
  const match = findLevel(scan, start, trimmed)
  if (!match) return next
  // seen: blanks behind the boundary, legal (RFC 2046 §5.1.1) and invisible to mailparser
  leaveOutIdle(scan, start)
  closePart(scan, start)
  closeInner(scan, match.index, start)
  if (trimmed < end) scan.edits.push({ from: trimmed, to: end, insert: '' })
  if (match.final) {
    scan.levels.length = match.index
    scan.idleFrom = next
    return next
  }
  const head = splitPartHead(scan.raw, next)
  enter(scan, head, next)
  return Math.max(head.bodyStart, next)
}

// A cheap look at each of what may be millions of lines: the boundary, "--" perhaps, and then nothing but blanks.
function mayBeBoundary(raw: Buffer, wanted: Buffer, at: number): boolean {
  for (let i = 0; i < wanted.length; i++) if (raw[at + i] !== wanted[i]) return false
  const end = at + wanted.length
  const after = raw[end] === 0x2d && raw[end + 1] === 0x2d ? raw[end + 2] : raw[end]
  return after === undefined || after === lf || after === 0x0d || after === 0x20 || after === 0x09
}

function leaveOutIdle(scan: Scan, to: number): void {
  if (scan.open === null && to > scan.idleFrom && scan.idle.length < maxIdle)
    scan.idle.push({ from: scan.idleFrom, to })
  if (scan.open === null && to - scan.idleFrom > maxIdleBytes) scan.edits.push({ from: scan.idleFrom, to, insert: '' })
}

function findLevel(scan: Scan, start: number, end: number): { index: number; final: boolean } | null {
  for (let index = scan.levels.length - 1; index >= 0; index--) {
    const boundary = scan.levels[index]?.boundary
    if (!boundary) continue
    const rest = end - start - 2 - boundary.length
    if ((rest === 0 || rest === 2) && boundary.equals(scan.raw.subarray(start + 2, start + 2 + boundary.length))) {
      if (rest === 0) return { index, final: false }
      if (scan.raw[end - 1] === 0x2d && scan.raw[end - 2] === 0x2d) return { index, final: true }
    }
  }
  return null
}

// seen: an inner multipart that never ends swallows what follows; it gets its missing terminator
function closeInner(scan: Scan, index: number, at: number): void {
  while (scan.levels.length > index + 1) {
    const level = scan.levels.pop()
    if (level) scan.edits.push({ from: at, to: at, insert: `\r\n--${level.boundary.toString('latin1')}--\r\n` })
  }
}

function closePart(scan: Scan, at: number): void {
  if (!scan.open) return
  let end = at
  if (scan.raw[end - 1] === lf) end--
  if (scan.raw[end - 1] === 0x0d) end--
  scan.open.bodyEnd = Math.max(end, scan.open.bodyStart)
  scan.open = null
}

function enter(scan: Scan, head: Head, headStart: number): void {
  const type = readParameters(readFieldValue(head.fields, 'content-type'))
  const boundary = type.value.startsWith('multipart/') ? (type.parameters.get('boundary') ?? '') : ''
  scan.nodes++
  const parent = scan.levels.at(-1)
  const alternative = parent?.alternative === true
  if (boundary !== '' && scan.levels.length < maxLevels) {
    if (head.irregular) scan.edits.push({ from: headStart, to: head.bodyStart, insert: mimeHead(head.fields) })
    scan.levels.push({
      boundary: Buffer.from(boundary.trimEnd(), 'utf8'),
      alternative: alternative || type.value === 'multipart/alternative',
      digest: type.value === 'multipart/digest',
    })
    scan.idleFrom = head.bodyStart
    return
  }
  openLeaf(scan, { head, type, alternative, isOfDigest: parent?.digest === true, headStart })
}

interface LeafStart {
  readonly head: Head
  readonly type: ParameterValue
  readonly alternative: boolean
  readonly isOfDigest: boolean
  readonly headStart: number
}

function openLeaf(scan: Scan, { head, type, alternative, isOfDigest, headStart }: LeafStart): void {
  const { fields } = head
  // the default inside a digest (RFC 2046 §5.1.5)
  const isDefault = isOfDigest && type.value === ''
  const fallback = isDefault ? 'message/rfc822' : 'text/plain'
  const contentType = type.value.includes('/') ? type.value : fallback
  scan.open = {
    fields: isDefault ? [{ name: 'content-type', value: contentType }, ...fields] : fields,
    contentType,
    ...parametersOf(fields, type),
    alternative,
    headStart,
    bodyStart: head.bodyStart,
    bodyEnd: scan.raw.length,
    irregular: head.irregular || isDefault,
    isOfDigest: isOfDigest && contentType === 'message/rfc822',
  }
  scan.parts.push(scan.open)
}

function parametersOf(
  fields: readonly HeaderField[],
  type: ParameterValue,
): Pick<Part, 'charset' | 'encoding' | 'disposition' | 'filename'> {
  const disposition = readParameters(readFieldValue(fields, 'content-disposition'))
  return {
    charset: type.parameters.get('charset') ?? '',
    encoding: (readFieldValue(fields, 'content-transfer-encoding') ?? '').toLowerCase(),
    disposition: disposition.value,
    filename: disposition.parameters.get('filename') ?? type.parameters.get('name') ?? '',
  }
}
