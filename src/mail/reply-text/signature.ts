// The signature below a mark: "-- " is beyond doubt (RFC 3676 §4.3); another mark may be a rule of the writer's own, a
// heading's underline or a line of a table, so what stands below it must look like a signature.
import { isRule, lineAt } from './line-text.ts'

const mostLines = { certain: 200, likely: 10, belowRule: 6 }

/** True if the line may open a signature. Never throws. */
export function isSignatureMark(line: string): boolean {
  return /^(?:--|—|––|- -)[\s\u00a0]*$/.test(line) || isRule(line)
}

interface MarkedLine {
  readonly lines: readonly string[]
  /** The line of the mark. */
  readonly at: number
  /** The lines that were kept above it. */
  readonly kept: readonly string[]
  /** True if an earlier mail begins on a line: the signature ends there. */
  readonly startsEarlierMail: (index: number) => boolean
}

/** The first line behind the signature that a mark opens, or null when it opens none. Never throws. */
export function findSignatureEnd(mark: MarkedLine): number | null {
  const isCertain = lineAt(mark.lines, mark.at) === '-- '
  const most = isCertain ? mostLines.certain : mostLines.likely
  const { tail, end } = readTail(mark, most)
  // seen: a signature between two rules
  if (tail.length > 1 && isRule(tail.at(-1) ?? '')) tail.pop()
  return tail.length > most || (!isCertain && !looksLikeSignature(mark, tail)) ? null : end
}

// seen: "PS: please refund the shipping, too." below a signature
const postscript = /^\s*(?:p\.? ?-?s|p\.? ?p\.? ?s|p\.? ?d|n\.? ?b|п\.? ?с|edit|update|nachtrag)\.?\s?[:.;,–—-]\s?\S/iu

/** The lines with words below a mark, `most` and one more, up to an earlier mail or a postscript. */
function readTail({ lines, at, startsEarlierMail }: MarkedLine, most: number): { tail: string[]; end: number } {
  const tail: string[] = []
  let end = at + 1
  while (end < lines.length && tail.length <= most && !startsEarlierMail(end) && !postscript.test(lineAt(lines, end))) {
    const line = lineAt(lines, end++)
    if (line.trim() !== '') tail.push(line)
  }
  return { tail, end }
}

// seen: orders, and lists of people, between bare dashes
function looksLikeSignature({ lines, at, kept }: MarkedLine, tail: readonly string[]): boolean {
  const mark = lineAt(lines, at)
  const above = kept.findLast((line) => line.trim() !== '') ?? ''
  if (/[:：]\s*$/.test(above) || isUnderline(lines, at) || [...kept, ...tail].some(isSignatureMark)) return false
  if (tail.length === 0 || tail.some(isSentence)) return false
  return isRule(mark) ? isBelowRule(mark, tail) : !isClause(tail[0] ?? '')
}

function isBelowRule(mark: string, tail: readonly string[]): boolean {
  return tail.length <= mostLines.belowRule && /^[-_*—\s]+$/.test(mark) && isNameLike(tail[0] ?? '')
}

function isSentence(line: string): boolean {
  return /[.!?]\s*$/.test(line) && line.trim().split(/\s+/).length >= 5
}

// "Problem" above "-------"
function isUnderline(lines: readonly string[], at: number): boolean {
  const mark = lineAt(lines, at).trim()
  const length = lineAt(lines, at - 1).trim().length
  return length >= 4 && /^[-=~]{3,}$/.test(mark) && Math.abs(mark.length - length) <= 1
}

// "Ann Smith", "ACME Ltd | Oslo", but not "Order 12", "Part two"
function isNameLike(line: string): boolean {
  if (/@|www\.|https?:|\+\d/.test(line)) return true
  const words = line.trim().split(/\s+/)
  return words.length <= 6 && !/\d|[:：]/.test(line) && !/^\p{Ll}/u.test(words.at(-1) ?? '')
}

// "not the red one"
function isClause(line: string): boolean {
  return /^\s*\p{Ll}\S* \S+ \S/u.test(line) && !/[@|\d/]/.test(line)
}
