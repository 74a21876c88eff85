// HTML → text, for mails without a text part and for finding the new words: blocks become lines, links stay readable,
// quotations become "> " lines. Linear, whatever the nesting; scripts, styles and hidden preheaders are left out.
import { decodeAttribute, decodeEntities } from './entities.ts'
import type { QuoteMark } from './quote-marks.ts'
import { readQuoteMark } from './quote-marks.ts'
import type { TextWriter } from './text-writer.ts'
import { addText, breakLine, createWriter, endLine, endParagraph, finishText } from './text-writer.ts'
import type { HtmlToken } from './tokens.ts'
import { readAttribute, readTokens } from './tokens.ts'

export interface HtmlText {
  readonly text: string
  /** True if a client's mark was found and content was left out or set off because of it. */
  readonly marked: boolean
}

export interface HtmlTextOptions {
  /** Leave out what clients marked as quoted or signed. */
  readonly newWordsOnly: boolean
  /** True if the lines end with the introduction of a quotation: then a blockquote below, marked or not, is one. */
  readonly isIntroduction?: (lines: readonly string[]) => boolean
}

type Effect = 'none' | 'quote' | 'skip' | 'pre' | 'link'

interface Rendering {
  readonly writer: TextWriter
  readonly newWordsOnly: boolean
  readonly isIntroduction?: HtmlTextOptions['isIntroduction']
  readonly elements: { readonly name: string; readonly effect: Effect }[]
  /** How often each name is open, so that a stray end tag costs nothing. */
  readonly open: Map<string, number>
  link: { readonly href: string; text: string } | null
  skipping: number
  marked: boolean
  ended: boolean
  /** The lines on which the header of an earlier mail may start; at most 50. */
  readonly headers: number[]
  /** How many blockquotes were looked at for an introduction above. */
  checks: number
}

const voids = new Set([
  'area',
  'base',
  'br',
  'col',
  'embed',
  'hr',
  'img',
  'input',
  'link',
  'meta',
  'param',
  'source',
  'track',
  'wbr',
  'o:p',
])
const implied = new Set(['p', 'li', 'td', 'th', 'tr', 'dt', 'dd', 'option', 'thead', 'tbody', 'tfoot'])
const paragraphs = new Set(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'dl', 'blockquote', 'pre', 'hr'])
const blocks = new Set([
  'div',
  'li',
  'tr',
  'table',
  'dt',
  'dd',
  'section',
  'article',
  'header',
  'footer',
  'main',
  'center',
  'address',
  'form',
  'fieldset',
  'figure',
  'thead',
  'tbody',
  'tfoot',
  'caption',
  'body',
  'html',
  'nav',
  'aside',
])
const maxElements = 20_000
/** The HTML after it is not converted to text. */
export const maxHtmlLength = 1024 * 1024

/** The text of an HTML body, or only its new words with citations as "> " lines. Never throws. */
export function htmlToText(html: string, options: HtmlTextOptions = { newWordsOnly: false }): HtmlText {
  const state: Rendering = {
    writer: createWriter(),
    ...options,
    elements: [],
    open: new Map(),
    link: null,
    skipping: 0,
    marked: false,
    ended: false,
    headers: [],
    checks: 0,
  }
  readTokens(html.slice(0, maxHtmlLength), (token) => {
    if (!state.ended) take(state, token)
  })
  endLine(state.writer)
  cutAtHeader(state)
  return { text: finishText(state.writer), marked: state.marked }
}

// A border like Outlook's is a design as well: below it there must be fields, "From: …", in whatever language.
function cutAtHeader({ writer, headers }: Rendering): void {
  const at = headers.find((start) => {
    const below = writer.lines.slice(start, start + 12).filter((line) => line !== '')
    const fields = below.slice(0, 5).filter((line) => /^\S[^:：]{0,30}[:：]/.test(line)).length
    return fields >= 2 || /^From:/.test(below[0] ?? '')
  })
  if (at !== undefined) writer.lines.length = at
}

function take(state: Rendering, token: HtmlToken): void {
  if (token.kind === 'open') openElement(state, token.name, token.attributes)
  else if (token.kind === 'close') closeElement(state, token.name)
  else if (state.skipping === 0) {
    const text = decodeEntities(token.text)
    addText(state.writer, text)
    if (state.link && state.link.text.length < 2000) state.link.text += text
  }
}

function openElement(state: Rendering, name: string, attributes: string): void {
  const mark = state.newWordsOnly ? readQuoteMark(name, attributes) : null
  if (mark !== null) state.marked = true
  if (mark === 'rest') {
    state.ended = true
    return
  }
  if (state.skipping === 0) separate(state.writer, name, attributes)
  if (mark === 'header') noteHeader(state)
  if (isFlat(name, mark)) return
  if (state.elements.length < maxElements) push(state, { name, attributes, mark })
}

