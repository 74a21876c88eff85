// What the fetching of a mail gives that a provider had only told of.

import type { ProviderVerdicts } from '../../mail/envelope.ts'

export interface FetchedMail {
  readonly raw: Buffer
  /** The provider had only the parts. */
  readonly synthesised: boolean
  /** What the provider found out about the mail, where that stands in its octets. */
  readonly verdicts?: ProviderVerdicts
}
