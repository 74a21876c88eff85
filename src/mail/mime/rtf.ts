// The words of compressed RTF in TNEF: decompression (MS-OXRTFCP), then text, or the HTML that the RTF was made from
// (MS-OXRTFEX). Linear; formatting is not kept.
import { Buffer } from 'node:buffer'

import { decodeText } from '../encoding/charset.ts'
import { charsetOfCodePage } from '../encoding/code-pages.ts'

const maxOutput = 1024 * 1024
const compressed = 0x75465a4c
const uncompressed = 0x414c454d
// MS-OXRTFCP §2.2.1: what the dictionary holds at the start
const prefix =
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans' +
  ' SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u' +
  '\\tab\\tx'

/** The RTF of a compressed stream, at most 1 MB; '' when it is none. Never throws. */
export function decompressRtf(bytes: Buffer): string {
  if (bytes.length < 16) return ''
  const size = Math.min(bytes.readUInt32LE(4), maxOutput)
  const form = bytes.readUInt32LE(8)
  if (form === uncompressed) return bytes.toString('latin1', 16, 16 + size)
  return form === compressed ? decompress(bytes, size).toString('latin1') : ''
}

interface Unpacking {
  readonly dictionary: Buffer
  readonly out: Buffer
  length: number
  /** Where the dictionary is written next. */
  to: number
}

function decompress(bytes: Buffer, size: number): Buffer {
  const state: Unpacking = { dictionary: Buffer.alloc(4096), out: Buffer.alloc(size), length: 0, to: prefix.length }
  state.dictionary.write(prefix, 'latin1')
  // the last reference may be cut
  const padded = Buffer.concat([bytes, Buffer.alloc(2)])
  let at = 16
  while (at < bytes.length && state.length < size) {
    const control = padded.readUInt8(at++)
    for (let bit = 0; bit < 8 && at < bytes.length; bit++) {
      const isReference = (control & (1 << bit)) !== 0
      if (!isReference) put(state, padded.readUInt8(at))
      else if (!copy(state, padded.readUInt16BE(at))) at = bytes.length
      at += isReference ? 2 : 1
    }
  }
  return state.out.subarray(0, state.length)
}

function put(state: Unpacking, byte: number): void {
  if (state.length < state.out.length) state.out[state.length++] = byte
  state.dictionary[state.to] = byte
  state.to = (state.to + 1) % 4096
}

// False at the end mark: a reference to the place that is written next.
function copy(state: Unpacking, reference: number): boolean {
  const from = reference >> 4
  if (from === state.to) return false
  for (let i = 0; i < (reference & 15) + 2; i++) put(state, state.dictionary[(from + i) % 4096] ?? 0)
  return true
}

export interface RtfWords {
  readonly kind: 'text' | 'html'
  readonly content: string
}

interface Group {
  /** Its text is not shown. */
  readonly skip: boolean
  readonly isHtmlTag: boolean
  /** How many replacement characters follow a \u. */
  readonly replacements: number
}

interface Rendering {
  readonly out: string[]
  readonly groups: Group[]
  group: Group
  charset: string
  bytes: number[]
  isHtml: boolean
  /** Between \htmlrtf and \htmlrtf0: for readers of RTF alone. */
  isRtfOnly: boolean
  /** Characters behind a \u that are left to pass over. */
  pending: number
}

const token = /\\'([0-9a-f]{2})|\\([a-z]{1,32})(-?\d{1,10})? ?|\\([^a-z0-9])|([{}])|[\r\n]+|[^\\{}\r\n]+|\\/gi
const hidden =
  /^(?:fonttbl|colortbl|stylesheet|info|pict|object|header[lrf]?|footer[lrf]?|listtable|listoverridetable|generator|xmlnstbl|themedata|datastore|latentstyles)$/
const maxGroups = 1_000

