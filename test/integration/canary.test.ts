// Canaries end to end: one leaves through each transport, to mail servers of the test, which bring it back or not. The
// alarm of a transport leaves through another, and is posted.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { watchCanaries } from '../support/canaries.ts'
import { startMailServer } from '../support/mail-server.ts'
import { isGenuine, type Receiver, startReceiver } from '../support/receiver.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const secret = 'a secret of the operator'

describe('canaries of two transports', () => {
  let main: Awaited<ReturnType<typeof startMailServer>>
  let second: typeof main
  let receiver: Receiver
  let service: Service
  let canaries: ReturnType<typeof watchCanaries>

  beforeAll(async () => {
    ;[main, second, receiver] = await Promise.all([startMailServer(), startMailServer(), startReceiver()])
    service = await startService({
      env: {
        CANARY_MINUTES: '1000',
        CANARY_INGRESS: 'smtp',
        TRANSPORTS: `main=${main.url},second=${second.url}`,
        ALERT_WEBHOOK_URL: `${receiver.origin}/alerts`,
        ALERT_WEBHOOK_SECRET: secret,
        PUBLIC_URL: 'https://mail.example.com',
        SAFE_URL_ALLOW: '127.0.0.1',
        SENDER_CHECK: 'false',
      },
    })
    await service.sql(`update users set email = 'root@admin.example', confirmed_at = now() where type = 'SuperAdmin'`)
    canaries = watchCanaries(service, { main, second })
  })
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
    await Promise.all([main.stop(), second.stop(), receiver.stop()])
  })

  const mailed = (server: typeof main): string[] =>
    server.taken
      .filter(({ to }) => to[0] === 'root@admin.example')
      .map(({ text }) => /^Subject: (.*)\r$/m.exec(text)?.[1] ?? '')
  const posted = () => receiver.at('/alerts')
  const refuse = async (): Promise<void> => {
    main.replies.push({ at: 'MAIL', code: 550 })
    await canaries.makeDue('main')
    await until('the refusal', () => main.replies.length === 0)
    expect(await canaries.outcome('main')).toBe('refused')
  }

  test('each has its own, which comes back and is no inbound email, contact, conversation or message', async () => {
    const before = await canaries.counts()
    const [one, other] = [await canaries.next('main'), await canaries.next('second')]
    expect(one.to).not.toBe(other.to)
    expect(one.raw.toString()).toMatch(/^Auto-Submitted: auto-generated\r$/m)
    for (const canary of [one, other]) expect(await canaries.deliver(canary)).toMatch(/^250 /)
    for (const name of ['main', 'second']) {
      expect(await canaries.rowsOf(name)).toMatchObject([{ outcome: 'returned', returned_by: 'smtp' }])
      expect(
        await canaries.metric(`rethread_canary_last_success_timestamp_seconds{transport="${name}"}`),
      ).toBeGreaterThan(1_700_000_000)
      expect(await canaries.metric(`rethread_canary_latency_seconds{transport="${name}"}`)).toBeGreaterThan(0)
      expect(await canaries.doctor(`canary ${name}`)).toMatch(
        /^✓ canary \w+: the last one was sent at .* UTC, back over smtp after /,
      )
    }
    expect(await canaries.counts()).toEqual(before)
  }, 60_000)

  test('two failures in a row begin one alarm, of that transport, by mail through the other and as a post', async () => {
    await refuse()
    expect(await canaries.doctor('canary main')).toMatch(
      /^! canary main: the last one was refused by 127\.0\.0\.1: .*550/,
    )
    expect([mailed(main), mailed(second), posted()]).toEqual([[], [], []])
    await refuse()
    await until('the alarm', () => mailed(second).length > 0 && posted().length > 0)
    await refuse()
    expect([mailed(main), mailed(second)]).toEqual([[], ['Mail does not make the round trip']])
    expect(posted()).toHaveLength(1)
    const [alert] = posted()
    expect(isGenuine(alert!, secret)).toBe(true)
    expect(alert?.body).toEqual({
      event: 'canary_failing',
      id: alert?.headers['x-chatwoot-delivery'],
      occurred_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
      installation: 'https://mail.example.com',
      transport: 'main',
      outcome: 'refused',
      server: '127.0.0.1',
      ingress: null,
      seconds: null,
      message: expect.stringMatching(/^refused by 127\.0\.0\.1: /) as string,
    })
    expect(await canaries.doctor('canary main')).toMatch(/^✗ /)
    expect(await canaries.doctor('canary second')).toMatch(/^✓ /)
    expect(await canaries.metric('rethread_canary_alarm{transport="main"}')).toBe(1)
    expect(await canaries.metric('rethread_canary_alarm{transport="second"}')).toBe(0)
    expect(
      await canaries.metric('rethread_canary_failures_last_week{transport="main",outcome="refused"}'),
    ).toBeGreaterThanOrEqual(2)
  }, 120_000)

  test('its end is said once', async () => {
    await canaries.makeDue('main')
    const canary = await until('the next canary', () =>
      main.taken.filter(({ to }) => to[0]?.startsWith('canary+') === true).at(1),
    )
    expect(await canaries.deliver({ to: canary.to[0] ?? '', raw: canary.raw })).toMatch(/^250 /)
    await until('the end of the alarm', () => mailed(second).length > 1 && posted().length > 1)
    expect(mailed(second)).toEqual(['Mail does not make the round trip', 'Mail makes the round trip again'])
    expect(posted().map(({ body }) => [body.event, body.outcome])).toEqual([
      ['canary_failing', 'refused'],
      ['canary_recovered', 'returned'],
    ])
    expect(await canaries.doctor('canary main')).toMatch(/^✓ /)
    expect(await canaries.metric('rethread_canary_alarm{transport="main"}')).toBe(0)
  }, 60_000)

  test('one that comes after its deadline is late, and not stored; a failed post is repeated as it was', async () => {
    receiver.answerWith((_post, response) => void response.writeHead(503).end())
    const [before, earlier] = [await canaries.counts(), posted().length]
    const canary = await canaries.next('second')
    await canaries.lose('second')
    expect(await canaries.doctor('canary second')).toMatch(
      /^! .*handed over to 127\.0\.0\.1 at .* UTC \(".*"\), and did not come back in time$/,
    )
    expect(await canaries.deliver(canary)).toMatch(/^250 /)
    expect(await canaries.outcome('second')).toBe('late')
    expect(await canaries.counts()).toEqual(before)
    expect(await canaries.metric('rethread_canary_latency_seconds{transport="second"}')).toBeGreaterThan(600)

    await until('the alarm', () => mailed(main).length > 0 && posted().length > earlier)
    expect(mailed(main)).toEqual(['Mail does not make the round trip'])
    await until(
      'the note of the failure',
      async () => (await service.sql(`select 1 from work where kind = 'post-alert' and last_error is not null`))[0],
    )
    expect(await canaries.doctor('alerts')).toMatch(/^! alerts: an alarm for 127\.0\.0\.1:\d+ .*answered 503/)
    receiver.answerWith((_post, response) => void response.writeHead(204).end())
    await service.sql(`update work set run_at = now() where kind = 'post-alert'`)
    const [first, again] = await until('the repetition', () =>
      posted().length > earlier + 1 ? posted().slice(earlier) : null,
    )
    expect(again?.text).toBe(first?.text)
    expect(again?.headers['x-chatwoot-delivery']).toBe(first?.headers['x-chatwoot-delivery'])
    expect(isGenuine(again!, secret)).toBe(true)
    await until(
      'no more work',
      async () => (await service.sql(`select from work where kind = 'post-alert'`)).length === 0,
    )
    expect(await canaries.doctor('alerts')).toMatch(/^✓ alerts: alarms are posted to 127\.0\.0\.1:\d+$/)
  }, 120_000)

  test('one that comes back through an ingress that is not in CANARY_INGRESS is a failure', async () => {
    expect(await canaries.deliver(await canaries.next('second'), 'lmtp')).toMatch(/^250 /)
    expect(await canaries.outcome('second')).toBe('other-way')
    expect(await canaries.doctor('canary second')).toContain('back over lmtp')
  }, 60_000)

  test('one whose connection broke off after the data, and that comes back all the same, is no failure', async () => {
    const before = main.tries.length
    main.replies.push({ at: 'DROP', code: 0 })
    await canaries.makeDue('main')
    const canary = await until('the canary', () =>
      main.tries.slice(before).find(({ to }) => /^canary/.test(to[0] ?? '')),
    )
    await until(
      'the broken connection',
      async () => (await service.sql(`select 1 from canaries where outcome is null and error is not null`))[0],
    )
    expect(await canaries.deliver({ to: canary.to[0] ?? '', raw: canary.raw })).toMatch(/^250 /)
    expect(await canaries.outcome('main')).toBe('returned')
  }, 60_000)

  test('one that cannot be handed over names the server, and does not leave through another transport', async () => {
    await second.stop()
    const before = main.tries.length
    await canaries.makeDue('second')
    expect(
      await until('its outcome', async () =>
        (await canaries.rowsOf('second')).at(-1)?.outcome === 'not-sent' ? 'not-sent' : null,
      ),
    ).toBe('not-sent')
    expect(await canaries.doctor('canary second')).toMatch(/not handed over to 127\.0\.0\.1: .*ECONNREFUSED/)
    expect(main.tries.slice(before).filter(({ to }) => /^canary/.test(to[0] ?? ''))).toEqual([])
  }, 60_000)
})

describe('OUTBOUND_SMTP_URL alone', () => {
  test('is the transport smtp, whose lines in doctor have no name; without another, its alarm leaves through it', async () => {
    const server = await startMailServer()
    await using service = await startService({
      env: { CANARY_MINUTES: '1000', OUTBOUND_SMTP_URL: server.url, SENDER_CHECK: 'false' },
    })
    const canaries = watchCanaries(service, { smtp: server })
    expect(await canaries.doctor('alerts')).toMatch(/^! alerts: .*no administrator of the installation .* can receive/)
    await service.sql(`update users set email = 'root@admin.example', confirmed_at = now() where type = 'SuperAdmin'`)
    await canaries.next('smtp')
    await canaries.lose('smtp')
    expect(await canaries.doctor('canary')).toMatch(/^! canary: .*did not come back/)
    await canaries.next('smtp')
    await canaries.lose('smtp')
    await until('the alarm', () => server.taken.some(({ to }) => to[0] === 'root@admin.example'))
    expect(await canaries.metric('rethread_canary_alarm{transport="smtp"}')).toBe(1)
    expect(await canaries.doctor('alerts')).toMatch(/^✓ alerts: ALERT_WEBHOOK_URL is not set/)
    await server.stop()
  }, 120_000)
})
