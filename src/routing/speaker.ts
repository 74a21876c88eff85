// Identifies the speaker: the one author in From, and how far a trusted relay authenticates it (RFC 8601, RFC 7489).

import type { HeldReason } from '../contracts/decision.ts'
import type { TraceEntry } from '../contracts/trace.ts'
import { domainOf, isAligned } from '../mail/authentication/alignment.ts'
import { readTrustedResults } from '../mail/authentication/trusted-results.ts'
import type { Peer, ProviderVerdicts } from '../mail/envelope.ts'
import type { Mailbox, ParsedMail } from '../mail/parsed-mail.ts'

/** pass: the domain in From authenticates the mail; fail: it disowns it; unknown: no trusted server has said. */
export type Authentication = 'pass' | 'fail' | 'unknown'

export interface SpeakerAnswer {
  readonly from: Mailbox | null
  readonly authentication: Authentication
  /** A trusted server has checked From, with whatever result. */
  readonly isJudged: boolean
  readonly hold: Extract<HeldReason, 'from-missing' | 'doubled-header' | 'forged-sender'> | null
  readonly entry: TraceEntry
}

// Fields that say whose mail it is, and which: a second one may be what another program believes.
const identityFields = ['from', 'sender', 'message-id']

/** Never throws. `authservId` null: no Authentication-Results count. */
export function identifySpeaker(mail: ParsedMail, peer: Peer, authservId: string | null): SpeakerAnswer {
  const { from } = mail
  const doubledHeaders = mail.doubledHeaders.filter((name) => identityFields.includes(name))
  if (doubledHeaders.length > 0)
    return refusal(
      null,
      'doubled-header',
      `${doubledHeaders.join(', ')} appears more than once; programs disagree on which one counts`,
    )
  if (from === null) return refusal(null, 'from-missing', 'From names no author, or more than one')
  const { authentication, evidence, isJudged = false } = authenticate(mail, peer, { authservId, from })
  if (authentication === 'fail') return refusal(from, 'forged-sender', `${from.address}: ${evidence}`)
  return {
    from,
    authentication,
    isJudged,
    hold: null,
    entry: {
      step: 'speaker',
      outcome: authentication === 'pass' ? 'verified' : 'unverified',
      detail: `${from.address}: ${evidence}`,
    },
  }
}

function refusal(from: Mailbox | null, hold: NonNullable<SpeakerAnswer['hold']>, detail: string): SpeakerAnswer {
  return {
    from,
    authentication: hold === 'forged-sender' ? 'fail' : 'unknown',
    isJudged: hold === 'forged-sender',
    hold,
    entry: { step: 'speaker', outcome: hold, detail },
  }
}

interface Finding {
  readonly authentication: Authentication
  readonly evidence: string
  readonly isJudged?: boolean
}

function authenticate(mail: ParsedMail, peer: Peer, trust: { authservId: string | null; from: Mailbox }): Finding {
  const domain = domainOf(trust.from.address) ?? ''
  if (peer.verdicts !== undefined) return judge(peer.verdicts, domain)
  if (peer.provider !== undefined) return { authentication: 'unknown', evidence: ignoredReason(peer.provider) }
  if (!peer.trusted) return { authentication: 'unknown', evidence: 'handed over by a host that is not a trusted relay' }
  if (trust.authservId === null)
    return { authentication: 'unknown', evidence: 'AUTHSERV_ID is not set, so no Authentication-Results count' }
  const { results, endedBy } = readTrustedResults(mail.headers, { authservIds: [trust.authservId.toLowerCase()] })
  if (results !== null) return judge({ by: trust.authservId, ...results }, domain)
  const where = endedBy === null ? 'in the head' : `above ${endedBy}`
  return { authentication: 'unknown', evidence: `no Authentication-Results of ${trust.authservId} ${where}` }
}

type Evidence = Pick<ProviderVerdicts, 'by' | 'dmarc' | 'dmarcPolicy' | 'dmarcDomain' | 'dkim' | 'dkimDomains'> & {
  readonly unreadable?: number
}

function judge(evidence: Evidence, domain: string): Finding {
  return { ...evaluate(evidence, domain), isJudged: evidence.dmarc !== null || evidence.dkim !== null }
}

// docs/adr/0008: a signature never outweighs a failure of DMARC, and SPF alone verifies no one.
function evaluate(evidence: Evidence, domain: string): Finding {
  const { by, dmarc } = evidence
  const isAboutFrom = evidence.dmarcDomain == null || evidence.dmarcDomain === domain
  if (dmarc === 'pass' && isAboutFrom) return { authentication: 'pass', evidence: `${by} says dmarc=pass` }
  // A failure without a stated policy counts as one to act on: the mail is held for a person.
  if (dmarc === 'fail' && evidence.dmarcPolicy !== 'none')
    return {
      authentication: 'fail',
      evidence: `${by} says dmarc=fail and the domain's policy is ${evidence.dmarcPolicy ?? 'not stated'}`,
    }
  if (dmarc === 'fail')
    return { authentication: 'unknown', evidence: `${by} says dmarc=fail, and the domain asks to do nothing about it` }
  const signer = evidence.dkimDomains.find((signing) => isAligned(domain, signing))
  if (signer !== undefined) return { authentication: 'pass', evidence: `${by} says dkim=pass for ${signer}` }
  return { authentication: 'unknown', evidence: describeEvidence(evidence) }
}

const troubles: Readonly<Record<string, string>> = {
  temperror: "could not look up the domain's records in the DNS",
  permerror: 'could not read the signatures',
}

function describeEvidence(evidence: Evidence): string {
  const { by, dmarc, dkim } = evidence
  if (dmarc === null && dkim === null) return ignoredReason(by)
  const trouble = troubles[dmarc ?? '']
  return trouble === undefined ? describeResults(evidence) : `${by} ${trouble}, so it verifies no sender`
}

function describeResults({ by, dmarc, dmarcDomain, dkim, unreadable = 0 }: Evidence): string {
  const about = dmarc === 'pass' ? ` for ${dmarcDomain ?? 'no domain'}` : ''
  const unread = unreadable === 0 ? '' : `; ${String(unreadable)} of its fields cannot be read`
  return (
    `${by} says dmarc=${dmarc ?? 'nothing'}${about} and dkim=${dkim ?? 'nothing'}, of no domain that is ` +
    `aligned${unread}`
  )
}

// docs/install/mail-in/providers says of each provider what it vouches for.
function ignoredReason(provider: string): string {
  return `${provider} says nothing of DKIM and DMARC, so it authenticates no sender`
}
