// The findings of a trusted server about the sender, over all Authentication-Results fields that it wrote (RFC 8601;
// docs/adr/0008). Anyone can write such a field into a mail, so only fields above the first Received line that the
// server did not write are trusted.
import type { HeaderField } from '../parsed-mail.ts'
import { domainOf } from './alignment.ts'
import { isHostOf, readReceivedBy } from './received.ts'
import { type AuthenticationResult, parseAuthenticationResults } from './results.ts'

export interface TrustedServer {
  /** Names under which it writes, in lower case. */
  readonly authservIds: readonly string[]
  /** Hosts that its Received lines name, beside those of its own names. */
  readonly receivedHosts?: RegExp
  /**
   * It writes one field a mail, and it may leave forged ones in: only the topmost field of all
   * counts.
   */
  readonly writesOne?: boolean
}

export interface TrustedResults {
  readonly dmarc: 'pass' | 'fail' | 'none'
  /** Of a failure; null if not stated. */
  readonly dmarcPolicy: 'none' | 'quarantine' | 'reject' | null
  /** Of a pass: the domain that it is about; null where the results name several. */
  readonly dmarcDomain: string | null
  /** Domains with a valid signature. */
  readonly dkimDomains: readonly string[]
  readonly dkim: string | null
  readonly spf: string | null
  /** Fields of the server that could not be read entirely. */
  readonly unreadable: number
}

export interface TrustedReading {
  /** Null when the server wrote no field. */
  readonly results: TrustedResults | null
  /** The field that ended the search; null at the end of the head. */
  readonly endedBy: string | null
}

interface OwnField {
  /** How many Received lines of the server stand above it. */
  readonly level: number
  readonly results: readonly AuthenticationResult[]
  readonly isComplete: boolean
}

/** Reads the server's own fields, the worst DMARC result counting over all. Never throws. */
export function readTrustedResults(headers: readonly HeaderField[], server: TrustedServer): TrustedReading {
  const { fields, endedBy } = findFields(headers, server)
  return { results: fields.length === 0 ? null : weighFields(fields), endedBy }
}

/**
 * True if a field under one of the server's names is below the end of the search: the server does not remove forged
 * fields (RFC 8601 §5). Never throws.
 */
export function hasStrayResults(headers: readonly HeaderField[], server: TrustedServer): boolean {
  const foreign = headers.findIndex(({ name, value }) => name === 'received' && !isOwnReceived(value, server))
  return headers
    .slice(foreign < 0 ? headers.length : foreign)
    .some(
      ({ name, value }) =>
        name === 'authentication-results' && server.authservIds.includes(parseAuthenticationResults(value).authservId),
    )
}

function findFields(
  headers: readonly HeaderField[],
  server: TrustedServer,
): { fields: OwnField[]; endedBy: string | null } {
  const fields: OwnField[] = []
  let level = 0
  for (const { name, value } of headers) {
    if (name === 'received') {
      if (!isOwnReceived(value, server))
        return { fields, endedBy: `a Received line of ${readReceivedBy(value) ?? 'no named host'}` }
      level++
    }
    if (name !== 'authentication-results') continue
    const { authservId, results, isComplete } = parseAuthenticationResults(value)
    if (!server.authservIds.includes(authservId))
      return {
        fields,
        endedBy: `an Authentication-Results field of ${authservId === '' ? 'no readable server' : authservId}`,
      }
    fields.push({ level, results, isComplete })
    if (server.writesOne === true) break
  }
  return { fields, endedBy: null }
}

function isOwnReceived(value: string, { authservIds, receivedHosts }: TrustedServer): boolean {
  const host = readReceivedBy(value)
  if (host === null) return false
  return authservIds.some((id) => isHostOf(host, id)) || receivedHosts?.test(host) === true
}

