// Stores the files of a new message: bytes once per content, a row per file. They come with the message, or were
// uploaded before it.

import { columns } from '../../db/columns.ts'
import type { Tx } from '../../db/pool.ts'
import { refuse } from '../records/problem.ts'
import { safeFileName, storeBlobs } from './blobs.ts'
import { type NewAttachment, type SentBefore } from './new-file.ts'
import { isUploadToken } from './uploads.ts'

interface Owner {
  readonly accountId: number
  readonly messageId: number
}

interface StoredFile {
  readonly fileName: string
  readonly contentType: string
  readonly size: number
  readonly sha256: Buffer
}

const newFiles = columns(
  { file_type: 'text', file_name: 'text', content_type: 'text', byte_size: 'int', sha256: 'bytea' },
  3,
)

const insertSql = `
  insert into attachments (account_id, message_id, file_type, file_name, content_type, byte_size, blob_sha256)
  select $1, $2, f.file_type, f.file_name, f.content_type, f.byte_size, f.sha256
  from ${newFiles.from('f')}
`

/** Writes the files of a message in the caller's transaction. Throws 422 for a named upload that does not exist. */
export async function storeAttachments(
  tx: Tx,
  owner: Owner,
  files: readonly (NewAttachment | SentBefore)[],
): Promise<void> {
  const came = await storeNew(
    tx,
    files.filter((file) => 'bytes' in file),
  )
  const before = await findSent(
    tx,
    owner.accountId,
    files.filter((file) => 'upload' in file),
  )
  const stored = [...came, ...before]
  await tx.query(insertSql, [
    owner.accountId,
    owner.messageId,
    ...newFiles.values(
      stored.map((file) => ({
        file_type: fileTypeOf(file.contentType),
        file_name: file.fileName,
        content_type: file.contentType,
        byte_size: file.size,
        sha256: file.sha256,
      })),
    ),
  ])
}

async function storeNew(tx: Tx, files: readonly NewAttachment[]): Promise<StoredFile[]> {
  const hashes = await storeBlobs(tx, files)
  return files.map(({ fileName, contentType, bytes }, index) => ({
    fileName: safeFileName(fileName),
    contentType,
    size: bytes.length,
    sha256: hashes[index] ?? Buffer.alloc(0),
  }))
}

// Held to the end, so that none is swept away meanwhile.
async function findSent(tx: Tx, accountId: number, files: readonly SentBefore[]): Promise<StoredFile[]> {
  const tokens = files.map(({ upload }) => upload)
  if (tokens.length === 0) return []
  const named = tokens.filter(isUploadToken)
  const { rows } = await tx.query<StoredFile>(
    `
      select
        u.file_name as "fileName",
        u.content_type as "contentType",
        u.byte_size as size,
        u.blob_sha256 as sha256
      from uploads u
      join unnest($2::uuid[]) with ordinality as w(token, ordinal) on w.token = u.token
      where u.account_id = $1 and u.picture_url is null
      order by w.ordinal
      for key share of u
    `,
    [accountId, named],
  )
  if (rows.length !== tokens.length) throw refuse('Attachments must be files, or ids of files that were uploaded')
  return rows
}

/** image, audio, video or file, as Chatwoot sorts them. Never throws. */
function fileTypeOf(contentType: string): 'image' | 'audio' | 'video' | 'file' {
  const match = /^(image|audio|video)\//i.exec(contentType)
  return match === null ? 'file' : (match[1]?.toLowerCase() as 'image')
}
