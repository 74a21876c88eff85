// THE door. Nobody says yes to a mail before `accept` has resolved.

import type { Submission } from '../mail/envelope.ts'

export interface Accepted {
  /** Id of the row in `inbound_emails`. */
  readonly id: number
  /** True when the same content for the same recipients was there already; the answer is yes all the same. */
  readonly duplicate: boolean
}

/** Resolves once the whole mail is on stable storage. Throws `MailError`: then nothing was promised. */
export type Accept = (submission: Submission) => Promise<Accepted>
