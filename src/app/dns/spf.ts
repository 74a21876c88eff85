// Reads an SPF record with all that it includes (RFC 7208): the lookups that it costs a receiver, and who may send.

import { isIPv6 } from 'node:net'

import { isNetwork, networkMatcher } from '../../networks.ts'
import type { Found, Lookups } from './lookups.ts'

export interface Spf {
  readonly record: string
  /** Terms that cost a lookup; more than ten make the record invalid (RFC 7208 §4.6.4). */
  readonly lookups: number
  /** The qualifier of `all`, or null. */
  readonly all: string | null
  readonly problems: readonly string[]
  /** A part of it could not be looked up. */
  readonly isPartial: boolean
  /** True if the record, or one that it includes, names this domain. */
  readonly includes: (domain: string) => boolean
  readonly permits: (address: string) => boolean
}

export const maxLookups = 10
// A record may include any number; we stop when the verdict is certain.
const lookupsFollowed = 20

interface Walk {
  readonly lookups: Lookups
  readonly networks: string[]
  readonly included: Set<string>
  readonly problems: string[]
  count: number
  isPartial: boolean
}

/** The SPF records of a domain: usually none or one. Never throws. */
export async function findSpf(domain: string, lookups: Lookups): Promise<Found<string>> {
  const found = await lookups.txt(domain)
  if (found.is !== 'found') return found
  const records = found.records.filter((text) => /^v=spf1(?: |$)/i.test(text))
  return records.length === 0 ? { is: 'none' } : { is: 'found', records }
}

/** Follows the one record of a domain. Never throws. */
export async function readSpf(domain: string, record: string, lookups: Lookups): Promise<Spf> {
  const walk: Walk = { lookups, networks: [], included: new Set(), problems: [], count: 0, isPartial: false }
  const all = await follow(walk, domain, record)
  const isPermitted = networkMatcher(walk.networks)
  return {
    record,
    all,
    lookups: walk.count,
    problems: walk.problems,
    isPartial: walk.isPartial,
    includes: (name) => walk.included.has(name),
    permits: isPermitted,
  }
}

interface Terms {
  readonly mechanisms: readonly Mechanism[]
  /** The qualifier of `all`, or null. */
  readonly all: string | null
  /** Of redirect=; it counts where there is no `all`. */
  readonly redirect: string | null
}

interface Mechanism {
  readonly term: string
  readonly kind: string
  readonly value: string
  readonly prefix: string
}

const mechanismPattern = /^([+?~-]?)([a-z0-9]+)(?::([^/]*))?((?:\/\d+)?(?:\/\/\d+)?)$/i

// Mechanisms after `all` are never reached (RFC 7208 §5.1).
function readTerms(record: string): Terms {
  const terms = record.split(/ +/).filter((term, index) => index > 0 && term !== '')
  const modifiers = terms.filter((term) => /^[a-z][a-z0-9_.-]*=/i.test(term))
  const redirect = modifiers.find((term) => /^redirect=/i.test(term))?.slice('redirect='.length) ?? null
  const ordered = terms.filter((term) => !modifiers.includes(term))
  const end = ordered.findIndex((term) => /^[+?~-]?all$/i.test(term))
  const all = end < 0 ? null : (/^[?~-]/.exec(ordered[end] ?? '')?.[0] ?? '+')
  return { mechanisms: (end < 0 ? ordered : ordered.slice(0, end)).map(readMechanism), all, redirect }
}

function readMechanism(term: string): Mechanism {
  const [, , kind = '', value = '', prefix = ''] = mechanismPattern.exec(term) ?? []
  return { term, kind: kind.toLowerCase(), value: value.toLowerCase(), prefix }
}

// The qualifier of `all` of this record, or of the one that it redirects to.
async function follow(walk: Walk, domain: string, record: string): Promise<string | null> {
  const { mechanisms, all, redirect } = readTerms(record)
  for (const mechanism of mechanisms) await takeMechanism(walk, domain, mechanism)
  return all === null && redirect !== null ? enter(walk, redirect.toLowerCase(), 'redirect=') : all
}

async function takeMechanism(walk: Walk, own: string, { term, kind, value, prefix }: Mechanism): Promise<void> {
  const domain = value === '' ? own : value
  if (kind === 'ip4' || kind === 'ip6') takeNetwork(walk, term, `${value}${prefix}`)
  else if (kind === 'include') await enter(walk, domain, 'include:')
  else if (kind === 'a' || kind === 'mx') await takeHosts(walk, { kind, domain, prefix })
  else if (kind === 'ptr' || kind === 'exists') walk.count += 1
  else walk.problems.push(`"${term}" is no mechanism of SPF`)
}

function takeNetwork(walk: Walk, term: string, network: string): void {
  if (isNetwork(network)) walk.networks.push(network)
  else walk.problems.push(`"${term}" is no address`)
}

// A macro depends on the mail; what it stands for is not known here.
const isMacro = (domain: string): boolean => domain.includes('%')

async function enter(walk: Walk, domain: string, how: string): Promise<string | null> {
  walk.count += 1
  walk.included.add(domain)
  if (isMacro(domain) || walk.count > lookupsFollowed) return null
  const found = await findSpf(domain, walk.lookups)
  if (found.is === 'unknown') walk.isPartial = true
  if (found.is === 'none') walk.problems.push(`${how}${domain} has no SPF record`)
  if (found.is !== 'found') return null
  return follow(walk, domain, found.records[0] ?? '')
}

interface Hosts {
  readonly kind: 'a' | 'mx'
  readonly domain: string
  /** Bits of IPv4, then of IPv6: `/24//64`. */
  readonly prefix: string
}

async function takeHosts(walk: Walk, { kind, domain, prefix }: Hosts): Promise<void> {
  walk.count += 1
  if (isMacro(domain) || walk.count > lookupsFollowed) return
  const hosts = kind === 'a' ? [domain] : await exchangesOf(walk, domain)
  const [, bits4 = '', bits6 = ''] = /^(\/\d+)?(?:\/(\/\d+))?$/.exec(prefix) ?? []
  for (const found of await Promise.all(hosts.map((host) => walk.lookups.addresses(host)))) {
    if (found.is === 'unknown') walk.isPartial = true
    const addresses = found.is === 'found' ? found.records : []
    walk.networks.push(...addresses.map((address) => `${address}${isIPv6(address) ? bits6 : bits4}`))
  }
}

async function exchangesOf(walk: Walk, domain: string): Promise<string[]> {
  const found = await walk.lookups.mx(domain)
  if (found.is === 'unknown') walk.isPartial = true
  return found.is === 'found' ? found.records.map(({ exchange }) => exchange).slice(0, maxLookups) : []
}
