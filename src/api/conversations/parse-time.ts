// A time as clients write it: seconds since 1970, or an ISO 8601 text.

import { unprocessable } from '../input/fault.ts'

/** Epoch seconds or a date. Throws 422 for anything else. */
export function parseTime(field: string, given: string): Date {
  const time = new Date(/^\d+$/.test(given) ? Number(given) * 1000 : given)
  const year = time.getUTCFullYear()
  if (Number.isNaN(year) || year < 1970 || year > 9999) throw unprocessable(`${field} is not a time`)
  return time
}
