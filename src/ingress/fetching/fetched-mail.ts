// The result of fetching a mail that a provider had only announced.

import type { ProviderVerdicts } from '../../mail/envelope.ts'

export interface FetchedMail {
  readonly raw: Buffer
  /** The provider had only the parts. */
  readonly synthesised: boolean
  /** The provider's verdicts on the mail, if its raw bytes hold them. */
  readonly verdicts?: ProviderVerdicts
}
