// The canaries of a service whose transports are mail servers of the test: each is taken from its server, and the test
// brings it back or not.

import { openSession } from './mail-client.ts'
import type { startMailServer, Taken } from './mail-server.ts'
import type { Service } from './service.ts'
import { until } from './until.ts'

type MailServer = Awaited<ReturnType<typeof startMailServer>>

export interface Canary {
  readonly to: string
  readonly raw: Buffer
}

/** `servers` by the names of their transports. */
export function watchCanaries(service: Service, servers: Readonly<Record<string, MailServer>>) {
  const seen = new Map<string, number>()
  const canariesAt = (transport: string): Taken[] =>
    (servers[transport]?.tries ?? []).filter(({ to }) => to[0]?.startsWith('canary+') === true)
  const rowsOf = (transport: string) =>
    service.sql<{ outcome: string | null; returned_by: string | null; handed_over_at: Date | null }>(
      'select outcome, returned_by, handed_over_at from canaries where transport = $1 order by id',
      [transport],
    )
  /** Makes the next one due, as if its time had come. */
  const makeDue = async (transport: string): Promise<void> => {
    await service.sql(`update canaries set created_at = created_at - interval '17 hours' where transport = $1`, [
      transport,
    ])
  }
  return {
    rowsOf,
    makeDue,
    /** The next that leaves through a transport, once the server's answer is noted. */
    next: async (transport: string): Promise<Canary> => {
      const index = seen.get(transport) ?? 0
      if (index > 0) await makeDue(transport)
      const { to, raw } = await until(`canary ${String(index + 1)} of ${transport}`, () => canariesAt(transport)[index])
      seen.set(transport, index + 1)
      await until('its record', async () => (await rowsOf(transport)).at(-1)?.handed_over_at)
      return { to: to[0] ?? '', raw }
    },
    /** What became of the last one of a transport. */
    outcome: (transport: string): Promise<string> =>
      until(`the outcome of the canary of ${transport}`, async () => (await rowsOf(transport)).at(-1)?.outcome),
    /** Those under way are not waited for any longer. */
    lose: async (transport: string): Promise<void> => {
      await service.sql(
        `update canaries set sent_at = sent_at - interval '10 minutes' where outcome is null and transport = $1`,
        [transport],
      )
      await until('its loss', async () => (await rowsOf(transport)).at(-1)?.outcome === 'lost')
    },
    /** Everything that mail could leave in the database. */
    counts: async () => {
      const [row] = await service.sql(
        `select
           (select count(*)::int from inbound_emails) as mails,
           (select count(*)::int from contacts) as contacts,
           (select count(*)::int from conversations) as conversations,
           (select count(*)::int from messages) as messages`,
      )
      return row
    },
    metric: async (name: string): Promise<number> => {
      const text = (await service.api('GET', '/metrics')).bytes.toString()
      const line = text.split('\n').find((one) => one.startsWith(`${name} `))
      return Number(line?.slice(name.length + 1))
    },
    doctor: async (name: string): Promise<string> => {
      const { checks } = (await service.api('GET', '/api/v1/doctor')).body
      const found = checks.find((check: { name: string }) => check.name === name)
      const good = found?.attention === true ? '!' : '✓'
      return `${found?.ok === true ? good : '✗'} ${name}: ${String(found?.detail)}`
    },
    /** As the outside world brings it back. */
    deliver: async ({ to, raw }: Canary, protocol: 'smtp' | 'lmtp' = 'smtp') => {
      const session = await openSession(service.ports[protocol], protocol)
      const answer = await session.submit({ from: '', to, raw })
      session.close()
      return [...answer.recipients, ...answer.data].at(-1) ?? ''
    },
  }
}
