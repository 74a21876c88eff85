// The new words of a mail: HTML first, where clients mark what they quote by ids and classes, then the text by its
// lines. The whole text stays in `text`; this is a view of it.
import { htmlToText, maxHtmlLength } from '../html/to-text.ts'
import { endsWithAttribution } from './attribution.ts'
import { announcesAnswersBelow } from './own-words.ts'
import type { TrimOptions } from './trim-reply.ts'
import { hasForward, trimReply } from './trim-reply.ts'

// Outlook writes the same header block above an answered and a forwarded mail; only the subject separates them.
const forwardSubject =
  /^\s*(?:(?:\[[^\]]{1,40}\]|(?:extern(?:al|e|o)?|ext|spam|caution)\s*[:：])\s*){0,3}(?:fwd?|fw|wg|tr|rv|enc|i|doorst|vs|vb|vl|pd|továbbítás|fyi|转发|轉寄|转寄|転送|전달)\s*[:：]/i

// Without one of these no client has marked a quotation, and the HTML need not be read again.
const mayBeMarked = /<blockquote|[\s"'/](?:id|name|class|style)\s{0,5}=/i

/** True if the subject says that the mail forwards another one. Never throws. */
export function isForwardSubject(subject: string): boolean {
  return forwardSubject.test(subject)
}

/**
 * Only the new words of a mail's text; in doubt more rather than less, and never nothing when there is something.
 * Never throws.
 */
export function findReplyText(words: Words, context: { subject: string }): string {
  const options = { isForward: isForwardSubject(context.subject) && !isFinnishAnswer(context.subject, words.text) }
  const found = newWords(words, options)
  // seen: answers typed in another colour into an earlier mail that carries no quote signs
  const isCut = found.length < words.text.trim().length && fold(words.text).startsWith(fold(found))
  return isCut && announcesAnswersBelow(found) ? words.text.trim() : found
}

interface Words {
  readonly text: string
  readonly html: string | null
}

function newWords(words: Words, options: TrimOptions): string {
  const plain = trimReply(words.text, options)
  if (words.html === null || options.isForward || !isReadAgain(words.html) || hasForward(words.text)) return plain
  const marked = htmlToText(words.html, { newWordsOnly: true, isIntroduction: endsWithAttribution })
  if (!marked.marked || marked.text === '') return plain
  const fromHtml = trimReply(marked.text, options)
  return fromHtml === '' || isSameWords(plain, fromHtml) ? plain : fromHtml
}

function isReadAgain(html: string): boolean {
  return html.length <= maxHtmlLength && mayBeMarked.test(html)
}

// "VS:" is a forward in Danish and an answer in Finnish; the header block tells which.
function isFinnishAnswer(subject: string, text: string): boolean {
  return /^\s*vs\s*:/i.test(subject) && /^[*\s]{0,5}Lähettäjä\s?:/m.test(text)
}

function isSameWords(one: string, other: string): boolean {
  return fold(one) === fold(other)
}

function fold(text: string): string {
  return text.replace(/[\s\u00a0*_]+/g, '')
}
