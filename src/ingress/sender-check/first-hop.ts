// Which mail our own check may judge: only mail of which the address of the sending client is known.

import { hostname } from 'node:os'

import type { Config } from '../../config.ts'
import { isPublicAddress } from '../../http-client/public-address.ts'
import { readReceivedClient } from '../../mail/authentication/received.ts'
import type { ProviderVerdicts, Submission } from '../../mail/envelope.ts'
import { splitHead } from '../../mail/header/split-head.ts'
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
  return async (submission) => {
    const client = clientOf(submission, config)
    const isJudgedByRelay = submission.peer.trusted && config.AUTHSERV_ID !== undefined
    return client === null || isJudgedByRelay ? null : check({ ...submission, ...client })
  }
}

interface Client {
  readonly address: string
  readonly helo: string | null
}

/** The client on the internet that the mail came from; null: it is not known, or the mail began inside. */
function clientOf({ raw, peer }: Submission, config: Config): Client | null {
  const { address, helo } = peer
  if (address !== null && isPublicAddress(address)) return { address, helo }
  const isPassedOn = peer.trusted && config.RECEIVED_BY !== undefined && config.isTrustedRelay(address)
  return isPassedOn ? clientOfReceived(raw, config) : null
}

/** As far as a head may reach; Received fields are at its top. */
const maxHeadBytes = 128 * 1024

// Each of our relays adds its field on top: the first that names a client outside was written where the mail came in.
function clientOfReceived(raw: Buffer, { RECEIVED_BY, isTrustedRelay }: Config): Client | null {
  for (const { name, value } of splitHead(raw.subarray(0, maxHeadBytes)).fields) {
    if (name !== 'received') continue
    const client = readReceivedClient(value)
    if (client === null || client.by !== RECEIVED_BY?.toLowerCase()) return null
    if (!isTrustedRelay(client.address)) return isPublicAddress(client.address) ? client : null
  }
  return null
}
