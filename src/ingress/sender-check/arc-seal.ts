// The newest ARC seal alone counts (RFC 8617): its domain says what it found when the mail came to it, and its message
// signature covers the mail as it left.

import { domainOf } from '../../mail/authentication/alignment.ts'
import { parseAuthenticationResults } from '../../mail/authentication/results.ts'

interface SealRules {
  /** Looks up the keys of all its seals. */
  readonly isValid: () => Promise<boolean>
  /** In lower case. */
  readonly arcSealers: readonly string[]
  /** The domain of From. */
  readonly from: string
}

/** What the types of mailauth leave out. */
interface ArcData {
  readonly lastEntry?: {
    readonly i: number
    readonly 'arc-seal': { readonly parsed?: { readonly d?: { readonly value?: string } } }
    readonly 'arc-message-signature': { readonly parsed?: { readonly h?: { readonly value?: string } } }
    readonly 'arc-authentication-results': { readonly original: Buffer }
  }
}

/** The listed domain whose valid seal says that DMARC passed for From; null: none. Rejects if `isValid` does. */
export async function findSealer(chain: unknown, { isValid, arcSealers, from }: SealRules): Promise<string | null> {
  const newest = readNewest(chain as ArcData | undefined)
  if (newest === null || !arcSealers.includes(newest.sealer) || !newest.coversFrom) return null
  // The domains of older seals are a stranger's to choose: they are asked last.
  if (!saysPass(newest.found, newest.instance, from)) return null
  return (await isValid()) ? newest.sealer : null
}

function readNewest(chain: ArcData | undefined) {
  const newest = chain?.lastEntry
  if (newest === undefined) return null
  const valueOf = (tag: { readonly value?: string } | undefined): string => tag?.value ?? ''
  return {
    sealer: valueOf(newest['arc-seal'].parsed?.d).toLowerCase(),
    instance: newest.i,
    coversFrom: /(?:^|:)\s*from\s*(?:$|:)/i.test(valueOf(newest['arc-message-signature'].parsed?.h)),
    // The very field that the seal covers.
    found: newest['arc-authentication-results'].original.toString(),
  }
}

// ARC-Authentication-Results is "i=1; " and then what Authentication-Results is (RFC 8617 §4.1.1).
function saysPass(field: string, instance: number, from: string): boolean {
  const value = field.slice(field.indexOf(':') + 1).replace(/\r?\n(?=[ \t])/g, '')
  const opening = new RegExp(`^\\s*i\\s*=\\s*${String(instance)}\\s*;`)
  if (!opening.test(value)) return false
  const { results, isComplete } = parseAuthenticationResults(value.replace(opening, ''))
  const found = results.filter(({ method }) => method === 'dmarc')
  const isPass = found.every(
    ({ result, properties }) => result === 'pass' && domainOf(properties['header.from']) === from,
  )
  return isComplete && found.length > 0 && isPass
}
