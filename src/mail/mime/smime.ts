// Mail whose content stands inside a cryptographic envelope: opaque S/MIME (RFC 8551 §3.5.2) is opened, because the
// signed content is there in the clear (RFC 5652 §5.2); what is encrypted can only be named (RFC 8551 §3.3, RFC 3156
// §4). No signature is checked.
import { Buffer } from 'node:buffer'

import { Constructed, fromBER, ObjectIdentifier, OctetString } from 'asn1js'

import { decodeTransferEncoding } from '../encoding/transfer-encoding.ts'
import { readParameters } from '../header/parameters.ts'
import { readFieldValue } from '../header/split-head.ts'
import type { HeaderField } from '../parsed-mail.ts'

export type Envelope =
  | { readonly kind: 'signed'; /** The MIME entity that was signed. */ readonly content: Buffer }
  | { readonly kind: 'encrypted' }
  /** Neither of the two, or broken. */
  | { readonly kind: 'unreadable' }

const signedData = '1.2.840.113549.1.7.2'
const encrypted: ReadonlySet<string> = new Set([
  '1.2.840.113549.1.7.3',
  '1.2.840.113549.1.9.16.1.23',
  '1.2.840.113549.1.7.6',
])
const maxBytes = 40 * 1024 * 1024

/** The envelope that is the whole mail, or null when there is none. Never throws. */
export function readEnvelope(raw: Buffer, bodyStart: number, fields: readonly HeaderField[]): Envelope | null {
  const type = readParameters(readFieldValue(fields, 'content-type'))
  if (type.value === 'multipart/encrypted') return { kind: 'encrypted' }
  if (!/^application\/(?:x-)?pkcs7-mime$/.test(type.value)) return null
  if (raw.length - bodyStart > maxBytes) return { kind: 'unreadable' }
  const encoding = (readFieldValue(fields, 'content-transfer-encoding') ?? '').toLowerCase()
  try {
    const opened = openContentInfo(decodeTransferEncoding(raw.subarray(bodyStart), encoding.trim()))
    return opened ?? { kind: 'unreadable' }
  } catch {
    return { kind: 'unreadable' }
  }
}

// ContentInfo ::= SEQUENCE { contentType, content [0] } (RFC 5652 §3)
function openContentInfo(der: Buffer): Envelope | null {
  const { result } = fromBER(der)
  const [contentType, content] = childrenOf(result)
  if (!(contentType instanceof ObjectIdentifier)) return null
  const oid = contentType.valueBlock.toString()
  if (encrypted.has(oid)) return { kind: 'encrypted' }
  if (oid !== signedData) return null
  // SignedData ::= SEQUENCE { version, digestAlgorithms, encapContentInfo, … } (RFC 5652 §5.1)
  const [, , encapsulated] = childrenOf(childrenOf(content)[0])
  const value = childrenOf(childrenOf(encapsulated)[1])[0]
  return value instanceof OctetString ? { kind: 'signed', content: Buffer.from(value.getValue()) } : null
}

function childrenOf(block: unknown): readonly unknown[] {
  return block instanceof Constructed ? block.valueBlock.value : []
}