function weighFields(fields: readonly OwnField[]): TrustedResults {
  const levels = fields.filter(({ results }) => results.some(isAboutFrom)).map(({ level }) => level)
  // A server writes such results in one place. Where it did so above a Received line of its own, what stands below
  // that line may be the sender's.
  const vouching = fields
    .filter(({ level, isComplete }) => isComplete && level === Math.min(...levels))
    .flatMap(({ results }) => results)
  const all = fields.flatMap(({ results }) => results)
  const dkimDomains = vouching
    .filter(({ method, result }) => method === 'dkim' && result === 'pass')
    .map(signingDomain)
    .filter((domain) => domain !== null)
  const unreadable = fields.filter(({ isComplete }) => !isComplete).length
  return {
    ...weighDmarc(all, vouching, unreadable > 0),
    dkimDomains: [...new Set(dkimDomains)],
    dkim:
      dkimDomains.length > 0
        ? 'pass'
        : (all.find(({ method, result }) => method === 'dkim' && result !== 'pass')?.result ?? null),
    spf: all.find(({ method }) => method === 'spf')?.result ?? null,
    unreadable,
  }
}

function isAboutFrom({ method }: AuthenticationResult): boolean {
  return method === 'dkim' || method === 'dmarc'
}

// The worst counts: a failure wherever it stands, then everything that is no pass for a domain, also a field that
// could not be read.
function weighDmarc(
  all: readonly AuthenticationResult[],
  vouching: readonly AuthenticationResult[],
  isUnsure: boolean,
): Pick<TrustedResults, 'dmarc' | 'dmarcPolicy' | 'dmarcDomain'> {
  const results = all.filter(({ method }) => method === 'dmarc')
  const failures = results.filter(({ result }) => result === 'fail')
  if (failures.length > 0) return { dmarc: 'fail', dmarcPolicy: strictest(failures.map(readPolicy)), dmarcDomain: null }
  const passes = vouching.filter(({ method, result }) => method === 'dmarc' && result === 'pass')
  const domains = [...new Set(passes.map(({ properties }) => domainOf(properties['header.from'])))]
  const isPass = passes.length > 0 && passes.length === results.length && domains.length === 1 && !isUnsure
  const [domain = null] = domains
  return isPass && domain !== null
    ? { dmarc: 'pass', dmarcPolicy: null, dmarcDomain: domain }
    : { dmarc: 'none', dmarcPolicy: null, dmarcDomain: null }
}

// header.d, or, where a server gives the identity alone, header.i, which lies at or below it (RFC 6376 §3.5). Two
// that contradict each other are none.
function signingDomain({ properties }: AuthenticationResult): string | null {
  const signer = domainOf(properties['header.d'])
  const identity = domainOf(properties['header.i'])
  if ('header.d' in properties && signer === null) return null
  if (signer === null || identity === null) return signer ?? identity
  return identity === signer || identity.endsWith(`.${signer}`) ? signer : null
}

type Policy = NonNullable<TrustedResults['dmarcPolicy']>

// `policy.published-domain-policy` (Fastmail), `(p=REJECT sp=NONE dis=NONE)` (OpenDMARC), `(policy=reject)` (rspamd),
// `policy.dmarc` (RFC 8601 §2.7).
function readPolicy({ properties, comment }: AuthenticationResult): Policy | null {
  const published = properties['policy.published-domain-policy']
  const said = /(?:^|[\s,;])(?:p|policy)=\s?([a-z]+)/i.exec(comment)?.[1]
  const others = Object.entries(properties)
    .filter(([name]) => name.startsWith('policy.'))
    .map(([, value]) => value)
  const found = [published, said, ...others].map((word) => word?.toLowerCase())
  return found.find((word): word is Policy => word === 'none' || word === 'quarantine' || word === 'reject') ?? null
}

// A failure without a stated policy is acted on, so it outranks `none`.
function strictest(policies: readonly (Policy | null)[]): Policy | null {
  const order: readonly (Policy | null)[] = ['reject', 'quarantine', null, 'none']
  return order.find((policy) => policies.includes(policy)) ?? null
}
