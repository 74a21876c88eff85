// Files of messages, fetched by the unguessable part of their address.

import type { Db } from '../../db/client.ts'

export interface Download {
  readonly fileName: string
  readonly contentType: string
  readonly bytes: Uint8Array
  /** Hex; the content's name. */
  readonly sha256: string
}

export function createAttachments(db: Db) {
  return {
    /** The file of a token, or null for one that was never given or whose bytes are gone. */
    async findDownload(token: string): Promise<Download | null> {
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(token)) return null
      const row = await db.attachment.findUnique({ where: { token }, include: { blob: true } })
      if (row?.blob == null) return null
      const { bytes, sha256 } = row.blob
      return { fileName: row.fileName ?? 'attachment', contentType: row.contentType ?? 'application/octet-stream', bytes, sha256: Buffer.from(sha256).toString('hex') }
    },
  }
}
