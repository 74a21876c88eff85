// Lines under construction while HTML is read: white space folded, blank lines counted, quotations prefixed. Pure
// string building.

export interface TextWriter {
  readonly lines: string[]
  /** Pieces of the current line. */
  pieces: string[]
  endsInBlank: boolean
  quoteDepth: number
  preDepth: number
  /** A blank line is due before the next text. */
  blankDue: boolean
}

const maxQuoteDepth = 5

/** An empty text. Never throws. */
export function createWriter(): TextWriter {
  return { lines: [], pieces: [], endsInBlank: true, quoteDepth: 0, preDepth: 0, blankDue: false }
}

/** Adds running text; line breaks count only inside `pre`. Never throws. */
export function addText(writer: TextWriter, text: string): void {
  if (writer.preDepth > 0) {
    const lines = text.replace(/\r\n?/g, '\n').split('\n')
    lines.forEach((line, index) => {
      if (index > 0) breakLine(writer)
      if (line !== '') addPiece(writer, line)
    })
    return
  }
  const folded = text.replace(/[ \t\r\n\f]+/g, ' ')
  const piece = writer.endsInBlank && folded.startsWith(' ') ? folded.slice(1) : folded
  if (piece !== '') addPiece(writer, piece)
}

function addPiece(writer: TextWriter, piece: string): void {
  if (writer.blankDue) {
    writer.blankDue = false
    if (writer.lines.length > 0 && writer.lines.at(-1) !== '') writer.lines.push('')
  }
  writer.pieces.push(piece)
  writer.endsInBlank = piece.endsWith(' ')
}

/** Ends the line, even an empty one: what `<br>` does. Never throws. */
export function breakLine(writer: TextWriter): void {
  const text = writer.pieces.join('').replaceAll('\u00a0', ' ').trimEnd()
  writer.pieces = []
  writer.endsInBlank = true
  const prefix = '> '.repeat(Math.min(writer.quoteDepth, maxQuoteDepth))
  if (text !== '' || !writer.blankDue) writer.lines.push((prefix + text).trimEnd())
}

/** Ends the line if there is anything on it: what a block does. Never throws. */
export function endLine(writer: TextWriter): void {
  if (writer.pieces.length > 0) breakLine(writer)
}

/** Ends the line and asks for a blank one: what a paragraph does. Never throws. */
export function endParagraph(writer: TextWriter): void {
  endLine(writer)
  writer.blankDue = true
}

/** The text written, without blank lines around it and never more than two in a row. Never throws. */
export function finishText(writer: TextWriter): string {
  endLine(writer)
  return writer.lines
    .join('\n')
    .replace(/\n{4,}/g, '\n\n\n')
    .trim()
}
