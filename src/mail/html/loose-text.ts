// The text of HTML so broken, or so hidden, that nothing of it would be shown: all text between its tags.

import { decodeEntities } from './entities.ts'
import { maxHtmlLength } from './to-text.ts'
import { readTokens } from './tokens.ts'

/** Scripts, styles and titles that end are left out. Never throws. */
export function looseText(html: string): string {
  const out: string[] = []
  readTokens(html.slice(0, maxHtmlLength), (token) => {
    out.push(token.kind === 'text' ? decodeEntities(token.text) : ' ')
  })
  return out
    .join('')
    .replace(/[ \t]{2,}/g, ' ')
    .replace(/\s*\n\s*/g, '\n')
    .trim()
}
