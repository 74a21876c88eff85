// Reads the signing domains of a mail from DKIM-Signature (RFC 6376 §3.5). Nothing is verified here: the caller knows
// that the signature is good.
import type { HeaderField } from '../parsed-mail.ts'
import { domainOf } from './alignment.ts'

/**
 * The domain (d=) of a mail's only signature; null when it has none, several, or one that leaves a part of the body
 * unsigned (l=). Never throws.
 */
export function signingDomainOf(headers: readonly HeaderField[]): string | null {
  const [only, ...others] = headers.filter(({ name }) => name === 'dkim-signature')
  if (only === undefined || others.length > 0) return null
  const tags = only.value.split(';').map((tag) => {
    const equals = tag.indexOf('=')
    return { name: tag.slice(0, Math.max(equals, 0)).trim(), value: tag.slice(equals + 1).trim() }
  })
  const named = (name: string): string[] => tags.filter((tag) => tag.name === name).map(({ value }) => value)
  const [domain, ...doubled] = named('d')
  if (domain === undefined || doubled.length > 0 || named('l').length > 0 || /[\s@]/.test(domain)) return null
  return domainOf(domain)
}
