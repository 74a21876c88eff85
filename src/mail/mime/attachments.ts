// Attachments as they are kept: safe file names, a hash, and whether a picture belongs into the text (RFC 2183, RFC
// 2392).
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'

import { contentIdKeys, findContentIds } from '../html/content-ids.ts'
import type { ParsedAttachment } from '../parsed-mail.ts'

/** A decoded part before it is named and judged. */
export interface RawAttachment {
  readonly filename: string
  readonly contentType: string
  readonly disposition: string
  readonly contentId: string | null
  /** Content-Location, by which HTML may show it (RFC 2557); '' when there is none. */
  readonly location: string
  /** As declared; '' when it is not. */
  readonly charset: string
  readonly content: Buffer
}

const extensions: Readonly<Record<string, string>> = {
  'application/gzip': 'gz',
  'application/json': 'json',
  'application/msword': 'doc',
  'application/pdf': 'pdf',
  'application/pgp-signature': 'asc',
  'application/pkcs7-signature': 'p7s',
  'application/rtf': 'rtf',
  'application/vnd.ms-excel': 'xls',
  'application/xml': 'xml',
  'application/zip': 'zip',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
  'audio/mpeg': 'mp3',
  'audio/wav': 'wav',
  'image/bmp': 'bmp',
  'image/gif': 'gif',
  'image/heic': 'heic',
  'image/jpeg': 'jpg',
  'image/jpg': 'jpg',
  'image/png': 'png',
  'image/svg+xml': 'svg',
  'image/tiff': 'tif',
  'image/webp': 'webp',
  'message/delivery-status': 'txt',
  'message/rfc822': 'eml',
  'text/calendar': 'ics',
  'text/csv': 'csv',
  'text/html': 'html',
  'text/plain': 'txt',
  'text/rfc822-headers': 'txt',
  'text/vcard': 'vcf',
  'text/x-vcard': 'vcf',
  'text/xml': 'xml',
  'video/mp4': 'mp4',
  'video/quicktime': 'mov',
}

/** Names, hashes and classifies the parts; `html` is what may show them. Never throws. */
export function readAttachments(parts: readonly RawAttachment[], html: string | null): ParsedAttachment[] {
  const referenced = html === null ? new Set<string>() : findContentIds(html)
  return parts.map((part, index) => {
    const shownAs = shownIdOf(part, referenced)
    return {
      filename:
        cleanFilename(part.filename) || `attachment-${String(index + 1)}.${extensions[part.contentType] ?? 'bin'}`,
      contentType: part.contentType,
      size: part.content.length,
      sha256: createHash('sha256').update(part.content).digest('hex'),
      contentId: shownAs ?? part.contentId,
      inline: shownAs !== null,
      content: part.content,
    }
  })
}

// The id under which the HTML shows a picture; null when it does not. Marked inline but never shown it is an ordinary
// attachment (seen: Apple Mail), and shown but not marked it is inline (seen: Outlook).
function shownIdOf(part: RawAttachment, referenced: ReadonlySet<string>): string | null {
  if (!part.contentType.startsWith('image/')) return null
  const ids = [part.contentId ?? '', part.location.trim()]
  return ids.find((id) => id !== '' && contentIdKeys(id).some((key) => referenced.has(key))) ?? null
}

/**
 * A file name without path, control and direction-changing characters, at most 200 characters with its extension
 * kept. Never throws.
 */
function cleanFilename(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? ''
  const clean = base
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^\.+$/, '')
  if (clean.length <= 200) return clean
  const dot = clean.lastIndexOf('.')
  const extension = dot > 0 && clean.length - dot <= 12 ? clean.slice(dot) : ''
  return clean.slice(0, 200 - extension.length) + extension
}
