// `doctor --dns`: the SPF record of a domain (RFC 7208), and whether it names the servers over which mail leaves.

import { adviseSpf, spfTerm } from '../../dns/advice.ts'
import type { Lookups } from '../../dns/lookups.ts'
import type { MailRoute, WayOut } from '../../dns/mail-route.ts'
import { findSpf, maxLookups, readSpf, type Spf } from '../../dns/spf.ts'
import { fail, type Finding, look, pass } from '../finding.ts'
import { notLookedUp } from './not-looked-up.ts'

/** Never throws. */
export async function examineSpf(domain: string, route: MailRoute, lookups: Lookups): Promise<Finding> {
  const found = await findSpf(domain, lookups)
  if (found.is === 'unknown') return notLookedUp(`the SPF record of ${domain}`, found.why)
  if (found.is === 'none')
    return fail(`${domain} has no SPF record: receivers cannot tell your servers from others, and put mail aside.`, [
      adviseSpf(domain, route),
    ])
  const [record = '', ...others] = found.records
  if (others.length > 0)
    return fail(
      `${domain} has ${String(found.records.length)} SPF records: receivers treat this as an error, and none counts ` +
        '(RFC 7208 §4.5). Merge them into one.',
      [adviseSpf(domain, route, record)],
    )
  return judge(await readSpf(domain, record, lookups), { domain, route, lookups })
}

interface Asked {
  readonly domain: string
  readonly route: MailRoute
  readonly lookups: Lookups
}

async function judge(spf: Spf, { domain, route, lookups }: Asked): Promise<Finding> {
  const better = [adviseSpf(domain, route, spf.record)]
  if (spf.problems.length > 0)
    return fail(`the SPF record of ${domain} is not valid, and none of it counts: ${spf.problems.join('; ')}.`, better)
  if (spf.all === '+')
    return fail(`the SPF record of ${domain} ends in +all: every server of the world may send for it.`, better)
  if (spf.lookups > maxLookups)
    return fail(
      `the SPF record of ${domain} needs ${spf.lookups > 2 * maxLookups ? 'more than 20' : String(spf.lookups)} ` +
        'lookups, and receivers stop after 10 and count it as an error (RFC 7208 §4.6.4). Remove services that no ' +
        'longer send, or write their addresses as ip4: and ip6:.',
    )
  if (spf.isPartial)
    return notLookedUp(`parts of the SPF record of ${domain}`, 'a DNS server of an included domain does not answer')
  const coverage = await findCoverage(spf, { domain, route, lookups })
  if (coverage.is === 'missing')
    return fail(
      `the SPF record of ${domain} does not name ${coverage.server}, over which mail leaves: add ${spfTerm(route)}.`,
      better,
    )
  if (spf.all === null || spf.all === '?')
    return look(`the SPF record of ${domain} refuses no server: end it in ~all or -all`, better)
  return pass(`"${spf.record}" needs ${String(spf.lookups)} of 10 lookups, and ${coverage.says}`)
}

type Coverage =
  { readonly is: 'missing'; readonly server: string } | { readonly is: 'covered' | 'unknown'; readonly says: string }

async function findCoverage(spf: Spf, { route, lookups }: Asked): Promise<Coverage> {
  const { wayOut, mailHost } = route
  if (wayOut.kind === 'outbox') return { is: 'unknown', says: 'no server is set over which mail leaves' }
  if (wayOut.kind === 'api')
    return { is: 'unknown', says: `mail leaves over ${wayOut.host}, whose own envelope sender SPF is about` }
  if (wayOut.kind === 'provider')
    return spf.includes(wayOut.include)
      ? { is: 'covered', says: `includes ${wayOut.include}` }
      : { is: 'missing', server: wayOut.host }
  const host = wayOut.kind === 'own' ? mailHost : wayOut.host
  if (host === null)
    return { is: 'unknown', says: 'the address from which mail leaves is not known: set MAIL_HOST to compare it' }
  return compare(spf, { host, kind: wayOut.kind, lookups })
}

async function compare(
  spf: Spf,
  { host, kind, lookups }: { readonly host: string; readonly kind: WayOut['kind']; readonly lookups: Lookups },
): Promise<Coverage> {
  const found = await lookups.addresses(host)
  if (found.is !== 'found') return { is: 'unknown', says: `the addresses of ${host} are not known` }
  if (found.records.some(spf.permits)) return { is: 'covered', says: `permits ${host}` }
  // A server of other people may send from other addresses than it listens on.
  return kind === 'own'
    ? { is: 'missing', server: host }
    : { is: 'unknown', says: `does not name the addresses of ${host}; those that it sends from may be others` }
}
