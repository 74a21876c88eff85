// HTTP Basic for the ingresses that have no signature of their own (RFC 7617): user `actionmailbox`, as in Rails, so
// that settings move over.

import { createHash, timingSafeEqual } from 'node:crypto'

import { MailError } from '../errors.ts'

const user = 'actionmailbox'

/**
 * Passes when `authorization` holds our user and `password`. Throws `MailError`: unauthenticated, or misconfigured
 * without a password. Takes the same time wherever the first difference lies.
 */
export function checkBasicAuth(authorization: string | undefined, password: string | null): void {
  if (password === null || password === '') {
    throw new MailError('misconfigured', 'RAILS_INBOUND_EMAIL_PASSWORD is not set', {
      publicMessage: 'This ingress has no password yet, try again later',
    })
  }
  const given = /^Basic +([A-Za-z0-9+/=_-]*) *$/i.exec(authorization ?? '')?.[1] ?? ''
  // Hashes have one length, which timingSafeEqual needs, and hide the length of the password.
  if (!timingSafeEqual(digest(Buffer.from(given, 'base64')), digest(Buffer.from(`${user}:${password}`)))) {
    throw new MailError('unauthenticated', authorization === undefined ? 'no credentials' : 'wrong credentials')
  }
}

function digest(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}
