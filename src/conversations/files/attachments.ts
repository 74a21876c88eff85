// Files of messages: fetched by the unguessable part of their address, and those of a conversation in pages.

import { type Pool, queryOne } from '../../db/pool.ts'

export interface Download {
  readonly fileName: string
  readonly contentType: string
  /** In bytes. */
  readonly size: number
  /** Hex; the content's name. */
  readonly sha256: string
  /** Its bytes, read as they are taken. Throws when they go meanwhile. */
  readonly chunks: () => AsyncGenerator<Buffer>
}

interface FileRow {
  readonly fileName: string | null
  readonly contentType: string | null
  readonly sha256: Buffer
  readonly size: number
}

const findFile = `
  select a.file_name as "fileName", a.content_type as "contentType", b.sha256, length(b.bytes) as size
  from attachments a join blobs b on b.sha256 = a.blob_sha256
  where a.token = $1::uuid
  union all
  select u.file_name, u.content_type, b.sha256, length(b.bytes)
  from uploads u join blobs b on b.sha256 = u.blob_sha256
  where u.token = $1::uuid
  limit 1`

// Enough for the speed of a fast client, little for a hundred that do not read.
const chunkBytes = 128 * 1024

export function createAttachments(pool: Pool) {
  async function* chunksOf({ sha256, size }: FileRow): AsyncGenerator<Buffer> {
    for (let start = 1; start <= size; start += chunkBytes) {
      const row = await queryOne<{ chunk: Buffer }>(
        pool,
        'select substring(bytes from $2 for $3) as chunk from blobs where sha256 = $1',
        [sha256, start, chunkBytes],
      )
      if (row === null) throw new Error('the file was deleted while it was sent')
      yield row.chunk
    }
  }
  return {
    /**
     * The file of a token, a message's or one that was uploaded before it; null for one that was never given or whose
     * bytes are gone.
     */
    async findDownload(token: string): Promise<Download | null> {
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(token)) return null
      const row = await queryOne<FileRow>(pool, findFile, [token])
      if (row === null) return null
      return {
        fileName: row.fileName ?? 'attachment',
        contentType: row.contentType ?? 'application/octet-stream',
        size: row.size,
        sha256: row.sha256.toString('hex'),
        chunks: () => chunksOf(row),
      }
    },
  }
}

/**
 * How many files a conversation has, and the ids of the messages that carry a page of them, newest first, with the
 * file's own id.
 */
export async function listAttachments(
  pool: Pool,
  conversationId: number,
  page: { readonly offset: number; readonly limit: number },
): Promise<{ readonly count: number; readonly files: readonly { readonly id: number; readonly messageId: number }[] }> {
  const from = 'from attachments a join messages m on m.id = a.message_id where m.conversation_id = $1'
  const counted = await queryOne<{ count: number }>(pool, `select count(*)::int as count ${from}`, [conversationId])
  const { rows } = await pool.query<{ id: number; messageId: number }>(
    `select a.id, a.message_id as "messageId" ${from} order by a.id desc limit $2 offset $3`,
    [conversationId, page.limit, page.offset],
  )
  return { count: counted?.count ?? 0, files: rows }
}
