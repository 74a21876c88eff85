// Strangers who know the form of canaries' addresses, or have seen a canary on its way: they cannot make mail look as
// if it came back, hide a loss, make real mail vanish, fill the database, or start a loop.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Canary, watchCanaries } from '../support/canaries.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { startMailServer } from '../support/mail-server.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const field = 'X-Rethread-Canary'
const unknown = /^550 5\.1\.1/

describe('canaries under attack', () => {
  let server: Awaited<ReturnType<typeof startMailServer>>
  let service: Service
  let canaries: ReturnType<typeof watchCanaries>

  beforeAll(async () => {
    server = await startMailServer()
    service = await startService({
      env: {
        CANARY_MINUTES: '1000',
        OUTBOUND_SMTP_URL: server.url,
        MAILER_SENDER_EMAIL: 'support@reply.localhost',
        SENDER_CHECK: 'false',
      },
    })
    canaries = watchCanaries(service, { smtp: server })
    // The inbox answers people.
    await service.api('PATCH', '/api/v1/accounts/1/inboxes/1', {
      greeting_enabled: true,
      greeting_message: 'We have your mail.',
    })
  })
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
    await server.stop()
  })

  // The field is folded.
  const proofOf = ({ raw }: Canary): string => new RegExp(`^${field}:\\s+(.*)\\r$`, 'm').exec(raw.toString())?.[1] ?? ''
  const waiting = async () => (await canaries.rowsOf('smtp')).filter(({ outcome }) => outcome === null).length

  test.each([
    'canary@reply.localhost',
    'canary+@reply.localhost',
    'canary+0123@reply.localhost',
    `canary+${'0'.repeat(32)}@reply.localhost`,
    `CANARY+${'A'.repeat(32)}@reply.localhost`,
    `canary=${'0'.repeat(32)}@reply.localhost`,
    `prvs=1234=canary+${'0'.repeat(32)}@reply.localhost`,
  ])('%s is an unknown recipient, and by HTTP nothing of the mail becomes a conversation', async (to) => {
    const before = await canaries.counts()
    expect(await canaries.deliver({ to, raw: mail({ From: 'x@example.com', To: to }) })).toMatch(unknown)
    const { id } = await service.relay(mail({ From: 'x@example.com', To: to, [field]: 'a'.repeat(64) }), { to })
    if (id !== 0) expect(await service.settled(id)).toMatchObject({ status: 'held', reason: 'unknown-recipient' })
    expect(await canaries.counts()).toMatchObject({ ...before, mails: expect.any(Number) as number })
  })

  test('the address of a real one without its proof is refused, whatever else the mail has', async () => {
    const canary = await canaries.next('smtp')
    const before = await canaries.counts()
    const fields = { From: 'x@example.com', To: canary.to }
    const proof = proofOf(canary)
    expect(proof).toMatch(/^[0-9a-f]{64}$/)
    const forgeries = [
      mail(fields),
      mail({ ...fields, [field]: '' }),
      mail({ ...fields, [field]: '0'.repeat(64) }),
      mail({ ...fields, [field]: proof.slice(0, -1) }),
      mail({ ...fields, [field]: `${proof} ${proof}` }),
      mail({ ...fields, 'X-Other': `${field}: ${proof}` }),
      mail(fields, `${field}: ${proof}`),
      mail({ ...fields, 'Content-Type': 'message/rfc822' }, canary.raw.toString()),
    ]
    for (const raw of forgeries) {
      expect(await canaries.deliver({ to: canary.to, raw })).toMatch(unknown)
      expect(await service.relay(raw, { to: canary.to })).toMatchObject({ status: 404, id: 0 })
    }
    expect(await canaries.counts()).toEqual(before)
    expect(await waiting()).toBe(1)
    expect(await canaries.doctor('ingress relay')).toMatch(/^✓ .*nothing refused$/)
    // The real one is still waited for.
    expect(await canaries.deliver(canary)).toMatch(/^250 /)
    expect(await canaries.outcome('smtp')).toBe('returned')
  }, 60_000)

  test('the proof of one does not fit the address of another', async () => {
    const first = await canaries.next('smtp')
    await canaries.deliver(first)
    const second = await canaries.next('smtp')
    expect(await canaries.deliver({ to: second.to, raw: first.raw })).toMatch(unknown)
    expect(await waiting()).toBe(1)
    await canaries.deliver(second)
  }, 60_000)

  test('a replay hides no loss: it counts for nothing, and is not stored', async () => {
    const first = await canaries.next('smtp')
    await canaries.deliver(first)
    await canaries.next('smtp')
    const before = await canaries.counts()
    const returned = await service.sql('select returned_at from canaries where returned_at is not null order by id')
    expect(await canaries.deliver(first)).toMatch(unknown)
    for (const to of [[first.to], []])
      expect(await service.relay(first.raw, { to })).toMatchObject({ status: 204, id: 0 })
    expect(await service.sql('select returned_at from canaries where returned_at is not null order by id')).toEqual(
      returned,
    )
    expect(await canaries.counts()).toEqual(before)
    await canaries.lose('smtp')
    expect(await canaries.doctor('canary')).toMatch(/^! .*did not come back in time/)
  }, 60_000)

  test('a flood to their addresses is refused, stores nothing, and the real one comes back through it', async () => {
    const canary = await canaries.next('smtp')
    const before = await canaries.counts()
    const flood = Array.from({ length: 400 }, (_, index) => {
      const guessed = canary.to.replace(/\+.{8}/, `+${String(index).padStart(8, '0')}`)
      const to = index % 2 === 0 ? guessed : canary.to
      return service.relay(mail({ From: `x${String(index)}@example.com`, To: to, [field]: '1'.repeat(64) }), { to })
    })
    const real = canaries.deliver(canary)
    expect(new Set((await Promise.all(flood)).map(({ status }) => status))).toEqual(new Set([404]))
    expect(await real).toMatch(/^250 /)
    expect(await canaries.outcome('smtp')).toBe('returned')
    expect(await canaries.counts()).toEqual(before)
  }, 60_000)

  describe('mail of a person does not vanish', () => {
    const write = (fields: Readonly<Record<string, string>>) =>
      mail({ From: `${freshWords()}@customer.example`, Subject: freshWords(), ...fields }, freshWords())

    test.each(['with the field', 'with the field, and a canary in To'])(
      '%s',
      async (what) => {
        const canary = await canaries.next('smtp')
        const To = what.endsWith('in To') ? canary.to : service.inboxAddress
        const raw = write({ To, [field]: proofOf(canary) })
        expect(await service.deliver(raw, { to: service.inboxAddress })).toMatchObject({
          status: 'delivered',
          reason: 'new-conversation',
        })
        expect(await waiting()).toBe(1)
        await canaries.deliver(canary)
      },
      60_000,
    )

    test('with the field and no envelope', async () => {
      const canary = await canaries.next('smtp')
      const raw = write({ To: `${service.inboxAddress}, ${canary.to}`, [field]: 'f'.repeat(64) })
      expect(await service.deliver(raw)).toMatchObject({ status: 'delivered', reason: 'new-conversation' })
      expect(await waiting()).toBe(1)
      await canaries.deliver(canary)
    }, 60_000)

    test('to an inbox and to a canary: the inbox gets it', async () => {
      const canary = await canaries.next('smtp')
      for (const proof of ['e'.repeat(64), proofOf(canary)]) {
        const raw = write({ To: service.inboxAddress, [field]: proof })
        const delivered = await service.deliver(raw, { to: [canary.to, service.inboxAddress] })
        expect(delivered).toMatchObject({ status: 'delivered', reason: 'new-conversation' })
      }
      expect(await canaries.outcome('smtp')).toBe('returned')
    }, 60_000)
  })

  test('an automatic answer and a bounce start no loop: no mail leaves, and they satisfy no canary', async () => {
    const canary = await canaries.next('smtp')
    const messageId = /^Message-ID: (.*)\r$/m.exec(canary.raw.toString())?.[1] ?? ''
    expect(canary.raw.toString()).toMatch(/^From: .*support@reply\.localhost>?\r$/m)
    const sending = async () =>
      (await service.sql(`select from work where kind like 'send-%' or kind like 'answer-%'`)).length
    await until('no work', async () => (await sending()) === 0)
    const tries = server.tries.length
    const answer = mail(
      {
        From: canary.to,
        To: 'support@reply.localhost',
        'In-Reply-To': messageId,
        References: messageId,
        Subject: 'Automatic answer: Canary',
        'Auto-Submitted': 'auto-replied',
        [field]: proofOf(canary),
      },
      'I am away.',
    )
    const bounce = mail(
      {
        From: 'MAILER-DAEMON@mx.example.com',
        To: 'support@reply.localhost',
        'Content-Type': 'multipart/report; report-type=delivery-status; boundary="r"',
      },
      [
        '--r\r\nContent-Type: text/plain\r\n\r\nIt did not work.',
        '--r\r\nContent-Type: message/delivery-status\r\n',
        `Reporting-MTA: dns; mx.example.com\r\n\r\nFinal-Recipient: rfc822; ${canary.to}`,
        'Action: failed\r\nStatus: 5.1.1',
        `--r\r\nContent-Type: message/rfc822\r\n\r\n${canary.raw.toString()}`,
        '--r--',
      ].join('\r\n'),
    )
    const settled = [
      await service.deliver(answer, { from: '', to: 'support@reply.localhost' }),
      await service.deliver(bounce, { from: '', to: 'support@reply.localhost' }),
    ]
    for (const one of settled) expect(['ignored', 'held', 'delivered']).toContain(one.status)
    expect(await canaries.deliver({ to: canary.to, raw: bounce })).toMatch(unknown)
    expect(await sending()).toBe(0)
    expect(server.tries.slice(tries).map(({ to }) => to)).toEqual([])
    expect(await waiting()).toBe(1)
    expect((await service.sql("select from canaries where created_at > now() - interval '1 minute'")).length).toBe(1)
    await canaries.deliver(canary)
  }, 60_000)

  test('no answer, list or log shows a token or a proof', async () => {
    const canary = await canaries.next('smtp')
    await canaries.deliver({ to: canary.to, raw: mail({ From: freshId(), To: canary.to }) })
    await canaries.deliver(canary)
    const token = /\+([0-9a-f]{32})@/.exec(canary.to)?.[1] ?? ''
    const shown = [
      JSON.stringify(service.log()),
      (await service.api('GET', '/metrics')).bytes.toString(),
      (await service.api('GET', '/api/v1/doctor')).bytes.toString(),
      (await service.api('GET', '/api/v1/inbound_emails')).bytes.toString(),
    ].join('\n')
    for (const secret of [token, proofOf(canary)]) {
      expect(secret.length).toBeGreaterThan(31)
      expect(shown.includes(secret)).toBe(false)
    }
  }, 60_000)
})
