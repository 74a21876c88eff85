// What is known of the way that mail takes here: its domains, the server at which it arrives, and the one over which it
// leaves. Facts for `rethread dns` and `doctor --dns`.

import type { Config } from '../../config.ts'
import type { TransportSettings } from '../../contracts/transport-settings.ts'
import { type MailDomains, readMailDomains } from '../../conversations/domains/mail-domains.ts'
import type { Sql } from '../../db/pool.ts'
import type { Signer } from '../../delivery/transports/dkim.ts'
import { networkMatcher } from '../../networks.ts'
import { signersOf, transportsOf } from '../transports-of.ts'
import { includeOf } from './known-servers.ts'

export interface MailRoute {
  readonly domains: MailDomains
  /** MAIL_HOST: public name of the server at which mail arrives, or null. */
  readonly mailHost: string | null
  /** Enabled HTTP ingresses. */
  readonly services: readonly string[]
  readonly wayOut: WayOut
  /** Transports that sign with DKIM. */
  readonly signers: readonly Signer[]
}

export type WayOut =
  /** Mail is written to a folder. */
  | { readonly kind: 'outbox' }
  /** A mail server of the same machine or network: mail leaves from the addresses of MAIL_HOST. */
  | { readonly kind: 'own'; readonly host: string }
  | { readonly kind: 'provider'; readonly host: string; readonly include: string }
  /** A provider's API: the provider sets its own envelope sender. */
  | { readonly kind: 'api'; readonly host: string }
  | { readonly kind: 'server'; readonly host: string }

// More would take too long to look up.
const maxDomains = 12

/** The facts of one account, or of the whole installation. Throws when the database does not answer. */
export async function readMailRoute(
  sql: Sql,
  { config, accountId }: { readonly config: Config; readonly accountId: number | null },
): Promise<MailRoute> {
  const domains = await readMailDomains(sql, {
    replyDomain: config.INBOUND_EMAIL_DOMAIN,
    senderEmail: config.MAILER_SENDER_EMAIL ?? null,
    accountId,
    most: maxDomains,
  })
  return { domains, ...readServers(config) }
}

/** The servers of the settings. Never throws. */
export function readServers(config: Config): Omit<MailRoute, 'domains'> {
  return {
    mailHost: config.MAIL_HOST ?? null,
    services: config.RAILS_INBOUND_EMAIL_SERVICE,
    wayOut: wayOutOf(transportsOf(config)[0], config.MAIL_HOST),
    signers: signersOf(config),
  }
}

const isPrivate = networkMatcher([
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '::1',
  'fc00::/7',
  'fe80::/10',
])

/** True for `localhost`, a private address, or a name without a dot, which only this network knows. Never throws. */
export function isNearHost(host: string): boolean {
  const plain = host.replace(/^\[|\]$/g, '').toLowerCase()
  return isPrivate(plain) || isLocalDomain(plain) || !/[.:]/.test(plain)
}

// The default transport: most mail leaves through it.
function wayOutOf(transport: TransportSettings | undefined, mailHost: string | undefined): WayOut {
  if (transport === undefined) return { kind: 'outbox' }
  if (transport.kind !== 'smtp') return { kind: 'api', host: transport.kind }
  const host = new URL(transport.url).hostname.toLowerCase()
  if (isNearHost(host) || host === mailHost) return { kind: 'own', host }
  const include = includeOf(host)
  return include === null ? { kind: 'server', host } : { kind: 'provider', host, include }
}

/** True for names that exist on this machine only (RFC 6761 §6.3). Never throws. */
export function isLocalDomain(domain: string): boolean {
  return /(?:^|\.)localhost$/.test(domain)
}
