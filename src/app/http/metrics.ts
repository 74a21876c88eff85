// The text of GET /metrics in Prometheus' format. The only file that uses prom-client.

import { Gauge, Registry } from 'prom-client'

import type { CanaryHealth } from '../../store/canaries.ts'

export interface Measures {
  /** The conservation view: state → count, with `accepted` and `unaccounted`. */
  readonly balance: Readonly<Record<string, number>>
  readonly work: { readonly waiting: number; readonly failed: number }
  /** Of the last day: reason → count. */
  readonly ignored: Readonly<Record<string, number>>
  readonly slowPeers: number
  readonly canary: CanaryHealth
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
    label: 'status',
    help: 'accepted mails by state; the sum is the number of accepted mails',
  },
  rethread_inbound_emails_unaccounted: { help: 'accepted mails without a visible state; anything but 0 is a fault' },
  rethread_ignored_last_day: {
    label: 'reason',
    help: 'mails ignored in the last day; those that people discarded or blocked do not count',
  },
  rethread_work: { label: 'state', help: 'outgoing and timed work, `waiting` and `failed`' },
  rethread_slow_peers: { help: 'clients of this process that were disconnected because they were too slow' },
  rethread_canary_last_success_timestamp_seconds: {
    help: 'when the last canary came back, in seconds since 1970; 0: never in the last week',
  },
  rethread_canary_latency_seconds: { help: 'how long the last canary took that came back; 0: none did' },
  rethread_canary_failures_last_week: { help: 'canaries that were not sent, were lost, or came back late' },
  rethread_canary_alarm: { help: '1 while canaries do not come back' },
  rethread_transport_handed_over: { label: 'transport', help: 'mails that a transport of this process has taken' },
  rethread_transport_refused: {
    label: 'transport',
    help: 'attempts of this process that a transport refused, for now or for good, or that did not reach it',
  },
  rethread_transport_seconds: { label: 'transport', help: 'seconds that all attempts of this process took' },
  rethread_unknown_mail_events: {
    label: 'service',
    help: 'events of providers about mail that is not of this installation, since the start of this process',
  },
  rethread_memory_bytes: { help: 'resident memory of this process' },
} as const satisfies Readonly<Record<string, { readonly label?: string; readonly help: string }>>

/** One value, or a value for each label. */
type Value = number | Readonly<Record<string, number>>

/** Renders all metrics. Never throws. */
export function renderMetrics({ balance, work, ignored, slowPeers, canary, ...measures }: Measures): Promise<string> {
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
    ...canaryValues(canary),
    rethread_transport_handed_over: ofTransports('handedOver'),
    rethread_transport_refused: ofTransports('refused'),
    rethread_transport_seconds: ofTransports('seconds'),
    rethread_unknown_mail_events: measures.unknownMailEvents,
    rethread_memory_bytes: process.memoryUsage.rss(),
  }
  const registry = new Registry()
  for (const [name, metric] of Object.entries(metrics)) {
    const label = 'label' in metric ? metric.label : null
    const gauge = new Gauge({
      name,
      help: metric.help,
      labelNames: label === null ? [] : [label],
      registers: [registry],
    })
    const value = values[name as keyof typeof metrics]
    if (typeof value === 'number') gauge.set(value)
    else for (const [key, one] of Object.entries(value)) gauge.set({ [label ?? '']: key }, one)
  }
  return registry.metrics()
}

function canaryValues({ lastReturnedAt, lastSeconds, failures, isAlarm }: CanaryHealth) {
  return {
    rethread_canary_last_success_timestamp_seconds: (lastReturnedAt?.getTime() ?? 0) / 1_000,
    rethread_canary_latency_seconds: lastSeconds ?? 0,
    rethread_canary_failures_last_week: failures,
    rethread_canary_alarm: isAlarm ? 1 : 0,
  }
}
