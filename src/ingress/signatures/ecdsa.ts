// SendGrid's signed webhooks: ECDSA P-256 with SHA-256 over the timestamp's characters and the body's bytes as they
// came. (SendGrid's own package makes text of the body first, and so refuses 8-bit mail.)

import { createPublicKey, createVerify, type KeyObject } from 'node:crypto'

import { MailError } from '../../errors.ts'
import { checkFreshness, inSteps } from './hmac.ts'

export interface SignedBody {
  /** base64 of SPKI DER, or PEM. */
  readonly keys: readonly string[]
  readonly signature: unknown
  readonly timestamp: unknown
  readonly body: Buffer
}

export interface SignedUnder {
  readonly name: string
  readonly windowName: string
  /** 0 = any age. */
  readonly windowSeconds: number
  readonly nowMs: number
}

/** Throws `MailError`: unauthenticated, or misconfigured if the configured key is invalid. */
export async function checkEcdsa(
  { keys, signature, timestamp, body }: SignedBody,
  { name, windowName, windowSeconds, nowMs }: SignedUnder,
): Promise<void> {
  const publicKeys = keys.map((key) => readKey(key, name))
  if (typeof signature !== 'string' || typeof timestamp !== 'string')
    throw new MailError('unauthenticated', 'the signature of the security policy is missing')
  const verifiers = publicKeys.map((key) => ({ key, verifier: createVerify('sha256').update(timestamp) }))
  await inSteps(body, (bytes) => {
    for (const { verifier } of verifiers) verifier.update(bytes)
  })
  const isGood = verifiers.map(({ key, verifier }) => verifier.verify(key, signature, 'base64')).includes(true)
  if (!isGood) throw new MailError('unauthenticated', `key: the signature fits no key of ${name}`)
  if (windowSeconds > 0) checkFreshness(timestamp, { nowMs, windowSeconds, name: windowName })
}

function readKey(key: string, name: string): KeyObject {
  try {
    return key.includes('-----')
      ? createPublicKey(key)
      : createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' })
  } catch {
    throw new MailError('misconfigured', `${name} does not hold a public key`, {
      publicMessage: 'This ingress has an invalid key, try again later',
    })
  }
}
