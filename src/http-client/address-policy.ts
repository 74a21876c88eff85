// SSRF protection: requests go to public addresses only, checked when the connection is made, so that a DNS name cannot
// change in between. SAFE_URL_ALLOW opens private hosts and networks.

import { lookup as lookupName } from 'node:dns'
import { lookup as lookupNames } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { MailError } from '../errors.ts'
import { networkMatcher } from '../networks.ts'
import { isPublicAddress } from './public-address.ts'

export interface Reach {
  /** True if SAFE_URL_ALLOW names this host itself. */
  readonly isOwn: (host: string) => boolean
  /** Throws `MailError('forbidden')` for a private address that is written out. */
  readonly check: (host: string) => void
  /**
   * The reason why requests to this address are refused, as a sentence; null if they are allowed, or if its name cannot
   * be resolved now.
   */
  readonly findRefusal: (url: string) => Promise<string | null>
  /** For node:http: a name with a private address among its own is refused. */
  readonly lookup: (host: string) => LookupFunction
}

/** `allowed` is SAFE_URL_ALLOW. */
export function createReach(allowed: readonly string[]): Reach {
  const isAllowedAddress = networkMatcher(allowed)
  const mayReach = (host: string, address: string): boolean =>
    isPublicAddress(address) || allowed.includes(host) || isAllowedAddress(address)
  return {
    isOwn: (host) => allowed.includes(host) || isAllowedAddress(host),
    check: (host) => {
      if (isIP(host) !== 0 && !mayReach(host, host))
        throw refusal(`${host} is a private address; SAFE_URL_ALLOW may name it`)
    },
    findRefusal: async (url) => {
      const host = URL.canParse(url) ? hostOf(new URL(url)) : ''
      const addresses = isIP(host) === 0 ? await addressesOf(host) : [host]
      const hidden = addresses.find((address) => !mayReach(host, address))
      if (hidden === undefined) return null
      const what = hidden === host ? `${host} is a private address` : `${host} has a private address`
      return `Nothing will be sent to this URL: ${what}. Add ${host} to SAFE_URL_ALLOW and restart the service.`
    },
    lookup: (host) => guardedLookup(host, mayReach),
  }
}

const patienceMs = 2_000

async function addressesOf(host: string): Promise<string[]> {
  const found = lookupNames(host, { all: true }).catch(() => [])
  const late = sleep(patienceMs, [], { ref: false })
  return (await Promise.race([found, late])).map(({ address }) => address)
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
      if (first === undefined || addresses.some(({ address }) => !mayReach(host, address)))
        callback(refusal(`${host} has a private address; SAFE_URL_ALLOW may name it`), '')
      else if (options.all === true) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}
