// Attachments of a group of new messages: bytes once per content, rows beside their message.

import { createHash } from 'node:crypto'

import { toText, toTextOrNull } from '../../db/json.ts'
import type { Tx } from '../../db/pool.ts'
import type { AppendRequest } from '../records/append-request.ts'

interface NewAttachment {
  readonly inboundEmailId: number
  readonly filename: string
  readonly contentType: string
  readonly contentId: string | null
  readonly inline: boolean
  readonly sha256: string
  readonly content: Uint8Array
}

/** Writes what the mails brought, and the original of each that could not be read completely. */
export async function insertAttachments(
  tx: Tx,
  requests: readonly AppendRequest[],
  messageIds: ReadonlyMap<number, number>,
): Promise<void> {
  const attachments = requests.flatMap(attachmentsOf)
  if (attachments.length === 0) return
  const hashes = attachments.map((attachment) => Buffer.from(attachment.sha256, 'hex'))
  const blobs = new Map(attachments.map((attachment) => [attachment.sha256, Buffer.from(attachment.content)]))
  // In the order of their hashes, so that two groups with a file in common never wait for each other in a circle.
  const sorted = [...blobs.keys()].sort()
  await tx.query(
    `
      insert into blobs (sha256, bytes)
      select *
      from unnest($1::bytea[], $2::bytea[])
      on conflict (sha256) do update
      set sha256 = excluded.sha256
    `,
    [sorted.map((hash) => Buffer.from(hash, 'hex')), sorted.map((hash) => blobs.get(hash))],
  )
  await tx.query(
    `
      insert into attachments (
        account_id, message_id, file_type, file_name, content_type, byte_size, content_id, inline, blob_sha256
      )
      select
        m.account_id,
        m.id,
        n.file_type,
        n.file_name,
        n.content_type,
        n.byte_size,
        n.content_id,
        n.inline,
        n.sha256
      from unnest(
        $1::int[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::bool[], $8::bytea[]
      )
        with ordinality as n(
          message_id, file_type, file_name, content_type, byte_size, content_id, inline, sha256, position
        )
      join messages m on m.id = n.message_id
      order by n.position
    `,
    [
      attachments.map((attachment) => messageIds.get(attachment.inboundEmailId)),
      attachments.map((attachment) => fileType(attachment.contentType)),
      attachments.map((attachment) => toText(attachment.filename)),
      attachments.map((attachment) => toText(attachment.contentType)),
      attachments.map((attachment) => attachment.content.length),
      attachments.map((attachment) => toTextOrNull(attachment.contentId)),
      attachments.map((attachment) => attachment.inline),
      hashes,
    ],
  )
}

function attachmentsOf(request: AppendRequest): NewAttachment[] {
  const brought = request.mail.attachments.map((attachment) => ({
    ...attachment,
    inboundEmailId: request.inboundEmailId,
  }))
  if (request.mail.degraded === null) return brought
  const sha256 = createHash('sha256').update(request.raw).digest('hex')
  return [
    ...brought,
    {
      inboundEmailId: request.inboundEmailId,
      filename: 'original.eml',
      contentType: 'message/rfc822',
      contentId: null,
      inline: false,
      sha256,
      content: request.raw,
    },
  ]
}

/** Chatwoot's kind of an attachment by its media type. Never throws. */
function fileType(contentType: string): string {
  const kind = contentType.split('/')[0]?.toLowerCase() ?? ''
  return ['image', 'audio', 'video'].includes(kind) ? kind : 'file'
}
