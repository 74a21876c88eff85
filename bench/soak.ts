// Minutes at a steady rate below what it can do: memory, latency and tables must stay as they are.

import { transports } from './clients.ts'
import { percentile } from './load.ts'
import { makeMail } from './mail.ts'
import { waitUntilAppended } from './measure.ts'
import type { Service } from './service.ts'
import { startTable } from './table.ts'

const clients = 8
const perSecond = 200
const slices = 10

export async function measureSoak(service: Service, seconds: number): Promise<unknown[]> {
  const row = startTable([
    'second',
    'mails',
    'accept p50',
    'p99 ms',
    'RSS MB',
    'waiting',
    'dead rows',
    'index MB',
    'HOT %',
  ])
  const open = await Promise.all(
    Array.from({ length: clients }, (_, index) =>
      transports[(['relay', 'lmtp', 'smtp'] as const)[index % 3] ?? 'relay'](service),
    ),
  )
  const results: unknown[] = []
  let sent = 0
  for (let slice = 1; slice <= slices; slice++) {
    const latencies: number[] = []
    const end = performance.now() + (seconds * 1000) / slices
    await Promise.all(
      open.map(async ({ send }) => {
        while (performance.now() < end) {
          const before = performance.now()
          if ((await send(makeMail(`soak-${String(sent++)}`, service.replyAddress))) !== 'accepted')
            throw new Error('deferred at a rate that it must bear')
          latencies.push(performance.now() - before)
          await new Promise((resolve) =>
            setTimeout(resolve, Math.max(0, (clients * 1000) / perSecond - (performance.now() - before))),
          )
        }
      }),
    )
    latencies.sort((one, other) => one - other)
    const tables = await readTables(service)
    const cells = [
      Math.round((slice * seconds) / slices),
      sent,
      percentile(latencies, 0.5),
      percentile(latencies, 0.99),
      service.rssMb().now,
      ...tables,
    ]
    row(cells)
    results.push(cells)
  }
  for (const client of open) client.close()
  await waitUntilAppended(service)
  return results
}

// Of the rows that are written and settled: how many dead ones wait for vacuum, how large the indexes are, and what
// share of updates was in place.
async function readTables(service: Service): Promise<number[]> {
  const { rows } = await service.sql.query<{ waiting: number; dead: number; index: number; hot: number }>(
    `
      select
        (select count(*)::int from inbound_emails where status in ('pending', 'processing')) as waiting,
        n_dead_tup::int as dead,
        (pg_indexes_size(relid) / 1e6)::float8 as index,
        (100.0 * n_tup_hot_upd / greatest(n_tup_upd, 1))::float8 as hot
      from pg_stat_user_tables
      where relname = 'inbound_emails'
    `,
  )
  const [row] = rows
  return [row?.waiting ?? 0, row?.dead ?? 0, row?.index ?? 0, row?.hot ?? 0]
}
