// The special-purpose IP addresses, which are not on the public internet (RFC 6890, IANA special-purpose registries).

import { isIP } from 'node:net'

import { networkMatcher } from '../networks.ts'

const isInsideIPv4 = networkMatcher([
  ...[
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.88.99.0/24',
    '192.168.0.0/16',
  ],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
])
// Of IPv6 only 2000::/3 is the internet's; in it: Teredo, documentation, and 6to4, which may lead to any IPv4 address.
// (Apart from the others: to Node, an IPv4 address lies in ::/3.)
const isInsideIPv6 = networkMatcher([
  '::/3',
  '4000::/2',
  '8000::/1',
  '2001::/32',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
])

/** True if the address is reachable on the public internet; false for texts that are no address. Never throws. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  return family === 4 ? !isInsideIPv4(address) : family === 6 && !isInsideIPv6(address)
}
