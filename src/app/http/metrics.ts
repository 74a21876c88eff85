// The text of GET /metrics in Prometheus' format. The only file that uses prom-client.

import { Gauge, Registry } from 'prom-client'

export interface Measures {
  /** The conservation view: state → count, with `accepted` and `unaccounted`. */
  readonly balance: Readonly<Record<string, number>>
  readonly work: { readonly waiting: number; readonly failed: number }
  readonly slowPeers: number
}

/** Renders all metrics. Never throws. */
export function renderMetrics({ balance, work, slowPeers }: Measures): Promise<string> {
  const { accepted = 0, unaccounted = 0, ...states } = balance
  const registry = new Registry()
  const gauge = (name: string, help: string, value: number): void => {
    new Gauge({ name, help, registers: [registry] }).set(value)
  }
  const gauges = (name: string, help: string, [label, values]: [string, Readonly<Record<string, number>>]): void => {
    const one = new Gauge({ name, help, labelNames: [label], registers: [registry] })
    for (const [key, value] of Object.entries(values)) one.set({ [label]: key }, value)
  }
  gauge('rethread_inbound_emails_accepted', 'Mails ever accepted.', accepted)
  gauges('rethread_inbound_emails', 'Accepted mails by state; they add up to those accepted.', ['status', states])
  gauge(
    'rethread_inbound_emails_unaccounted',
    'Accepted mails without a visible state; anything but 0 is a fault.',
    unaccounted,
  )
  gauges('rethread_work', 'Outgoing and timed work.', ['state', { ...work }])
  gauge('rethread_slow_peers', 'Clients cut off for their pace since the start.', slowPeers)
  gauge('rethread_memory_bytes', 'Resident memory of this process.', process.memoryUsage.rss())
  return registry.metrics()
}
