// Reply addresses `reply+<hex>@domain` and bounce addresses `bounce+<hex>@domain`: written into outgoing mail, read back from whatever
// forwarders made of them. Case, the dashes of a UUID, SRS and BATV wrapping and a mangled "+" do not matter. Used at RCPT and in routing.
import { asciiDomain, readAddress } from './address.ts'
import type { Address } from './address.ts'

const replyLocalPart = 'reply'
const bounceLocalPart = 'bounce'

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

/** `reply+<token>@domain`; `readReplyToken` gives the token back. Never throws. */
export function formatReplyAddress(token: string, domain: string): string {
  return `${replyLocalPart}+${token}@${domain}`
}

/** `bounce+<token>@domain`, a reverse-path; `readBounceToken` gives the token back. Never throws. */
export function formatBounceAddress(token: string, domain: string): string {
  return `${bounceLocalPart}+${token}@${domain}`
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
