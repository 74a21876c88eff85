// Files of messages: fetched by the unguessable part of their address, and those of a conversation in pages.

import type { Db } from '../../db/client.ts'
import { queryOne, type Pool } from '../../db/pool.ts'

export interface Download {
  readonly fileName: string
  readonly contentType: string
  readonly bytes: Uint8Array
  /** Hex; the content's name. */
  readonly sha256: string
}

export function createAttachments(db: Db) {
  return {
    /** The file of a token, a message's or one that was uploaded before it; null for one that was never given or whose bytes are gone. */
    async findDownload(token: string): Promise<Download | null> {
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(token)) return null
      const row = (await db.attachment.findUnique({ where: { token }, include: { blob: true } })) ?? (await db.upload.findUnique({ where: { token }, include: { blob: true } }))
      if (row?.blob == null) return null
      const { bytes, sha256 } = row.blob
      return { fileName: row.fileName ?? 'attachment', contentType: row.contentType ?? 'application/octet-stream', bytes, sha256: Buffer.from(sha256).toString('hex') }
    },
  }
}

/** How many files a conversation has, and the ids of the messages that carry a page of them, newest first, with the file's own id. */
export async function listAttachments(
  pool: Pool,
  conversationId: number,
  page: { readonly offset: number; readonly limit: number },
): Promise<{ readonly count: number; readonly files: readonly { readonly id: number; readonly messageId: number }[] }> {
  const from = 'from attachments a join messages m on m.id = a.message_id where m.conversation_id = $1 and not a.inline'
  const counted = await queryOne<{ count: number }>(pool, `select count(*)::int as count ${from}`, [conversationId])
  const { rows } = await pool.query<{ id: number; messageId: number }>(`select a.id, a.message_id as "messageId" ${from} order by a.id desc limit $2 offset $3`, [conversationId, page.limit, page.offset])
  return { count: counted?.count ?? 0, files: rows }
}
