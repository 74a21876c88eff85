// The messages of a notice: what the contact wrote since the agent was last mailed, and the files that are small and
// harmless enough to travel with it.

import { type Pool, queryOne } from '../db/pool.ts'
import { isAutoReply } from '../db/rules.ts'
import { readNoticeAuthor } from './notice-author.ts'
import type { NoticePart } from './notice-body.ts'
import { type AttachedFile, readBytes } from './outgoing-facts.ts'
import type { OutgoingFile } from './transport.ts'
import type { Say } from './words/words.ts'

/** Messages that one notice carries; of more, the newest. */
const maxMessages = 10

interface Span {
  /** Null: only `upTo`. */
  readonly after: number | null
  /** Always among them. */
  readonly upTo: number
  readonly say: Say
}

/** They, oldest first, and how many older ones are left out. */
export async function readParts(
  pool: Pool,
  conversationId: number,
  { after, upTo, say }: Span,
): Promise<{ readonly parts: NoticePart[]; readonly omitted: number }> {
  const { rows } = await pool.query<{ id: number; content: string; omitted: number }>(
    `select
       id,
       coalesce(content, '') as content,
       (greatest(count(*) over () - $4, 0))::int as omitted
     from messages m
     where conversation_id = $1
       and id <= $3
       and message_type = 'incoming'
       and not private
       and content_attributes -> 'deleted' is null
       and (id > coalesce($2, $3) and not ${isAutoReply('m')} or id = $3)
     order by id desc
     limit $4`,
    [conversationId, after, upTo, maxMessages],
  )
  const parts: NoticePart[] = []
  for (const { id, content } of rows.toReversed()) {
    const author = await readNoticeAuthor(pool, id, say)
    if (author !== null) parts.push({ messageId: id, author, content })
  }
  return { parts, omitted: rows[0]?.omitted ?? 0 }
}

/** The newest message of the contact that is no automatic answer, from `messageId` on. */
export async function findNewest(pool: Pool, conversationId: number, messageId: number): Promise<number> {
  const row = await queryOne<{ id: number | null }>(
    pool,
    `select max(id) as id
     from messages m
     where conversation_id = $1
       and id >= $2
       and message_type = 'incoming'
       and not private
       and content_attributes -> 'deleted' is null
       and not ${isAutoReply('m')}`,
    [conversationId, messageId],
  )
  return row?.id ?? messageId
}

/** All files of a notice together; larger ones are links only. */
const maxAttachedBytes = 5 * 1024 * 1024

// What mail clients show without running anything. Archives, pages, programs and macros are links only.
const harmless: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  pdf: 'application/pdf',
  txt: 'text/plain',
  csv: 'text/csv',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  odt: 'application/vnd.oasis.opendocument.text',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
}

/** The small and harmless files among these; a file's type is that of its name. */
export async function attachSmall(
  pool: Pool,
  files: readonly (AttachedFile & { readonly id: number })[],
): Promise<OutgoingFile[]> {
  const attached: OutgoingFile[] = []
  let total = 0
  for (const { id, filename, size } of files) {
    const contentType = harmless[/\.(\w+)$/.exec(filename)?.[1]?.toLowerCase() ?? '']
    if (contentType === undefined || total + size > maxAttachedBytes) continue
    total += size
    attached.push({ filename, contentType, content: await readBytes(pool, id) })
  }
  return attached
}
