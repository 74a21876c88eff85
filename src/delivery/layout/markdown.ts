// The words of an agent twice: as prose, and their Markdown as a fragment of HTML. Raw HTML in them is escaped, never
// run; a link leads to a page or a mailbox, and a picture is of the mail itself (`cid:`) or of a page.

import MarkdownIt from 'markdown-it'

import { type Bodies, imageUrl, linkUrl } from './html.ts'
import { toPlainText } from './plain-text.ts'

// "Name", and a line of dashes below: a signature, no heading.
const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true }).disable('lheading')

markdown.validateLink = (url) => imageUrl(url) !== null || linkUrl(url) !== null

// What may be shown is more than what may be opened: `[x](cid:y)` is no link, `![x](mailto:y)` no picture.
markdown.core.ruler.push('addresses', (state) => {
  for (const token of state.tokens.flatMap(({ children }) => children ?? [])) {
    if (token.type === 'link_open' && linkUrl(String(token.attrGet('href') ?? '')) === null) token.attrs = []
    if (token.type !== 'image') continue
    if (imageUrl(String(token.attrGet('src') ?? '')) === null) token.type = 'text'
    else token.attrSet('style', 'max-width:100%;height:auto;border:0')
  }
})

/** The rest of a path of Windows, from `:\` or `\\` on: no Markdown. */
const restOfPath = /(?:(?<=(?:^|[^\p{L}\p{N}_])[a-z]):\\|(?<![\p{L}\p{N}_\\])\\\\[\w.$-]+\\)[^\s"<>|?*\]]*/iuy

markdown.inline.ruler.before('escape', 'windows_path', (state, silent) => {
  restOfPath.lastIndex = state.pos
  const path = restOfPath.exec(state.src)?.[0]
  if (path === undefined || state.pos + path.length > state.posMax) return false
  if (!silent) state.pending += path
  state.pos += path.length
  return true
})

/** More consecutive blank lines than this are not layout. */
const maxBlankLines = 40

// Markdown takes any number of blank lines for one: those beyond it, as business letters have them, become empty
// lines, also in quotations.
markdown.core.ruler.push('blank_lines', (state) => {
  const lines = state.src.split('\n')
  const around: string[] = []
  let isFirst = true
  state.tokens = state.tokens.flatMap((token) => {
    const isBlock = token.nesting >= 0 && token.map !== null && !isFirst && around.every(isQuotation)
    const extra = isBlock ? blankLinesBefore(lines, token.map?.[0] ?? 0) - 1 : 0
    if (token.nesting === 1) around.push(token.type)
    if (token.nesting === -1) around.pop()
    isFirst = token.nesting === 1
    if (extra <= 0) return [token]
    const empty = new state.Token('html_block', '', 0)
    empty.content = `${'<br>'.repeat(Math.min(extra, maxBlankLines))}\n`
    return [empty, token]
  })
})

const isQuotation = (type: string): boolean => type === 'blockquote_open'

function blankLinesBefore(lines: readonly string[], line: number): number {
  let count = 0
  while (count < line && /^[\s>]*$/.test(lines[line - count - 1] ?? '')) count++
  return count
}

/** The words as prose and, with their Markdown, as HTML without a frame. Never throws. */
export function renderMarkdown(source: string): Bodies {
  const normal = source.replace(/\r\n?/g, '\n')
  return { text: toPlainText(normal, markdown.parse(normal, {})), html: markdown.render(source).trimEnd() }
}
