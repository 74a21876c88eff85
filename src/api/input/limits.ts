// Rate limits of the API: above a limit 429, with the seconds to wait in Retry-After. app.ts provides the counters.

import type { IncomingMessage } from 'node:http'

import { clientAddressOf, type IsProxy } from '../../http-client/client-address.ts'
import { ApiFault } from './fault.ts'

/** Counts one; how many seconds to wait when that was one too many, else null. */
export type Rate = (who: string) => Promise<number | null>

export interface Limits {
  /** Requests of one access token. */
  readonly token: Rate
  /** Requests of one visitor, and of one address that names none. */
  readonly contact: Rate
  /** Requests for visitors from one address. */
  readonly address: Rate
  /** Wrong tokens from one address. */
  readonly stranger: Rate
  /** Attempts to sign in as one person. */
  readonly signIn: Rate
  /** Attempts to sign in from one address. */
  readonly signInFrom: Rate
  /** Codes of a second factor that are tried for one person. */
  readonly secondFactor: Rate
  /** Mails with a link that one person, or one client address, asks for. */
  readonly linkMail: Rate
  /** True if an address is a trusted proxy, which names the client it asks for. */
  readonly isProxy: IsProxy
}

/** Counts one for `who`. Throws 429. */
export async function within(rate: Rate, who: string): Promise<void> {
  const wait = await rate(who)
  if (wait !== null)
    throw new ApiFault('rate-limited', { error: 'Too many requests, try again later' }, { 'Retry-After': String(wait) })
}

/** The client's address; behind a trusted proxy, the one that it names. Never throws. */
export function strangerOf(request: IncomingMessage, { isProxy }: Pick<Limits, 'isProxy'>): string {
  return clientAddressOf(request, isProxy)
}
