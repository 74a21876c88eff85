// Reads a stored CSV as rows with their lines, as spreadsheets write it: any line ends, blanks around values, quotes
// inside of quotes that were not doubled. One chunk in memory at a time, and one row.

import { CsvFault, type CsvForm } from './csv-form.ts'

export interface CsvRow {
  /** The line on which it begins, counted from 1. */
  readonly line: number
  readonly values: readonly string[]
}

const maxRowLength = 1024 * 1024

/**
 * The rows that are not empty, the header first. Throws a `CsvFault`, whose message names the line, if the file is not
 * a CSV.
 */
export async function* readCsv(
  chunks: AsyncIterable<Buffer>,
  { encoding, delimiter, skipsFirstLine }: CsvForm,
): AsyncGenerator<CsvRow> {
  let text = ''
  let line = 1
  let at = 0
  let isFirst = skipsFirstLine
  for await (const { chunk, isLast } of decoded(chunks, encoding)) {
    text = text.slice(at) + chunk
    at = 0
    for (;;) {
      const record = readRecord({ text, delimiter, isLast }, at)
      if (record === 'more') break
      if (record === 'unclosed') throw new CsvFault(`Line ${String(line)}: a quote is opened and never closed`)
      const isEmpty = record.values.length === 1 && record.values[0] === ''
      if (!isFirst && !isEmpty) yield { line, values: record.values }
      isFirst = false
      line += countLines(text, at, record.end)
      at = record.end
    }
    if (text.length - at > maxRowLength) throw new CsvFault(`Line ${String(line)}: a row is longer than 1 MB`)
  }
}

async function* decoded(
  chunks: AsyncIterable<Buffer>,
  encoding: CsvForm['encoding'],
): AsyncGenerator<{ chunk: string; isLast: boolean }> {
  const decoder = new TextDecoder(encoding, { fatal: encoding.startsWith('utf-16') })
  const decode = (bytes?: Buffer): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
    } catch {
      throw new CsvFault('it is not text in a known encoding')
    }
  }
  for await (const bytes of chunks) yield { chunk: decode(bytes), isLast: false }
  yield { chunk: decode(), isLast: true }
}

interface Source {
  readonly text: string
  readonly delimiter: string
  /** True if nothing follows the text. */
  readonly isLast: boolean
}
interface Read {
  readonly end: number
}

/**
 * A record being read: before this offset no quote closes a value that has a quote of its own. Each is searched once,
 * not once per field.
 */
type Row = Source & { strayUntil: number }

function readRecord(asked: Source, start: number): (Read & { readonly values: string[] }) | 'more' | 'unclosed' {
  if (start >= asked.text.length) return 'more'
  const source: Row = { ...asked, strayUntil: start }
  const values: string[] = []
  for (let at = start; ; at += 1) {
    const field = readField(source, at)
    if (typeof field === 'string') return field
    values.push(field.value)
    at = field.end
    if (source.text[at] === source.delimiter) continue
    const end = endOfLine(source, at)
    return end === 'more' ? end : { values, end }
  }
}

// A CR at the very end may be half of a line end.
function endOfLine({ text, isLast }: Source, at: number): number | 'more' {
  if (at >= text.length) return isLast ? at : 'more'
  if (text[at] === '\r' && at + 1 >= text.length && !isLast) return 'more'
  return at + (text.startsWith('\r\n', at) ? 2 : 1)
}

type Field = Read & { readonly value: string }

function readField(source: Row, start: number): Field | 'more' | 'unclosed' {
  const { text, delimiter } = source
  const end = endOfPlain(source, start)
  const opening = skipBlanks(text, start, delimiter)
  if (text[opening] === '"') return readQuoted(source, opening + 1)
  return { value: text.slice(start, end).trim(), end }
}

function endOfPlain({ text, delimiter }: Source, start: number): number {
  let end = start
  while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r') end += 1
  return end
}

function skipBlanks(text: string, start: number, delimiter: string): number {
  let at = start
  while ((text[at] === ' ' || text[at] === '\t' || text[at] === '\u00a0') && text[at] !== delimiter) at += 1
  return at
}

// A quote before a delimiter or a line end closes, two are one, any other is a character of the value. Where such a
// value does not close on its line, the first of those quotes closed it ("Anna" Berg).
function readQuoted(source: Row, start: number): Field | 'more' | 'unclosed' {
  let value = ''
  let stray: Field | null = null
  for (let from = start; ;) {
    const { quote, part } = findQuote(source.text, from)
    if (stray !== null && endsRow(source, { quote, part, from })) return stray
    if (quote === -1) return source.isLast ? 'unclosed' : 'more'
    value += part
    const kind = kindOfQuote(source, quote)
    if (kind === 'more') return kind
    if (typeof kind === 'number') return { value, end: kind }
    if (kind === 'stray') stray ??= closedAt(source, quote, value)
    value += '"'
    from = quote + widths[kind]
  }
}

const widths = { double: 2, stray: 1 } as const

interface Part {
  /** Offset of the next quote; -1 for none. */
  readonly quote: number
  /** The text before it. */
  readonly part: string
}

function findQuote(text: string, from: number): Part {
  const quote = text.indexOf('"', from)
  return { quote, part: text.slice(from, quote === -1 ? undefined : quote) }
}

// True if no further quote closes the value.
function endsRow(row: Row, { quote, part, from }: Part & { readonly from: number }): boolean {
  if (from <= row.strayUntil) return true
  const ends = /[\r\n]/.test(part) || (quote === -1 && row.isLast)
  if (ends) row.strayUntil = from
  return ends
}

/** Offset at which the value ends that the quote closes; or the other meaning of the quote. */
function kindOfQuote({ text, delimiter, isLast }: Source, quote: number): number | 'double' | 'stray' | 'more' {
  if (text[quote + 1] === '"') return 'double'
  const after = skipBlanks(text, quote + 1, delimiter)
  if (after >= text.length) return isLast ? after : 'more'
  return [delimiter, '\n', '\r'].includes(text[after] ?? '') ? after : 'stray'
}

function closedAt(source: Source, quote: number, value: string): Field {
  const end = endOfPlain(source, quote)
  return { value: value + source.text.slice(quote + 1, end).trimEnd(), end }
}

function countLines(text: string, start: number, end: number): number {
  return text.slice(start, end).match(/\r\n|\n|\r/g)?.length ?? 0
}

/** The byte order mark by which spreadsheets recognise UTF-8; every written file begins with it. */
export const byteOrderMark = '\ufeff'

/** One line of CSV (RFC 4180), its end included. */
export function csvLine(values: readonly string[]): string {
  return `${values.map((value) => (/[",;\r\n\t]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(',')}\r\n`
}

// A cell that a spreadsheet would run as a formula is written as text; a phone number is not a formula.
const formula = /^[=@\t\r']|^[+-](?![\d\s.()-]*$)/

/** A value that no spreadsheet takes for a formula: with an apostrophe, which `readCell` takes away. Never throws. */
export function safeCell(value: string | null): string {
  const text = value ?? ''
  return formula.test(text) ? `'${text}` : text
}

/** A value without the apostrophe by which a spreadsheet, or `safeCell`, marks it as text. Never throws. */
export function readCell(value: string): string {
  return /^'[=@+\-\t\r']/.test(value) ? value.slice(1) : value
}
