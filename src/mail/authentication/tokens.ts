// The lexical layer of Authentication-Results and Received (RFC 8601 §2.2, RFC 5322 §3.2): words, quoted strings and
// comments. Comments hold what the sender chose (HELO, MAIL FROM), so their ends must be found exactly: they nest
// without limit, in linear time and without recursion.

export interface Token {
  readonly kind: 'word' | 'quoted' | 'comment' | ';' | '='
  /** Of a quoted string what it means; of a comment the words of its outermost level. */
  readonly text: string
  /** No blank and no comment stands between the token before and this one. */
  readonly glued: boolean
}

export interface Tokens {
  readonly tokens: readonly Token[]
  /** False when the value breaks off or holds what no such field may hold: what stands behind that was not read. */
  readonly isComplete: boolean
}

interface Piece {
  readonly text: string
  /** Where the next token begins. */
  readonly end: number
}

const word = /[^\s;="()\\\u0000-\u001f\u007f]+/y
const blank = /[ \t\r\n]+/y

/** The tokens of a field's value, up to its end or to what cannot be read. Never throws. */
export function readTokens(value: string): Tokens {
  const tokens: Token[] = []
  let at = 0
  let glued = false
  while (at < value.length) {
    const skipped = matchAt(blank, value, at)
    if (skipped !== null) {
      at = skipped.end
      glued = false
      continue
    }
    const kind = kindAt(value[at] ?? '')
    const piece = readPiece(kind, value, at)
    if (piece === null) return { tokens, isComplete: false }
    tokens.push({ kind, text: piece.text, glued })
    at = piece.end
    glued = kind !== 'comment'
  }
  return { tokens, isComplete: true }
}

function kindAt(character: string): Token['kind'] {
  if (character === ';' || character === '=') return character
  if (character === '"') return 'quoted'
  return character === '(' ? 'comment' : 'word'
}

function readPiece(kind: Token['kind'], value: string, at: number): Piece | null {
  if (kind === 'quoted') return readQuoted(value, at)
  if (kind === 'comment') return readComment(value, at)
  return kind === 'word' ? matchAt(word, value, at) : { text: kind, end: at + 1 }
}

function matchAt(pattern: RegExp, value: string, at: number): Piece | null {
  pattern.lastIndex = at
  const text = pattern.exec(value)?.[0]
  return text === undefined ? null : { text, end: at + text.length }
}

const quotedPiece = /[^"\\\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]+|\\[^\u0000]/y

function readQuoted(value: string, start: number): Piece | null {
  const texts: string[] = []
  let at = start + 1
  while (value[at] !== '"') {
    const piece = matchAt(quotedPiece, value, at)
    if (piece === null) return null
    texts.push(piece.text.startsWith('\\') ? piece.text.slice(1) : piece.text)
    at = piece.end
  }
  return { text: texts.join(''), end: at + 1 }
}

const commentPiece = /[^()\\"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]+|\\[^\u0000]|[()"]/y

// A quote has no meaning in a comment (RFC 5322 §3.2.2). An odd number of them is the mark of a server that copies a
// quoted local-part without escaping its parentheses: `(domain of "a); dkim=pass (b"@evil.example)`. Where such a
// comment ends cannot be known.
function readComment(value: string, start: number): Piece | null {
  const texts: string[] = []
  let at = start
  let depth = 0
  let quotes = 0
  do {
    const piece = matchAt(commentPiece, value, at)
    if (piece === null) return null
    at = piece.end
    if (piece.text === '(') depth++
    else if (piece.text === ')') {
      depth--
      if (quotes % 2 === 1) return null
    } else if (depth === 1) texts.push(piece.text)
    if (piece.text === '"') quotes++
  } while (depth > 0)
  return { text: texts.join(''), end: at }
}
