// Writes TNEF streams (MS-OXTNEF) as Outlook does, for tests of their reader.

import { Buffer } from 'node:buffer'

export interface TnefOptions {
  readonly codePage?: number
  readonly body?: string
  /** Unicode text, binary, an embedded message, or a number, by property id. */
  readonly properties?: Readonly<Record<number, string | Buffer | number>>
  readonly files?: readonly {
    readonly title: string
    readonly data?: Buffer
    readonly properties?: Readonly<Record<number, string | Buffer | number | { readonly message: Buffer }>>
  }[]
}

const u16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value & 0xffff)
  return bytes
}
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}
const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])

/** One attribute: level, id, length, data, checksum. */
export function attribute(level: 1 | 2, id: number, data: Buffer): Buffer {
  const sum = data.reduce((total, byte) => (total + byte) & 0xffff, 0)
  return Buffer.concat([Buffer.from([level]), u32(id), u32(data.length), data, u16(sum)])
}

const iidMessage = Buffer.from('0703020000000000c000000000000046', 'hex')

function property(id: number, value: string | Buffer | number | { readonly message: Buffer }): Buffer {
  if (typeof value === 'number') return Buffer.concat([u16(0x0003), u16(id), u32(value)])
  if (typeof value === 'string') {
    const text = Buffer.from(`${value}\0`, 'utf16le')
    return Buffer.concat([u16(0x001f), u16(id), u32(1), u32(text.length), padded(text)])
  }
  const [type, bytes] = Buffer.isBuffer(value) ? [0x0102, value] : [0x000d, Buffer.concat([iidMessage, value.message])]
  return Buffer.concat([u16(type), u16(id), u32(1), u32(bytes.length), padded(bytes)])
}

// A named property first: readers have to pass over it.
const named = Buffer.concat([
  u16(0x0003),
  u16(0x8001),
  Buffer.alloc(16, 7),
  u32(1),
  u32(6),
  padded(Buffer.from('ab\0', 'utf16le')),
  u32(42),
])

const propertyList = (all: readonly Buffer[]): Buffer => Buffer.concat([u32(all.length + 1), named, ...all])

/** A whole stream. */
export function buildTnef({ codePage = 1252, body, properties = {}, files = [] }: TnefOptions): Buffer {
  const own = Object.entries(properties).map(([id, value]) => property(Number(id), value))
  return Buffer.concat([
    u32(0x223e9f78),
    u16(1),
    attribute(1, 0x00089006, u32(0x00010000)),
    attribute(1, 0x00069007, Buffer.concat([u32(codePage), u32(0)])),
    ...(body === undefined ? [] : [attribute(1, 0x0002800c, Buffer.from(`${body}\0`, 'latin1'))]),
    ...(own.length === 0 ? [] : [attribute(1, 0x00069003, propertyList(own))]),
    ...files.flatMap(({ title, data, properties: more }) => [
      attribute(2, 0x00069002, Buffer.concat([u16(1), Buffer.alloc(12)])),
      attribute(2, 0x00018010, Buffer.from(`${title}\0`, 'latin1')),
      ...(data === undefined ? [] : [attribute(2, 0x0006800f, data)]),
      ...(more === undefined
        ? []
        : [
            attribute(
              2,
              0x00069005,
              propertyList(Object.entries(more).map(([id, value]) => property(Number(id), value))),
            ),
          ]),
    ]),
  ])
}

/** RTF as MS-OXRTFCP stores it without compression. */
export function storedRtf(rtf: string): Buffer {
  const bytes = Buffer.from(rtf, 'latin1')
  return Buffer.concat([u32(bytes.length + 12), u32(bytes.length), u32(0x414c454d), u32(0), bytes])
}
