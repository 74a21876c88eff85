// Proofs by a website's own server: hex HMAC-SHA256 values with the inbox's token (Chatwoot's identity validation). A
// hash proves exactly the field that it signs: `identifier_hash` the identifier, `email_hash` the address in lower
// case.

import { createHmac, timingSafeEqual } from 'node:crypto'

import type { ContactFields } from '../contacts/contact-fields.ts'
import type { InboxRow } from '../records/rows.ts'

/** The fields that a visitor gives, with their hashes. */
export interface Introduction {
  readonly fields: ContactFields
  /** Of the identifier. */
  readonly identifierHash: string | null
  /** Of the address in lower case. */
  readonly emailHash: string | null
  /** The key that the visitor names. */
  readonly sourceId: string | null
}

export interface Proof {
  readonly identifier: boolean
  /** The address that is proven, in lower case; null when none is. */
  readonly email: string | null
}

/**
 * The proven fields; 'wrong' if a hash does not match, or is missing where the inbox requires one and `isProven` is not
 * set. Never throws.
 */
export function readProof({ channel }: InboxRow, introduction: Introduction, isProven = false): Proof | 'wrong' {
  const { fields, identifierHash, emailHash } = introduction
  const email = addressOf(fields)
  const identifier = fields.identifier ?? ''
  const byIdentifier = signature(channel.hmacToken, nameOf(identifier), identifierHash)
  const byEmail = signature(channel.hmacToken, email, emailHash)
  const lacks = byIdentifier === 'none' && channel.settings['hmac_mandatory'] === true && !isProven
  if (lacks || byIdentifier === 'wrong' || byEmail === 'wrong') return 'wrong'
  const isProof = byIdentifier === 'good'
  const isSigned = [byEmail, identifier.trim().toLowerCase() === email ? byIdentifier : 'none'].includes('good')
  return { identifier: isProof, email: isSigned ? email : null }
}

// Contacts are found by the identifier without blanks around it: a hash of another text proves none.
function nameOf(identifier: string): string | null {
  return identifier === '' || identifier !== identifier.trim() ? null : identifier
}

/** The address that a visitor names, in lower case; null for none. */
export function addressOf({ email }: ContactFields): string | null {
  const address = email?.trim().toLowerCase() ?? ''
  return address === '' ? null : address
}

function signature(secret: string, text: string | null, hash: string | null): 'good' | 'wrong' | 'none' {
  if (hash === null) return 'none'
  const expected = createHmac('sha256', secret)
    .update(text ?? '', 'utf8')
    .digest()
  const given = Buffer.from(/^[0-9a-f]{64}$/i.test(hash) ? hash : '', 'hex')
  const fits = text !== null && given.length === expected.length && timingSafeEqual(given, expected)
  return fits ? 'good' : 'wrong'
}
