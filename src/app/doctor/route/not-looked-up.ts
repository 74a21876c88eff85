// What `doctor` says of a record about which the DNS gave no answer: nothing is known of it, so nothing is wrong.

import { type Finding, look } from '../finding.ts'

/** Never throws. */
export function notLookedUp(what: string, why: string): Finding {
  return look(`${what} could not be looked up (${why}): this says nothing about them. Try again, or set DNS_SERVERS`)
}
