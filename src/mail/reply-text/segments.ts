// The text of a mail in pieces, for people who want to see what the parser saw: new words, earlier mails, signature.
// The new words are found again, line by line, in the whole text; what is left over is a quotation, or a signature.

import { isQuoted } from './line-text.ts'

export type SegmentKind = 'words' | 'quotation' | 'signature'

export interface Segment {
  readonly kind: SegmentKind
  readonly text: string
}

const maxLines = 20_000

interface Piece {
  readonly kind: SegmentKind
  readonly lines: string[]
}

/** The whole text in order; nothing is left out. Never throws. */
export function segmentText(text: string, replyText: string): Segment[] {
  const lines = linesOf(text)
  if (text === '') return []
  if (lines.length > maxLines) return [{ kind: 'words', text }]
  const wanted = linesOf(replyText)
    .map(fold)
    .filter((line) => line !== '')
  const pieces: Piece[] = []
  let next = 0
  for (const line of lines) {
    const folded = fold(line)
    const isNew = folded !== '' && folded === wanted[next]
    if (isNew) next++
    add(pieces, line, isNew ? 'words' : kindOf(line, pieces.at(-1)))
  }
  // Words that stand nowhere in the text came from the HTML: then the text does not show what is new.
  if (next < wanted.length)
    return [
      { kind: 'words', text: replyText },
      { kind: 'quotation', text },
    ]
  return pieces.map(({ kind, lines: of }) => ({ kind, text: of.join('\n') }))
}

function kindOf(line: string, before: Piece | undefined): SegmentKind {
  const begins = /^(?:--|—|––)\s*$/.test(line)
  return !isQuoted(line) && (begins || before?.kind === 'signature') ? 'signature' : 'quotation'
}

// Blank lines belong to the text above them.
function add(pieces: Piece[], line: string, kind: SegmentKind): void {
  const last = pieces.at(-1)
  if (last !== undefined && (last.kind === kind || fold(line) === '')) last.lines.push(line)
  else pieces.push({ kind, lines: [line] })
}

function linesOf(text: string): string[] {
  return text.replace(/\r\n?/g, '\n').split('\n')
}

function fold(line: string): string {
  return line.replace(/[\s\u00a0*_]+/g, '')
}
