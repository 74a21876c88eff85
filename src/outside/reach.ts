// Whom we may ask at all: public addresses, looked at when the connection is made, so that a name cannot change its mind. SAFE_URL_ALLOW opens
// private hosts and networks.

import { lookup as lookupName } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'

import { networkMatcher } from '../config.ts'
import { MailError } from '../errors.ts'
import { isPublicAddress } from './public-address.ts'

export interface Reach {
  /** Whether SAFE_URL_ALLOW names this host itself. */
  readonly isOwn: (host: string) => boolean
  /** Throws `MailError('forbidden')` for a private address that is written out. */
  readonly check: (host: string) => void
  /** For node:http: a name with a private address among its own is refused. */
  readonly lookup: (host: string) => LookupFunction
}

/** `allowed` is SAFE_URL_ALLOW. */
export function createReach(allowed: readonly string[]): Reach {
  const isAllowedAddress = networkMatcher(allowed)
  const mayReach = (host: string, address: string): boolean => isPublicAddress(address) || allowed.includes(host) || isAllowedAddress(address)
  return {
    isOwn: (host) => allowed.includes(host) || isAllowedAddress(host),
    check: (host) => {
      if (isIP(host) !== 0 && !mayReach(host, host)) throw refusal(`${host} is a private address; SAFE_URL_ALLOW may name it`)
    },
    lookup: (host) => guardedLookup(host, mayReach),
  }
}

/** The host as it is compared: lower case, no brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
}

export function refusal(why: string): MailError {
  return new MailError('forbidden', `not asked: ${why}`)
}

function guardedLookup(host: string, mayReach: (host: string, address: string) => boolean): LookupFunction {
  return (name, options, callback) => {
    lookupName(name, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, '')
        return
      }
      const [first] = addresses
      if (first === undefined || addresses.some(({ address }) => !mayReach(host, address))) callback(refusal(`${host} has a private address; SAFE_URL_ALLOW may name it`), '')
      else if (options.all === true) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}
