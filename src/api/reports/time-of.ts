// Times as clients of reports write them.

import { unprocessable } from '../input/fault.ts'

/** Epoch seconds, or a date; null when none is given. Throws 422 if it is invalid. */
export function timeOf(name: string, value: string | undefined): Date | null {
  if (value === undefined) return null
  const time = new Date(/^\d{1,12}$/.test(value) ? Number(value) * 1000 : value)
  const year = time.getUTCFullYear()
  if (Number.isNaN(year) || year < 1970 || year > 2200) throw unprocessable(`${name} is not a time`)
  return time
}
