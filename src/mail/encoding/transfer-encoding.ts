// Content-Transfer-Encoding, decoded leniently (RFC 2045 §6.7, §6.8): for the rungs of the ladder that work without
// mailparser.

/**
 * Quoted-printable or the Q of an encoded word (`underscore` as blank) to bytes; broken escapes stay as they are.
 * Never throws.
 */
export function decodeQuotedPrintable(text: string, options: { underscore: boolean } = { underscore: false }): Buffer {
  const out = Buffer.allocUnsafe(text.length)
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x3d) {
      const escape = readEscape(text, i)
      if (escape.byte >= 0) out[length++] = escape.byte
      i += escape.skip
    } else {
      out[length++] = code === 0x5f && options.underscore ? 0x20 : code
    }
  }
  return out.subarray(0, length)
}

// The value after a "=": a byte, a soft line break (byte -1), or a lone "=".
function readEscape(text: string, at: number): { byte: number; skip: number } {
  const high = hexDigit(text.charCodeAt(at + 1))
  const low = hexDigit(text.charCodeAt(at + 2))
  if (high >= 0 && low >= 0) return { byte: high * 16 + low, skip: 2 }
  let end = at + 1
  while (end - at < 80 && (text[end] === ' ' || text[end] === '\t')) end++
  if (text[end] === '\r' && text[end + 1] === '\n') return { byte: -1, skip: end + 1 - at }
  if (text[end] === '\n') return { byte: -1, skip: end - at }
  return { byte: 0x3d, skip: 0 }
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

/** The bytes of a part under its Content-Transfer-Encoding; unknown encodings are taken as identity. Never throws. */
export function decodeTransferEncoding(body: Buffer, encoding: string): Buffer {
  const name = encoding.trim().toLowerCase()
  if (name.startsWith('base64')) return Buffer.from(body.toString('latin1'), 'base64')
  if (name.startsWith('quoted-printable')) return decodeQuotedPrintable(body.toString('latin1'))
  return body
}
