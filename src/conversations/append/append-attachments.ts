// Attachments of a group of new messages: bytes once per content, rows beside their message.

import { createHash } from 'node:crypto'

import { columns } from '../../db/columns.ts'
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

const newBlobs = columns({ sha256: 'bytea', bytes: 'bytea' })

const insertBlobsSql = `
  insert into blobs (sha256, bytes)
  select sha256, bytes
  from ${newBlobs.from('n')}
  on conflict (sha256) do update
  set sha256 = excluded.sha256
`

const newAttachments = columns({
  message_id: 'int',
  file_type: 'text',
  file_name: 'text',
  content_type: 'text',
  byte_size: 'int',
  content_id: 'text',
  inline: 'bool',
  sha256: 'bytea',
})

const insertAttachmentsSql = `
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
  from ${newAttachments.from('n', { ordinality: 'position' })}
  join messages m on m.id = n.message_id
  order by n.position
`

/** Writes the attachments of the mails, and the original of each mail that could not be read completely. */
export async function insertAttachments(
  tx: Tx,
  requests: readonly AppendRequest[],
  messageIds: ReadonlyMap<number, number>,
): Promise<void> {
  const attachments = requests.flatMap(attachmentsOf)
  if (attachments.length === 0) return
  const blobs = new Map(attachments.map((attachment) => [attachment.sha256, attachment.content]))
  // In the order of their hashes, so that two groups with a file in common never wait for each other in a circle.
  const sorted = [...blobs].sort(([one], [other]) => (one < other ? -1 : 1))
  await tx.query(
    insertBlobsSql,
    newBlobs.values(sorted.map(([hash, bytes]) => ({ sha256: Buffer.from(hash, 'hex'), bytes: Buffer.from(bytes) }))),
  )
  await tx.query(
    insertAttachmentsSql,
    newAttachments.values(
      attachments.map((attachment) => ({
        message_id: messageIds.get(attachment.inboundEmailId) ?? null,
        file_type: fileType(attachment.contentType),
        file_name: toText(attachment.filename),
        content_type: toText(attachment.contentType),
        byte_size: attachment.content.length,
        content_id: toTextOrNull(attachment.contentId),
        inline: attachment.inline,
        sha256: Buffer.from(attachment.sha256, 'hex'),
      })),
    ),
  )
}

function attachmentsOf(request: AppendRequest): NewAttachment[] {
  const { decision } = request
  const forward = 'forward' in decision ? decision.forward : undefined
  const brought = (forward?.mail ?? request.mail).attachments.map((attachment) => ({
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
