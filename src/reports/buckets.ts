// The boundaries of the hours, days, weeks, months and years of a zone, as SQL. Clock changes make hours that come
// twice, or half hours: each is a bucket of its own, so that no moment begins two buckets and no bucket holds two
// hours.

import type { Bucket } from './report.ts'

/**
 * A zone as SQL for `at time zone`, with the value of its parameter: the name of a zone, or hours east of Greenwich.
 */
export function zoneSql(
  zone: string | number,
  parameter: string,
): { readonly zone: string; readonly value: string | number } {
  return typeof zone === 'number'
    ? { zone: `make_interval(mins => ${parameter}::int)`, value: Math.round(zone * 60) }
    : { zone: `${parameter}::text`, value: zone }
}

interface Range {
  readonly since: string
  readonly until: string
  /** As `zoneSql` gives it. */
  readonly zone: string
}

/**
 * A query for the beginnings (column `at`, each once) of all buckets that a time touches, from the one in which it
 * begins.
 */
export function boundsSql(bucket: Bucket, range: Range): string {
  return bucket === 'hour' ? hoursSql(range) : datesSql(bucket, range)
}

// A day whose midnight the clocks leave out begins when they change; a day that a zone left out begins with the next
// one.
function datesSql(bucket: Exclude<Bucket, 'hour'>, { since, until, zone }: Range): string {
  const local = (time: string) => `date_trunc('${bucket}', ${time} at time zone ${zone})`
  return `select distinct b at time zone ${zone} as at
       from generate_series(${local(since)}, ${local(`(${until} - interval '1 ms')`)}, interval '1 ${bucket}') as g(b)`
}

// Offsets differ by quarters of an hour. A quarter begins an hour when the clock shows a full hour, or has been
// changed.
function hoursSql({ since, until, zone }: Range): string {
  const clock = (time: string) => `(${time} at time zone ${zone})`
  const before = `(q - interval '15 minutes')`
  return `select at
       from (
         select q as at, max(q) filter (where q <= ${since}) over () as first
         from generate_series(
           ${since} - (${clock(since)} - date_trunc('hour', ${clock(since)})) - interval '1 hour',
           ${until} - interval '1 ms',
           interval '15 minutes'
         ) as g(q)
         where ${clock('q')} = date_trunc('hour', ${clock('q')})
           or ${clock('q')} - ${clock(before)} <> interval '15 minutes'
       ) h
       where at >= first`
}
