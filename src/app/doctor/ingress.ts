// `doctor`: each enabled ingress service, its key, its last request, and its last refusal with the reason.

import type { Config } from '../../config.ts'
import type { Database } from '../../db/open.ts'
import { sayVouching } from '../../ingress/provider.ts'
import { providers } from '../../ingress/providers.ts'
import { type IngressStatus, readIngressStatus } from '../../store/ingress-status.ts'
import type { Check } from './finding.ts'

const noStatus: IngressStatus = { lastRequestAt: null, refusedAt: null, refusal: null }

/** One line per service, in the order of the settings. Never throws: an unreadable status counts as none. */
export async function examineInbound({
  config,
  database,
}: {
  readonly config: Config
  readonly database: Database
}): Promise<Check[]> {
  const ingressStatus = await readIngressStatus(database.pool).catch(() => new Map<string, IngressStatus>())
  return [...new Set(config.RAILS_INBOUND_EMAIL_SERVICE)].flatMap((service) => [
    classify(service, config, ingressStatus.get(service) ?? noStatus),
    ...rateVouching(service),
  ])
}

function classify(service: string, config: Config, { lastRequestAt, refusedAt, refusal }: IngressStatus): Check {
  const required = providers.find((provider) => provider.service === service)?.required ?? []
  const missing = required.filter((name) => isUnset(config.added[name]))
  const lastRequest = lastRequestAt === null ? 'no request yet' : `last request ${ago(lastRequestAt)}`
  const refused = refusedAt === null ? 'nothing refused' : `last refusal ${ago(refusedAt)}: ${refusal ?? ''}`
  const isRefusing = refusedAt !== null && (lastRequestAt === null || refusedAt > lastRequestAt)
  return {
    name: `ingress ${service}`,
    ok: missing.length === 0 && !isRefusing,
    detail: `${aboutKey(required, missing)}; ${lastRequest}; ${refused}`,
  }
}

// Authentication of mail that comes over this provider, for agents and customers.
function rateVouching(service: string): Check[] {
  const vouching = providers.find((provider) => provider.service === service)?.vouching
  if (vouching === undefined) return []
  const attention = !vouching.verifies || !vouching.disowns
  return [{ name: `senders over ${service}`, ok: true, attention, detail: `${service} ${sayVouching(vouching)}` }]
}

function aboutKey(required: readonly string[], missing: readonly string[]): string {
  if (missing.length > 0) return `${missing.join(', ')} not set: its mail waits at the provider, for a while`
  return required.length > 0 ? 'its key is set' : 'its password is set'
}

function isUnset(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0)
}

function ago(time: Date): string {
  const seconds = Math.max(0, Math.round((Date.now() - time.getTime()) / 1000))
  if (seconds < 120) return `${String(seconds)} s ago`
  return seconds < 7200
    ? `${String(Math.round(seconds / 60))} min ago`
    : `at ${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
