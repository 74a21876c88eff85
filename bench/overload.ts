// Ten times the clients that the other figures are taken with: who is refused is refused quickly, the others are
// accepted at the usual rate, and the memory stays where it is.

import { transports } from './clients.ts'
import { hammer, percentile } from './load.ts'
import { waitUntilAppended } from './measure.ts'
import type { Service } from './service.ts'
import { startTable } from './table.ts'

export async function measureOverload(service: Service, seconds: number): Promise<unknown[]> {
  const row = startTable(['clients', 'accepted/s', 'accept p50', 'p99 ms', 'deferred/s', 'defer p99', 'peak MB'])
  const results: unknown[] = []
  for (const clients of [32, 320, 1280]) {
    const open = await Promise.all(
      Array.from({ length: clients }, (_, index) => transports[index % 2 === 0 ? 'relay' : 'smtp'](service)),
    )
    const {
      accepted,
      deferred,
      seconds: took,
    } = await hammer(
      open.map((client) => client.send),
      { run: `overload${String(clients)}`, seconds, replyAddress: service.replyAddress },
    )
    for (const client of open) client.close()
    await waitUntilAppended(service)
    const cells = [
      clients,
      accepted.length / took,
      percentile(accepted, 0.5),
      percentile(accepted, 0.99),
      deferred.length / took,
      percentile(deferred, 0.99),
      service.rssMb().peak,
    ]
    row(cells)
    results.push(cells)
  }
  return results
}
