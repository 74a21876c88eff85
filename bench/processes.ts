// One, two and four processes on one PostgreSQL: every process takes mail in and appends it.

import { randomUUID } from 'node:crypto'

import { transports } from './clients.ts'
import { hammer, percentile } from './load.ts'
import { waitUntilAppended } from './measure.ts'
import { type Service, startService } from './service.ts'
import { startTable } from './table.ts'

const clients = 32

/** `server` is a PostgreSQL server: an embedded database belongs to one process. */
export async function measureProcesses(server: string, seconds: number): Promise<unknown[]> {
  const row = startTable(['processes', 'accepted/s', 'appended/s', 'accept p50', 'p99 ms'])
  const services: Service[] = [await startService({ server })]
  const results: unknown[] = []
  try {
    for (const count of [1, 2, 4]) {
      while (services.length < count)
        services.push(await startService({ server, ...(services[0] === undefined ? {} : { shared: services[0] }) }))
      const cells = [count, ...(await measure(services, seconds))]
      row(cells)
      results.push(cells)
    }
  } finally {
    for (const service of services.reverse()) await service.stop()
  }
  return results
}

async function measure(services: readonly Service[], seconds: number): Promise<number[]> {
  const [first] = services
  if (first === undefined) return []
  const open = await Promise.all(
    Array.from({ length: clients }, (_, index) => transports.relay(services[index % services.length] ?? first)),
  )
  const started = performance.now()
  const { accepted, seconds: took } = await hammer(
    open.map((client) => client.send),
    { run: randomUUID().slice(0, 8), seconds, replyAddress: first.replyAddress },
  )
  for (const client of open) client.close()
  await waitUntilAppended(first)
  return [
    accepted.length / took,
    (accepted.length * 1000) / (performance.now() - started),
    percentile(accepted, 0.5),
    percentile(accepted, 0.99),
  ]
}
