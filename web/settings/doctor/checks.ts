// The checks of `doctor`, sorted for reading: those of each mail domain together, then mail in, mail out, the data and
// the people. Pure.

import type { Schemas } from '../../api/client'

export type Check = Schemas['DoctorCheck']
export type CheckState = 'failed' | 'warning' | 'passed'

/** Checks by the name that the service gives them; those of domains, ingresses and transports have a subject. */
export const groupOf = {
  'ways in': 'in',
  ingress: 'in',
  'senders over': 'in',
  'sender authentication': 'in',
  'TLS of mail in': 'in',
  'inbox addresses': 'in',
  domains: 'in',
  backlog: 'in',
  'held mail': 'in',
  'ignored mail': 'in',
  'failed mail': 'in',
  'way out': 'out',
  outgoing: 'out',
  canary: 'out',
  alerts: 'out',
  'reverse DNS': 'out',
  'TLS of mail out': 'out',
  database: 'data',
  durability: 'data',
  conservation: 'data',
  collation: 'data',
  disk: 'data',
  quotas: 'data',
  clock: 'data',
  accounts: 'people',
  agents: 'people',
  webhooks: 'people',
  'reply domain': 'domain',
  domain: 'domain',
  MX: 'domain',
  SPF: 'domain',
  DKIM: 'domain',
  DMARC: 'domain',
} as const

export type CheckKind = keyof typeof groupOf
const groups = ['in', 'out', 'data', 'people', 'other'] as const
export type GroupName = (typeof groups)[number]

export interface KnownCheck {
  readonly check: Check
  readonly state: CheckState
  /** Null: a check that this client does not know. */
  readonly kind: CheckKind | null
  /** The domain or ingress that it is about; '' for none. */
  readonly subject: string
}

export interface CheckGroup {
  /** A domain, or one of the other groups. */
  readonly name: GroupName | { readonly domain: string }
  readonly checks: readonly KnownCheck[]
}

/** Domains with a failed check come first, and failed checks within a group. Never throws. */
export function groupChecks(checks: readonly Check[]): readonly CheckGroup[] {
  const known = checks.map(readCheck)
  const domains = new Set(known.filter(isOfDomain).map(({ subject }) => subject))
  const ofDomains = [...domains].map((domain): CheckGroup => ({
    name: { domain },
    checks: inOrder(known.filter((one) => isOfDomain(one) && one.subject === domain)),
  }))
  const others = groups.map((name): CheckGroup => ({
    name,
    checks: inOrder(known.filter(({ kind }) => (kind === null ? name === 'other' : groupOf[kind] === name))),
  }))
  return [...ofDomains.sort((a, b) => worstOf(a) - worstOf(b)), ...others].filter((group) => group.checks.length > 0)
}

export function countStates(checks: readonly Check[]): Readonly<Record<CheckState, number>> {
  const states = checks.map(stateOf)
  const count = (state: CheckState) => states.filter((one) => one === state).length
  return { failed: count('failed'), warning: count('warning'), passed: count('passed') }
}

function readCheck(check: Check): KnownCheck {
  const [, short, domain] = /^(MX|SPF|DKIM|DMARC) of (.+)$/.exec(check.name) ?? []
  const [, long, subject] = /^(reply domain|domain|ingress|senders over|way out|canary) (.+)$/.exec(check.name) ?? []
  const name = short ?? long ?? check.name
  const kind = name in groupOf ? (name as CheckKind) : null
  return { check, state: stateOf(check), kind, subject: domain ?? subject ?? '' }
}

const isOfDomain = ({ kind }: KnownCheck): boolean => kind !== null && groupOf[kind] === 'domain'
const order: readonly CheckState[] = ['failed', 'warning', 'passed']
const rankOf = ({ state }: KnownCheck): number => order.indexOf(state)
const inOrder = (checks: readonly KnownCheck[]) => [...checks].sort((a, b) => rankOf(a) - rankOf(b))
const worstOf = (group: CheckGroup): number => Math.min(...group.checks.map(rankOf))

function stateOf({ ok, attention }: Check): CheckState {
  if (!ok) return 'failed'
  return attention === true ? 'warning' : 'passed'
}
