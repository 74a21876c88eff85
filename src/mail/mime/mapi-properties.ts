// The property lists inside TNEF (MS-OXTNEF §2.1.3.3): values by property id. A list that breaks off keeps what came
// before.
import type { Buffer } from 'node:buffer'

export interface MapiValue {
  /** Of text and binary properties, the first of several. */
  readonly bytes?: Buffer
  readonly number?: number
  readonly isUnicode: boolean
  readonly isObject: boolean
}

export type MapiProperties = ReadonlyMap<number, MapiValue>

const maxProperties = 5_000
const multiple = 0x1000
const object = 0x000d
const unicode = 0x001f
const variable = new Set([object, 0x001e, unicode, 0x0102])
/** Bytes of values of a fixed length, padded to four. */
const fixed = new Map([
  [0x0001, 0],
  [0x0002, 4],
  [0x0003, 4],
  [0x0004, 4],
  [0x000a, 4],
  [0x000b, 4],
  [0x0005, 8],
  [0x0006, 8],
  [0x0007, 8],
  [0x0014, 8],
  [0x0040, 8],
  [0x0048, 16],
])

interface Cursor {
  readonly data: Buffer
  at: number
}

/** Named properties are passed over. Never throws. */
export function readMapiProperties(data: Buffer): MapiProperties {
  const found = new Map<number, MapiValue>()
  const cursor: Cursor = { data, at: 0 }
  try {
    const count = Math.min(readNumber(cursor), maxProperties)
    for (let i = 0; i < count; i++) {
      const type = readNumber(cursor, 2)
      const id = readNumber(cursor, 2)
      if (id >= 0x8000) skipName(cursor)
      const value = readValue(cursor, type)
      if (id < 0x8000 && !found.has(id)) found.set(id, value)
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return found
}

function readNumber(cursor: Cursor, bytes: 2 | 4 = 4): number {
  const value = bytes === 2 ? cursor.data.readUInt16LE(cursor.at) : cursor.data.readUInt32LE(cursor.at)
  cursor.at += bytes
  return value
}

function readBytes(cursor: Cursor, length: number): Buffer {
  const end = cursor.at + length
  if (end > cursor.data.length) throw new RangeError('the value is longer than the list')
  const bytes = cursor.data.subarray(cursor.at, end)
  cursor.at = end + ((4 - (length % 4)) % 4)
  return bytes
}

// A set of properties, then a number or a name.
function skipName(cursor: Cursor): void {
  readBytes(cursor, 16)
  if (readNumber(cursor) === 0) readNumber(cursor)
  else readBytes(cursor, readNumber(cursor))
}

function readValue(cursor: Cursor, declared: number): MapiValue {
  const type = declared & ~multiple
  const kind = { isUnicode: type === unicode, isObject: type === object }
  if (variable.has(type)) {
    const bytes = readSeveral(cursor, () => readBytes(cursor, readNumber(cursor)))
    return bytes === null ? kind : { ...kind, bytes }
  }
  const length = fixed.get(type)
  // where an unknown value ends cannot be known
  if (length === undefined) throw new RangeError(`unknown type of a property: ${String(type)}`)
  const read = (): Buffer => readBytes(cursor, length)
  const bytes = declared === type ? read() : readSeveral(cursor, read)
  return bytes !== null && bytes.length === 4 ? { ...kind, number: bytes.readUInt32LE(0) } : kind
}

// The first of several; the others are passed over.
function readSeveral(cursor: Cursor, read: () => Buffer): Buffer | null {
  const count = readNumber(cursor)
  if (count > cursor.data.length) throw new RangeError('more values than bytes')
  let first: Buffer | null = null
  for (let i = 0; i < count; i++) {
    const value = read()
    first ??= value
  }
  return first
}
