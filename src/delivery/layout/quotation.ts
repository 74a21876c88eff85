// The mail that is answered, below the answer: an introduction, and lines that mail clients fold and the reply reader
// (mail/reply-text) removes. The marks are those of Gmail and Apple Mail.

import { type Bodies, directionOf, escapeHtml, linesAsHtml } from './html.ts'

/** More of the quoted mail is not repeated. */
const maxQuoted = 20_000

/** `intro` is one line; `text` is plain. Never throws. */
export function renderQuotation(intro: string, text: string): Bodies {
  const normal = text.replace(/\r\n?/g, '\n').trim()
  const words = normal.length > maxQuoted ? `${normal.slice(0, maxQuoted).toWellFormed()} …` : normal
  const lines = words.split('\n').map((line) => (line === '' || line.startsWith('>') ? `>${line}` : `> ${line}`))
  return {
    text: [intro, ...lines].join('\n'),
    html:
      '<div class="gmail_quote" style="margin-top:1.6em">' +
      `<div class="gmail_attr" dir="${directionOf(intro)}">${escapeHtml(intro)}<br></div>` +
      '<blockquote class="gmail_quote" type="cite" style="margin:8px 0 0;padding:0 0 0 12px;' +
      `border-left:2px solid #c5c8ce" dir="${directionOf(words)}">${linesAsHtml(words)}</blockquote></div>`,
  }
}
