// The files of a message in its mail: pictures in their place in the words, other files beside the text, and links to
// those that are too large.

import type { Pool } from '../db/pool.ts'
import { attachmentUrl } from '../links.ts'
import { showPictures } from './inline-pictures.ts'
import type { FileLink } from './layout/letter.ts'
import { type OutgoingFacts, readAttached, readBytes } from './outgoing-facts.ts'
import type { OutgoingFile } from './transport.ts'

/** Files beyond this total are sent as links. */
const maxAttachedBytes = 20 * 1024 * 1024

interface AttachedFiles {
  /** The words of the message, with the ids under which its pictures leave. */
  readonly content: string
  readonly attached: readonly OutgoingFile[]
  readonly links: readonly FileLink[]
}

/** Reads the files one by one. Throws when the database is away. */
export async function attachFiles(
  { pool, publicUrl }: { readonly pool: Pool; readonly publicUrl: string },
  { messageId, content, account }: OutgoingFacts,
): Promise<AttachedFiles> {
  let total = 0
  const files = (await readAttached(pool, messageId)).map((file) => {
    total += file.size
    return { ...file, isSmall: total <= maxAttachedBytes }
  })
  const small = files.filter(({ isSmall }) => isSmall)
  const shown = showPictures(content, small, account.domain)
  const attached: OutgoingFile[] = []
  for (const { id, filename, contentType } of small)
    attached.push({
      filename,
      contentType,
      content: await readBytes(pool, id),
      contentId: shown.contentIds.get(id),
    })
  const links = files
    .filter(({ isSmall }) => !isSmall)
    .map(({ filename, token }) => ({ name: filename, url: attachmentUrl(publicUrl, token, filename) }))
  return { content: shown.content, attached, links }
}
