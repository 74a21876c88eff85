// Highlights the words of a search: an excerpt of the text around the first of them, and their positions in it. Letters
// compare as in the search itself (docs/adr/0030-letters.md). Pure.

const pieceLength = 240
const before = 60
const maxMatches = 50

export interface Highlight {
  /** A piece of the text; whole words as far as they fit. */
  readonly text: string
  /** [start, end) in UTF-16 units of `text`. */
  readonly matches: readonly (readonly [start: number, end: number])[]
}

/** The piece of `content` that shows why a query found it. Never throws. */
export function highlight(content: string, query: string): Highlight {
  const wanted = wordsOf(query).map(({ word }) => fold(word))
  const last = wanted.pop()
  const exact = new Set(wanted)
  const isMatching = (word: string): boolean => {
    const folded = fold(word)
    return exact.has(folded) || (last !== undefined && folded.startsWith(last))
  }
  const found = wordsOf(content).filter(({ word }) => isMatching(word))
  const start = startOf(content, found[0]?.at ?? 0)
  const text = content.slice(start, start + pieceLength)
  const matches = found
    .filter(({ word, at }) => at >= start && at + word.length <= start + text.length)
    .slice(0, maxMatches)
    .map(({ word, at }) => [at - start, at - start + word.length] as const)
  return { text, matches }
}

// At the beginning of a word, not in the middle of a character.
function startOf(content: string, first: number): number {
  if (first <= before) return 0
  const space = content.slice(first - before, first).search(/\s/)
  return space === -1 ? first : first - before + space + 1
}

function wordsOf(text: string): { readonly word: string; readonly at: number }[] {
  return [...text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)].map(({ 0: word, index }) => ({ word, at: index }))
}

const letters: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ı: 'i',
  ς: 'σ',
  ħ: 'h',
  ŧ: 't',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
}

function fold(word: string): string {
  return word
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]+/g, '')
    .replace(/[øłđðıςħŧßæœþ]/g, (letter) => letters[letter] ?? letter)
}