function noteHeader({ writer, headers, skipping }: Rendering): void {
  if (skipping > 0 || headers.length >= maxChecks) return
  endLine(writer)
  headers.push(writer.lines.length)
}

// Elements that hold nothing, or whose end tags people leave out.
function isFlat(name: string, mark: QuoteMark): boolean {
  return voids.has(name) || (mark !== 'drop' && implied.has(name))
}

function push(state: Rendering, tag: { name: string; attributes: string; mark: QuoteMark }): void {
  const { name, attributes, mark } = tag
  const isIntroduced = name === 'blockquote' && isBelowIntroduction(state)
  if (isIntroduced) state.marked = true
  const effect = isIntroduced && mark !== 'drop' ? 'quote' : effectOf(name, attributes, mark)
  if (effect === 'link') state.link = { href: decodeAttribute(readAttribute(attributes, 'href') ?? ''), text: '' }
  else enter(state, effect)
  state.elements.push({ name, effect })
  state.open.set(name, (state.open.get(name) ?? 0) + 1)
}

const maxIntroductionLines = 5
const maxChecks = 50

function isBelowIntroduction(state: Rendering): boolean {
  const { writer, isIntroduction, skipping } = state
  if (isIntroduction === undefined || skipping > 0 || writer.quoteDepth > 0 || state.checks++ >= maxChecks) return false
  const last = writer.lines.findLastIndex((line) => line !== '')
  return isIntroduction(writer.lines.slice(Math.max(0, last + 1 - maxIntroductionLines), last + 1))
}

function enter(state: Rendering, effect: Effect): void {
  if (effect === 'skip') state.skipping++
  else if (effect === 'quote') state.writer.quoteDepth++
  else if (effect === 'pre') state.writer.preDepth++
}

function effectOf(name: string, attributes: string, mark: QuoteMark): Effect {
  if (mark === 'drop' || /^(?:head|style|script|title)$/.test(name)) return 'skip'
  if (/display\s{0,3}:\s{0,3}none/i.test(readAttribute(attributes, 'style') ?? '')) return 'skip'
  if (name === 'blockquote') return readQuoteMark(name, attributes) === 'cite' ? 'quote' : 'none'
  if (name === 'pre') return 'pre'
  return name === 'a' ? 'link' : 'none'
}

function closeElement(state: Rendering, name: string): void {
  if (state.skipping === 0) separateEnd(state.writer, name)
  if (!state.open.get(name)) return
  for (let element = state.elements.pop(); element; element = state.elements.pop()) {
    state.open.set(element.name, (state.open.get(element.name) ?? 1) - 1)
    leave(state, element.effect)
    if (element.name === name) return
  }
}

function leave(state: Rendering, effect: Effect): void {
  if (effect === 'skip') state.skipping--
  else if (effect === 'pre') state.writer.preDepth--
  else if (effect === 'quote') {
    endLine(state.writer)
    state.writer.quoteDepth--
  } else if (effect === 'link') {
    if (state.link && state.skipping === 0 && isWorthShowing(state.link.href, state.link.text))
      addText(state.writer, ` <${state.link.href}>`)
    state.link = null
  }
}

// A link is shown when its text does not already say where it leads.
function isWorthShowing(href: string, text: string): boolean {
  if (!/^https?:\/\//i.test(href) || text.trim() === '') return false
  const bare = (url: string): string =>
    url
      .trim()
      .toLowerCase()
      .replace(/^https?:\/\//, '')
      .replace(/^www\./, '')
      .replace(/\/$/, '')
  return bare(href) !== bare(text)
}

function separate(writer: TextWriter, name: string, attributes: string): void {
  if (name === 'br') breakLine(writer)
  else if (paragraphs.has(name)) endParagraph(writer)
  else if (blocks.has(name)) endLine(writer)
  if (name === 'li') addText(writer, '- ')
  else if ((name === 'td' || name === 'th') && !writer.endsInBlank) addText(writer, ' ')
  else if (name === 'img') addImage(writer, attributes)
}

function separateEnd(writer: TextWriter, name: string): void {
  if (paragraphs.has(name)) endParagraph(writer)
  else if (blocks.has(name)) endLine(writer)
}

function addImage(writer: TextWriter, attributes: string): void {
  const alt = decodeAttribute(readAttribute(attributes, 'alt') ?? '').trim()
  if (alt !== '') addText(writer, `[image: ${alt.slice(0, 200)}]`)
}
