// application/x-www-form-urlencoded to bytes (WHATWG URL §5.1 up to the decoding to text): `+` is a space, %XX a byte, all else is itself.

import { setImmediate as nextTurn } from 'node:timers/promises'

import { MailError } from '../../errors.ts'

export interface FormPart {
  readonly name: string
  /** Null for a plain field. */
  readonly filename: string | null
  readonly contentType: string
  readonly bytes: Buffer
}

/** The fields in order. Throws `MailError('malformed')` above `maxFields`. */
export async function decodeUrlencoded(body: Buffer, maxFields: number): Promise<FormPart[]> {
  const parts: FormPart[] = []
  let start = 0
  while (start < body.length) {
    const next = body.indexOf(0x26, start)
    const end = next === -1 ? body.length : next
    if (end > start) parts.push(await fieldOf(body.subarray(start, end)))
    if (parts.length > maxFields) throw new MailError('malformed', 'form: too many fields', { publicMessage: 'The form is malformed' })
    start = end + 1
  }
  return parts
}

async function fieldOf(pair: Buffer): Promise<FormPart> {
  const equals = pair.indexOf(0x3d)
  const name = equals === -1 ? pair : pair.subarray(0, equals)
  const value = equals === -1 ? Buffer.alloc(0) : pair.subarray(equals + 1)
  return { name: (await percentDecode(name)).toString('utf8'), filename: null, contentType: 'text/plain', bytes: await percentDecode(value) }
}

// In steps: a hundred megabytes take a second, in which nobody else would be served.
const step = 4 * 1024 * 1024

async function percentDecode(bytes: Buffer): Promise<Buffer> {
  const decoded = Buffer.allocUnsafe(bytes.length)
  let length = 0
  let next = step
  for (let i = 0; i < bytes.length; i++) {
    if (i >= next) {
      next += step
      await nextTurn()
    }
    const byte = bytes[i] ?? 0
    const high = byte === 0x25 ? hexValue(bytes[i + 1]) : -1
    const low = high === -1 ? -1 : hexValue(bytes[i + 2])
    if (low === -1) {
      decoded[length++] = byte === 0x2b ? 0x20 : byte
    } else {
      decoded[length++] = high * 16 + low
      i += 2
    }
  }
  return decoded.subarray(0, length)
}

function hexValue(byte: number | undefined): number {
  if (byte === undefined) return -1
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
