// Measures one transport for some seconds, and the floor: bare durable inserts of the same bytes into the same
// database.

import { randomUUID } from 'node:crypto'

import { type TransportName, transports } from './clients.ts'
import { hammer, percentile } from './load.ts'
import type { Service } from './service.ts'

export interface Figures {
  readonly name: string
  readonly mails: number
  readonly acceptedPerSecond: number
  /** Null for the floor. */
  readonly appendedPerSecond: number | null
  readonly acceptP50Ms: number
  readonly acceptP99Ms: number
  readonly appendP50Ms: number | null
  readonly appendP99Ms: number | null
  /**
   * CPU of our process and of the database's, ms a mail: these wander less with the machine than rates do. Null where
   * it is not known.
   */
  readonly cpuMsPerMail: number | null
  readonly databaseCpuMsPerMail: number | null
  readonly queriesPerMail: number | null
  readonly peakRssMb: number | null
}

const clients = 32

/** Runs 32 clients for `seconds`; waits until every mail is a message. */
export async function measureTransport(service: Service, name: TransportName, seconds: number): Promise<Figures> {
  const run = randomUUID().slice(0, 8)
  const open = await Promise.all(Array.from({ length: clients }, () => transports[name](service)))
  const [cpuBefore, queriesBefore, started] = [await service.cpuSeconds(), await service.queries(), performance.now()]
  const seen = await hammer(
    open.map((client) => client.send),
    { run, seconds, replyAddress: service.replyAddress },
  )
  for (const client of open) client.close()
  await waitUntilAppended(service)
  const appendedSeconds = (performance.now() - started) / 1000
  const [cpu, queries] = [await service.cpuSeconds(), await service.queries()]
  const mails = seen.accepted.length
  const append = await readAppended(service, run, mails)
  return {
    name,
    mails,
    acceptedPerSecond: mails / seen.seconds,
    appendedPerSecond: mails / appendedSeconds,
    acceptP50Ms: percentile(seen.accepted, 0.5),
    acceptP99Ms: percentile(seen.accepted, 0.99),
    appendP50Ms: append.p50,
    appendP99Ms: append.p99,
    cpuMsPerMail: ((cpu.own - cpuBefore.own) * 1000) / mails,
    databaseCpuMsPerMail: ((cpu.database - cpuBefore.database) * 1000) / mails,
    queriesPerMail: (queries - queriesBefore) / mails,
    peakRssMb: service.rssMb().peak,
  }
}

/** Bare durable inserts of the same bytes by 32 clients, one row a statement: what the database itself can do. */
export async function measureFloor(service: Service, seconds: number): Promise<Figures> {
  await service.sql.query('create table if not exists bench_floor (key uuid primary key, bytes bytea)')
  await service.sql.query('alter table bench_floor alter column bytes set storage external')
  service.sql.options.max = clients
  const insert = async (mail: Buffer): Promise<'accepted'> => {
    await service.sql.query({
      name: 'floor',
      text: 'insert into bench_floor values ($1, $2)',
      values: [randomUUID(), mail],
    })
    return 'accepted'
  }
  const before = await service.cpuSeconds()
  const { accepted, seconds: took } = await hammer(
    Array.from({ length: clients }, () => insert),
    { run: 'floor', seconds, replyAddress: service.replyAddress },
  )
  const databaseMs = ((await service.cpuSeconds()).database - before.database) * 1000
  await service.sql.query('drop table bench_floor')
  return {
    name: 'floor',
    mails: accepted.length,
    acceptedPerSecond: accepted.length / took,
    appendedPerSecond: null,
    acceptP50Ms: percentile(accepted, 0.5),
    acceptP99Ms: percentile(accepted, 0.99),
    appendP50Ms: null,
    appendP99Ms: null,
    cpuMsPerMail: null,
    databaseCpuMsPerMail: databaseMs / accepted.length,
    queriesPerMail: 1,
    peakRssMb: null,
  }
}

/** Resolves when no accepted mail waits. Throws after two minutes. */
export async function waitUntilAppended(service: Service): Promise<void> {
  const deadline = performance.now() + 120_000
  for (;;) {
    const { rows } = await service.sql.query<{ waiting: number }>(
      `select count(*)::int as waiting from inbound_emails where status in ('pending', 'processing')`,
    )
    if (rows[0]?.waiting === 0) return
    if (performance.now() > deadline) throw new Error(`${String(rows[0]?.waiting)} mails still wait after two minutes`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

// Every mail that was accepted must be a message: a rate of lost mail is no rate.
async function readAppended(service: Service, run: string, mails: number): Promise<{ p50: number; p99: number }> {
  const { rows } = await service.sql.query<{ count: number; p50: number; p99: number }>(
    `
      select
        count(*)::int as count,
        1000 * percentile_cont(0.5) within group (
          order by extract(epoch from i.settled_at - i.received_at)
        )::float8 as p50,
        1000 * percentile_cont(0.99) within group (
          order by extract(epoch from i.settled_at - i.received_at)
        )::float8 as p99
      from inbound_emails i
      join messages m on m.inbound_email_id = i.id
      where i.message_id like $1
    `,
    [`${run}-%`],
  )
  const [row] = rows
  if (row?.count !== mails) throw new Error(`${String(mails)} mails were accepted, ${String(row?.count)} are messages`)
  return row
}
