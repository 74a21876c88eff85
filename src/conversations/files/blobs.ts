// The bytes of files, stored once for all attachments that have them, and deleted with the last.

import { createHash } from 'node:crypto'

import type { Tx } from '../../db/pool.ts'

/**
 * Stores the bytes; returns the SHA-256 of each. Always in one order, so that two transactions with the same files
 * never wait for each other in a circle.
 */
export async function storeBlobs(tx: Tx, files: readonly { readonly bytes: Buffer }[]): Promise<Buffer[]> {
  const hashed = files.map(({ bytes }) => ({ bytes, sha256: createHash('sha256').update(bytes).digest() }))
  for (const file of hashed.toSorted((a, b) => a.sha256.compare(b.sha256))) {
    await tx.query(
      'insert into blobs (sha256, bytes) values ($1, $2) on conflict (sha256) do update set sha256 = excluded.sha256',
      [file.sha256, file.bytes],
    )
  }
  return hashed.map(({ sha256 }) => sha256)
}

/** Removes bytes that no attachment and no upload has any more. */
export async function removeBlobs(tx: Tx, hashes: readonly Buffer[]): Promise<void> {
  if (hashes.length === 0) return
  // A new message with the same file may be in progress: the row lock makes the two see each other.
  await tx.query('select 1 from blobs where sha256 = any($1) order by sha256 for update', [hashes])
  await tx.query(
    `
      delete from blobs b
      where b.sha256 = any($1)
        and not exists (select 1 from attachments a where a.blob_sha256 = b.sha256)
        and not exists (select 1 from uploads u where u.blob_sha256 = b.sha256)
    `,
    [hashes],
  )
}

/** A name without folders, control characters or more than 255 characters. Never empty, never throws. */
export function safeFileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? ''
  // Control characters would break the header that carries the name.
  const clean = last
    .replace(/\p{Cc}/gu, '')
    .trim()
    .slice(-255)
  return clean === '' || clean === '.' || clean === '..' ? 'attachment' : clean
}