/** The words of RTF; as HTML where it was made from HTML. Never throws. */
export function readRtf(rtf: string): RtfWords {
  const state: Rendering = {
    out: [],
    groups: [],
    group: { skip: false, isHtmlTag: false, replacements: 1 },
    charset: charsetOfCodePage(Number(/\\ansicpg(\d{1,5})/.exec(rtf.slice(0, 2_000))?.[1] ?? 1252)) || 'windows-1252',
    bytes: [],
    isHtml: /\\fromhtml1/.test(rtf.slice(0, 2_000)),
    isRtfOnly: false,
    pending: 0,
  }
  for (const match of rtf.matchAll(token)) takeToken(state, match)
  flush(state)
  return { kind: state.isHtml ? 'html' : 'text', content: state.out.join('').replaceAll('\0', '').toWellFormed() }
}

function takeToken(state: Rendering, match: RegExpExecArray): void {
  const [whole, hex, word, number, symbol, brace] = match
  if (hex !== undefined) {
    if (state.pending > 0) state.pending--
    else if (isShown(state)) state.bytes.push(Number.parseInt(hex, 16))
  } else if (word !== undefined) takeWord(state, word, number)
  else if (brace !== undefined) takeBrace(state, brace)
  else if (symbol !== undefined) takeSymbol(state, symbol)
  else if (!/^[\r\n]/.test(whole) && whole !== '\\') takeText(state, whole)
}

function isShown({ group, isHtml, isRtfOnly }: Rendering): boolean {
  return !group.skip && !(isHtml && isRtfOnly)
}

function takeText(state: Rendering, text: string): void {
  const skipped = Math.min(state.pending, text.length)
  state.pending -= skipped
  if (isShown(state)) write(state, text.slice(skipped))
}

function write(state: Rendering, text: string): void {
  flush(state)
  state.out.push(text)
}

// Bytes of one character may stand in several escapes.
function flush(state: Rendering): void {
  if (state.bytes.length === 0) return
  state.out.push(decodeText(Buffer.from(state.bytes), state.charset))
  state.bytes = []
}

function takeBrace(state: Rendering, brace: string): void {
  state.pending = 0
  if (brace === '{') {
    // deeper ones share the group of the last: their text stays
    if (state.groups.length < maxGroups) state.groups.push(state.group)
  } else state.group = state.groups.pop() ?? state.group
}

function takeSymbol(state: Rendering, symbol: string): void {
  if (symbol === '*') state.group = { ...state.group, skip: true }
  else if (/[\\{}]/.test(symbol)) takeText(state, symbol)
  else if (symbol === '~') takeText(state, '\u00a0')
  else if (symbol === '_') takeText(state, '-')
  else if ((symbol === '\n' || symbol === '\r') && isShown(state)) write(state, '\n')
}

const marks: Readonly<Record<string, string>> = {
  bullet: '•',
  cell: '\t',
  emdash: '—',
  endash: '–',
  ldblquote: '“',
  line: '\n',
  lquote: '‘',
  par: '\n',
  rdblquote: '”',
  row: '\n',
  rquote: '’',
  sect: '\n',
  tab: '\t',
}

function takeWord(state: Rendering, name: string, digits: string | undefined): void {
  if (name === 'u' && digits !== undefined) {
    if (isShown(state)) write(state, String.fromCharCode(Number(digits) & 0xffff))
    state.pending = state.group.replacements
  } else if (name === 'uc')
    state.group = { ...state.group, replacements: Math.min(Math.max(Number(digits ?? 1), 0), 10) }
  else if (name === 'htmltag') state.group = { ...state.group, skip: !state.isHtml, isHtmlTag: true }
  else if (name === 'htmlrtf') state.isRtfOnly = digits !== '0'
  else if (hidden.test(name)) state.group = { ...state.group, skip: true }
  else takeMark(state, name)
}

// Where the RTF was made from HTML, its tags say where lines end.
function takeMark(state: Rendering, name: string): void {
  const mark = marks[name]
  if (mark !== undefined && isShown(state)) write(state, mark === '\n' && state.isHtml ? '\r\n' : mark)
}
