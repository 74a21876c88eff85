// Relaxed alignment of DMARC (RFC 7489 §3.1): which domains speak for which.
import { getDomain } from 'tldts'

import { asciiDomain } from '../address.ts'

/** Both domains belong to one organisational domain of the public suffix list. Never throws. */
export function isAligned(fromDomain: string, authDomain: string): boolean {
  const from = asciiDomain(fromDomain)
  const other = asciiDomain(authDomain)
  if (from === '' || other === '') return false
  const organisation = getDomain(from, { allowPrivateDomains: true })
  return from === other || (organisation !== null && organisation === getDomain(other, { allowPrivateDomains: true }))
}

/** The organisational domain; the domain itself where the public suffix list has none for it. Never throws. */
export function organisationOf(domain: string): string {
  return getDomain(domain, { allowPrivateDomains: true }) ?? domain
}

/** The domain of "ann@example.org", "@example.org" or "example.org", or null. Never throws. */
export function domainOf(value: string | undefined): string | null {
  const domain = asciiDomain((value ?? '').split('@').at(-1)?.replace(/[<>]/g, '').trim() ?? '')
  return domain === '' ? null : domain
}
