// Reply addresses `reply+<hex>@domain` and bounce addresses `bounce+<hex>@domain`: written into outgoing mail, read
// back from whatever forwarders made of them. Agents begin conversations at `new+<hex>@domain`. Case, the dashes of a
// UUID, SRS and BATV wrapping and a mangled "+" do not matter. Used at RCPT and in routing. A token is a secret of the
// mail that carries it: wherever else an address is shown, it is masked here.
import type { Address } from './address.ts'
import { asciiDomain, readAddress } from './address.ts'

const replyLocalPart = 'reply'
const bounceLocalPart = 'bounce'
const newLocalPart = 'new'
const canaryLocalPart = 'canary'

/** 32 hex digits, with or without the dashes of a UUID. */
const tokenPattern = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/

export interface TokenAddress {
  /** 32 lower-case hex digits. */
  readonly token: string
  readonly domain: string
}

/** The token and domain of a reply address, or null when it is none. Never throws. */
export function readReplyToken(address: string): TokenAddress | null {
  return readToken(address, replyLocalPart)
}

/** The token and domain of a bounce address, or null when it is none. Never throws. */
export function readBounceToken(address: string): TokenAddress | null {
  return readToken(address, bounceLocalPart)
}

/** The token and domain of an agent's address for new conversations, or null when it is none. Never throws. */
export function readNewToken(address: string): TokenAddress | null {
  return readToken(address, newLocalPart)
}

/** `new+<token>@domain`; `readNewToken` gives the token back. Never throws. */
export function formatNewAddress(token: string, domain: string): string {
  return `${newLocalPart}+${token}@${domain}`
}

/** True if an address has the form of a reply or bounce address, or of one for new conversations. Never throws. */
export function isTokenAddress(address: string): boolean {
  return readOwnToken(address) !== null
}

function readOwnToken(address: string): TokenAddress | null {
  return readReplyToken(address) ?? readBounceToken(address) ?? readNewToken(address)
}

/** The token and domain of the address of a canary (src/store/canaries), or null when it is none. Never throws. */
export function readCanaryToken(address: string): TokenAddress | null {
  return readToken(address, canaryLocalPart)
}

/** `canary+<token>@domain`; `readCanaryToken` gives the token back. Never throws. */
export function formatCanaryAddress(token: string, domain: string): string {
  return `${canaryLocalPart}+${token}@${domain}`
}

/** `reply+<token>@domain`; `readReplyToken` gives the token back. Never throws. */
export function formatReplyAddress(token: string, domain: string): string {
  return `${replyLocalPart}+${token}@${domain}`
}

/** `bounce+<token>@domain`, a reverse-path; `readBounceToken` gives the token back. Never throws. */
export function formatBounceAddress(token: string, domain: string): string {
  return `${bounceLocalPart}+${token}@${domain}`
}

/**
 * The domain of an address whose local part has the form of a reply address, whatever follows `reply+` or `bounce+`, or
 * of one for new conversations; null for others. Never throws.
 */
export function readOwnDomain(text: string): string | null {
  const begins = readNewToken(text)
  if (begins !== null) return begins.domain
  let address = readAddress(text)
  for (let layer = 0; address && layer < 3; layer++) {
    if (/^(?:reply|bounce)(?:[+=_]|%2b)/i.test(address.localPart)) return asciiDomain(address.domain)
    address = unwrap(address)
  }
  return null
}

function readToken(text: string, name: string): TokenAddress | null {
  let address = readAddress(text)
  // a mail can be wrapped by several forwarders; three are plenty
  for (let layer = 0; address && layer < 3; layer++) {
    const token = tokenOf(address.localPart.toLowerCase(), name)
    if (token !== null) return { token, domain: asciiDomain(address.domain) }
    address = unwrap(address)
  }
  return null
}

function tokenOf(localPart: string, name: string): string | null {
  if (!localPart.startsWith(name)) return null
  const separator = /^(?:[+=_]|%2b)/.exec(localPart.slice(name.length))
  const token = localPart.slice(name.length + (separator?.[0].length ?? 0))
  return separator && tokenPattern.test(token) ? token.replaceAll('-', '') : null
}

// SRS0=hash=time=domain=local, SRS1=hash=forwarder==hash=time=domain=local (libsrs2: "+" or "-" after the tag as well);
// prvs=tag=local (BATV draft), prvs=local/tag (its first form), btv1==tag==local (Barracuda).
const srs = /^srs(?:0[=+-]|1[=+-][^=]*=[^=]*=[=+-])[^=]*=[^=]*=([^=]+)=(.+)$/i
const batv = /^(?:prvs=[^=/]*=(.+)|prvs=(.+)\/[^/]*|(?:btv1|msprvs1)==?[^=]*==?(.+))$/i

function unwrap(address: Address): Address | null {
  const forwarded = srs.exec(address.localPart)
  if (forwarded) return { localPart: forwarded[2] ?? '', domain: (forwarded[1] ?? '').toLowerCase() }
  const tagged = batv.exec(address.localPart)
  const localPart = tagged?.[1] ?? tagged?.[2] ?? tagged?.[3]
  return localPart === undefined ? null : { localPart, domain: address.domain }
}

// As readers of mail write it: "+" as an entity or percent sign, and (seen: Gmail) a chance to break the line inside
// the digits. "new=<32 hex digits>" without an address around it is other people's text, such as a checksum.
const digits = String.raw`(?:[0-9a-f](?:-|<wbr ?\/?>|&shy;|[\u00ad\u200b])?){31}[0-9a-f]`
const liveAddress = new RegExp(
  '(?:(reply|bounce|canary)[=_]|(new)[=_](?=[0-9a-f-]{32,36}(?:@|%40))' +
    String.raw`|(reply|bounce|canary|new)(?:\+|%2b|&#0*43;|&#x0*2b;|&plus;))${digits}`,
  'gi',
)

/**
 * Text with the tokens of all our addresses in it replaced: `reply+…@domain`. What people and programs read shows them
 * so. Never throws.
 */
export function maskReplyAddresses(text: string): string {
  return text.replace(liveAddress, (_whole, ...names: (string | undefined)[]) => {
    const name = names.slice(0, 3).find((one) => one !== undefined) ?? ''
    return `${name.toLowerCase()}+…`
  })
}

/** True if an address is the masked form of one of our addresses, which cannot receive mail. Never throws. */
export function isMaskedAddress(address: string): boolean {
  return /^(?:reply|bounce|canary|new)\+…@/i.test(address.trim())
}
