// The words of a mail in which the ordinary reading has found none: in text of an unknown kind, outside the parts of a
// broken multipart, in broken HTML, in the messages of a digest. A mail that has words is never shown as empty.

import type { Buffer } from 'node:buffer'

import { decodeText } from '../encoding/charset.ts'
import { decodeTransferEncoding } from '../encoding/transfer-encoding.ts'
import { splitHead } from '../header/split-head.ts'
import { looseText } from '../html/loose-text.ts'
import { htmlToText } from '../html/to-text.ts'
import { contentTypeFor } from '../mime/missing-boundary.ts'
import type { RepairedMail } from '../mime/raw-repair.ts'
import type { Part, Range } from '../mime/structure.ts'
import { readStructure } from '../mime/structure.ts'
import { readTextOnly } from '../mime/text-only.ts'

export interface FoundWords {
  readonly text: string
  /** Why they may be read wrongly, or null. */
  readonly note: string | null
}

type Source = Pick<RepairedMail, 'raw' | 'parts' | 'idle'>

const maxTextBytes = 256 * 1024
const maxMessages = 20

/** Null when there are none. Never throws. */
export function findWords(mail: Source, html: string | null): FoundWords | null {
  const finders = [
    () => noted(wordsOfDigest(mail), null),
    () => noted(wordsOfOddText(mail), null),
    () => noted(html === null ? '' : looseText(html), 'the HTML shows no text; the text between its tags is given'),
    () => noted(wordsOutside(mail), 'the text stands outside the parts of the mail: they may be read wrongly'),
  ]
  for (const find of finders) {
    const found = find()
    if (found !== null) return found
  }
  return null
}

function noted(text: string, note: string | null): FoundWords | null {
  return hasWords(text) ? { text: text.replaceAll('\0', '').trim(), note } : null
}

const hasWords = (text: string): boolean => /[\p{L}\p{N}]/u.test(text)

function bodyOf(raw: Buffer, { bodyStart, bodyEnd, encoding }: Part): Buffer {
  return decodeTransferEncoding(raw.subarray(bodyStart, Math.min(bodyEnd, bodyStart + maxTextBytes)), encoding)
}

function wordsOfDigest({ raw, parts }: Source): string {
  const messages = parts.filter(({ isOfDigest }) => isOfDigest).slice(0, maxMessages)
  return messages.map((part) => wordsOfMessage(bodyOf(raw, part))).join('\n\n')
}

function wordsOfMessage(bytes: Buffer): string {
  const head = splitHead(bytes)
  const { text, html } = readTextOnly(bytes, readStructure(bytes, head).parts)
  const lines = head.fields
    .filter(({ name }) => name === 'from' || name === 'subject')
    .map(({ name, value }) => `${name === 'from' ? 'From' : 'Subject'}: ${value}`)
  return [lines.join('\n'), text ?? htmlToText(html ?? '').text].join('\n\n').trim()
}

// Unknown subtypes of text are plain text (RFC 2046 §4.1.4), and so is a text that is a file without a name.
const isOddText = ({ contentType, filename }: Part): boolean =>
  filename === '' && /^text(?:$|\/)/.test(contentType) && !/calendar|card|csv|rfc822|css|javascript/.test(contentType)

function wordsOfOddText({ raw, parts }: Source): string {
  for (const part of parts.filter(isOddText).slice(0, 20)) {
    const text = decodeText(bodyOf(raw, part), part.charset).replace(/\r\n?/g, '\n')
    const words = /html|enriched|richtext/.test(part.contentType) ? htmlToText(text).text : text
    if (hasWords(words)) return words
  }
  return ''
}

const introduction = /\bMIME\b|multi-?part message/i

function wordsOutside({ raw, idle }: Source): string {
  for (const range of idle.slice(0, 20)) {
    const words = wordsIn(raw, range)
    if (hasWords(words) && !introduction.test(words.slice(0, 300))) return words
  }
  return ''
}

function wordsIn(raw: Buffer, { from, to }: Range): string {
  const bytes = raw.subarray(from, Math.min(to, from + maxTextBytes))
  const type = contentTypeFor(bytes, 0)
  if (type === null) return ''
  const head = { fields: [{ name: 'content-type', value: type }], bodyStart: 0, truncated: false, irregular: false }
  const { text, html } = readTextOnly(bytes, readStructure(bytes, head).parts)
  const words = (text ?? '').trim() === '' ? htmlToText(html ?? '').text : (text ?? '')
  return words.replace(/^--.*$/gm, '').replace(/^(?:content-[a-z-]{1,40}:.*\n(?:[ \t].*\n)*)+/gim, '')
}
