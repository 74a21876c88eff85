// The key with which a transport over SMTP signs (DKIM, RFC 6376), read from the file of its `dkim_key`. nodemailer
// signs with RSA and SHA-256, and sends unsigned mail where the key is of another kind: such a key is refused at the
// start.

import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'

import type { TransportSettings } from '../../contracts/transport-settings.ts'
import { MailError } from '../../errors.ts'

export interface Signer {
  /** The name of the transport. */
  readonly transport: string
  /** d= and s= of its signatures. */
  readonly domain: string
  readonly selector: string
  readonly privateKey: string
  /** p= of the record: SubjectPublicKeyInfo in base64. */
  readonly publicKey: string
}

// RFC 8301 §3.2
const leastBits = 1_024

/** Null for a transport that does not sign. Throws `MailError` with a sentence that names what is wrong. */
export function readSigner({ name, options }: Pick<TransportSettings, 'name' | 'options'>): Signer | null {
  const { dkim_domain: domain, dkim_selector: selector, dkim_key: file } = options
  if (domain === undefined || selector === undefined || file === undefined) return null
  const fault = (what: string, cause?: unknown): MailError =>
    new MailError('misconfigured', `${name}: dkim_key ${file} ${what}`, { cause })
  const privateKey = readPem(file, (error) => fault('cannot be read', error))
  const key = parseKey(privateKey, (error) => fault('is not a private key in PEM', error))
  if (key.asymmetricKeyType !== 'rsa') throw fault(`is a key of the kind ${key.asymmetricKeyType ?? '?'}, not RSA`)
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < leastBits) throw fault(`has ${String(bits)} bits: receivers count no key of less than 1024 (RFC 8301)`)
  return { transport: name, domain: domain.toLowerCase(), selector, privateKey, publicKey: spkiOf(key) }
}

function readPem(file: string, faultOf: (error: unknown) => MailError): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw faultOf(error)
  }
}

function parseKey(pem: string, faultOf: (error: unknown) => MailError): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (error) {
    throw faultOf(error)
  }
}

function spkiOf(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64')
}

/** True if p= of a record is this key, as SubjectPublicKeyInfo or as RSAPublicKey (RFC 6376 §3.6.1). Never throws. */
export function isPublishedKey({ publicKey }: Pick<Signer, 'publicKey'>, published: string): boolean {
  const der = Buffer.from(published, 'base64')
  return (['spki', 'pkcs1'] as const).some((type) => {
    try {
      const key = createPublicKey({ key: der, format: 'der', type })
      return key.export({ format: 'der', type: 'spki' }).toString('base64') === publicKey
    } catch {
      return false
    }
  })
}
