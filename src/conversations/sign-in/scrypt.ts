// Passwords as they are kept: scrypt (RFC 7914) with its parameters beside the hash, so that stronger ones can come
// later. One costs 128 MB and about half a second, so two run at once and a few wait: so that guessing cannot slow down
// other work.

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

import { MailError } from '../../errors.ts'

const cost = { logN: 17, r: 8, p: 1 }
const hashBytes = 32
const atOnce = 2
const mostWaiting = 40

/** The text to keep of a password. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const { logN, r, p } = cost
  const hash = await derive(password, salt, cost)
  return ['scrypt', logN, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$')
}

/** True if the password matches. Takes as long, and returns false, if there is no hash to compare with (null). */
export async function isPassword(password: string, kept: string | null): Promise<boolean> {
  const [, logN, r, p, salt = '', hash = ''] = (kept ?? dummy).split('$')
  const wanted = Buffer.from(hash, 'base64url')
  const given = await derive(password, Buffer.from(salt, 'base64url'), {
    logN: Number(logN),
    r: Number(r),
    p: Number(p),
  })
  return given.length === wanted.length && timingSafeEqual(given, wanted) && kept !== null
}

const dummy = `scrypt$${String(cost.logN)}$${String(cost.r)}$${String(cost.p)}$${'A'.repeat(22)}$${'A'.repeat(43)}`

// The same characters may come in several codings from several keyboards (Unicode TR 15).
async function derive(password: string, salt: Buffer, { logN, r, p }: typeof cost): Promise<Buffer> {
  const options = { N: 2 ** logN, r, p, maxmem: 256 * 2 ** logN * r }
  await takeTurn()
  try {
    return await new Promise((resolve, reject) => {
      scrypt(password.normalize('NFKC'), salt, hashBytes, options, (error, key) => {
        if (error === null) resolve(key)
        else reject(error)
      })
    })
  } finally {
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }
}

let running = 0
const waiting: (() => void)[] = []

function takeTurn(): Promise<void> {
  if (running < atOnce) {
    running += 1
    return Promise.resolve()
  }
  if (waiting.length >= mostWaiting) return Promise.reject(new MailError('unavailable', 'too many passwords at once'))
  return new Promise((resolve) => {
    waiting.push(resolve)
  })
}
