// `doctor --dns`: DMARC (RFC 7489) and DKIM (RFC 6376) of a domain from which inboxes send.

import type { Signer } from '../../../delivery/transports/dkim.ts'
import { isAligned, organisationOf } from '../../../mail/authentication/alignment.ts'
import { adviseDkim, adviseDmarc } from '../../dns/advice.ts'
import { usualSelectors } from '../../dns/known-servers.ts'
import type { Found, Lookups } from '../../dns/lookups.ts'
import { fail, type Finding, look, pass } from '../finding.ts'
import { examineKey } from './dkim-key.ts'
import { notLookedUp } from './not-looked-up.ts'

/** Of the domain, or else of its organisation (RFC 7489 §6.6.3). Never throws. */
export async function examineDmarc(domain: string, lookups: Lookups): Promise<Finding> {
  const organisation = organisationOf(domain)
  const own = await findDmarc(domain, lookups)
  const found = own.is === 'none' && organisation !== domain ? await findDmarc(organisation, lookups) : own
  if (found.is === 'unknown') return notLookedUp(`the DMARC record of ${domain}`, found.why)
  if (found.is === 'none')
    return fail(
      `${domain} has no DMARC record: anyone can pretend to write from it, and Gmail and Yahoo refuse bulk mail of ` +
        'such domains.',
      [adviseDmarc(domain)],
    )
  return judgeDmarc(domain, found.records)
}

function judgeDmarc(domain: string, [record = '', ...others]: readonly string[]): Finding {
  const records = [adviseDmarc(domain)]
  if (others.length > 0)
    return fail(`${domain} has several DMARC records: none counts (RFC 7489 §6.6.3). Keep one.`, records)
  const policy = /;\s*p\s*=\s*(none|quarantine|reject)\s*(?:;|$)/i.exec(record)?.[1]?.toLowerCase()
  if (policy === undefined)
    return fail(`the DMARC record of ${domain} has no policy p=, so it does not count: "${record}"`, records)
  if (policy !== 'none') return pass(`"${record}"`)
  return /;\s*rua\s*=/i.test(record)
    ? pass(`"${record}": receivers report, and refuse nothing; p=quarantine is next`)
    : look(`the DMARC record of ${domain} asks for nothing: neither for a policy, nor for reports`, records)
}

async function findDmarc(domain: string, lookups: Lookups): Promise<Found<string>> {
  const found = await lookups.txt(`_dmarc.${domain}`)
  if (found.is !== 'found') return found
  const records = found.records.filter((text) => /^v\s*=\s*DMARC1\s*(?:;|$)/.test(text))
  return records.length === 0 ? { is: 'none' } : { is: 'found', records }
}

/**
 * The key of each transport that signs for the domain; without one, keys under the usual selectors, because the server
 * that signs knows its own. Never throws.
 */
export async function examineDkim(
  domain: string,
  { signers, lookups }: { readonly signers: readonly Signer[]; readonly lookups: Lookups },
): Promise<Finding> {
  const own = signers.filter((signer) => isAligned(domain, signer.domain))
  if (own.length === 0) return examineUsualKeys(domain, lookups)
  const findings = await Promise.all(own.map((signer) => examineKey(signer, lookups)))
  const worst = findings.find(({ ok }) => !ok) ?? findings.find(({ attention }) => attention === true)
  return worst ?? pass(findings.map(({ detail }) => detail).join('; '))
}

async function examineUsualKeys(domain: string, lookups: Lookups): Promise<Finding> {
  const found = await Promise.all(usualSelectors.map((selector) => lookups.txt(`${selector}._domainkey.${domain}`)))
  const keys = usualSelectors.filter((_selector, index) => {
    const one = found[index]
    return one?.is === 'found' && one.records.some((record) => /(?:^|;)\s*p\s*=\s*[a-z0-9+/]/i.test(record))
  })
  if (keys.length > 0)
    return pass(`${domain} has a key under ${keys.join(', ')}; the server that sends has to sign with it`)
  const unknown = found.find((one) => one.is === 'unknown')
  if (unknown?.is === 'unknown') return notLookedUp(`the DKIM keys of ${domain}`, unknown.why)
  return look(
    `${domain} has no DKIM key under ${usualSelectors.join(', ')}. If the server that sends uses another selector, ` +
      'all is well; if it does not sign, mail is taken for spam more often. It shows the record to publish',
    adviseDkim(domain, []),
  )
}
