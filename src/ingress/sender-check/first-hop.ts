// Which mail our own check may judge: only mail of which the address of the sending client is known.

import { hostname } from 'node:os'

import type { Config } from '../../config.ts'
import { isPublicAddress } from '../../http-client/public-address.ts'
import type { ProviderVerdicts, Submission } from '../../mail/envelope.ts'
import { createResolver } from './resolver.ts'
import { createSenderCheck } from './sender-check.ts'

/** The verdicts on the sender, or null where another server is the first. */
export type CheckFirstHop = (submission: Submission) => Promise<ProviderVerdicts | null>

/**
 * The check as the settings ask for it; null when it is off. A relay with an AUTHSERV_ID checks its clients itself: it
 * knows which of them signed in.
 */
export function createFirstHopCheck(config: Config): CheckFirstHop | null {
  if (!config.SENDER_CHECK) return null
  const check = createSenderCheck({
    resolve: createResolver(config.DNS_SERVERS),
    host: hostname(),
    arcSealers: config.ARC_SEALERS.map((domain) => domain.toLowerCase()),
  })
  return async ({ raw, envelope, peer }) => {
    const isJudgedByRelay = peer.trusted && config.AUTHSERV_ID !== undefined
    if (peer.address === null || isJudgedByRelay || !isPublicAddress(peer.address)) return null
    return check({ raw, envelope, address: peer.address, helo: peer.helo })
  }
}
