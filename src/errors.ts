// All errors of mails, people and programs, in one class and one table (RFC 5321 §4.2, RFC 3463, sysexits). The only
// file in which a kind of error meets a number. An unknown error is temporary: when in doubt, the mail is kept.

export type ErrorKind =
  | 'malformed'
  | 'unsupported-media'
  | 'too-large'
  | 'unknown-recipient'
  | 'not-found'
  | 'forbidden'
  | 'conflict'
  | 'unauthenticated'
  | 'rate-limited'
  | 'over-quota'
  | 'storage-full'
  | 'unavailable'
  | 'misconfigured'
  | 'unexpected'

export interface ErrorStatus {
  /** True if the same mail may succeed later. */
  readonly retry: boolean
  readonly http: number
  readonly smtp: number
  /** RFC 3463 enhanced status code. */
  readonly enhanced: string
  /** sysexits status for an MTA's pipe. */
  readonly exit: number
  /** Public text; reveals nothing. */
  readonly publicMessage: string
}

const row = (
  retry: boolean,
  numbers: [http: number, smtp: number, enhanced: string],
  publicMessage: string,
): ErrorStatus => ({
  retry,
  http: numbers[0],
  smtp: numbers[1],
  enhanced: numbers[2],
  exit: retry ? 75 : finalExit(numbers[2]),
  publicMessage,
})

// EX_NOPERM for a recipient or a client that is refused, EX_DATAERR for mail that is (sysexits.h).
function finalExit(enhanced: string): number {
  return enhanced === '5.1.1' || enhanced === '5.7.1' ? 77 : 65
}

export const errorTable: Readonly<Record<ErrorKind, ErrorStatus>> = {
  malformed: row(false, [422, 554, '5.6.0'], 'The message or request is malformed'),
  'unsupported-media': row(false, [415, 554, '5.6.1'], 'This media type is not supported'),
  'too-large': row(false, [413, 552, '5.3.4'], 'The message is larger than this server takes'),
  'unknown-recipient': row(false, [404, 550, '5.1.1'], 'No such recipient here'),
  'not-found': row(false, [404, 554, '5.3.0'], 'Resource could not be found'),
  forbidden: row(false, [403, 550, '5.7.1'], 'Not allowed'),
  conflict: row(false, [409, 554, '5.3.0'], 'This conflicts with existing data'),
  unauthenticated: row(true, [401, 451, '4.7.0'], 'Authentication failed'),
  'rate-limited': row(true, [429, 451, '4.7.1'], 'Too much at once, try again later'),
  'over-quota': row(true, [429, 452, '4.3.1'], 'The storage quota for today is used up, try again tomorrow'),
  'storage-full': row(true, [507, 452, '4.3.1'], 'Storage is full, try again later'),
  unavailable: row(true, [503, 451, '4.3.0'], 'Temporarily unavailable, try again later'),
  misconfigured: row(true, [500, 451, '4.3.5'], 'This server is misconfigured, try again later'),
  unexpected: row(true, [500, 451, '4.3.0'], 'Something went wrong, try again later'),
}

/** A fault with two texts: `message` for the log, `publicMessage` for the other side. */
export class MailError extends Error {
  readonly kind: ErrorKind
  readonly publicMessage: string
  /** The other side asks not to be tried again before; null: it does not say. */
  readonly retryAfterSeconds: number | null

  constructor(
    kind: ErrorKind,
    message: string,
    options: { publicMessage?: string; cause?: unknown; retryAfterSeconds?: number | null } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'MailError'
    this.kind = kind
    this.publicMessage = options.publicMessage ?? errorTable[kind].publicMessage
    this.retryAfterSeconds = options.retryAfterSeconds ?? null
  }
}

/** The numbers of an error, whatever was thrown. Never throws. */
export function statusOf(error: unknown): ErrorStatus {
  return errorTable[error instanceof MailError ? error.kind : 'unexpected']
}

// SQLSTATE classes of PostgreSQL that say "later", with the kind they mean here.
const databaseKinds: readonly [pattern: RegExp, kind: ErrorKind][] = [
  [/^53100$/, 'storage-full'],
  [/^(08|53|57|58|40|55)/, 'unavailable'],
]

// Errors of pg, without a code, for a connection that was cut or could not be made.
const cutConnection =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/

/**
 * Anything thrown, as a `MailError`; a database or network that is away becomes `unavailable`, a full disk
 * `storage-full`. Never throws.
 */
export function toMailError(error: unknown): MailError {
  if (error instanceof MailError) return error
  const code = errorCode(error)
  const message = textOf(error)
  if (code === 'ENOSPC') return new MailError('storage-full', message, { cause: error })
  if (isNetwork(error, code) || (code === '' && cutConnection.test(message)))
    return new MailError('unavailable', message, { cause: error })
  // statement_timeout, or a cancel.
  if (code === '57014')
    return new MailError('unavailable', message, {
      cause: error,
      publicMessage: 'This took too long and was stopped; ask for less, or try again later',
    })
  const match = databaseKinds.find(([pattern]) => pattern.test(code))
  return new MailError(match?.[1] ?? 'unexpected', message, { cause: error })
}

// Every fault of connecting counts, also a missing unix socket (ENOENT).
function isNetwork(error: unknown, code: string): boolean {
  return (
    /^E(CONN|PIPE|TIMEDOUT|HOST|NET|AI_AGAIN|NOTFOUND)/.test(code) ||
    (error instanceof Error && 'syscall' in error && error.syscall === 'connect')
  )
}

// Also values without a text form, such as an object without a prototype.
function textOf(error: unknown): string {
  if (error instanceof Error) return error.message
  try {
    return String(error)
  } catch {
    return 'something without words was thrown'
  }
}

function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}
