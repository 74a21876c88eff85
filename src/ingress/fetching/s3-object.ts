// Fetches one object from S3 or a compatible store: a GET signed with AWS Signature Version 4 (aws4fetch), sent by the
// guarded fetch. Path-style addresses, because bucket names with dots match no certificate.

import { AwsClient } from 'aws4fetch'

import { MailError } from '../../errors.ts'
import type { GuardedFetch } from '../../http-client/guarded-fetch.ts'

export interface S3Access {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
  /** Null = AWS. */
  readonly endpoint: string | null
  readonly maxBytes: number
}

/** The bytes of an object. Throws `MailError`. */
export async function fetchObject(
  object: { readonly bucket: string; readonly key: string },
  access: S3Access,
  fetch: GuardedFetch,
): Promise<Buffer> {
  const { bucket, key } = object
  if (
    !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) ||
    key === '' ||
    key.split('/').some((part) => part === '.' || part === '..')
  )
    throw new MailError('forbidden', 'not fetched: no name of an object')
  const base =
    access.endpoint ?? `https://s3.${access.region}.amazonaws.com${access.region.startsWith('cn-') ? '.cn' : ''}`
  const url = `${base.replace(/\/$/, '')}/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`
  const { accessKeyId, secretAccessKey, region, maxBytes } = access
  const signed = await new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3' }).sign(url, {
    method: 'GET',
  })
  return fetch(url, {
    hosts: [new URL(base).hostname],
    headers: Object.fromEntries(signed.headers),
    maxBytes,
    timeoutMs: 120_000,
  })
}
