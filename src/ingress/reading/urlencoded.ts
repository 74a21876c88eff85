// application/x-www-form-urlencoded to bytes (WHATWG URL §5.1 up to the decoding to text): `+` is a space, %XX a
// byte, all else is itself.

import { setImmediate as nextTurn } from 'node:timers/promises'

import { MailError } from '../../errors.ts'

export interface FormPart {
  readonly name: string
  /** Null for a plain field. */
  readonly filename: string | null
  readonly contentType: string
  readonly bytes: Buffer
}

/**
 * The fields in order. A large body is decoded in its own place, so that a form takes no more memory than its body;
 * what a field no longer needs of it becomes spaces. Throws `MailError('malformed')` above `maxFields`, before
 * anything is decoded.
 */
export async function decodeUrlencoded(body: Buffer, maxFields: number): Promise<FormPart[]> {
  const pairs = splitPairs(body, maxFields)
  const inline = body.length > largeBytes
  const parts: FormPart[] = []
  for (const pair of pairs) {
    const equals = pair.indexOf(0x3d)
    const name = equals === -1 ? pair : pair.subarray(0, equals)
    if (name.length > maxNameBytes) throw broken('a name that is too long')
    const value = equals === -1 ? pair.subarray(pair.length) : pair.subarray(equals + 1)
    parts.push({
      name: (await percentDecode(name, inline)).toString('utf8'),
      filename: null,
      contentType: 'text/plain',
      bytes: await percentDecode(value, inline),
    })
  }
  return parts
}

const maxNameBytes = 3_000
const largeBytes = 8 * 1024 * 1024

function broken(why: string): MailError {
  return new MailError('malformed', `form: ${why}`, { publicMessage: 'The form is malformed' })
}

function splitPairs(body: Buffer, maxFields: number): Buffer[] {
  const pairs: Buffer[] = []
  let start = 0
  let separators = 0
  while (start < body.length) {
    const next = body.indexOf(0x26, start)
    const end = next === -1 ? body.length : next
    if (end > start) pairs.push(body.subarray(start, end))
    // Empty pairs count as well: they cost a turn of this loop each.
    if (++separators > maxFields) throw broken('too many fields')
    start = end + 1
  }
  return pairs
}

// In steps: a hundred megabytes take a second, in which other clients would wait.
const step = 4 * 1024 * 1024

async function percentDecode(bytes: Buffer, inline: boolean): Promise<Buffer> {
  const decoded = inline ? bytes : Buffer.allocUnsafe(bytes.length)
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
  if (inline) bytes.fill(0x20, length)
  return decoded.subarray(0, length)
}

function hexValue(byte: number | undefined): number {
  if (byte === undefined) return -1
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
