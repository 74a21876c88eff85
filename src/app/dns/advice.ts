// The records to publish for a domain, made from what is known of the servers. A name in capital letters stands for
// what Rethread cannot know.

import { isIP, isIPv6 } from 'node:net'

import type { Signer } from '../../delivery/transports/dkim.ts'
import { isAligned, organisationOf } from '../../mail/authentication/alignment.ts'
import type { DnsRecord } from '../../mail/dns-record.ts'
import { exchangesOfServices } from './known-servers.ts'
import type { MailRoute } from './mail-route.ts'

/** A record, and what it is for. */
export interface Advice extends DnsRecord {
  readonly why: string
}

type Servers = Omit<MailRoute, 'domains'>

const unknownHost = 'YOUR-MAIL-SERVER'

/** Where mail for a reply domain should arrive. Never throws. */
export function adviseMx(domain: string, { mailHost, services }: Servers): DnsRecord[] {
  const provider = services.find((service) => exchangesOfServices[service] !== undefined)
  const names =
    provider === undefined ? [] : (exchangesOfServices[provider] ?? []).filter((name) => !/\.eu\./.test(name))
  const hosts = mailHost !== null || names.length === 0 ? [mailHost ?? unknownHost] : names
  return hosts.map((host) => ({ name: domain, type: 'MX', value: `10 ${host.replace('*', 'REGION')}.` }))
}

/** The servers that may send for a domain; `existing` is extended. Never throws. */
export function adviseSpf(domain: string, servers: Servers, existing: string | null = null): DnsRecord {
  const term = spfTerm(servers)
  const extended = existing === null ? null : extend(existing, term)
  // A company's own domain has other senders too; a subdomain for replies has none.
  const end = organisationOf(domain) === domain ? '~all' : '-all'
  return { name: domain, type: 'TXT', value: extended ?? `v=spf1 ${term} ${end}` }
}

/** What SPF names the servers of the way out. Never throws. */
export function spfTerm({ wayOut, mailHost }: Servers): string {
  if (wayOut.kind === 'provider') return `include:${wayOut.include}`
  if (wayOut.kind !== 'server') return `a:${mailHost ?? unknownHost}`
  const literal = wayOut.host.replace(/^\[|\]$/g, '')
  if (isIP(literal) === 0) return `a:${wayOut.host}`
  return `${isIPv6(literal) ? 'ip6' : 'ip4'}:${literal}`
}

function extend(record: string, term: string): string {
  const terms = record.split(/ +/).filter((one) => !/^[+?]?all$/i.test(one) && one !== '')
  if (terms.includes(term))
    return terms.some((one) => /^[~-]all$/i.test(one)) ? terms.join(' ') : `${terms.join(' ')} ~all`
  const [version = 'v=spf1', ...others] = terms
  const rest = others.some((one) => /^[~-]all$/i.test(one) || one.startsWith('redirect='))
    ? others
    : [...others, '~all']
  return [version, term, ...rest].join(' ')
}

/** A policy that changes nothing yet, and asks for reports. Never throws. */
export function adviseDmarc(domain: string): DnsRecord {
  const owner = organisationOf(domain)
  return { name: `_dmarc.${owner}`, type: 'TXT', value: `v=DMARC1; p=none; rua=mailto:postmaster@${owner}` }
}

/** The record of the key with which a transport signs. Never throws. */
export function adviseKey({ domain, selector, publicKey }: Signer): DnsRecord {
  return { name: `${selector}._domainkey.${domain}`, type: 'TXT', value: `v=DKIM1; k=rsa; p=${publicKey}` }
}

/** The keys of the transports that sign for a domain; without one, the server of the way out has it. Never throws. */
export function adviseDkim(domain: string, signers: readonly Signer[]): DnsRecord[] {
  const own = signers.filter((signer) => isAligned(domain, signer.domain))
  if (own.length > 0) return own.map(adviseKey)
  return [{ name: `SELECTOR._domainkey.${domain}`, type: 'TXT', value: 'v=DKIM1; k=rsa; p=PUBLIC-KEY' }]
}

/** All records, those of reply domains first. Never throws. */
export function adviseAll({ domains, ...servers }: MailRoute): Advice[] {
  const because = (why: string) => (record: DnsRecord) => ({ ...record, why })
  const spfDomains = [...new Set([...domains.reply, ...domains.sending])]
  const all = [
    ...domains.reply.flatMap((domain) =>
      adviseMx(domain, servers).map(because('replies and bounces arrive at this server')),
    ),
    ...spfDomains.map((domain) =>
      because(
        domains.reply.includes(domain)
          ? 'bounces of outgoing mail come to this domain; only these servers send for it'
          : 'inboxes send from this domain. If it has an SPF record already, add the term to that one',
      )(adviseSpf(domain, servers)),
    ),
    ...domains.sending.flatMap((domain) =>
      adviseDkim(domain, servers.signers).map(
        because(
          servers.signers.some((signer) => isAligned(domain, signer.domain))
            ? 'Rethread signs with this key (dkim_key of the transport)'
            : 'the mail server or the provider that sends signs the mail, Rethread does not: it shows selector and key',
        ),
      ),
    ),
    ...domains.sending.map((domain) =>
      because('start without a policy, read the reports, then set p=quarantine')(adviseDmarc(domain)),
    ),
  ]
  return all.filter(
    (record, index) => all.findIndex((one) => one.name === record.name && one.value === record.value) === index,
  )
}

/** What no record of these domains can say. Never throws. */
export function noteOnReverse({ mailHost, wayOut }: Servers): string {
  if (wayOut.kind === 'provider' || wayOut.kind === 'api')
    return `Mail leaves over ${wayOut.host}: its owner has set the reverse DNS.`
  const host = wayOut.kind === 'server' ? wayOut.host : (mailHost ?? unknownHost)
  return (
    `Reverse DNS: the address from which mail leaves needs a PTR record that names ${host}, and ${host} needs that ` +
    'address as its A or AAAA record. The owner of the address sets the PTR record, usually in the panel of the host.'
  )
}
