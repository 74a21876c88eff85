// Which domains are the company's own: those of the addresses of its inboxes, with their subdomains.

import { isAligned } from '../mail/authentication/alignment.ts'
import { isEverybodys } from '../mail/filing-clues.ts'

/** True at the organisational domain of one of these addresses; false at a provider of mail for everybody. */
export function isOwnDomain(ownAddresses: readonly string[], address: string): boolean {
  return !isEverybodys(address) && ownAddresses.some((own) => isAligned(domainOf(own), domainOf(address)))
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1)
