// Limits the mails of one sender; above it they are deferred (451, 429) by SMTP, LMTP and the relay, whose senders
// retry. Never applied to providers, some of which delete refused mail, nor to the null reverse-path, which all
// bounces share and which is sent only once.

import { MailError } from '../errors.ts'

export interface Sender {
  readonly reversePath: string | null
  /** Of the client, as far as it is known. */
  readonly address: string | null
}

/** Counts one mail. Throws `MailError('rate-limited')`. */
export type LimitSender = (sender: Sender) => Promise<void>

/** `rate` counts one; it answers the seconds to wait when that was one too many, else null. */
export function createSenderLimit(rate: (who: string) => Promise<number | null>): LimitSender {
  return async ({ reversePath, address }) => {
    if (reversePath === null || reversePath === '') return
    const wait = await rate(`${reversePath.toLowerCase()} ${address ?? ''}`)
    if (wait !== null)
      throw new MailError('rate-limited', `more mails of ${reversePath} than RATE_LIMIT_SENDER a minute`)
  }
}
