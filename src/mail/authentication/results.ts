// One Authentication-Results field (RFC 8601 §2.2): who wrote it, and its results with their properties. What real
// servers write beside the grammar is tolerated where it cannot change a meaning: a ";" at the end, and properties
// without a type.
import { readTokens, type Token } from './tokens.ts'

export interface AuthenticationResult {
  /**
   * In lower case: dkim, spf, dmarc, arc …; with a version other than 1, `dkim/2`, which is no method that anyone
   * here knows.
   */
  readonly method: string
  /** In lower case: pass, fail, none … */
  readonly result: string
  readonly reason: string
  /**
   * By `ptype.property` in lower case: `header.from`, `smtp.mailfrom`, `policy.dmarc`. One that is given twice,
   * differently, is ''.
   */
  readonly properties: Readonly<Record<string, string>>
  /** The words in parentheses, where DMARC's policy often stands. */
  readonly comment: string
}

export interface AuthenticationResults {
  /** In lower case; '' when it cannot be read. */
  readonly authservId: string
  /** Of a field that is not complete, those that stand before what cannot be read. */
  readonly results: readonly AuthenticationResult[]
  /** The field could be read entirely. One that could not vouches for nothing. */
  readonly isComplete: boolean
}

/** One field's value in its parts. Never throws. */
export function parseAuthenticationResults(value: string): AuthenticationResults {
  const { tokens, isComplete } = readTokens(value)
  const [first = [], ...rest] = splitStatements(tokens)
  const server = readServer(first)
  const isWhole = isComplete && server.isReadable
  if (isNoResult(rest)) return { authservId: server.authservId, results: [], isComplete: isWhole }
  // A truncated result does not count.
  const statements = (isComplete ? rest : rest.slice(0, -1)).filter((statement) => !isEmpty(statement))
  const results: AuthenticationResult[] = []
  for (const statement of statements) {
    const result = readStatement(statement)
    if (result === null) return { authservId: server.authservId, results, isComplete: false }
    results.push(result)
  }
  return { authservId: server.authservId, results, isComplete: isWhole }
}

function splitStatements(tokens: readonly Token[]): Token[][] {
  const statements: Token[][] = [[]]
  for (const token of tokens) {
    if (token.kind === ';') statements.push([])
    else statements.at(-1)?.push(token)
  }
  return statements
}

function withoutComments(tokens: readonly Token[]): Token[] {
  return tokens.filter((token) => token.kind !== 'comment')
}

function isEmpty(statement: readonly Token[]): boolean {
  return withoutComments(statement).length === 0
}

// authserv-id [ version ]
function readServer(statement: readonly Token[]): { authservId: string; isReadable: boolean } {
  const [id, version, more] = withoutComments(statement)
  const isNamed = id !== undefined && id.kind !== '='
  if (!isNamed || version?.kind === '=' || version?.glued === true) return { authservId: '', isReadable: false }
  const isVersion = version === undefined || (version.kind === 'word' && /^\d+$/.test(version.text))
  return { authservId: id.text.toLowerCase(), isReadable: isVersion && more === undefined }
}

// "; none": the server has found out nothing.
function isNoResult(statements: readonly (readonly Token[])[]): boolean {
  const [only, ...others] = statements.map(withoutComments).filter((statement) => statement.length > 0)
  return only?.length === 1 && only[0]?.text.toLowerCase() === 'none' && others.length === 0
}

// method [ "/" version ] "=" result, then reason="…" and ptype.property=value
function readStatement(statement: readonly Token[]): AuthenticationResult | null {
  const tokens = withoutComments(statement)
  const [first, ...pairs] = readPairs(tokens) ?? []
  if (first === undefined || first.isQuoted) return null
  const properties: Record<string, string> = {}
  let reason = ''
  for (const { name, value } of pairs) {
    if (name === 'reason') reason = value
    // seen: `action=none` (Microsoft), `client-ip=192.0.2.1` (Amazon SES), `x-bits=2048` (Fastmail): no type, so no
    // property
    else if (/^[a-z0-9-]+\.[a-z0-9_-]+$/.test(name))
      properties[name] = name in properties && properties[name] !== value ? '' : value
  }
  const comments = statement.filter((token) => token.kind === 'comment').map((token) => token.text)
  return {
    method: first.name.replace(/\/1$/, ''),
    result: first.value.toLowerCase(),
    reason,
    properties,
    comment: comments.join(' '),
  }
}

interface Pair {
  /** In lower case, without the blanks that may stand around its "." or "/". */
  readonly name: string
  readonly value: string
  readonly isQuoted: boolean
}

// Null where the tokens are not a row of pairs.
function readPairs(tokens: readonly Token[]): Pair[] | null {
  const pairs: Pair[] = []
  let at = 0
  while (at < tokens.length) {
    const name = readName(tokens, at)
    if (name === null) return null
    const value = readValue(tokens, name.end)
    pairs.push({ name: name.text.toLowerCase(), value: value.text, isQuoted: value.isQuoted })
    at = value.end
  }
  return pairs
}

function readName(tokens: readonly Token[], start: number): { text: string; end: number } | null {
  let text = ''
  for (let at = start; at < tokens.length; at++) {
    const token = tokens[at]
    if (token?.kind === '=') return text === '' ? null : { text, end: at + 1 }
    if (token?.kind !== 'word') return null
    if (text !== '' && !/[./]$/.test(text) && !/^[./]/.test(token.text)) return null
    text += token.text
  }
  return null
}

// A word, a quoted string, or several of them with nothing between: `"a b"@example.com`, `abc=`. Nothing at all is
// the null reverse-path (seen: `smtp.mailfrom=;`).
function readValue(tokens: readonly Token[], start: number): { text: string; end: number; isQuoted: boolean } {
  const texts: string[] = []
  let isQuoted = false
  let at = start
  for (let token = tokens[at]; token !== undefined && (at === start || token.glued); token = tokens[++at]) {
    texts.push(token.text)
    if (token.kind === 'quoted') isQuoted = true
  }
  return { text: texts.join(''), end: at, isQuoted }
}
