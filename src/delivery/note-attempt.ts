// Notes a failed attempt to send on the messages of the mail: the next attempt, or the end after 48 hours.

import type { DeliveryOptions } from './send-reply.ts'

type Noting = Pick<DeliveryOptions, 'recordDelivery' | 'noteActivity'>

interface Failure {
  readonly error: string
  /** This one included. */
  readonly attempts: number
  readonly nextAt: Date
}

/** The mail leaves later. */
export async function noteRetry(options: Noting, messageIds: readonly number[], failure: Failure): Promise<void> {
  const fields = {
    attempts: failure.attempts,
    error: failure.error.slice(0, 500),
    next_attempt_at: failure.nextAt.toISOString(),
  }
  await options.recordDelivery(messageIds, { state: 'retrying', fields, entry: fields })
}

/** The mail never leaves for those who have not got it. */
export async function noteGivenUp(
  options: Noting,
  messageIds: readonly number[],
  { error, isTriedOut }: { readonly error: string; readonly isTriedOut: boolean },
): Promise<void> {
  const sentence = isTriedOut
    ? `Not sent: it was tried for 48 hours, and the last answer was: ${error.slice(0, 500)}. ` +
      'Send the message again when the cause is gone.'
    : error
  await options.recordDelivery(messageIds, {
    state: 'failed',
    fields: { error: sentence.slice(0, 1_000), next_attempt_at: undefined },
    entry: { error: sentence.slice(0, 500) },
    error: sentence,
  })
  const [messageId] = messageIds
  if (isTriedOut && messageId !== undefined)
    await options.noteActivity({ messageId }, 'A mail could not be sent for 48 hours and was given up')
}
