// The new words of a reply's text: every line is classified by its markers, then the sequence decides. Losing wanted
// words is far worse than leaving a quotation in, so in doubt a line stays, answers between quotations stay, and a
// mail that would come out empty stays whole.
import type { Attribution } from './attribution.ts'
import { findAttributions } from './attribution.ts'
import { readDivider } from './dividers.ts'
import { isClientFooter, isListFooter } from './footers.ts'
import { findHeaderBlockEnd } from './header-block.ts'
import { hasWords, isQuoted, isRule, lineAt } from './line-text.ts'

export interface TrimOptions {
  /** The mail forwards another one: the text under a header block is then its content, not an earlier mail. */
  readonly isForward: boolean
}

const maxLength = 256 * 1024
const maxLines = 5000

interface Trim {
  readonly lines: readonly string[]
  readonly attributions: ReadonlyMap<number, Attribution>
  readonly options: TrimOptions
  readonly kept: string[]
  at: number
  /** Words were kept above. */
  hasWords: boolean
  ended: boolean
}

/** The lines that are new, in order; above 256 KB or 5,000 lines the text stays whole. Never throws. */
export function trimReply(text: string, options: TrimOptions = { isForward: false }): string {
  if (text.length > maxLength) return text.trim()
  const lines = text.replace(/\r\n?/g, '\n').split('\n')
  if (lines.length > maxLines) return text.trim()
  const trim: Trim = {
    lines,
    attributions: findAttributions(lines),
    options,
    kept: [],
    at: 0,
    hasWords: false,
    ended: false,
  }
  while (trim.at < lines.length && !trim.ended) step(trim)
  const words = withoutTrailingRules(trim.kept).join('\n')
  return hasWords(words) ? trimBlankLines(words) : trimBlankLines(lines.join('\n'))
}

function step(trim: Trim): void {
  const line = lineAt(trim.lines, trim.at)
  if (line.trim() === '') keepBlank(trim)
  else if (isQuoted(line)) skipQuoted(trim)
  else if (!takeBoundary(trim, line) && !takeAttribution(trim) && !takeFooter(trim, line)) {
    trim.hasWords ||= hasWords(line)
    keep(trim, 1)
  }
}

// The blank lines around removed text become one.
function keepBlank(trim: Trim): void {
  const isLeft = trim.kept.length > 0 && trim.kept.length < trim.at && trim.kept.at(-1)?.trim() === ''
  const isGap = isLeft && lineAt(trim.lines, trim.at - 1).trim() !== ''
  if (isGap) trim.at++
  else keep(trim, 1)
}

function keep(trim: Trim, count: number): void {
  trim.kept.push(...trim.lines.slice(trim.at, trim.at + count))
  trim.at += count
}

// seen: a client wrapped a quoted line and its rest lost the sign; it goes with the quotation only when it cannot be
// an answer
function skipQuoted(trim: Trim): void {
  const line = lineAt(trim.lines, trim.at)
  const rest = lineAt(trim.lines, trim.at + 1)
  const after = lineAt(trim.lines, trim.at + 2)
  const isRest =
    line.length >= 65 && !/[.?!:;]\s*$/.test(line) && /^\p{Ll}/u.test(rest) && !isQuoted(rest) && isQuoted(after)
  trim.at += isRest ? 2 : 1
}

// Dividers and header blocks: the earlier mail starts here, if there are words above.
function takeBoundary(trim: Trim, line: string): boolean {
  const divider = readDivider(line)
  if (divider === 'forwarded') {
    keep(trim, trim.lines.length - trim.at)
    trim.ended = true
    return true
  }
  if (divider !== null && trim.hasWords) {
    trim.ended = true
    return true
  }
  const end = findHeaderBlockEnd(trim.lines, trim.at)
  if (end === null) return false
  if (trim.hasWords && !trim.options.isForward) trim.ended = true
  else keep(trim, end + 1 - trim.at)
  return true
}

function takeAttribution(trim: Trim): boolean {
  const attribution = trim.attributions.get(trim.at)
  if (!attribution) return false
  const next = nextWords(trim.lines, attribution.end + 1)
  if (next === null ? attribution.strong : isQuoted(next)) {
    trim.at = attribution.end + 1
    return true
  }
  // what follows carries no quote sign: the earlier mail as it was
  if (!attribution.strong || !trim.hasWords) return false
  trim.ended = true
  return true
}

function nextWords(lines: readonly string[], from: number): string | null {
  for (let i = from; i < lines.length; i++) if (lines[i]?.trim() !== '') return lineAt(lines, i)
  return null
}

function takeFooter(trim: Trim, line: string): boolean {
  if (!trim.hasWords) return false
  if (isListFooter(trim.lines, trim.at)) {
    trim.ended = true
    return true
  }
  if (isSignatureMark(line)) return skipSignature(trim)
  if (!endsParagraph(trim) || !isClientFooter(line)) return false
  trim.at++
  return true
}

function endsParagraph(trim: Trim): boolean {
  const next = lineAt(trim.lines, trim.at + 1)
  return (
    next.trim() === '' || isQuoted(next) || isRule(next) || isClientFooter(next) || startsEarlierMail(trim, trim.at + 1)
  )
}

function isSignatureMark(line: string): boolean {
  return /^(?:--|—|––|- -)[\s\u00a0]*$/.test(line)
}

// A signature ends where an earlier mail begins. A bare "--" above very much text is a rule of the writer's own.
function skipSignature(trim: Trim): boolean {
  const maxSignatureLines = /^-- $/.test(lineAt(trim.lines, trim.at)) ? 200 : 30
  let end = trim.at + 1
  let count = 0
  while (end < trim.lines.length && count <= maxSignatureLines && !startsEarlierMail(trim, end))
    if (trim.lines[end++]?.trim() !== '') count++
  if (count > maxSignatureLines) return false
  trim.at = end
  return true
}

function startsEarlierMail(trim: Trim, index: number): boolean {
  const line = lineAt(trim.lines, index)
  return (
    isQuoted(line) ||
    trim.attributions.has(index) ||
    readDivider(line) !== null ||
    findHeaderBlockEnd(trim.lines, index) !== null
  )
}

function withoutTrailingRules(lines: readonly string[]): string[] {
  let end = lines.length
  while (end > 0 && (lines[end - 1]?.trim() === '' || isRule(lineAt(lines, end - 1)))) end--
  return lines.slice(0, end)
}

function trimBlankLines(text: string): string {
  return text.replace(/^(?:[ \t]*\n)+/, '').trimEnd()
}
