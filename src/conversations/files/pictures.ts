// Pictures of contacts, people, inboxes and bots, sent as files: kept as uploads under the address that their record
// then has, and for as long as one has it (uploads.ts sweeps).

import { randomUUID } from 'node:crypto'

import { inTransaction, type Pool, queryOne, type Tx } from '../../db/pool.ts'
import type { Saved } from '../records/problem.ts'
import { safeFileName, storeBlobs } from './blobs.ts'
import type { NewAttachment } from './new-file.ts'
import { ownerless, removeUploads } from './uploads.ts'

/** Chatwoot's. */
const maxBytes = 15 * 1024 * 1024

// The types that a browser may show inline; detected from the bytes, whatever the client declares.
const kinds: readonly (readonly [type: string, beginning: RegExp])[] = [
  ['image/png', /^\x89PNG\r\n\x1a\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF.{4}WEBP/s],
]

export interface PictureOwner {
  /** Null for a person. */
  readonly accountId: number | null
  /** Of a token and a file name. */
  readonly addressOf: (token: string, fileName: string) => string
}

export function createPictures(pool: Pool) {
  return {
    /** Keeps a picture; its address. */
    async keepPicture(
      { accountId, addressOf }: PictureOwner,
      { fileName, bytes }: Pick<NewAttachment, 'fileName' | 'bytes'>,
    ): Promise<Saved<string>> {
      const beginning = bytes.subarray(0, 16).toString('latin1')
      const type = kinds.find(([, pattern]) => pattern.test(beginning))?.[0]
      if (type === undefined)
        return {
          problems: [{ attribute: 'avatar', message: 'filetype not supported: send a PNG, JPEG, GIF or WebP picture' }],
        }
      if (bytes.length > maxBytes)
        return { problems: [{ attribute: 'avatar', message: 'is too big (maximum is 15 MB)' }] }
      const [token, name] = [randomUUID(), safeFileName(fileName)]
      const url = addressOf(token, name)
      await inTransaction(pool, async (tx) => {
        const [hash] = await storeBlobs(tx, [{ bytes }])
        await tx.query(
          `
            insert into uploads (
              account_id, token, file_name, content_type, byte_size, blob_sha256, picture_url
            )
            values ($1, $2, $3, $4, $5, $6, $7)
          `,
          [accountId, token, name, type, bytes.length, hash, url],
        )
      })
      return { saved: url }
    },
  }
}

/** Removes the picture of a deleted contact, unless another record uses it too: any record may name an address. */
export async function removePictureOf(tx: Tx, contactId: number): Promise<void> {
  const row = await queryOne<{ url: string | null }>(tx, 'select avatar_url as url from contacts where id = $1', [
    contactId,
  ])
  if (row?.url == null) return
  await tx.query('update contacts set avatar_url = null where id = $1', [contactId])
  await removeUploads(tx, `u.picture_url = $1 and ${ownerless}`, [row.url])
}
