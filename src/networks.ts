// Lists of IP addresses and networks (CIDR), as settings write them.

import { BlockList, isIP, isIPv6 } from 'node:net'

/** True if a text is one address, or a network such as 10.0.0.0/8. */
export function isNetwork(value: string): boolean {
  const [address = '', prefix] = value.split('/')
  const bits = isIP(address) === 4 ? 32 : 128
  return isIP(address) !== 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits))
}

/** A test for membership in a list of addresses and networks; IPv4-mapped IPv6 counts as IPv4. */
export function networkMatcher(parts: readonly string[]): (address: string | null | undefined) => boolean {
  const block = new BlockList()
  for (const part of parts.filter(isNetwork)) {
    const [address = '', prefix] = part.split('/')
    const [family, bits] = isIPv6(address) ? (['ipv6', 128] as const) : (['ipv4', 32] as const)
    block.addSubnet(address, prefix === undefined ? bits : Number(prefix), family)
  }
  return (address) => {
    const plain = (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '')
    return isIP(plain) !== 0 && block.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4')
  }
}
