// Detects the format of a CSV: UTF-8 or UTF-16 with or without a byte order mark, else Windows-1252, as spreadsheets
// write it; separated by commas, semicolons or tabs, as a first line `sep=;` declares, or whichever the header uses
// most.

export interface CsvForm {
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'
  readonly delimiter: string
  /** The first line declares the separator, and is not the header. */
  readonly skipsFirstLine: boolean
}

/** A fault of the file: the message says where, without a full stop. */
export class CsvFault extends Error {}

const headBytes = 64 * 1024

/** The format of the file. Throws `CsvFault` for binary data, and errors of the chunks. */
export async function findForm(chunks: AsyncIterable<Buffer>): Promise<CsvForm> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let head = Buffer.alloc(0)
  let isUtf8 = true
  for await (const chunk of chunks) {
    if (head.length < headBytes) head = Buffer.concat([head, chunk]).subarray(0, headBytes)
    isUtf8 &&= decodes(() => decoder.decode(chunk, { stream: true }))
  }
  isUtf8 &&= decodes(() => decoder.decode())
  if (head.length === 0) throw new CsvFault('it is empty')
  if (head.subarray(0, 4).equals(Buffer.from('PK\x03\x04')))
    throw new CsvFault('it is a workbook or an archive; save it as CSV in the spreadsheet')
  const encoding = findUtf16(head) ?? (isUtf8 ? 'utf-8' : 'windows-1252')
  return { encoding, ...findDelimiter(new TextDecoder(encoding).decode(head)) }
}

function decodes(action: () => unknown): boolean {
  try {
    action()
    return true
  } catch {
    return false
  }
}

// Without a mark: every other byte of a header in ASCII is NUL.
function findUtf16(head: Buffer): 'utf-16le' | 'utf-16be' | null {
  const mark = head.subarray(0, 2).toString('hex')
  if (mark === 'fffe') return 'utf-16le'
  if (mark === 'feff') return 'utf-16be'
  const [even, odd] = [0, 1].map((side) => shareOfNul(head.subarray(0, 200), side)) as [number, number]
  if (odd > 0.6 && even < 0.1) return 'utf-16le'
  return even > 0.6 && odd < 0.1 ? 'utf-16be' : null
}

function shareOfNul(bytes: Buffer, side: number): number {
  const half = bytes.filter((_, index) => index % 2 === side)
  return half.filter((byte) => byte === 0).length / Math.max(1, half.length)
}

// Control characters, and the replacement of undecodable bytes.
const noText = /[\u0001-\u0008\u000b\u000c\u000e-\u001f\u0080-\u009f\ufffd]|^(?:[^\0]?\0){4}/

function findDelimiter(head: string): Pick<CsvForm, 'delimiter' | 'skipsFirstLine'> {
  const lines = head.split(/\r\n|\n|\r/)
  const [first = ''] = lines
  const said = /^"?sep=([,;|\t])"?$/i.exec(first)?.[1]
  const header = (said === undefined ? lines : lines.slice(1)).find((line) => line.trim() !== '') ?? ''
  if (noText.test(header.slice(0, -1))) throw new CsvFault('it is not text in a known encoding')
  if (said !== undefined) return { delimiter: said, skipsFirstLine: true }
  const bare = header.replace(/"[^"]*"/g, '')
  const count = (delimiter: string) => bare.split(delimiter).length
  const [delimiter = ','] = [',', ';', '\t'].toSorted((one, other) => count(other) - count(one))
  return { delimiter, skipsFirstLine: false }
}
