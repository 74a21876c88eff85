// Who is speaking: the one author in From, and how far a trusted relay vouches for it (RFC 8601, RFC 7489).

import { isAligned, readTrustedResults } from '../mail/authentication-results.ts'
import type { Peer, ProviderVerdicts } from '../mail/envelope.ts'
import type { Mailbox, ParsedMail } from '../mail/parsed-mail.ts'
import type { HeldReason, TraceEntry } from './decision.ts'

/** pass: the domain in From vouches for the mail; fail: it disowns it; unknown: nobody we trust has said. */
export type Authentication = 'pass' | 'fail' | 'unknown'

export interface SpeakerAnswer {
  readonly from: Mailbox | null
  readonly authentication: Authentication
  readonly hold: Extract<HeldReason, 'from-missing' | 'doubled-header' | 'forged-sender'> | null
  readonly entry: TraceEntry
}

// Fields that say whose mail it is, and which: a second one may be what another program believes.
const identityFields = ['from', 'sender', 'message-id']

/** Never throws. `authservId` null: nobody's Authentication-Results count. */
export function identifySpeaker(mail: ParsedMail, peer: Peer, authservId: string | null): SpeakerAnswer {
  const { from } = mail
  const doubledHeaders = mail.doubledHeaders.filter((name) => identityFields.includes(name))
  if (doubledHeaders.length > 0) return refusal(null, 'doubled-header', `${doubledHeaders.join(', ')} stands there more than once; programs disagree on which one counts`)
  if (from === null) return refusal(null, 'from-missing', 'From names nobody, or more than one author')
  const { authentication, evidence } = authenticate(mail, peer, { authservId, from })
  if (authentication === 'fail') return refusal(from, 'forged-sender', `${from.address}: ${evidence}`)
  return { from, authentication, hold: null, entry: { step: 'speaker', outcome: authentication === 'pass' ? 'verified' : 'unverified', detail: `${from.address}: ${evidence}` } }
}

function refusal(from: Mailbox | null, hold: NonNullable<SpeakerAnswer['hold']>, detail: string): SpeakerAnswer {
  return { from, authentication: hold === 'forged-sender' ? 'fail' : 'unknown', hold, entry: { step: 'speaker', outcome: hold, detail } }
}

interface Finding {
  readonly authentication: Authentication
  readonly evidence: string
}

function authenticate(mail: ParsedMail, peer: Peer, trust: { authservId: string | null; from: Mailbox }): Finding {
  if (peer.verdicts !== undefined) return weighVerdicts(peer.verdicts, domainOf(trust.from.address))
  if (!peer.trusted) return { authentication: 'unknown', evidence: 'handed over by a host that is not a trusted relay' }
  if (trust.authservId === null) return { authentication: 'unknown', evidence: 'AUTHSERV_ID is not set, so no Authentication-Results count' }
  const results = readTrustedResults(mail.headers, trust.authservId)
  return results === null ? { authentication: 'unknown', evidence: `the topmost Authentication-Results is not from ${trust.authservId}` } : weigh(results, trust.authservId, domainOf(trust.from.address))
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1)
}

function weigh(results: NonNullable<ReturnType<typeof readTrustedResults>>, authservId: string, domain: string): Finding {
  const aboutFrom = results.dmarcDomain === null || results.dmarcDomain.toLowerCase() === domain
  if (results.dmarc === 'pass' && aboutFrom) return { authentication: 'pass', evidence: `${authservId} says dmarc=pass` }
  // A failure whose policy is not told counts as one to act on: the mail is kept, a person decides.
  if (results.dmarc === 'fail' && results.dmarcPolicy !== 'none') return { authentication: 'fail', evidence: `${authservId} says dmarc=fail and the domain's policy is ${results.dmarcPolicy ?? 'not told'}` }
  const signer = results.dkimPassDomains.find((signing) => isAligned(domain, signing))
  if (signer !== undefined) return { authentication: 'pass', evidence: `${authservId} says dkim=pass for ${signer}` }
  return { authentication: 'unknown', evidence: `${authservId} says dmarc=${results.dmarc} and no aligned dkim=pass` }
}

// What a provider says of a mail that it received itself, in a request that was authenticated: as good as a relay of our own. Without a domain
// beside it a good signature says nothing of From, and SPF alone verifies nobody (docs/adr/0008).
function weighVerdicts({ by, dmarc, dmarcPolicy, dkim, dkimDomains }: ProviderVerdicts, domain: string): Finding {
  if (dmarc === 'pass') return { authentication: 'pass', evidence: `${by} says dmarc=pass` }
  if (dmarc === 'fail' && dmarcPolicy !== 'none') return { authentication: 'fail', evidence: `${by} says dmarc=fail and the domain's policy is ${dmarcPolicy ?? 'not told'}` }
  const signer = dkimDomains.find((signing) => isAligned(domain, signing))
  if (signer !== undefined) return { authentication: 'pass', evidence: `${by} says dkim=pass for ${signer}` }
  return { authentication: 'unknown', evidence: `${by} says dmarc=${dmarc ?? 'nothing'} and dkim=${dkim ?? 'nothing'}, of no domain that is aligned` }
}
