// Pictures of a mail that its HTML shows by their Content-ID (`cid:`, RFC 2392) or Content-Location (RFC 2557 §5). One
// rule decides which part a reference means: for the parser, and for the answers that show the HTML. Linear.

import { decodeEntities } from './entities.ts'

// In quotes an id may hold blanks and brackets; elsewhere (an unquoted attribute, `url(cid:…)`) it ends there.
const reference = /\bcid:(?:(?<=["']cid:)[^"'<>]{1,300}(?=["'])|[^\s"'<>)]{1,300})/gi
const location = /(?<=\b(?:src|background)\s{0,5}=\s{0,5}["'])(?!cid:)[^"'<>]{1,300}(?=["'])/gi
const endOfBare = /[\s)]|&(?:quot|apos|#0{0,5}3[49]|#x0{0,5}2[27]);/i

/** The forms under which a part's id and a reference to it are compared. Never throws. */
export function contentIdKeys(id: string): string[] {
  const plain = decodeEntities(id).replace(/^cid:/i, '').replace(/^<|>$/g, '').trim().toLowerCase()
  const decoded = decodePercent(plain)
  return decoded === plain ? [plain] : [plain, decoded]
}

/** The keys of all parts that the HTML may refer to. Never throws. */
export function findContentIds(html: string): Set<string> {
  const found = new Set<string>()
  replaceContentIds(html, (key) => {
    found.add(key)
    return null
  })
  return found
}

/**
 * The HTML with `addressOf(key)` in place of each reference to a part; null leaves the reference. The addresses must
 * be safe inside quoted and unquoted attributes. Throws only what `addressOf` throws.
 */
export function replaceContentIds(html: string, addressOf: (key: string) => string | null): string {
  const find = (text: string): string | null => {
    for (const key of contentIdKeys(text)) {
      const address = addressOf(key)
      if (address !== null) return address
    }
    return null
  }
  const settle = (text: string): string => {
    const whole = find(text)
    if (whole !== null) return whole
    const end = text.search(endOfBare)
    const address = end < 0 ? null : find(text.slice(0, end))
    return address === null ? text : `${address}${text.slice(end)}`
  }
  return html.replace(reference, settle).replace(location, (text) => find(text) ?? text)
}

function decodePercent(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text).toLowerCase()
  } catch {
    return text
  }
}
