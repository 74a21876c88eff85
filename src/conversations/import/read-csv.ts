// A kept CSV as rows: UTF-8 with or without BOM (what is not UTF-8 is read as Windows-1252, as spreadsheets write it), divided by commas,
// semicolons or tabs, whichever its first line uses most. One piece in memory at a time.

import { parse, CsvError } from 'csv-parse'

export interface CsvForm {
  readonly encoding: 'utf-8' | 'windows-1252'
  readonly delimiter: ',' | ';' | '\t'
}

const maxRecordBytes = 1024 * 1024

/** What the file is written in; throws what the pieces throw. */
export async function findForm(pieces: AsyncIterable<Buffer>): Promise<CsvForm> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let firstLine: string | null = null
  let encoding: CsvForm['encoding'] = 'utf-8'
  for await (const piece of pieces) {
    firstLine ??= piece.toString('latin1').split(/\r?\n/, 1)[0] ?? ''
    if (!decodes(decoder, piece)) encoding = 'windows-1252'
  }
  const count = (delimiter: string) => (firstLine ?? '').split(delimiter).length
  const [delimiter = ','] = ([',', ';', '\t'] as const).toSorted((one, other) => count(other) - count(one))
  return { encoding, delimiter }
}

function decodes(decoder: InstanceType<typeof TextDecoder>, piece: Buffer): boolean {
  try {
    decoder.decode(piece, { stream: true })
    return true
  } catch {
    return false
  }
}

/** The rows, the header first. Throws a `CsvError`, whose message says where, for a file that is no CSV. */
export async function* readCsv(pieces: AsyncIterable<Buffer>, { encoding, delimiter }: CsvForm): AsyncGenerator<string[]> {
  const parser = parse({ delimiter, relax_column_count: true, skip_empty_lines: true, trim: true, max_record_size: maxRecordBytes })
  const fed = feed(parser, pieces, encoding)
  try {
    for await (const row of parser) yield row as string[]
  } finally {
    parser.destroy()
    await fed
  }
}

async function feed(parser: ReturnType<typeof parse>, pieces: AsyncIterable<Buffer>, encoding: CsvForm['encoding']): Promise<void> {
  const decoder = new TextDecoder(encoding)
  try {
    for await (const piece of pieces) {
      if (parser.destroyed) return
      if (!parser.write(decoder.decode(piece, { stream: true }))) await drained(parser)
    }
    parser.end(decoder.decode())
  } catch (error) {
    parser.destroy(error instanceof Error ? error : new Error(String(error)))
  }
}

function drained(parser: ReturnType<typeof parse>): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      parser.off('drain', done).off('close', done).off('error', done)
      resolve()
    }
    parser.on('drain', done).on('close', done).on('error', done)
  })
}

/** Whether a fault is the file's. */
export function isMalformedCsv(error: unknown): error is CsvError {
  return error instanceof CsvError
}

/** One line of CSV (RFC 4180), its end included. */
export function csvLine(values: readonly string[]): string {
  return `${values.map((value) => (/[",;\r\n\t]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(',')}\r\n`
}
