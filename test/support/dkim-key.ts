// A DKIM key of a domain that only tests have, with its DNS record, and mail that is signed with it (RFC 6376).

import { generateKeyPairSync } from 'node:crypto'

import { dkimSign } from 'mailauth'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** PKCS #8. */
export const dkimPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

export const dkimRecord = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`

/** The mail with a signature of the domain on top, by the selector s1. `more`: further fields of the signature. */
export async function dkimSigned(raw: Buffer, domain: string, more: object = {}): Promise<Buffer> {
  const { signatures, errors } = await dkimSign(raw, {
    signatureData: [{ signingDomain: domain, selector: 's1', privateKey: dkimPem, ...more }],
  } as never)
  if (errors.length > 0) throw new Error(`the mail cannot be signed: ${String(errors[0])}`)
  return Buffer.concat([Buffer.from(signatures), raw])
}
