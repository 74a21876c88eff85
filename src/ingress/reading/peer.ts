// Statements of an authenticated provider about a mail and its client, for the record and for speaker verification. A
// provider is not a trusted relay: it may leave forged fields in a mail. So its own verdicts count, and of
// Authentication-Results only the topmost field, if the provider is known to write one on every mail (docs/adr/0008).

import { isIP } from 'node:net'

import { readTrustedResults, type TrustedServer } from '../../mail/authentication/trusted-results.ts'
import type { Peer, ProviderVerdicts } from '../../mail/envelope.ts'
import { splitHead } from '../../mail/header/split-head.ts'
import type { HeaderField } from '../../mail/parsed-mail.ts'
import type { Fields } from './head.ts'

export interface ProviderStatements extends Partial<Omit<ProviderVerdicts, 'by'>> {
  /** Of the client that sent the mail to the provider. */
  readonly address?: string | null
  readonly synthesised?: boolean
}

const silent = {
  spf: null,
  dkim: null,
  dkimDomains: [],
  dmarc: null,
  dmarcPolicy: null,
  spam: null,
  spamScore: null,
  virus: null,
}

/** The peer of a provider's mail. Never throws. */
export function providerPeer(by: string, { address = null, synthesised = false, ...said }: ProviderStatements): Peer {
  const verdicts = verdictsOf(by, said)
  return {
    address: address !== null && isIP(address) !== 0 ? address : null,
    helo: null,
    trusted: false,
    provider: by,
    ...(verdicts === null ? {} : { verdicts }),
    ...(synthesised ? { synthesised: true as const } : {}),
  }
}

/** The provider's verdicts in stored form; null if it gives none. Never throws. */
export function verdictsOf(by: string, said: Partial<Omit<ProviderVerdicts, 'by'>>): ProviderVerdicts | null {
  const hasStatement = Object.values(said).some(
    (value) => value !== null && !(Array.isArray(value) && value.length === 0),
  )
  return hasStatement ? { by, ...silent, ...said } : null
}

/**
 * The verdicts of the topmost Authentication-Results of a mail, if the provider wrote it under one of its names. Never
 * throws.
 */
export function readResultsField(headers: readonly HeaderField[], server: TrustedServer): ProviderStatements {
  const { results } = readTrustedResults(headers, { ...server, writesOne: true })
  if (results === null) return {}
  const { spf, dkim, dkimDomains, dmarc, dmarcPolicy, dmarcDomain } = results
  return { spf, dkim, dkimDomains, dmarc, dmarcPolicy, dmarcDomain }
}

/** The header fields of raw bytes, as routing reads them. Never throws. */
export function headersOf(raw: Buffer): readonly HeaderField[] {
  return splitHead(raw).fields
}

/** Fields that a provider gave one by one, as routing reads them. Never throws. */
export function headersOfFields(fields: Fields): readonly HeaderField[] {
  return fields.map(([name, value]) => ({ name: name.trim().toLowerCase(), value }))
}
