// Limits guesses at the password or token of an ingress. An address with too many different wrong ones is deferred
// before anything is compared, so that it learns nothing. The same wrong one again does not count: a misconfigured
// provider does not lock out its own address. A trusted relay has ten times
// the limit, as many clients may share its address. In memory: each process counts for itself.

import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

import { MailError } from '../errors.ts'
import { addressKey, clientAddressOf, type IsProxy } from '../http-client/client-address.ts'

export interface Guesses {
  /** Throws `MailError('rate-limited')` for an address that may not guess now. */
  readonly admit: (request: IncomingMessage) => void
  /** Counts the credentials of a request, which were wrong. Never throws. */
  readonly note: (request: IncomingMessage) => void
}

interface GuessRule {
  /** Different wrong passwords of one address in a minute; null = any number. */
  readonly most: number | null
  readonly isTrusted: IsProxy
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
}

const windowMs = 60_000
const trustedTimes = 10
const maxAddresses = 10_000

/** True while there are no guesses. Never throws. */
export function createGuesses({ most, isTrusted, now }: GuessRule): Guesses {
  const addresses = new Map<string, { readonly until: number; readonly wrong: Set<string> }>()
  const keyOf = (request: IncomingMessage): string => addressKey(clientAddressOf(request, isTrusted))
  const current = (key: string) => {
    const found = addresses.get(key)
    if (found !== undefined && found.until > now()) return found
    addresses.delete(key)
    return null
  }
  return {
    admit: (request) => {
      // Almost always there are no guesses: then a mail costs nothing here.
      if (most === null || addresses.size === 0 || credentialsOf(request) === null) return
      const key = keyOf(request)
      const found = current(key)
      if (found !== null && found.wrong.size >= (isTrusted(key) ? trustedTimes : 1) * most)
        throw new MailError('rate-limited', `more than RATE_LIMIT_PASSWORD wrong passwords a minute from ${key}`)
    },
    note: (request) => {
      const credentials = credentialsOf(request)
      if (most === null || credentials === null) return
      const key = keyOf(request)
      const found = current(key) ?? { until: now() + windowMs, wrong: new Set<string>() }
      if (found.wrong.size < trustedTimes * most) found.wrong.add(credentials)
      addresses.set(key, found)
      // The one that began longest ago goes first.
      if (addresses.size > maxAddresses) addresses.delete(addresses.keys().next().value ?? '')
    },
  }
}

// Null for a request that shows none: SNS comes without at first, and Rails' clients may.
function credentialsOf({ headers }: IncomingMessage): string | null {
  const given = headers.authorization ?? headers['x-messagesystems-webhook-token']
  return given === undefined ? null : createHash('sha256').update(String(given)).digest('base64')
}
