// The further checks of `doctor --dns`: the way that mail takes to the reply domains and from the inboxes, by real
// lookups. At most about 15 s together; plain `doctor` makes none of them.

import type { Config } from '../../../config.ts'
import type { Database } from '../../../db/open.ts'
import type { Signer } from '../../../delivery/transports/dkim.ts'
import { createUncachedResolver } from '../../../ingress/sender-check/resolver.ts'
import { isAligned } from '../../../mail/authentication/alignment.ts'
import { createLookups, type Lookups } from '../../dns/lookups.ts'
import { isLocalDomain, type MailRoute, readMailRoute } from '../../dns/mail-route.ts'
import { transportsOf } from '../../transports-of.ts'
import { type Check, type Finding, look } from '../finding.ts'
import { examineCertificate } from './certificate.ts'
import { examineClock } from './clock.ts'
import { examineKey } from './dkim-key.ts'
import { examineMx, examineOwnDomain } from './mx.ts'
import { examineReverse } from './reverse.ts'
import { examineDkim, examineDmarc } from './sender-records.ts'
import { examineSpf } from './spf.ts'
import { examineStartTls } from './starttls.ts'

interface Reporter {
  readonly config: Config
  readonly database: Database
}

const lookupsMs = 12_000

type Examine = readonly [name: string, examine: () => Finding | Promise<Finding>]

/** Each check is independent of the others: one that throws has failed. Throws when the database is away. */
export async function examineRoute({ config, database }: Reporter): Promise<Check[]> {
  const route = await readMailRoute(database.pool, { config, accountId: null })
  const lookups = createLookups(createUncachedResolver(config.DNS_SERVERS), lookupsMs)
  return runAll([
    ...checksOfDomains(route, lookups),
    ...strayOf(route).map((signer): Examine => [
      `DKIM of ${signer.domain}`,
      async () => notAligned(signer, await examineKey(signer, lookups)),
    ]),
    ['reverse DNS', () => examineReverse(route, lookups)],
    ['TLS of mail in', () => examineCertificate(config)],
    ['TLS of mail out', () => examineStartTls(transportsOf(config).find(({ kind }) => kind === 'smtp')?.url)],
    ['clock', () => examineClock(database)],
  ])
}

/** The checks of one account's domains, which say nothing of the server. Throws when the database is away. */
export async function examineDomains({ config, database }: Reporter, accountId: number): Promise<Check[]> {
  const route = await readMailRoute(database.pool, { config, accountId })
  return runAll(checksOfDomains(route, createLookups(createUncachedResolver(config.DNS_SERVERS), lookupsMs)))
}

function checksOfDomains(route: MailRoute, lookups: Lookups): readonly Examine[] {
  const { reply, sending } = route.domains
  const ofDomain = (domain: string, checks: readonly Examine[]): readonly Examine[] =>
    isLocalDomain(domain) ? [[`domain ${domain}`, () => onThisMachineOnly(domain)]] : checks
  const onlySending = sending.filter((domain) => !reply.includes(domain))
  return [
    ...reply.flatMap((domain) =>
      ofDomain(domain, [
        [`reply domain ${domain}`, () => examineOwnDomain(domain, route)],
        [`MX of ${domain}`, () => examineMx(domain, route, lookups)],
        [`SPF of ${domain}`, () => examineSpf(domain, route, lookups)],
      ]),
    ),
    ...onlySending.flatMap((domain) =>
      ofDomain(domain, [[`SPF of ${domain}`, () => examineSpf(domain, route, lookups)]]),
    ),
    ...sending
      .filter((domain) => !isLocalDomain(domain))
      .flatMap((domain): Examine[] => [
        [`DKIM of ${domain}`, () => examineDkim(domain, { signers: route.signers, lookups })],
        [`DMARC of ${domain}`, () => examineDmarc(domain, lookups)],
      ]),
  ]
}

function runAll(checks: readonly Examine[]): Promise<Check[]> {
  return Promise.all(
    checks.map(async ([name, examine]) => {
      try {
        return { name, ...(await examine()) }
      } catch (error) {
        return { name, ok: false, detail: error instanceof Error ? error.message : String(error) }
      }
    }),
  )
}

// They sign for a domain from which no inbox sends.
function strayOf({ signers, domains }: MailRoute): readonly Signer[] {
  return signers.filter(({ domain }) => !domains.sending.some((sending) => isAligned(sending, domain)))
}

function notAligned({ transport, domain }: Signer, finding: Finding): Finding {
  if (!finding.ok || finding.attention === true) return finding
  return look(
    `${finding.detail}; but no address in From is at ${domain}, so that DMARC does not count its signatures: set ` +
      `dkim_domain of the transport ${transport} to the domain of the inboxes`,
  )
}

function onThisMachineOnly(domain: string): Finding {
  return look(
    `${domain} exists on this machine only: no mail from the internet can come. Set INBOUND_EMAIL_DOMAIN to a ` +
      'subdomain of yours; "rethread dns DOMAIN" prints its records',
  )
}
