// HTML of people made harmless: what is allowed is listed, all else goes, and every element is closed again, so that it
// cannot change what stands around it. Linear; nothing is fetched.

import { decodeAttribute, decodeEntities } from '../../mail/html/entities.ts'
import { readTokens } from '../../mail/html/tokens.ts'
import { escapeHtml, imageUrl, linkUrl } from './html.ts'

const voids = new Set(['br', 'hr', 'img'])
const tags = new Set(
  (
    'a b br div em font h1 h2 h3 h4 h5 h6 hr i img li ol p s small span strong sub sup table tbody td th thead ' +
    'tr u ul'
  ).split(' '),
)
const attributes = new Set(
  (
    'align alt bgcolor border cellpadding cellspacing color colspan dir height href rowspan size src style title ' +
    'valign width'
  ).split(' '),
)
const styles = new RegExp(
  '^(?:color|background-color|font(?:-(?:family|size|style|weight))?|line-height|letter-spacing|' +
    'text-(?:align|decoration|transform)|vertical-align|(?:max-)?width|height|' +
    '(?:margin|padding)(?:-(?:top|right|bottom|left))?|' +
    'border(?:-(?:top|right|bottom|left|color|style|width|radius|collapse|spacing))?|white-space)$',
)
const styleValue = /^(?:[\w\s#%.,'-]|rgba?\([\d\s.,%]{1,40}\)){1,200}$/
const attribute = /([a-z][a-z-]*)\s{0,10}=\s{0,10}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi

/** Deeper nesting is flattened. */
const maxDepth = 60

/** HTML of listed elements only, each closed. Never throws. */
export function cleanHtml(source: string): string {
  const open: string[] = []
  let html = ''
  readTokens(source, (token) => {
    if (token.kind === 'text') html += escapeHtml(decodeEntities(token.text))
    else if (!tags.has(token.name)) return
    else if (token.kind === 'close') html += closed(open, token.name)
    else if (voids.has(token.name)) html += tagOf(token.name, token.attributes)
    else if (open.length < maxDepth) {
      open.push(token.name)
      html += tagOf(token.name, token.attributes)
    }
  })
  return html + open.reverse().map(endTag).join('')
}

const endTag = (name: string): string => `</${name}>`

// The elements that are open inside it are closed too.
function closed(open: string[], name: string): string {
  const at = open.lastIndexOf(name)
  return at < 0 ? '' : open.splice(at).reverse().map(endTag).join('')
}

function tagOf(name: string, source: string): string {
  const kept = new Map<string, string>()
  for (const [, key = '', double, single, bare] of source.matchAll(attribute)) {
    const value = valueOf(key.toLowerCase(), decodeAttribute(double ?? single ?? bare ?? ''))
    if (value !== null && !kept.has(key.toLowerCase())) kept.set(key.toLowerCase(), value)
  }
  if (name === 'img' && !kept.has('src')) return ''
  return `<${name}${[...kept].map(([key, value]) => ` ${key}="${escapeHtml(value)}"`).join('')}>`
}

function valueOf(name: string, value: string): string | null {
  if (!attributes.has(name)) return null
  if (name === 'href') return linkUrl(value.trim())
  if (name === 'src') return imageUrl(value.trim())
  if (name === 'style') return styleOf(value)
  return value
}

function styleOf(value: string): string | null {
  const kept = value.split(';').flatMap((declaration) => {
    const [name = '', ...rest] = declaration.split(':')
    const property = name.trim().toLowerCase()
    const words = rest.join(':').trim()
    return styles.test(property) && styleValue.test(words) ? [`${property}:${words}`] : []
  })
  return kept.length === 0 ? null : kept.join(';')
}
