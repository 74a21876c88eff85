// Amazon SNS signatures: RSA with SHA-1 (version 1) or SHA-256 (version 2) over named fields in byte order, each as
// "Name\nValue\n". The certificate comes from AWS only, over https, and is kept; a valid signature proves that AWS sent
// it, not that it is our topic, which the provider's file checks.

import { createPublicKey, createVerify, type KeyObject } from 'node:crypto'

import { MailError } from '../../errors.ts'
import type { GuardedFetch } from '../../http-client/guarded-fetch.ts'
import { type Json, textOf } from '../reading/json.ts'

/** PEM of the certificate, or public key, at an address that was found to be AWS's. */
export type ReadCertificate = (url: string) => Promise<Buffer | string>

const confirmation = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']
const signedFields: Readonly<Record<string, readonly string[]>> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: confirmation,
  UnsubscribeConfirmation: confirmation,
}
const algorithms: Readonly<Record<string, string>> = { '1': 'RSA-SHA1', '2': 'RSA-SHA256' }
const snsHost = /^sns\.[a-z0-9-]{3,}\.amazonaws\.com(\.cn)?$/

/** The host of an address of SNS itself, or null. Never throws. */
export function snsHostOf(url: string): string | null {
  const target = URL.canParse(url) ? new URL(url) : null
  return target !== null &&
    target.protocol === 'https:' &&
    snsHost.test(target.hostname) &&
    target.port === '' &&
    target.username === ''
    ? target.hostname
    : null
}

/** A reader that asks AWS once per certificate. */
export function createCertificateReader(fetch: GuardedFetch): ReadCertificate {
  const known = new Map<string, Promise<Buffer>>()
  return (url) => {
    const reading =
      known.get(url) ?? fetch(url, { hosts: [new URL(url).hostname], maxBytes: 64 * 1024, timeoutMs: 10_000 })
    // There are a handful; names made up by the thousand must not fill the memory.
    if (known.size > 20) known.clear()
    known.set(url, reading)
    reading.catch(() => known.delete(url))
    return reading
  }
}

/**
 * Throws `MailError('forbidden')` unless AWS signed the message; `unavailable` when its certificate cannot be had
 * now.
 */
export async function checkSns(message: Json, readCertificate: ReadCertificate): Promise<void> {
  const fields = signedFields[textOf(message['Type'], 'Type')]
  const algorithm = algorithms[textOf(message['SignatureVersion'], 'SignatureVersion')]
  const url = textOf(message['SigningCertURL'], 'SigningCertURL')
  if (fields === undefined || algorithm === undefined) throw forgery('unknown type or version of signature')
  if (snsHostOf(url) === null || !new URL(url).pathname.endsWith('.pem'))
    throw forgery('SigningCertURL is not an address of AWS')
  const canonical = fields
    .flatMap((name) =>
      name === 'Subject' && (message[name] === undefined || message[name] === null)
        ? []
        : [`${name}\n${textOf(message[name], name)}\n`],
    )
    .join('')
  const key = readKey(await readCertificate(url))
  if (
    !createVerify(algorithm).update(canonical, 'utf8').verify(key, textOf(message['Signature'], 'Signature'), 'base64')
  )
    throw forgery('the signature is wrong')
}

function readKey(pem: Buffer | string): KeyObject {
  try {
    return createPublicKey(pem)
  } catch (error) {
    throw new MailError('unavailable', 'SigningCertURL does not hold a certificate', { cause: error })
  }
}

function forgery(why: string): MailError {
  return new MailError('forbidden', `signature: ${why}`)
}
