// What an authenticated provider says about a mail and whoever handed it over, for the record and for the judgement of who speaks.
// A provider is no trusted relay: whether it takes a forged Authentication-Results out of a mail nobody knows, so only its own words count.

import { isIP } from 'node:net'

import type { Peer, ProviderVerdicts } from '../../mail/envelope.ts'

export interface ProviderSays extends Partial<Omit<ProviderVerdicts, 'by'>> {
  /** Of the client that handed the mail to the provider. */
  readonly address?: string | null
  readonly synthesised?: boolean
}

const silent = { spf: null, dkim: null, dkimDomains: [], dmarc: null, dmarcPolicy: null, spam: null, spamScore: null, virus: null }

/** The peer of a provider's mail. Never throws. */
export function providerPeer(by: string, { address = null, synthesised = false, ...said }: ProviderSays): Peer {
  const verdicts: ProviderVerdicts = { by, ...silent, ...said }
  const saysSomething = Object.values(said).some((value) => value !== null && !(Array.isArray(value) && value.length === 0))
  return {
    address: address !== null && isIP(address) !== 0 ? address : null,
    helo: null,
    trusted: false,
    ...(saysSomething ? { verdicts } : {}),
    ...(synthesised ? { synthesised: true as const } : {}),
  }
}
