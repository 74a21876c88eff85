// The log entry of a refused mail. Only unforeseen faults have a stack: the others occur by the thousand when a
// database is away.

import type { ErrorKind } from '../errors.ts'
import { statusOf, toMailError } from '../errors.ts'
import type { Facts, Log } from '../log.ts'

const surprising: readonly ErrorKind[] = ['unexpected']

/** Logs a rejected (for good) or deferred (sent again later) mail. Never throws. */
export function logRefusal(log: Log, facts: Facts, error: unknown): void {
  const mailError = toMailError(error)
  const reason = surprising.includes(mailError.kind)
    ? { error: mailError }
    : { kind: mailError.kind, problem: mailError.message }
  if (mailError.kind === 'misconfigured') log.error('ingress-misconfigured', { ...facts, ...reason })
  else if (statusOf(mailError).retry) log.warn('deferred', { ...facts, ...reason })
  else log.info('rejected', { ...facts, ...reason })
}
