// Bounces, complaints and receipts that a stranger writes: they change a message only if they show knowledge of its
// mail, they never set its state back, and their content is marked as the reporter's.

import { describe, expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshId, freshWords } from '../support/mail.ts'
import { addCorrespondence, answerThroughApi } from '../support/people.ts'
import { type Report, reportOf } from '../support/reports.ts'
import { type RelayOptions } from '../support/service.ts'
import { until } from '../support/until.ts'

const relay = 'mx.relay.example'
const disowned = [`Authentication-Results: ${relay}; dmarc=fail (p=reject) header.from=mx.example.com`]

describeOnEitherDatabase('forged reports', (member) => {
  const service = useService({ on: member, env: { AUTHSERV_ID: relay } })

  let count = 0
  const correspond = async () => {
    const place = await addCorrespondence(service, `jane${String(++count)}@example.com`)
    const isSent = async () =>
      (await service.messages(place.displayId)).at(-1)?.content_attributes.delivery?.state === 'sent' ? true : null
    await until('that it is sent', isSent)
    return { ...place, id: place.sent.address('Message-ID') }
  }
  type Place = Awaited<ReturnType<typeof correspond>>
  const messageOf = async (place: Place) =>
    (await service.messages(place.displayId)).find(({ id }) => id === place.messageId)
  const deliver = (report: Report, options: RelayOptions = {}) => {
    const envelope = { from: '', to: service.inboxAddress, ...options }
    return service.deliver(reportOf(report), envelope)
  }

  test('our Message-IDs cannot be guessed by counting', async () => {
    const place = await correspond()
    const { sent } = await answerThroughApi(service, place.displayId, freshWords())
    const marks = [place.id, sent.address('Message-ID')].map((id) => /\/messages\/\d+\/([0-9a-f]{32})@/.exec(id)?.[1])
    expect(marks).not.toContain(undefined)
    expect(new Set(marks).size).toBe(2)
  })

  describe('a report changes nothing', () => {
    test.each<[what: string, report: (place: Place) => Report]>([
      ['that its domain disowns', ({ id, email }) => ({ kind: 'bounce', quotes: id, names: email, top: disowned })],
      [
        'that names a recipient who was never addressed',
        ({ id }) => ({ kind: 'bounce', quotes: id, names: 'other@example.com' }),
      ],
      ['that names no recipient', ({ id }) => ({ kind: 'complaint', quotes: id })],
      [
        'with two authors',
        ({ id, email }) => ({ kind: 'bounce', quotes: id, names: email, top: ['From: a@example.net'] }),
      ],
      [
        'that quotes the id without its mark',
        ({ id, email }) => ({ kind: 'bounce', quotes: id.replace(/\/[0-9a-f]{32}@/, '@'), names: email }),
      ],
      [
        'that quotes the id with another mark',
        ({ id, email }) => ({
          kind: 'receipt',
          quotes: id.replace(/\/[0-9a-f]{32}@/, `/${'0'.repeat(32)}@`),
          names: email,
        }),
      ],
      [
        'that quotes the conversation',
        ({ id, email }) => ({
          kind: 'bounce',
          quotes: id.replace(/^(conversation\/[^/]+)\/.*@/, 'account/1/$1@'),
          names: email,
        }),
      ],
    ])('%s', async (_what, report) => {
      const place = await correspond()
      const before = await messageOf(place)
      const email = await deliver(report(place))
      expect(['held', 'ignored']).toContain(email.status)
      expect(['report-unmatched', 'report-without-message', 'forged-sender', 'doubled-header']).toContain(email.reason)
      expect(await messageOf(place)).toEqual(before)
      expect(await service.messages(place.displayId)).toHaveLength(1)
    })

    test('that came to the reverse-path from a sender who fails DMARC', async () => {
      const place = await correspond()
      const email = await deliver({ kind: 'bounce', names: place.email, top: disowned }, { to: place.bounceAddress })
      expect(email).toMatchObject({ status: 'held', reason: 'forged-sender' })
      expect((await messageOf(place))?.status).toBe('sent')
    })

    test('that came to the reply address alone', async () => {
      const place = await correspond()
      const email = await deliver({ kind: 'bounce', names: place.email }, { to: place.replyAddress })
      expect(email).toMatchObject({ status: 'held', reason: 'report-unmatched' })
      expect((await messageOf(place))?.status).toBe('sent')
    })
  })

  describe('a report counts', () => {
    test.each<[what: string, report: (place: Place) => Report, options: (place: Place) => RelayOptions]>([
      [
        'that quotes the id and names the recipient',
        ({ id, email }) => ({ kind: 'bounce', quotes: id, names: email.toUpperCase() }),
        () => ({}),
      ],
      ['at the reverse-path', () => ({ kind: 'bounce' }), ({ bounceAddress }) => ({ to: bounceAddress })],
      [
        'at the reverse-path, from an address',
        () => ({ kind: 'bounce' }),
        ({ bounceAddress }) => ({ to: bounceAddress, from: 'postmaster@mx.example.com' }),
      ],
    ])('%s', async (_what, report, options) => {
      const place = await correspond()
      expect(await deliver(report(place), options(place))).toMatchObject({ status: 'delivered', reason: 'bounce' })
      expect((await messageOf(place))?.status).toBe('failed')
    })

    test('in free text at the reverse-path, from an address', async () => {
      const place = await correspond()
      const bounce = Buffer.from(
        `From: MAILER-DAEMON@mx.example.com\r\nSubject: Undelivered Mail Returned to Sender\r\nMessage-ID: ` +
          `<${freshId()}>\r\n\r\n550 5.1.1 user unknown\r\n`,
      )
      const email = await service.deliver(bounce, { from: 'MAILER-DAEMON@mx.example.com', to: place.bounceAddress })
      expect(email).toMatchObject({ status: 'delivered', reason: 'bounce' })
      expect((await messageOf(place))?.status).toBe('failed')
    })
  })

  test(
    'states move forward only: a receipt after a bounce changes nothing, and neither does a bounce after ' +
      'a receipt',
    async () => {
      const [bounced, read] = [await correspond(), await correspond()]
      for (const kind of ['bounce', 'receipt'] as const)
        await deliver({ kind, quotes: bounced.id, names: bounced.email })
      for (const kind of ['receipt', 'bounce'] as const) await deliver({ kind, quotes: read.id, names: read.email })
      expect(await messageOf(bounced)).toMatchObject({
        status: 'failed',
        content_attributes: { delivery: { state: 'bounced' } },
      })
      const message = await messageOf(read)
      expect(message).toMatchObject({ status: 'read', content_attributes: { delivery: { state: 'read' } } })
      expect(message?.content_attributes).not.toHaveProperty('external_error')
    },
  )

  test("the text of a report is cut, put on one line, and marked as the reporter's", async () => {
    const place = await correspond()
    const says = `call \u001b[31m+1 555 0100\u0007 ${'now '.repeat(500)}`
    await deliver({ kind: 'bounce', quotes: place.id, names: place.email, says })
    const error = String((await messageOf(place))?.content_attributes.external_error)
    expect(error).toMatch(/^MAILER-DAEMON@mx\.example\.com reported: ".*…"$/)
    expect(error.length).toBeLessThan(600)
    expect(error).not.toMatch(/\p{Cc}/u)
  })
})
