// The signature below an answer, from Markdown or HTML. The agent's stands instead of the inbox's: two signatures under
// one mail look wrong. Clients put an agent's signature at the end of the words; there it is found and not repeated.

import { htmlToText } from '../../mail/html/to-text.ts'
import { cleanHtml } from './clean-html.ts'
import type { Bodies } from './html.ts'
import { renderMarkdown } from './markdown.ts'

export interface Signature {
  /** The agent's; null for none. */
  readonly agent: string | null
  /** True if no client has asked the agent: the answer came by mail. Then the agent's is added. */
  readonly isAdded: boolean
  readonly inbox: string | null
}

/** The words without a signature at their end, and the signature of the mail; null for none. Never throws. */
export function signed(content: string, given: Signature | null): { words: string; signature: Bodies | null } {
  if (given === null) return { words: content, signature: null }
  const agent = (given.agent ?? '').trim()
  const without = agent === '' ? null : withoutEnd(content, agent)
  const own = without !== null || given.isAdded ? agent : ''
  const chosen = own === '' ? (given.inbox ?? '').trim() : own
  return { words: without ?? content, signature: chosen === '' ? null : renderSignature(chosen) }
}

// Chatwoot's clients write a line of two dashes above it.
function withoutEnd(content: string, signature: string): string | null {
  const text = content.replace(/\r\n?/g, '\n').trimEnd()
  const end = signature.replace(/\r\n?/g, '\n')
  if (!text.endsWith(end)) return null
  const words = text.slice(0, text.length - end.length)
  return words === '' || /\n\s*$/.test(words) ? words.replace(/(?:^|\n)-- ?\s*$/, '').trimEnd() : null
}

const isHtml = /<(?:\/?(?:p|div|span|br|b|strong|i|em|u|a|table|tr|td|img|font|ul|ol|li|h[1-6]|hr|small)\b)[^>]*>/i

/** Safe HTML, and its text. Never throws. */
export function renderSignature(source: string): Bodies {
  if (!isHtml.test(source)) return renderMarkdown(source)
  const html = cleanHtml(source)
  return { text: htmlToText(html).text.trim(), html }
}
