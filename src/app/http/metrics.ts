// The text of GET /metrics in Prometheus' format. The only file that uses prom-client.

import { Gauge, Registry } from 'prom-client'

import type { CanaryHealth } from '../../store/canaries/judged.ts'

export interface Measures {
  /** The conservation view: state → count, with `accepted` and `unaccounted`. */
  readonly balance: Readonly<Record<string, number>>
  readonly work: { readonly waiting: number; readonly failed: number }
  /** Of the last day: reason → count. */
  readonly ignored: Readonly<Record<string, number>>
  readonly slowPeers: number
  readonly canaries: readonly CanaryHealth[]
  /** By the transport's name. */
  readonly transports: Readonly<Record<string, TransportCounts>>
  /** Events of providers about mail that is not ours, by service. */
  readonly unknownMailEvents: Readonly<Record<string, number>>
}

/** What a transport of this process has done since the start. */
export interface TransportCounts {
  readonly handedOver: number
  readonly refused: number
  readonly seconds: number
}

/** Every metric, in the order of the page; docs/reference/metrics.md is generated from this list. All are gauges. */
export const metrics = {
  rethread_inbound_emails_accepted: { help: 'mails ever accepted' },
  rethread_inbound_emails: {
    labels: ['status'],
    help: 'accepted mails by state; the sum is the number of accepted mails',
  },
  rethread_inbound_emails_unaccounted: { help: 'accepted mails without a visible state; anything but 0 is a fault' },
  rethread_ignored_last_day: {
    labels: ['reason'],
    help: 'mails ignored in the last day; those that people discarded or blocked do not count',
  },
  rethread_work: { labels: ['state'], help: 'outgoing and timed work, `waiting` and `failed`' },
  rethread_slow_peers: { help: 'clients of this process that were disconnected because they were too slow' },
  rethread_canary_last_success_timestamp_seconds: {
    labels: ['transport'],
    help: 'when the last canary came back, in seconds since 1970; 0: never in the last week',
  },
  rethread_canary_latency_seconds: {
    labels: ['transport'],
    help: 'how long the last canary took that came back; 0: none did',
  },
  rethread_canary_failures_last_week: {
    labels: ['transport', 'outcome'],
    help:
      'canaries by the hop at which they failed: `not-sent` (the server was not reached), `refused` (by the server), ' +
      '`lost` (taken by the server, and not back), `late`, `other-way` (back through an ingress that CANARY_INGRESS ' +
      'does not name)',
  },
  rethread_canary_alarm: { labels: ['transport'], help: '1 while canaries do not come back' },
  rethread_transport_handed_over: { labels: ['transport'], help: 'mails that a transport of this process has taken' },
  rethread_transport_refused: {
    labels: ['transport'],
    help: 'attempts of this process that a transport refused, for now or for good, or that did not reach it',
  },
  rethread_transport_seconds: { labels: ['transport'], help: 'seconds that all attempts of this process took' },
  rethread_unknown_mail_events: {
    labels: ['service'],
    help: 'events of providers about mail that is not of this installation, since the start of this process',
  },
  rethread_memory_bytes: { help: 'resident memory of this process' },
} as const satisfies Readonly<Record<string, { readonly labels?: readonly string[]; readonly help: string }>>

/** One value, or values by the first label, each one or by the next label. */
type Value = number | { readonly [label: string]: Value }

/** Renders all metrics. Never throws. */
export function renderMetrics({ balance, work, ignored, slowPeers, canaries, ...measures }: Measures): Promise<string> {
  const { accepted = 0, unaccounted = 0, ...states } = balance
  const ofTransports = (name: keyof TransportCounts) =>
    Object.fromEntries(Object.entries(measures.transports).map(([transport, counts]) => [transport, counts[name]]))
  const values: Readonly<Record<keyof typeof metrics, Value>> = {
    rethread_inbound_emails_accepted: accepted,
    rethread_inbound_emails: states,
    rethread_inbound_emails_unaccounted: unaccounted,
    rethread_ignored_last_day: ignored,
    rethread_work: { ...work },
    rethread_slow_peers: slowPeers,
    ...canaryValues(canaries),
    rethread_transport_handed_over: ofTransports('handedOver'),
    rethread_transport_refused: ofTransports('refused'),
    rethread_transport_seconds: ofTransports('seconds'),
    rethread_unknown_mail_events: measures.unknownMailEvents,
    rethread_memory_bytes: process.memoryUsage.rss(),
  }
  const registry = new Registry()
  for (const [name, metric] of Object.entries(metrics)) {
    const labelNames: readonly string[] = 'labels' in metric ? metric.labels : []
    const gauge = new Gauge({ name, help: metric.help, labelNames, registers: [registry] })
    for (const { labels, value } of flatten(values[name as keyof typeof metrics], labelNames)) gauge.set(labels, value)
  }
  return registry.metrics()
}

function flatten(
  value: Value,
  [name = '', ...names]: readonly string[],
  labels: Readonly<Record<string, string>> = {},
): { labels: Record<string, string>; value: number }[] {
  if (typeof value === 'number') return [{ labels, value }]
  return Object.entries(value).flatMap(([key, one]) => flatten(one, names, { ...labels, [name]: key }))
}

function canaryValues(canaries: readonly CanaryHealth[]) {
  const of = (read: (one: CanaryHealth) => Value): Value =>
    Object.fromEntries(canaries.map((one) => [one.transport, read(one)]))
  return {
    rethread_canary_last_success_timestamp_seconds: of(
      ({ lastReturnedAt }) => (lastReturnedAt?.getTime() ?? 0) / 1_000,
    ),
    rethread_canary_latency_seconds: of(({ lastSeconds }) => lastSeconds ?? 0),
    rethread_canary_failures_last_week: of(({ failures }) => failures),
    rethread_canary_alarm: of(({ isAlarm }) => (isAlarm ? 1 : 0)),
  }
}
