// The Date field (RFC 5322 §3.3, obsolete forms of §4.3) as ISO 8601 in UTC. Never guesses "now": an unreadable date
// is null.

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const zones: Readonly<Record<string, number>> = {
  ut: 0,
  utc: 0,
  gmt: 0,
  z: 0,
  est: -300,
  edt: -240,
  cst: -360,
  cdt: -300,
  mst: -420,
  mdt: -360,
  pst: -480,
  pdt: -420,
  cet: 60,
  cest: 120,
  bst: 60,
  jst: 540,
  msk: 180,
}

const rfc5322 =
  /(\d{1,2})[\s-]{1,5}([a-z]{3})[a-z]{0,6}\.?[\s-]{1,5}(\d{2,4})[\s,]{1,5}(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d{1,6})?\s{0,5}([+-]\d{2}:?\d{2}|[a-z]{1,5})?/i
const ctime =
  /([a-z]{3})\s{1,3}(\d{1,2})\s{1,3}(\d{1,2}):(\d{2})(?::(\d{2}))?\s{1,3}(?:([a-z]{1,5}|[+-]\d{4})\s{1,3})?(\d{4})/i
const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})[T\s](\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d{1,9})?\s?(z|[+-]\d{2}:?\d{2})?/i

/** A date field in UTC, or null when it is missing, unreadable or out of the calendar. Never throws. */
export function readDate(value: string | null): string | null {
  if (value === null) return null
  const text = value.slice(0, 400).replace(/\s+/g, ' ').trim()
  const match = rfc5322.exec(text)
  if (match) return toIso([match[3], String(monthOf(match[2])), match[1], match[4], match[5], match[6]], match[7])
  const isoMatch = iso.exec(text)
  if (isoMatch) return toIso(isoMatch.slice(1, 7), isoMatch[7])
  const ctimeMatch = ctime.exec(text)
  if (ctimeMatch)
    return toIso(
      [ctimeMatch[7], String(monthOf(ctimeMatch[1])), ctimeMatch[2], ctimeMatch[3], ctimeMatch[4], ctimeMatch[5]],
      ctimeMatch[6],
    )
  return null
}

function monthOf(name: string | undefined): number {
  return months.indexOf((name ?? '').toLowerCase()) + 1
}

function toIso(parts: readonly (string | undefined)[], zone: string | undefined): string | null {
  const numbers = parts.map((part) => Number(part ?? 0))
  if (!numbers.every((number, index) => number >= (least[index] ?? 0) && number <= (most[index] ?? 0))) return null
  const [year, month, day, hour, minute, second] = numbers as [number, number, number, number, number, number]
  // a leap second is the last one of its minute
  const time = Date.UTC(fullYear(year), month - 1, day, hour, minute, Math.min(second, 59)) - zoneMinutes(zone) * 60_000
  const date = new Date(time)
  return date.getUTCFullYear() >= 1900 && date.getUTCFullYear() <= 9999 ? date.toISOString() : null
}

// year, month, day, hour, minute, second
const least = [0, 1, 1, 0, 0, 0]
const most = [9999, 12, 31, 24, 59, 60]

// Two and three digits as in RFC 5322 §4.3.
function fullYear(year: number): number {
  if (year < 50) return 2000 + year
  return year < 1000 ? 1900 + year : year
}

function zoneMinutes(zone: string | undefined): number {
  const numeric = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? '')
  if (!numeric) return zones[(zone ?? '').toLowerCase()] ?? 0
  const minutes = Number(numeric[2]) * 60 + Number(numeric[3])
  return numeric[1] === '-' ? -minutes : minutes
}
