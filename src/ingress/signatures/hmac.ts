// Keyed hashes (RFC 2104) compared in constant time, under any of several keys: while a key is being changed, the old
// and the new are valid.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { MailError } from '../../errors.ts'

/** Constant-time comparison of two texts. Never throws. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

export interface SignedBy {
  readonly algorithm: 'sha256' | 'sha1'
  readonly keys: readonly (string | Buffer)[]
  readonly message: readonly (string | Buffer)[]
  readonly encoding: 'hex' | 'base64'
}

/** True if `signature` is the hash of the message under one of the keys; all are tried. Never throws. */
export function isSigned(signature: string, { algorithm, keys, message, encoding }: SignedBy): boolean {
  const results = keys.map((key) => {
    const hmac = createHmac(algorithm, key)
    for (const part of message) hmac.update(part)
    return isSameSecret(hmac.digest(encoding), signature)
  })
  return results.includes(true)
}

/** As `isSigned`, for a message of many megabytes: gives way to other requests in between. Never throws. */
export async function isLargeSigned(
  signature: string,
  { algorithm, keys, message, encoding }: SignedBy,
): Promise<boolean> {
  const hmacs = keys.map((key) => createHmac(algorithm, key))
  for (const part of message)
    await inSteps(typeof part === 'string' ? Buffer.from(part) : part, (bytes) => {
      for (const hmac of hmacs) hmac.update(bytes)
    })
  return hmacs.map((hmac) => isSameSecret(hmac.digest(encoding), signature)).includes(true)
}

const stepBytes = 4 * 1024 * 1024

/** Hands out the bytes in pieces, a turn of the event loop between two of them. Throws what `update` throws. */
export async function inSteps(bytes: Buffer, update: (piece: Buffer) => void): Promise<void> {
  for (let start = 0; start < bytes.length; start += stepBytes) {
    if (start > 0) await nextTurn()
    update(bytes.subarray(start, start + stepBytes))
  }
}

/** The keys, or `misconfigured`: without a configured key the mail waits at the provider. Throws `MailError`. */
export function neededKeys(keys: readonly string[], name: string): readonly string[] {
  if (keys.length === 0)
    throw new MailError('misconfigured', `${name} is not set`, {
      publicMessage: 'This ingress has no key yet, try again later',
    })
  return keys
}

/**
 * Seconds between now and a Unix time that a provider signed; what is not a number, too old or in the future is
 * `unauthenticated`. Throws `MailError`.
 */
export function checkFreshness(
  timestamp: string | null,
  { nowMs, windowSeconds, name }: { nowMs: number; windowSeconds: number; name: string },
): void {
  const seconds = /^\d{1,12}$/.test(timestamp ?? '') ? Number(timestamp) : null
  if (seconds === null) throw new MailError('unauthenticated', 'the timestamp is not a number')
  const age = Math.round(nowMs / 1000 - seconds)
  if (age > windowSeconds)
    throw new MailError(
      'unauthenticated',
      `clock: the request was signed ${String(age)} s ago, more than ${name}=${String(windowSeconds)}`,
    )
  if (age < -aheadSeconds)
    throw new MailError(
      'unauthenticated',
      `clock: the request was signed ${String(-age)} s from now; is the clock of this machine late?`,
    )
}

const aheadSeconds = 300
