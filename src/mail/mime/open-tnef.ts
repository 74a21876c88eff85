// winmail.dat → the files in it, and its words for a mail that has none. Messages inside are opened, too.
import { Buffer } from 'node:buffer'

import { htmlToText } from '../html/to-text.ts'
import type { RawAttachment } from './attachments.ts'
import { decompressRtf, readRtf } from './rtf.ts'
import type { Tnef, TnefFile } from './tnef.ts'
import { readTnef } from './tnef.ts'

interface Words {
  readonly text: string | null
  readonly html: string | null
}

export interface Opened<Content> {
  readonly content: Content
  /** Why something in it may be missing, or null. */
  readonly note: string | null
}

const maxDepth = 3
/** Of one mail: each may grow to a megabyte. */
const maxRtfs = 4
const types = new Set(['application/ms-tnef', 'application/vnd.ms-tnef'])

/**
 * The content with each TNEF part replaced by the files in it. One that cannot be read whole stays, too. Never throws.
 */
export function openTnef<Content extends Words & { readonly attachments: readonly RawAttachment[] }>(
  content: Content,
): Opened<Content> {
  if (!content.attachments.some(isTnef)) return { content, note: null }
  const opening: Opening = { words: content, isBlank: isBlank(content), isWhole: true, rtfsLeft: maxRtfs }
  const attachments = content.attachments.flatMap((part) => (isTnef(part) ? openPart(opening, part) : [part]))
  return {
    content: { ...content, text: opening.words.text, html: opening.words.html, attachments },
    note: opening.isWhole ? null : 'a winmail.dat could not be read to its end; it is among the files',
  }
}

interface Opening {
  words: Words
  isBlank: boolean
  isWhole: boolean
  rtfsLeft: number
}

function openPart(opening: Opening, part: RawAttachment): RawAttachment[] {
  const tnef = readTnef(part.content)
  opening.isWhole &&= tnef?.isWhole === true
  if (tnef === null) return [part]
  if (opening.isBlank) {
    opening.words = wordsOf(opening, tnef)
    opening.isBlank = isBlank(opening.words)
  }
  return [...filesOf(opening, tnef, 1), ...(tnef.isWhole ? [] : [part])]
}

function isTnef({ contentType, filename }: RawAttachment): boolean {
  return types.has(contentType) || /^winmail\.dat$/i.test(filename.trim())
}

function isBlank({ text, html }: Words): boolean {
  return (text ?? '').trim() === '' && (html === null || htmlToText(html).text.trim() === '')
}

function wordsOf(opening: Opening, { text, html, rtf }: Tnef): Words {
  if (html !== null || rtf === null || opening.rtfsLeft-- <= 0) return { text, html }
  const words = readRtf(decompressRtf(rtf))
  if (words.kind === 'html') return { text, html: words.content }
  return { text: (text ?? '').trim() === '' ? words.content : text, html: null }
}

function filesOf(opening: Opening, tnef: Tnef, depth: number): RawAttachment[] {
  return tnef.files.flatMap((file) => {
    const inner = file.isMessage && depth < maxDepth ? readTnef(file.content) : null
    return inner === null
      ? [attachmentOf(file)]
      : [...messageFiles(file, wordsOf(opening, inner)), ...filesOf(opening, inner, depth + 1)]
  })
}

// An attached message becomes a file of its words.
function messageFiles({ filename }: TnefFile, { text, html }: Words): RawAttachment[] {
  const name = filename === '' ? 'message' : filename
  if (html !== null) return [textFile(`${name}.html`, 'text/html', `<!doctype html><meta charset="utf-8">${html}`)]
  return text === null || text.trim() === '' ? [] : [textFile(`${name}.txt`, 'text/plain', text)]
}

function textFile(filename: string, contentType: string, text: string): RawAttachment {
  return { ...plain, filename, contentType, charset: 'utf-8', content: Buffer.from(text) }
}

const plain = { disposition: 'attachment', contentId: null, location: '', charset: '' } as const

function attachmentOf({ filename, contentType, contentId, content }: TnefFile): RawAttachment {
  return {
    ...plain,
    filename,
    contentType: contentType.includes('/') ? contentType : typeOf(filename),
    contentId,
    content,
  }
}

const typesByExtension: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  gif: 'image/gif',
  htm: 'text/html',
  html: 'text/html',
  ics: 'text/calendar',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  pdf: 'application/pdf',
  png: 'image/png',
  txt: 'text/plain',
}

function typeOf(filename: string): string {
  const extension = /\.([a-z0-9]{1,5})$/i.exec(filename)?.[1]?.toLowerCase() ?? ''
  return typesByExtension[extension] ?? 'application/octet-stream'
}
