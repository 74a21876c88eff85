// The new words of a reply's text: every line is classified by its markers, then the sequence decides. Losing wanted
// words is far worse than leaving a quotation in, so in doubt a line stays, answers between quotations stay, and a
// mail that would come out empty stays whole.
import type { Attribution } from './attribution.ts'
import { findAttributions } from './attribution.ts'
import { isDividerShape, isGroupWise, readDivider } from './dividers.ts'
import { isClientFooter, isListFooter } from './footers.ts'
import { findHeaderBlockEnd } from './header-block.ts'
import { hasWords, isQuoted, isRule, lineAt } from './line-text.ts'
import { findOwnQuotationEnd, isAnnounced, isGreeting } from './own-words.ts'
import { findSignatureEnd, isSignatureMark } from './signature.ts'

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
  /** Where a forwarded mail starts, or -1. */
  readonly forwardAt: number
  readonly kept: string[]
  at: number
  /** Words were kept above. */
  hasWords: boolean
  ended: boolean
  /** The line below the last introduction. */
  introducedTo: number
}

/**
 * The lines that are new, in order. Behind the first 256 KB or 5,000 lines only quoted lines are left out, and all if
 * an earlier mail began before. Never throws.
 */
export function trimReply(text: string, options: TrimOptions = { isForward: false }): string {
  const { lines, rest } = readHead(text)
  const attributions = findAttributions(lines)
  const trim: Trim = {
    lines,
    attributions,
    forwardAt: findForward(lines, attributions),
    options,
    kept: [],
    at: 0,
    hasWords: false,
    ended: false,
    introducedTo: -1,
  }
  while (trim.at < lines.length && !trim.ended) step(trim)
  const words = withoutTrailingRules(trim.kept).join('\n')
  const all = `${words}${restOf(trim, rest)}`
  return hasWords(all) ? trimBlankLines(all) : trimBlankLines(`${lines.join('\n')}${rest}`)
}

// Behind the head only the quote sign counts.
function restOf(trim: Trim, rest: string): string {
  if (!trim.ended) return rest.replace(/\n[ \t]{0,3}>(?!From ).*/g, '')
  return trim.forwardAt >= 0 ? rest : ''
}

/** The lines that are read with all markers, and the text behind them with the line break in front of it. */
function readHead(text: string): { readonly lines: string[]; readonly rest: string } {
  const plain = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
  const lines: string[] = []
  let end = -1
  while (end < plain.length && end <= maxLength && lines.length < maxLines) {
    const next = plain.indexOf('\n', end + 1)
    const stop = next < 0 ? plain.length : next
    lines.push(plain.slice(end + 1, stop))
    end = stop
  }
  return { lines, rest: plain.slice(end) }
}

/** True if the text forwards another mail, whatever its subject. Never throws. */
export function hasForward(text: string): boolean {
  return splitAtForward(text).at >= 0
}

/** The first 256 KB or 5,000 lines, and where a divider begins a forwarded mail; -1: nowhere. Never throws. */
export function splitAtForward(text: string): { readonly lines: readonly string[]; readonly at: number } {
  const { lines } = readHead(text)
  return { lines, at: findForward(lines, findAttributions(lines)) }
}

// "Begin forwarded message:", also as the first line of a quotation (Apple Mail). Deeper in a quotation it belongs to
// an earlier mail.
function findForward(lines: readonly string[], attributions: ReadonlyMap<number, Attribution>): number {
  const introduced = new Set([...attributions.values()].map(({ end }) => end))
  let above = -1
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue
    const isFirst = above < 0 || (!isQuoted(lineAt(lines, above)) && !introduced.has(above))
    if (isFirst && readDivider(withoutQuoteSign(line)) === 'forwarded') return at
    above = at
  }
  return -1
}

/** A line without its first quote sign. Never throws. */
export function withoutQuoteSign(line: string): string {
  return line.replace(/^[ \t]{0,3}> ?/, '')
}

