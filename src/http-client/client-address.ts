// The client's address for rate limits: the client behind a trusted proxy, and the block of addresses that one party
// may choose from freely. A customer of a provider has a whole /64 of IPv6 (RFC 6177), so that counts as one address; a
// network is a /24 of IPv4 or a /64 of IPv6.

import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'

export type IsProxy = (address: string | undefined) => boolean

/**
 * The client's address over HTTP; behind a trusted proxy (TRUSTED_RELAYS), the last one that X-Forwarded-For names.
 * Never throws.
 */
export function clientAddressOf(request: IncomingMessage, isProxy: IsProxy): string {
  const own = request.socket.remoteAddress
  const named = request.headers['x-forwarded-for']
  const [last] = isProxy(own) ? [named ?? []].flat().join(',').split(',').reverse() : []
  return last?.trim() || (own ?? '')
}

/** The unit that counts as one address: an IPv4 address, or the /64 of an IPv6 address. Never throws. */
export function addressKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  return isIPv6(plain) ? prefixOf(plain) : plain
}

/** The unit that counts as one network: the /24 of an IPv4 address, or the /64 of an IPv6 address. Never throws. */
export function networkOf(address: string): string {
  const key = addressKey(address)
  return key.includes(':') ? key : key.replace(/\.\d+$/, '.0/24')
}

// The first four groups. An IPv4 address at the end covers two groups, which are never among them.
function prefixOf(address: string): string {
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.replace(/[\d.]+\.\d+$/, '0:0').split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length)
  const groups = [...first, ...Array.from({ length: zeros }, () => '0'), ...last]
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
