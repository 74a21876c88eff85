// Data of a message that came by mail: the accepted mail, and its inline pictures.

import { queryOne, type Sql } from '../../db/pool.ts'

export interface InlinePicture {
  /** Without <>. */
  readonly contentId: string
  readonly token: string
  readonly fileName: string
  readonly contentType: string
}

export function createMessageMail(sql: Sql) {
  return {
    /** Null when the message did not come by mail. */
    async findInboundEmailId(messageId: number): Promise<number | null> {
      const row = await queryOne<{ id: number | null }>(
        sql,
        'select inbound_email_id::int8 as id from messages where id = $1',
        [messageId],
      )
      return row?.id ?? null
    },

    /** The attachments that have a Content-ID, by which an HTML text shows them. */
    async listInlinePictures(messageId: number): Promise<InlinePicture[]> {
      const { rows } = await sql.query<InlinePicture>(
        `select content_id as "contentId",
           token,
           coalesce(file_name, 'picture') as "fileName",
           coalesce(content_type, 'application/octet-stream') as "contentType"
         from attachments
         where message_id = $1 and content_id is not null and blob_sha256 is not null
         order by id`,
        [messageId],
      )
      return rows
    },
  }
}
