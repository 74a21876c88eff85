// Which Received lines a trusted server wrote itself (RFC 5321 §4.4). Each server adds its line on top, so the first
// line that another server wrote marks where the mail came in: all above it is the trusted server's, all below it is
// the sender's text.
import { isAligned } from './alignment.ts'
import { readTokens } from './tokens.ts'

/**
 * The host that a Received line names behind `by`, in lower case, or null when it names none or cannot be read. Never
 * throws.
 */
export function readReceivedBy(value: string): string | null {
  const { tokens, isComplete } = readTokens(value)
  if (!isComplete) return null
  const words = tokens.filter((token) => token.kind !== 'comment').map((token) => token.text.toLowerCase())
  // The word behind `from` is what the client said in HELO, which may be "by".
  const by = words.indexOf('by', words[0] === 'from' ? 2 : 0)
  return by < 0 ? null : (words[by + 1]?.replace(/^\[(?:ipv6:)?|\]$/g, '').replace(/\.$/, '') ?? null)
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
