// Addresses and their halves (RFC 5322 §3.4.1, RFC 6531): reading, writing, comparing. A domain is compared in
// lower-case ASCII (punycode), a local part without regard to case, because people and gateways change both.

/** An addr-spec in two halves: the local part unquoted, the domain in lower case. */
export interface Address {
  readonly localPart: string
  readonly domain: string
}

// No control characters, and no U+FFFD either: it stands for undecodable bytes.
const dotAtom = /^[^\s\p{Cc}\ufffd"(),:;<>@[\]\\]+$/u
const domainName = /^(?=.{1,255}$)[^\s\p{Cc}\ufffd"(),:;<>@[\]\\.]{1,63}(?:\.[^\s\p{Cc}\ufffd"(),:;<>@[\]\\.]{1,63})*$/u
const domainLiteral = /^\[[^\s\p{Cc}\ufffd[\]\\]{1,80}\]$/u

/**
 * The halves of an addr-spec, with or without `<>`; null for anything that is not exactly one address. Never throws.
 */
export function readAddress(text: string): Address | null {
  const spec = withoutRoute(
    text.length > 1000
      ? ''
      : text
          .trim()
          .replace(/^<(.*)>$/s, '$1')
          .trim(),
  )
  const at = spec.lastIndexOf('@')
  if (at <= 0) return null
  const localPart = readLocalPart(spec.slice(0, at).trim())
  const domain = spec
    .slice(at + 1)
    .trim()
    .toLowerCase()
    .replace(/\.$/, '')
  if (localPart === null || !(domainName.test(domain) || domainLiteral.test(domain))) return null
  return { localPart, domain }
}

// "@relay,@relay2:user@host" (obsolete source route, RFC 5322 §4.4) and "mailto:user@host" (seen: copied links)
function withoutRoute(spec: string): string {
  if (spec.startsWith('@')) return spec.slice(spec.indexOf(':') + 1)
  return spec.replace(/^mailto:/i, '')
}

function readLocalPart(text: string): string | null {
  if (dotAtom.test(text)) return text
  const quoted = /^"((?:[^"\\\p{Cc}\ufffd]|\\[^\p{Cc}\ufffd]){0,320})"$/u.exec(text)
  return quoted?.[1] ? quoted[1].replace(/\\(.)/gs, '$1') : null
}

/**
 * The addr-spec of two halves; quotes the local part where it must. `readAddress` of it gives the same halves. Never
 * throws.
 */
export function formatAddress(address: Address): string {
  const { localPart, domain } = address
  return `${dotAtom.test(localPart) ? localPart : `"${localPart.replace(/["\\]/g, '\\$&')}"`}@${domain}`
}

/** The domain in lower-case ASCII, so that `bücher.example` and `xn--bcher-kva.example` are one. Never throws. */
export function asciiDomain(domain: string): string {
  const lower = domain.toLowerCase().replace(/\.$/, '')
  if (!/[^!-~]/.test(lower)) return lower
  try {
    return new URL(`http://${lower}`).hostname
  } catch {
    return lower
  }
}

/**
 * The same string for every spelling of an address: lower case, punycode, no needless quotes; the text itself if it is
 * not an address. Never throws.
 */
export function addressKey(text: string): string {
  const address = readAddress(text)
  if (!address) return text.trim().toLowerCase()
  return formatAddress({ localPart: address.localPart.toLowerCase(), domain: asciiDomain(address.domain) })
}

/** True if two texts name the same mailbox, case and punycode aside. Never throws. */
export function isSameAddress(one: string, other: string): boolean {
  return addressKey(one) === addressKey(other)
}

/** The address without its `+tag`; unchanged when it has none. Never throws. */
export function stripTag(text: string): string {
  const address = readAddress(text)
  if (!address) return text
  const plus = address.localPart.indexOf('+')
  return plus > 0
    ? formatAddress({ localPart: address.localPart.slice(0, plus), domain: address.domain })
    : formatAddress(address)
}

/**
 * One string for every address that is delivered to the same mailbox, as far as an address shows it: lower case,
 * without `+tag`; at Gmail dots do not matter and googlemail.com is gmail.com. Never throws.
 */
export function mailboxKey(text: string): string {
  const address = readAddress(addressKey(stripTag(text)))
  if (!address) return text.trim().toLowerCase()
  if (address.domain !== 'gmail.com' && address.domain !== 'googlemail.com') return formatAddress(address)
  return formatAddress({ localPart: address.localPart.replaceAll('.', '') || address.localPart, domain: 'gmail.com' })
}

const addressPattern =
  /^[^\s@<>"(),:;[\]\\]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i

/** True if a text is one plain address. Never throws. */
export function isEmailAddress(text: string): boolean {
  return text.length <= 254 && addressPattern.test(text)
}
