// The result of one check of `doctor`: pass (✓), warning (!) or failure (✗), with the finding or the next step.

import type { DnsRecord } from '../../mail/dns-record.ts'

export interface Finding {
  readonly ok: boolean
  /** It works, but a person should look at it. */
  readonly attention?: boolean
  readonly detail: string
  /** What to publish in the DNS to put it right. */
  readonly records?: readonly DnsRecord[]
}

/** One line of `doctor`. */
export interface Check extends Finding {
  readonly name: string
}

export function pass(detail: string): Finding {
  return { ok: true, detail }
}

export function look(detail: string, records: readonly DnsRecord[] = []): Finding {
  return { ok: true, attention: true, detail, ...withRecords(records) }
}

export function fail(detail: string, records: readonly DnsRecord[] = []): Finding {
  return { ok: false, detail, ...withRecords(records) }
}

const withRecords = (records: readonly DnsRecord[]) => (records.length === 0 ? {} : { records })

/** `40 s`, `12 min`, `3 h`, `2 days`. Never throws. */
export function sayAge(seconds: number): string {
  if (seconds < 120) return `${String(Math.round(seconds))} s`
  if (seconds < 7_200) return `${String(Math.round(seconds / 60))} min`
  return seconds < 172_800 ? `${String(Math.round(seconds / 3_600))} h` : `${String(Math.round(seconds / 86_400))} days`
}
