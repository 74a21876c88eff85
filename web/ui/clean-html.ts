// Foreign HTML made harmless, and put into the frame of a mail. What is allowed is listed; all else goes.

import DOMPurify, { type Config } from 'dompurify'

export interface Pictures {
  readonly findInline: (contentId: string) => string | null
  readonly findRemote: ((url: string) => string | null) | null
}

const config: Config = {
  ALLOWED_TAGS: (
    'a abbr acronym address article aside b bdi bdo big blockquote body br caption center cite code col ' +
    'colgroup dd del ' +
    'details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr html i img ins ' +
    'kbd li main mark ' +
    'nav ol p pre q rp rt ruby s samp section small span strike strong style sub summary sup table tbody td tfoot th ' +
    'thead time tr tt u ul var wbr'
  ).split(' '),
  ALLOWED_ATTR: (
    'abbr align alt axis bgcolor border cellpadding cellspacing cite class color colspan dir face headers ' +
    'height href ' +
    'lang nowrap open rowspan scope size span src start style title type valign value width'
  ).split(' '),
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|tel:|cid:|data:image\/(?:png|jpeg|gif|webp);base64,)/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  WHOLE_DOCUMENT: true,
  RETURN_DOM: true,
  FORCE_BODY: true,
}

const ground = `
  html { height: auto !important; overflow: auto hidden; }
  body { height: auto !important; min-height: 0 !important; margin: 12px !important; overflow-wrap: anywhere;
    font: 14px/1.5 system-ui, sans-serif; color: #1b1d22; background: #fff; }
  img { max-width: 100%; height: auto; }
  table { max-width: 100%; }
  blockquote { margin: 8px 0 8px 4px; padding-left: 12px; border-left: 2px solid #c9cdd4; }
  a { color: #1d4ed8; }
`

/** Replaces what the frame shows. Returns how many remote pictures are not shown. */
export function fillFrame(target: Document, html: string, pictures: Pictures): number {
  const clean = DOMPurify.sanitize(html, config) as unknown as HTMLElement
  const sheets = takeStyleSheets(clean, target)
  const hidden = settlePictures(clean, pictures)
  for (const link of clean.querySelectorAll('a')) settleLink(link)
  const inline = takeInlineStyles(clean)
  const body = target.importNode(clean.querySelector('body') ?? clean, true)
  target.body.replaceChildren(...body.childNodes)
  applyInlineStyles(target.body, inline)
  target.adoptedStyleSheets = sheets
  return hidden
}

function takeStyleSheets(root: HTMLElement, target: Document): CSSStyleSheet[] {
  const texts = [ground, ...Array.from(root.querySelectorAll('style'), (element) => element.textContent)]
  for (const element of root.querySelectorAll('style')) element.remove()
  const { CSSStyleSheet: Sheet } = target.defaultView as unknown as { CSSStyleSheet: typeof CSSStyleSheet }
  return texts.map((text, position) => {
    const sheet = new Sheet()
    sheet.replaceSync(text)
    if (position > 0) dropFetching(sheet)
    return sheet
  })
}

// Rules that would fetch something: pictures are shown as pictures, when they are asked for, or not at all.
function dropFetching(sheet: CSSStyleSheet | CSSGroupingRule): void {
  for (let index = sheet.cssRules.length - 1; index >= 0; index--) {
    const rule = sheet.cssRules[index]
    if (rule === undefined) continue
    // Rules of styles can hold rules, too.
    if ('cssRules' in rule) dropFetching(rule as CSSGroupingRule)
    if ('style' in rule) {
      if (fetches(rule.cssText)) dropProperties((rule as CSSStyleRule).style)
    } else if (!('cssRules' in rule)) sheet.deleteRule(index)
  }
}

const fetches = (css: string): boolean => /url\(|image-set\(|image\(|src\(|element\(/i.test(css)

function dropProperties(style: CSSStyleDeclaration): void {
  for (const name of Array.from(style)) if (fetches(style.getPropertyValue(name))) style.removeProperty(name)
}

function takeInlineStyles(root: HTMLElement): readonly (string | null)[] {
  return elementsOf(root.querySelector('body') ?? root).map((element) => {
    const text = element.getAttribute('style')
    element.removeAttribute('style')
    return text
  })
}

function applyInlineStyles(body: HTMLElement, texts: readonly (string | null)[]): void {
  elementsOf(body).forEach((element, index) => {
    const text = texts[index]
    if (text == null || !(element as Partial<HTMLElement>).style) return
    const { style } = element as HTMLElement
    style.cssText = text
    dropProperties(style)
    if (['fixed', 'sticky'].includes(style.position)) style.removeProperty('position')
  })
}

const elementsOf = (root: Element): Element[] => Array.from(root.querySelectorAll('*'))

function settlePictures(root: HTMLElement, { findInline, findRemote }: Pictures): number {
  let hidden = 0
  for (const picture of root.querySelectorAll('img')) {
    const source = picture.getAttribute('src') ?? ''
    picture.removeAttribute('src')
    const contentId = /^cid:(.+)$/i.exec(source)?.[1]
    if (contentId !== undefined) {
      const found = findInline(decode(contentId))
      if (found !== null) picture.setAttribute('src', found)
    } else if (/^data:image\//i.test(source)) picture.setAttribute('src', source)
    else if (/^https?:/i.test(source)) {
      if (findRemote === null) hidden += 1
      else setSource(picture, findRemote(source))
    }
    if (!picture.hasAttribute('src')) hide(picture)
  }
  return hidden
}

function setSource(picture: HTMLImageElement, source: string | null): void {
  if (source !== null) picture.setAttribute('src', source)
}

// A picture that is not shown leaves its description.
function hide(picture: HTMLImageElement): void {
  const text = picture.getAttribute('alt')?.trim() ?? ''
  const place = picture.ownerDocument.createElement('span')
  place.textContent = text === '' ? '' : `[${text}]`
  picture.replaceWith(place)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function settleLink(link: HTMLAnchorElement): void {
  const address = link.getAttribute('href') ?? ''
  if (!/^(?:https?|mailto|tel):/i.test(address)) {
    link.removeAttribute('href')
    return
  }
  link.setAttribute('target', '_blank')
  link.setAttribute('rel', 'noopener noreferrer nofollow')
  // Where it really leads, whatever its text says.
  link.setAttribute('title', address)
}
