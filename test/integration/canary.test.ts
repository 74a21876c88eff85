// A canary end to end: it leaves through a server of the test, which hands it back to our own SMTP listener. Forged
// canaries satisfy nothing and hide nothing; losses begin one alarm, which the next round trip ends.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { mail } from '../support/mail.ts'
import { openSession } from '../support/mail-client.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

interface Taken {
  readonly to: string
  readonly raw: Buffer
}

/** An outgoing server that keeps what it takes. */
async function startServer() {
  const taken: Taken[] = []
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData: (stream, { envelope }, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        taken.push({ to: envelope.rcptTo[0]?.address ?? '', raw: Buffer.concat(chunks) })
        done(null, 'Ok: queued as C0FFEE')
      })
    },
  })
  server.on('error', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const url = `smtp://127.0.0.1:${String((server.server.address() as AddressInfo).port)}`
  return {
    url,
    taken,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
      }),
  }
}

describe('a canary', () => {
  let server: Awaited<ReturnType<typeof startServer>>
  let service: Service
  beforeAll(async () => {
    server = await startServer()
    service = await startService({
      env: { CANARY_MINUTES: '1000', OUTBOUND_SMTP_URL: server.url, SENDER_CHECK: 'false' },
    })
    await service.sql(`update users set email = 'root@admin.example', confirmed_at = now() where type = 'SuperAdmin'`)
  })
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
    await server.stop()
  })

  const isCanary = ({ to }: Taken): boolean => to.startsWith('canary+')
  const canaries = (): Taken[] => server.taken.filter(isCanary)
  const alarms = (): string[] =>
    server.taken
      .filter(({ to }) => to === 'root@admin.example')
      .map(({ raw }) => /^Subject: (.*)\r$/m.exec(raw.toString())?.[1] ?? '')
  const count = async (table: string): Promise<number> =>
    Number((await service.sql(`select count(*)::int as count from ${table}`))[0]?.['count'])
  const metric = async (name: string): Promise<number> => {
    const text = (await service.api('GET', '/metrics')).bytes.toString()
    return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1])
  }
  const doctor = async (): Promise<string> => {
    const { checks } = (await service.api('GET', '/api/v1/doctor')).body
    const { ok, attention, detail } = checks.find(({ name }: { name: string }) => name === 'canary')
    const good = attention === true ? '!' : '✓'
    return `${ok === true ? good : '✗'} canary: ${detail}`
  }
  const deliver = async (to: string, raw: Buffer) => {
    const session = await openSession(service.ports.smtp, 'smtp')
    const answer = await session.submit({ from: '', to, raw })
    session.close()
    return answer
  }
  /** The next one leaves, as if its time had come. */
  const next = async (): Promise<Taken> => {
    const before = canaries().length
    await service.sql(`update canaries set created_at = created_at - interval '17 hours' where outcome is not null`)
    await until('the next canary', async () => canaries()[before] ?? null, 20_000)
    await until(
      'its record',
      async () => (await service.sql('select 1 from canaries where outcome is null and handed_over_at is not null'))[0],
    )
    return canaries()[before] as Taken
  }
  /** The one under way is not waited for any longer. */
  const lose = async (): Promise<void> => {
    await service.sql(`update canaries set sent_at = sent_at - interval '10 minutes' where outcome is null`)
    await until(
      'its loss',
      async () => (await service.sql('select 1 where not exists (select from canaries where outcome is null)'))[0],
      20_000,
    )
  }

  test('comes back, and is no inbound email, contact or conversation', async () => {
    const before = [await count('inbound_emails'), await count('contacts'), await count('conversations')]
    await until('the first canary', async () => canaries()[0] ?? null, 20_000)
    const { to, raw } = canaries()[0] as Taken
    await until(
      'its record',
      async () => (await service.sql('select 1 from canaries where handed_over_at is not null'))[0],
    )
    expect(raw.toString()).toMatch(/^Auto-Submitted: auto-generated\r$/m)

    const forged = await deliver(to, mail({ From: 'x@example.com', To: to }, 'forged'))
    expect(forged.data[0]).toMatch(/^550 5\.1\.1/)
    const guessed = await deliver(to.replace(/\+..../, '+0123'), raw)
    expect(guessed.recipients[0]).toMatch(/^550 5\.1\.1/)
    expect(await service.sql('select outcome from canaries')).toEqual([{ outcome: null }])

    expect((await deliver(to, raw)).data[0]).toMatch(/^250 /)
    expect(await service.sql('select outcome, returned_by from canaries')).toEqual([
      { outcome: 'returned', returned_by: 'smtp' },
    ])
    expect([await count('inbound_emails'), await count('contacts'), await count('conversations')]).toEqual(before)
    expect(await metric('rethread_canary_last_success_timestamp_seconds')).toBeGreaterThan(1_700_000_000)
    expect(await metric('rethread_canary_latency_seconds')).toBeGreaterThan(0)
    expect(await doctor()).toMatch(/^✓ canary: the last one was sent at .* UTC, back over smtp after /)
  }, 60_000)

  test('counts once: a replay is an unknown recipient', async () => {
    const { to, raw } = canaries()[0] as Taken
    expect((await deliver(to, raw)).recipients[0]).toMatch(/^550 5\.1\.1/)
  })

  test('that is lost twice in a row begins one alarm, which the next round trip ends', async () => {
    await next()
    await lose()
    expect(await doctor()).toMatch(/^! canary: .*handed over at .*queued as C0FFEE"\), and not come back in time/)
    expect(alarms()).toEqual([])
    await next()
    await lose()
    await until('the alarm', async () => alarms()[0] ?? null, 20_000)
    await next()
    await lose()
    expect(await doctor()).toMatch(/^✗ canary: /)
    expect(await metric('rethread_canary_alarm')).toBe(1)
    const { to, raw } = await next()
    await deliver(to, raw)
    await until('the end of the alarm', async () => alarms()[1] ?? null, 20_000)
    expect(alarms()).toEqual(['Mail does not make the round trip', 'Mail makes the round trip again'])
    expect(await doctor()).toMatch(/^✓ canary: /)
  }, 120_000)
})