function keepForward(trim: Trim): void {
  trim.kept.push(...trim.lines.slice(trim.at).map(withoutQuoteSign))
  trim.ended = true
}

function step(trim: Trim): void {
  const line = lineAt(trim.lines, trim.at)
  if (line.trim() === '') keepBlank(trim)
  else if (trim.at === trim.forwardAt) keepForward(trim)
  else if (isQuoted(line) && !isGroupWise(line)) skipQuoted(trim)
  else if (!takeBoundary(trim, line) && !takeAttribution(trim) && !takeFooter(trim, line)) {
    trim.hasWords ||= hasWords(line) && !isGreeting(line)
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
  const own = trim.introducedTo === trim.at ? null : findOwnQuotationEnd(trim.lines, trim.at)
  if (own !== null) {
    keep(trim, own - trim.at)
    return
  }
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
  const isOwn = isAnnounced(trim.lines, trim.at)
  if (divider !== null && trim.hasWords && !isOwn) {
    trim.ended = true
    return true
  }
  const block = isDividerShape(line) ? skipBlank(trim.lines, trim.at + 1) : trim.at
  const end = findHeaderBlockEnd(trim.lines, block)
  if (end === null) return false
  if (trim.hasWords && !trim.options.isForward && !isOwn) trim.ended = true
  else keep(trim, end + 1 - trim.at)
  return true
}

function takeAttribution(trim: Trim): boolean {
  const attribution = trim.attributions.get(trim.at)
  if (!attribution) return false
  const next = nextWords(trim.lines, attribution.end + 1)
  if (next === null ? attribution.strong : isQuoted(next)) {
    keepBefore(trim, attribution)
    trim.introducedTo = trim.at = skipBlank(trim.lines, attribution.end + 1)
    return true
  }
  // what follows carries no quote sign: the earlier mail as it was
  if (!attribution.strong || !(trim.hasWords || hasWords(attribution.before))) return false
  if (attribution.before === '' && isAnnounced(trim.lines, trim.at)) return false
  keepBefore(trim, attribution)
  trim.ended = true
  return true
}

function keepBefore(trim: Trim, { before }: Attribution): void {
  if (before === '') return
  trim.kept.push(before)
  trim.hasWords ||= hasWords(before)
}

function nextWords(lines: readonly string[], from: number): string | null {
  const at = skipBlank(lines, from)
  return at < lines.length ? lineAt(lines, at) : null
}

/** The first line with words at or behind an index, or the number of lines. */
function skipBlank(lines: readonly string[], from: number): number {
  let at = from
  while (at < lines.length && lineAt(lines, at).trim() === '') at++
  return at
}

function takeFooter(trim: Trim, line: string): boolean {
  if (!trim.hasWords || isAnnounced(trim.lines, trim.at)) return false
  if (isListFooter(trim.lines, trim.at)) {
    trim.ended = true
    return true
  }
  if (isSignatureMark(line)) return skipSignature(trim)
  if (!endsParagraph(trim) || !isClientFooter(line, { isLast: isLast(trim) })) return false
  trim.at++
  return true
}

// No words of the writer stand below.
function isLast(trim: Trim): boolean {
  const next = skipBlank(trim.lines, trim.at + 1)
  const line = lineAt(trim.lines, next)
  return next >= trim.lines.length || isSignatureMark(line) || isClientFooter(line) || startsEarlierMail(trim, next)
}

function endsParagraph(trim: Trim): boolean {
  const next = lineAt(trim.lines, trim.at + 1)
  return (
    next.trim() === '' || isQuoted(next) || isRule(next) || isClientFooter(next) || startsEarlierMail(trim, trim.at + 1)
  )
}

function skipSignature(trim: Trim): boolean {
  const { lines, at, kept } = trim
  const end = findSignatureEnd({ lines, at, kept, startsEarlierMail: (index) => startsEarlierMail(trim, index) })
  if (end === null) return false
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
