// One-time passwords by time (RFC 6238 on RFC 4226): HMAC-SHA-1 of the number of half minutes since 1970, cut to some
// digits; and secrets in base32 (RFC 4648 §6), as authenticator apps take them.

import { createHmac, timingSafeEqual } from 'node:crypto'

const stepSeconds = 30
const usualDigits = 6
/** A code of the half minute before or after is taken, too: clocks differ (RFC 6238 §5.2). */
const tolerated = [0, -1, 1]
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The step that a moment is in. */
export function stepAt(ms: number): number {
  return Math.floor(ms / 1_000 / stepSeconds)
}

/** The code of a step. */
export function codeOf(secret: Buffer, step: number, digits = usualDigits): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 0xf
  const number = (mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits
  return String(number).padStart(digits, '0')
}

/** The step of which this is the code, now or within the tolerance; null = it is none. */
export function findStep(secret: Buffer, code: string, ms: number): number | null {
  if (!/^\d{6}$/.test(code)) return null
  const steps = tolerated.map((distance) => stepAt(ms) + distance)
  return steps.find((step) => timingSafeEqual(Buffer.from(codeOf(secret, step)), Buffer.from(code))) ?? null
}

/** Bytes in base32, without padding. */
export function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => letters[parseInt(five.padEnd(5, '0'), 2)]).join('')
}

/** The address that an authenticator app reads, mostly as a picture. */
export function otpauthUrl(secret: Buffer, email: string): string {
  const label = encodeURIComponent(`Rethread:${email}`)
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=Rethread&algorithm=SHA1&digits=6&period=30`
}
