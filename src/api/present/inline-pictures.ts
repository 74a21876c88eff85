// The HTML of a mail with the addresses of its own pictures in place of `cid:`. It is stored as it came, so that it
// survives a change of PUBLIC_URL.

import type { AttachmentRow, Json, MessageRow } from '../../conversations/records/rows.ts'
import { attachmentUrl } from '../../links.ts'
import { contentIdKeys, replaceContentIds } from '../../mail/html/content-ids.ts'

/**
 * The content attributes of a message, in which `email.html_content` shows the pictures that came with the mail by the
 * addresses of the attachments. A reference that matches no file stays. Never throws.
 */
export function withInlinePictures(
  { contentAttributes, attachments }: Pick<MessageRow, 'contentAttributes' | 'attachments'>,
  publicUrl: string,
): Json {
  const email = contentAttributes['email']
  if (!isRecord(email) || !isRecord(email['html_content'])) return contentAttributes
  const addresses = addressesOf(attachments, publicUrl)
  if (addresses.size === 0) return contentAttributes
  const { full } = email['html_content']
  if (typeof full !== 'string') return contentAttributes
  const html = {
    ...email['html_content'],
    full: replaceContentIds(full, (key) => addresses.get(key) ?? null),
  }
  return { ...contentAttributes, email: { ...email, html_content: html } }
}

// Of two files with one id the first counts.
function addressesOf(attachments: readonly AttachmentRow[], publicUrl: string): Map<string, string> {
  const addresses = new Map<string, string>()
  for (const { contentId, token, fileName } of attachments) {
    if (contentId === null) continue
    for (const key of contentIdKeys(contentId))
      if (!addresses.has(key)) addresses.set(key, attachmentUrl(publicUrl, token, fileName ?? 'picture'))
  }
  return addresses
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
