// Character references in HTML (WHATWG HTML §13.5). The only file that uses the library `entities`.

import { decodeHTML, decodeHTMLAttribute } from 'entities'

// Invisible characters that would split words.
const invisible = /&(?:shy|lrm|rlm|ZeroWidthSpace);?/gi

/** Text content with its character references decoded; unknown ones stay as they are. Never throws. */
export function decodeEntities(text: string): string {
  return text.includes('&') ? decodeHTML(text.replace(invisible, '')) : text
}

/** The same for an attribute's value, in which "&copy=1" is part of an address. Never throws. */
export function decodeAttribute(value: string): string {
  return value.includes('&') ? decodeHTMLAttribute(value) : value
}
