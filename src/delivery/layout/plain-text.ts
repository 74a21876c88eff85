// The text part of a mail: what an agent wrote without the marks of Markdown. Lines, lists and quotations stay as
// they were written; text without Markdown is not changed at all.

import type { Token } from 'markdown-it'

/** The source as prose. `tokens` are those of its block parse. Never throws. */
export function toPlainText(source: string, tokens: readonly Token[]): string {
  const lines: (string | null)[] = source.split('\n')
  tokens.forEach((token, position) => {
    if (token.type === 'inline') rewrite(lines, token, tokens[position - 1]?.type === 'heading_open')
    if (token.type === 'fence') dropMarkers(lines, token)
  })
  return lines.filter((line) => line !== null).join('\n')
}

function dropMarkers(lines: (string | null)[], { map, markup }: Token): void {
  const [first, end] = map ?? [0, 0]
  lines[first] = null
  if (end - 1 > first && lines[end - 1]?.trim().startsWith(markup) === true) lines[end - 1] = null
}

// Prefixes of a line such as "> " or "- " stay; the marks of a heading go.
function rewrite(lines: (string | null)[], { map, content, children }: Token, isHeading: boolean): void {
  const [first] = map ?? [0]
  const written = content.split('\n').map((line) => line.trim())
  const plain = plainOf(children ?? []).split('\n')
  // A table's cells share their line.
  if (
    written.some((line, at) => lines[first + at]?.includes(line) !== true || lines[first + at]?.includes('|') === true)
  )
    return
  written.forEach((line, at) => {
    const whole = lines[first + at] ?? ''
    const prefix = whole.slice(0, whole.indexOf(line)).replace(/#{1,6}[ \t]+$/, '')
    // Code that goes over a line end is one line of prose.
    const words = plain[at]
    const isSame = !isHeading && words?.trim() === line
    if (words === undefined) lines[first + at] = null
    else lines[first + at] = isSame ? whole : `${prefix}${words.trimStart()}`
  })
}

interface OpenMark {
  /** Offset in the text at which it began. */
  readonly at: number
  readonly mark: string
  readonly href: string
}

const isWord = (character: string | undefined): boolean => /[\p{L}\p{N}]/u.test(character ?? '')

function plainOf(children: readonly Token[]): string {
  let text = ''
  const open: OpenMark[] = []
  children.forEach((child, position) => {
    if (child.nesting === 1)
      open.push({ at: text.length, mark: child.markup, href: String(child.attrGet('href') ?? '') })
    else if (child.nesting === -1) {
      const begun = open.pop()
      if (begun !== undefined) text = closed(text, begun, { type: child.type, next: children[position + 1]?.content })
    } else text += leafOf(child)
  })
  return text
}

// "2*3*4" is arithmetic: marks inside a word stay. A link is followed by its address, unless it shows it.
function closed(text: string, { at, mark, href }: OpenMark, end: { type: string; next: string | undefined }): string {
  if (end.type === 'link_close') {
    const shown = text.slice(at)
    const isShown = href === shown || href.replace(/^(?:mailto:|https?:\/\/)/, '') === shown.replace(/^https?:\/\//, '')
    return isShown || href === '' ? text : `${text} (${href})`
  }
  const isInWord = isWord(text[at - 1]) || isWord(end.next?.[0])
  return isInWord ? `${text.slice(0, at)}${mark}${text.slice(at)}${mark}` : text
}

function leafOf(token: Token): string {
  if (token.type === 'softbreak' || token.type === 'hardbreak') return '\n'
  if (token.type !== 'image') return token.content
  const src = String(token.attrGet('src') ?? '')
  if (/^cid:/i.test(src)) return token.content === '' ? '' : `[${token.content}]`
  return token.content === '' ? src : `${token.content} (${src})`
}
