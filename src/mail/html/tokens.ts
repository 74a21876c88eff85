// HTML as a flat run of tokens, read once from left to right (a small part of WHATWG HTML §13.2.5). No tree: mail
// nests five thousand tags deep on purpose. What never closes is searched for only once, so that the reading stays
// linear.

export type HtmlToken =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'open'; readonly name: string; readonly attributes: string }
  | { readonly kind: 'close'; readonly name: string }

// Elements whose content is not text for people.
const opaque = /^(?:script|style|title|textarea|template|xml|svg|object|select)$/

interface Reader {
  readonly html: string
  readonly onToken: (token: HtmlToken) => void
  /** Terminators known to be missing in the rest. */
  readonly missing: Set<string>
}

/** Reads `html` and hands every token to `onToken`. Throws only what `onToken` throws. */
export function readTokens(html: string, onToken: (token: HtmlToken) => void): void {
  const reader: Reader = { html, onToken, missing: new Set() }
  // "a < b" is text, and so are "<ann@example.org>" and "<https://example.org>"
  const markup = /<(?=[a-z/!?])(?![\w.+-]{1,64}@|https?:\/\/)/gi
  let at = 0
  for (let match = markup.exec(html); match; match = markup.exec(html)) {
    const open = match.index
    const next = readMarkup(reader, open)
    // no ">" any more: the rest is text
    if (reader.missing.has('>')) break
    const end = next === open ? open + 1 : open
    if (end > at) onToken({ kind: 'text', text: html.slice(at, end) })
    if (next > open) emitTag(reader, open, next)
    at = next === open ? open + 1 : Math.max(next, skipOpaque(reader, open, next))
    markup.lastIndex = at
  }
  if (at < html.length) onToken({ kind: 'text', text: html.slice(at) })
}

// The end of the markup at "<", or `open` itself if it is not markup.
function readMarkup(reader: Reader, open: number): number {
  const { html } = reader
  if (html.startsWith('<!--', open)) {
    // seen: conditional comments "<!--[if …]>…<![endif]-->"; an unclosed comment ends at ">"
    const end = find(reader, '-->', open + 4)
    return end >= 0 ? end + 3 : tagEnd(reader, open)
  }
  return tagEnd(reader, open)
}

function tagEnd(reader: Reader, open: number): number {
  const { html } = reader
  const plain = find(reader, '>', open)
  if (plain < 0) return open
  const special = /["'>]/g
  special.lastIndex = open + 1
  for (let match = special.exec(html); match; match = special.exec(html)) {
    if (match[0] === '>') return match.index + 1
    // a quote opens a value only behind "="
    if (!/=\s{0,3}$/.test(html.slice(Math.max(open, match.index - 4), match.index))) continue
    const close = find(reader, match[0], match.index + 1)
    if (close < 0) continue
    special.lastIndex = close + 1
  }
  // a quote that swallows the rest: the nearest ">" ends the tag
  return plain + 1
}

function find(reader: Reader, what: string, from: number): number {
  if (reader.missing.has(what)) return -1
  const at = reader.html.indexOf(what, from)
  if (at < 0) reader.missing.add(what)
  return at
}

const tag = /^<(\/?)([a-z][a-z0-9:-]{0,40})/i

function emitTag(reader: Reader, open: number, end: number): void {
  const match = tag.exec(reader.html.slice(open, open + 50))
  if (!match) return
  const name = (match[2] ?? '').toLowerCase()
  if (match[1] === '/') reader.onToken({ kind: 'close', name })
  else reader.onToken({ kind: 'open', name, attributes: reader.html.slice(open + match[0].length, end - 1) })
}

// Behind the close tag of an opaque element; one that never closes is passed over as if it were empty.
function skipOpaque(reader: Reader, open: number, next: number): number {
  const name = (tag.exec(reader.html.slice(open, open + 50))?.[2] ?? '').toLowerCase()
  if (reader.html[open + 1] === '/' || !opaque.test(name) || reader.missing.has(name)) return next
  const close = new RegExp(`</${name}\\s{0,10}>`, 'gi')
  close.lastIndex = next
  const found = close.exec(reader.html)
  if (!found) {
    reader.missing.add(name)
    return next
  }
  reader.onToken({ kind: 'close', name })
  return found.index + found[0].length
}

const attributePattern = (name: string): RegExp =>
  new RegExp(`(?:^|[\\s"'/])${name}\\s{0,10}=\\s{0,10}(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i')
const attributePatterns = {
  alt: attributePattern('alt'),
  class: attributePattern('class'),
  href: attributePattern('href'),
  id: attributePattern('id'),
  name: attributePattern('name'),
  style: attributePattern('style'),
  type: attributePattern('type'),
}
export type AttributeName = keyof typeof attributePatterns

/** The value of one attribute from a tag's attribute text, or null. Never throws. */
export function readAttribute(attributes: string, name: AttributeName): string | null {
  const match = attributePatterns[name].exec(attributes)
  return match ? (match[1] ?? match[2] ?? match[3] ?? null) : null
}
