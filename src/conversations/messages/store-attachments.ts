// The files of a new message: bytes once per content, a row per file (DESIGN §6).

import { createHash } from 'node:crypto'

import type { Tx } from '../../db/pool.ts'
import type { NewAttachment } from './new-message.ts'

interface Owner {
  readonly accountId: number
  readonly messageId: number
}

/** Writes the files of a message in the caller's transaction. */
export async function storeAttachments(tx: Tx, owner: Owner, files: readonly NewAttachment[]): Promise<void> {
  const hashed = files.map((file) => ({ ...file, sha256: createHash('sha256').update(file.bytes).digest() }))
  // In one order everywhere, so that two transactions with the same files never wait for each other in a circle.
  for (const file of hashed.toSorted((a, b) => a.sha256.compare(b.sha256))) {
    await tx.query('insert into blobs (sha256, bytes) values ($1, $2) on conflict (sha256) do update set sha256 = excluded.sha256', [file.sha256, file.bytes])
  }
  await tx.query(
    `insert into attachments (account_id, message_id, file_type, file_name, content_type, byte_size, blob_sha256)
     select $1, $2, f.* from unnest($3::text[], $4::text[], $5::text[], $6::int[], $7::bytea[]) as f`,
    [
      owner.accountId,
      owner.messageId,
      hashed.map((file) => fileTypeOf(file.contentType)),
      hashed.map((file) => safeFileName(file.fileName)),
      hashed.map((file) => file.contentType),
      hashed.map((file) => file.bytes.length),
      hashed.map((file) => file.sha256),
    ],
  )
}

/** image, audio, video or file, as Chatwoot sorts them. Never throws. */
function fileTypeOf(contentType: string): 'image' | 'audio' | 'video' | 'file' {
  const match = /^(image|audio|video)\//i.exec(contentType)
  return match === null ? 'file' : (match[1]?.toLowerCase() as 'image')
}

/** A name without folders, control characters or more than 255 characters. Never empty, never throws. */
function safeFileName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? ''
  // Control characters would break the header that carries the name.
  const clean = last
    .replace(/\p{Cc}/gu, '')
    .trim()
    .slice(-255)
  return clean === '' || clean === '.' || clean === '..' ? 'attachment' : clean
}
