// Svix and Standard Webhooks signatures: HMAC-SHA256 over `id.timestamp.body`, several in one header while a secret
// is being changed.

import type { IncomingHttpHeaders } from 'node:http'

import { MailError } from '../../errors.ts'
import { checkFreshness, isSigned, neededKeys } from './hmac.ts'

export interface SvixSecrets {
  /** `whsec_…`, or its base64. */
  readonly secrets: readonly string[]
  readonly name: string
  readonly windowName: string
  readonly windowSeconds: number
  readonly nowMs: number
}

/**
 * Throws `MailError`: unauthenticated, or misconfigured without a secret, or with one that is empty once decoded, which
 * everyone could use.
 */
export function checkSvix(
  body: Buffer,
  headers: IncomingHttpHeaders,
  { secrets, name, windowName, windowSeconds, nowMs }: SvixSecrets,
): void {
  const keys = neededKeys(secrets, name).map((secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
  if (keys.some((key) => key.length === 0))
    throw new MailError('misconfigured', `${name} does not hold a secret`, {
      publicMessage: 'This ingress has an invalid secret, try again later',
    })
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map(
    (part) => headers[`svix-${part}`] ?? headers[`webhook-${part}`],
  )
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string')
    throw new MailError('unauthenticated', 'svix-id, svix-timestamp or svix-signature is missing')
  const given = signatures
    .split(' ')
    .slice(0, 20)
    .flatMap((one) => (one.startsWith('v1,') ? [one.slice(3)] : []))
  const isGood = given
    .map((signature) =>
      isSigned(signature, { algorithm: 'sha256', keys, message: [`${id}.${timestamp}.`, body], encoding: 'base64' }),
    )
    .includes(true)
  if (!isGood) throw new MailError('unauthenticated', `key: the signature fits no secret of ${name}`)
  checkFreshness(timestamp, { nowMs, windowSeconds, name: windowName })
}
