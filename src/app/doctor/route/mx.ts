// `doctor --dns`: does mail for a reply domain arrive here? And is the domain used for nothing else ("Ticket Trick")?

import { organisationOf } from '../../../mail/authentication/alignment.ts'
import { adviseMx } from '../../dns/advice.ts'
import { isExchangeOf } from '../../dns/known-servers.ts'
import type { Lookups, Mx } from '../../dns/lookups.ts'
import type { MailRoute } from '../../dns/mail-route.ts'
import { fail, type Finding, look, pass } from '../finding.ts'
import { notLookedUp } from './not-looked-up.ts'

/** Never throws. */
export async function examineMx(domain: string, route: MailRoute, lookups: Lookups): Promise<Finding> {
  const records = adviseMx(domain, route)
  const found = await lookups.mx(domain)
  if (found.is === 'unknown') return notLookedUp(`the MX records of ${domain}`, found.why)
  if (found.is === 'none')
    return fail(`${domain} has no MX record: replies and bounces do not arrive. Publish one.`, records)
  if (found.records.every(({ exchange }) => exchange === ''))
    return fail(
      `${domain} says by a null MX (RFC 7505) that it takes no mail: replies and bounces are refused.`,
      records,
    )
  return examineExchanges(found.records, route, { domain, records, lookups })
}

interface Asked {
  readonly domain: string
  readonly records: ReturnType<typeof adviseMx>
  readonly lookups: Lookups
}

async function examineExchanges(exchanges: readonly Mx[], route: MailRoute, asked: Asked): Promise<Finding> {
  const { domain, records, lookups } = asked
  const hosts = exchanges.map(({ exchange }) => exchange)
  const named = hosts.join(', ')
  const found = await Promise.all(hosts.map((host) => lookups.addresses(host)))
  const dead = hosts.filter((_host, index) => found[index]?.is === 'none')
  if (dead.length > 0)
    return fail(
      `the MX of ${domain} names ${dead.join(', ')}, which has no address: ` +
        (dead.length === hosts.length ? 'replies and bounces do not arrive.' : 'mail that is sent there is delayed.'),
      records,
    )
  const service = route.services.find((one) => hosts.some((host) => isExchangeOf(one, host)))
  if (service !== undefined) return pass(`${named}, which is ${service}`)
  if (route.mailHost === null)
    return look(`${named}. Whether this is your server is not known: set MAIL_HOST to its name, and it is compared`)
  if (hosts.includes(route.mailHost)) return pass(`${named} is MAIL_HOST`)
  return compareAddresses(route.mailHost, { ...asked, named, found })
}

// A name may differ where the address does not.
async function compareAddresses(
  mailHost: string,
  {
    domain,
    records,
    lookups,
    named,
    found,
  }: Asked & { readonly named: string; readonly found: readonly Awaited<ReturnType<Lookups['addresses']>>[] },
): Promise<Finding> {
  const own = await lookups.addresses(mailHost)
  const unknown = [own, ...found].find((one) => one.is === 'unknown')
  if (unknown?.is === 'unknown') return notLookedUp(`the addresses of ${named} and of MAIL_HOST`, unknown.why)
  const addresses = found.flatMap((one) => (one.is === 'found' ? one.records : []))
  return own.is === 'found' && own.records.some((address) => addresses.includes(address))
    ? pass(`${named} has an address of MAIL_HOST (${mailHost})`)
    : fail(
        `the MX of ${domain} names ${named}, and MAIL_HOST is ${mailHost}: replies and bounces go to another server.`,
        records,
      )
}

/** Mail that anyone can make arrive must not prove an address of the company (docs/install/dns.md). Never throws. */
export function examineOwnDomain(domain: string, { domains }: Pick<MailRoute, 'domains'>): Finding {
  const organisation = organisationOf(domain)
  if (domains.agents.includes(domain))
    return look(
      `agents have their mailboxes at ${domain}, which is a reply domain: a stranger who makes a mail arrive in ` +
        'Rethread can register at other services as one of your employees, and mail to their mailboxes may not ' +
        `arrive. Use a subdomain for nothing else, such as reply.${organisation}`,
    )
  return organisation === domain
    ? look(
        `${domain} is no subdomain: other services take an address under it for one of your company. Use a ` +
          `subdomain for nothing else, such as reply.${organisation}`,
      )
    : pass(`${domain} is a subdomain of its own, and no agent has a mailbox there`)
}
