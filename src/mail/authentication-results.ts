// Authentication-Results (RFC 8601): what a receiving server found out about the sender. Only the topmost field counts, and only with the
// configured authserv-id: anyone can write such fields, and what stands lower down came from outside.
import { getDomain } from 'tldts'
import { asciiDomain } from './address.ts'
import type { HeaderField } from './parsed-mail.ts'

export interface AuthenticationResult {
  /** In lower case: dkim, spf, dmarc, arc … */
  readonly method: string
  /** In lower case: pass, fail, none … */
  readonly result: string
  readonly reason: string
  /** By `ptype.property` in lower case: `header.from`, `smtp.mailfrom`, `policy.dmarc`. */
  readonly properties: Readonly<Record<string, string>>
  /** The words in parentheses, where DMARC's policy usually stands. */
  readonly comment: string
}

export interface AuthenticationResults {
  /** In lower case. */
  readonly authservId: string
  readonly results: readonly AuthenticationResult[]
}

export interface TrustedResults {
  readonly dmarc: 'pass' | 'fail' | 'none'
  readonly dmarcPolicy: 'none' | 'quarantine' | 'reject' | null
  readonly dmarcDomain: string | null
  readonly dkimPassDomains: readonly string[]
  readonly spfPassDomain: string | null
}

type Token = { readonly kind: 'word' | 'quoted' | 'comment' | 'separator'; readonly text: string }

const maxLength = 16 * 1024
const lexeme = /\s+|"((?:[^"\\]|\\.){0,4000})"|\(((?:[^()\\]|\\.|\((?:[^()\\]|\\.){0,1000}\)){0,4000})\)|([;=])|([^\s;="()]+)|[\s\S]/gy

/** One field's value in its parts; what cannot be read is left out. Never throws. */
export function parseAuthenticationResults(value: string): AuthenticationResults {
  const [first = [], ...rest] = splitStatements(readTokens(value.slice(0, maxLength)))
  const authservId = first.find((token) => token.kind === 'word' || token.kind === 'quoted')?.text.toLowerCase() ?? ''
  return { authservId, results: rest.map(readStatement).filter((result) => result !== null) }
}

function readTokens(value: string): Token[] {
  const tokens: Token[] = []
  for (const match of value.matchAll(lexeme)) {
    if (match[1] !== undefined) tokens.push({ kind: 'quoted', text: match[1].replace(/\\(.)/gs, '$1') })
    else if (match[2] !== undefined) tokens.push({ kind: 'comment', text: match[2] })
    else if (match[3] !== undefined) tokens.push({ kind: 'separator', text: match[3] })
    else if (match[4] !== undefined) tokens.push({ kind: 'word', text: match[4] })
  }
  return tokens
}

function splitStatements(tokens: readonly Token[]): Token[][] {
  const statements: Token[][] = [[]]
  for (const token of tokens) {
    if (token.kind === 'separator' && token.text === ';') statements.push([])
    else statements.at(-1)?.push(token)
  }
  return statements
}

// method [ "/" version ] "=" result, then reason="…" and ptype.property=value; a value may hold "=" itself.
function readStatement(tokens: readonly Token[]): AuthenticationResult | null {
  const comment = tokens
    .filter((token) => token.kind === 'comment')
    .map((token) => token.text)
    .join(' ')
  const [method, ...pairs] = readPairs(tokens.filter((token) => token.kind !== 'comment'))
  if (!method) return null
  const properties: Record<string, string> = {}
  let reason = ''
  for (const [name, value] of pairs) {
    if (name === 'reason') reason = value
    else if (/^[a-z0-9-]+\.[a-z0-9_-]+$/.test(name)) properties[name] ??= value
  }
  return { method: method[0].replace(/\s*\/.*$/, ''), result: method[1].toLowerCase(), reason, properties, comment }
}

function readPairs(tokens: readonly Token[]): [name: string, value: string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i + 2 < tokens.length; i++) {
    if (textAt(tokens, i + 1) !== '=') continue
    const name = textAt(tokens, i).toLowerCase()
    let value = textAt(tokens, i + 2)
    for (i += 2; textAt(tokens, i + 1) === '='; i += 2) value += `=${textAt(tokens, i + 2)}`
    pairs.push([name, value])
  }
  return pairs
}

function textAt(tokens: readonly Token[], index: number): string {
  return tokens[index]?.text ?? ''
}

/** What the topmost field says, if the configured server wrote it; null otherwise, whatever stands below. Never throws. */
export function readTrustedResults(headers: readonly HeaderField[], authservId: string): TrustedResults | null {
  const field = headers.find((header) => header.name === 'authentication-results')
  if (!field || authservId === '') return null
  const { authservId: found, results } = parseAuthenticationResults(field.value)
  if (found !== authservId.toLowerCase()) return null
  const passed = results.filter((result) => result.result === 'pass')
  return {
    ...readDmarc(results.filter((result) => result.method === 'dmarc')),
    dkimPassDomains: [
      ...new Set(
        passed
          .filter((result) => result.method === 'dkim')
          .map(signingDomain)
          .filter((domain) => domain !== null),
      ),
    ],
    spfPassDomain:
      passed
        .filter((result) => result.method === 'spf')
        .map(spfDomain)
        .find((domain) => domain !== null) ?? null,
  }
}

// Of several results the worst counts.
function readDmarc(results: readonly AuthenticationResult[]): Pick<TrustedResults, 'dmarc' | 'dmarcPolicy' | 'dmarcDomain'> {
  const failed = results.find((result) => result.result === 'fail')
  const worst = failed ?? results.find((result) => result.result === 'pass') ?? results[0]
  if (!worst) return { dmarc: 'none', dmarcPolicy: null, dmarcDomain: null }
  const dmarc = failed ? 'fail' : worst.result === 'pass' ? 'pass' : 'none'
  return { dmarc, dmarcPolicy: readPolicy(worst), dmarcDomain: domainOf(worst.properties['header.from']) }
}

function signingDomain(result: AuthenticationResult): string | null {
  return domainOf(result.properties['header.d'] ?? result.properties['header.i'])
}

function spfDomain(result: AuthenticationResult): string | null {
  return domainOf(result.properties['smtp.mailfrom'] ?? result.properties['smtp.mail'] ?? result.properties['smtp.helo'])
}

// "ann@example.org", "@example.org" or "example.org"
function domainOf(value: string | undefined): string | null {
  const domain = asciiDomain((value ?? '').split('@').at(-1)?.replace(/[<>]/g, '').trim() ?? '')
  return domain === '' ? null : domain
}

// "(p=REJECT sp=NONE dis=NONE)" as many servers write it, or a policy property (RFC 8601 §2.7.4).
function readPolicy(result: AuthenticationResult): TrustedResults['dmarcPolicy'] {
  const properties = Object.entries(result.properties)
    .filter(([name]) => name.startsWith('policy.'))
    .map(([, value]) => value)
  const found = [/(?:^|[\s,;])p=\s?([a-z]+)/i.exec(result.comment)?.[1], ...properties].map((word) => (word ?? '').toLowerCase())
  return found.find((word) => word === 'none' || word === 'quarantine' || word === 'reject') ?? null
}

/** Relaxed alignment (RFC 7489 §3.1): both domains belong to one organisational domain of the public suffix list. Never throws. */
export function isAligned(fromDomain: string, authDomain: string): boolean {
  const from = asciiDomain(fromDomain)
  const other = asciiDomain(authDomain)
  if (from === '' || other === '') return false
  const organisation = getDomain(from, { allowPrivateDomains: true })
  return from === other || (organisation !== null && organisation === getDomain(other, { allowPrivateDomains: true }))
}
