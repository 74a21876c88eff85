// Which Received lines a trusted server wrote itself (RFC 5321 §4.4). Each server adds its line on top, so the first
// line that another server wrote marks where the mail came in: all above it is the trusted server's, all below it is
// the sender's text.
import { isAligned } from './alignment.ts'
import { readTokens, type Token } from './tokens.ts'

/**
 * The host that a Received line names behind `by`, in lower case, or null when it names none or cannot be read. Never
 * throws.
 */
export function readReceivedBy(value: string): string | null {
  const { tokens, isComplete } = readTokens(value)
  return isComplete ? hostAfterBy(tokens) : null
}

function hostAfterBy(tokens: readonly Token[]): string | null {
  const words = tokens.filter((token) => token.kind !== 'comment').map((token) => token.text.toLowerCase())
  // The word behind `from` is what the client said in HELO, which may be "by".
  const by = words.indexOf('by', words[0] === 'from' ? 2 : 0)
  return by < 0 ? null : (words[by + 1]?.replace(/^\[(?:ipv6:)?|\]$/g, '').replace(/\.$/, '') ?? null)
}

/** The connection that a Received line is about. */
export interface ReceivedClient {
  readonly address: string
  /** What the client said in HELO; null if the line does not say. */
  readonly helo: string | null
  /** The host that wrote the line, in lower case. */
  readonly by: string
}

/**
 * The client of a Received line as Postfix, sendmail, OpenSMTPD (`from helo (name [address])`), Exim
 * (`from name ([address] helo=helo)`, `from [address] (helo=helo)`) and qmail (`from name (HELO helo) (address)`) write
 * it. HELO is the client's text, which may imitate every other part: null unless exactly one address can be meant.
 * Never throws.
 */
export function readReceivedClient(value: string): ReceivedClient | null {
  const { tokens, isComplete } = readTokens(value)
  const by = hostAfterBy(tokens)
  const from = isComplete && by !== null ? splitFrom(tokens) : null
  if (from === null || by === null) return null
  const said = from.comments.map((text) => /\bhelo[ =](\S+)/i.exec(text)?.[1]).find((helo) => helo !== undefined)
  const named = from.comments.flatMap((text) => addressesIn(text.replace(/\bhelo[ =].*/is, '')))
  const found = named.length === 0 && said !== undefined ? addressesIn(from.name) : named
  const [address] = found
  return address === undefined || found.length > 1 ? null : { address, helo: said ?? from.name, by }
}

const isWord = (token: Token | undefined, word: string): boolean =>
  token?.kind === 'word' && token.text.toLowerCase() === word

/** `from name (comment)… by`, and no second `by`; null for anything else. */
function splitFrom(tokens: readonly Token[]): { readonly name: string; readonly comments: readonly string[] } | null {
  const [from, name, ...rest] = tokens
  const end = rest.findIndex((token) => isWord(token, 'by'))
  const comments = rest.slice(0, end)
  const isPlain = comments.every(({ kind }) => kind === 'comment') && !rest.slice(end + 1).some((t) => isWord(t, 'by'))
  if (end < 0 || !isWord(from, 'from') || name?.kind !== 'word' || !isPlain) return null
  return { name: name.text, comments: comments.map(({ text }) => text) }
}

const addressShape = /^(?:\d{1,3}(?:\.\d{1,3}){3}|(?=[^:]*:[^:]*:)[0-9a-f:.]{2,45})$/i

/** Of a name or comment that a server writes; a sender may write more. */
const maxLength = 2_000

// `[192.0.2.1]`, `[IPv6:2001:db8::1]`, or the address alone.
function addressesIn(text: string): string[] {
  if (text.length > maxLength) return []
  const bracketed = [...text.matchAll(/\[(?:ipv6:)?([^\]\s]*)\]/gi)].map(([, address = '']) => address)
  return [...bracketed, text.trim()]
    .filter((address) => addressShape.test(address))
    .map((address) => address.toLowerCase())
}

/**
 * True if a host of a Received line is the server of an authserv-id: the same name, another one of its organisational
 * domain, or a name that no internet host has, as filters and stores behind a server write it. Never throws.
 */
export function isHostOf(host: string, authservId: string): boolean {
  return host === authservId.toLowerCase() || isAligned(host, authservId) || isInternal(host)
}

const internalName =
  /^(?:[a-z0-9_-]+|.*\.(?:internal|local|localdomain|localhost|lan|intra|home\.arpa))$|^(?:127|10)(?:\.\d{1,3}){3}$|^192\.168(?:\.\d{1,3}){2}$|^172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}$|^169\.254(?:\.\d{1,3}){2}$/
// seen: `by 2002:a05:…`, the 6to4 form of 10.0.0.0/8, inside Google
const internalAddress = /^(?:::1|f[cd][0-9a-f]{2}:.*|fe80:.*|2002:a[0-9a-f]{2}:.*)$/

function isInternal(host: string): boolean {
  return internalName.test(host) || internalAddress.test(host)
}
