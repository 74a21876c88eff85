// Turns an error into an SMTP or LMTP reply: code, enhanced code and public text (RFC 5321 §4.2, RFC 2034, RFC 3463).
// The text begins with its own enhanced code; connection.ts prevents the library from adding a second one.

import { statusOf, toMailError } from '../../errors.ts'

/** An error in the shape that smtp-server answers with. */
export interface Reply extends Error {
  responseCode: number
}

/** A reply of our own choosing; `text` begins with an enhanced status code. */
export function createReply(responseCode: number, text: string): Reply {
  return Object.assign(new Error(text), { responseCode })
}

/** The reply for anything that was thrown; an unknown fault is temporary (451 4.3.0). Never throws. */
export function replyFor(error: unknown): Reply {
  const mailError = toMailError(error)
  const status = statusOf(mailError)
  return createReply(status.smtp, `${status.enhanced} ${mailError.publicMessage}`)
}
