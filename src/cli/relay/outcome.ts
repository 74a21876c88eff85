// Maps an answer of the ingress to one enhanced status code (RFC 3463) and one exit status (sysexits) for the MTA. 0
// done, 75 try again later, 65 and 77 permanent: these four mean the same to Postfix, Exim and qmail. 64, 67, 69, 71,
// 73, 99 and 111 do not. When in doubt 75: mail in a queue can still be delivered, a bounced one is gone.

export interface Outcome {
  /** RFC 3463 code; its first digit agrees with `exit`. */
  readonly code: string
  readonly exit: 0 | 65 | 75 | 77
  /** One short line for the MTA's log and for bounces; no secrets. */
  readonly text: string
}

export const later = (code: `4.${string}`, text: string): Outcome => ({ code, exit: 75, text })
const never = (code: `5.${string}`, exit: 65 | 77, text: string): Outcome => ({ code, exit, text })

export const unusable = (code: `5.${string}`, text: string): Outcome => never(code, 65, text)

const byStatus: Readonly<Record<number, Outcome>> = {
  401: later('4.7.0', 'Invalid credentials for ingress'),
  403: never('5.7.1', 77, 'The ingress does not allow this message'),
  404: later('4.3.5', 'No ingress at this URL, or it is disabled'),
  408: later('4.4.2', 'The ingress timed out waiting for the message'),
  413: unusable('5.3.4', 'The message is larger than the limit of the ingress'),
  415: unusable('5.6.1', 'The ingress does not accept this kind of message'),
  422: unusable('5.6.0', 'The ingress found the message or its envelope malformed'),
  429: later('4.7.1', 'The ingress has too many requests'),
  507: later('4.3.1', 'The ingress is full'),
}

/** The outcome of an HTTP answer; `id` is what X-Inbound-Email-Id says. Never throws. */
export function outcomeOfStatus(status: number, id: string | undefined): Outcome {
  if (status >= 200 && status < 300)
    return { code: '2.0.0', exit: 0, text: /^\d{1,20}$/.test(id ?? '') ? `accepted as ${id ?? ''}` : 'accepted' }
  if (status >= 300 && status < 400)
    return later('4.3.5', `The ingress redirects (HTTP ${String(status)}): configure its final URL`)
  return byStatus[status] ?? later('4.3.0', `HTTP ${String(status)} from the ingress`)
}

/**
 * The outcome of a failed connection. It shows only the error's code: messages may hold addresses and secrets. Never
 * throws.
 */
export function outcomeOfError(error: unknown): Outcome {
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error'
  if (/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/.test(code))
    return later('4.4.1', `Cannot reach the ingress: ${code}`)
  return later('4.4.2', `Network error relaying to ingress: ${code}`)
}

/** The exit status for an MTA: qmail's own pair where qmail was named, else the portable ones. Never throws. */
export function exitStatusFor(outcome: Outcome, mta: string | null): number {
  if (mta !== 'qmail' || outcome.exit === 0) return outcome.exit
  return outcome.exit === 75 ? 111 : 100
}
