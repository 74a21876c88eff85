// A canary is recognised by whichever ingress it comes back: it is never an inbound email that stays, a conversation or
// a message, also long after its deadline, a second time, or when it was only announced.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Canary, watchCanaries } from '../support/canaries.ts'
import { freshWords, mail } from '../support/mail.ts'
import { startMailServer } from '../support/mail-server.ts'
import {
  basic,
  examples,
  form,
  json,
  mailgunNotice,
  type Posted,
  resendNotice,
  sesNotice,
  signedByMailgun,
  startProviders,
} from '../support/provider-posts.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

describe('a canary that comes back', () => {
  let server: Awaited<ReturnType<typeof startMailServer>>
  let providers: Awaited<ReturnType<typeof startProviders>>
  let service: Service
  let canaries: ReturnType<typeof watchCanaries>

  beforeAll(async () => {
    ;[server, providers] = await Promise.all([startMailServer(), startProviders()])
    service = await startService({
      env: { ...providers.env, CANARY_MINUTES: '1000', OUTBOUND_SMTP_URL: server.url, SENDER_CHECK: 'false' },
    })
    canaries = watchCanaries(service, { smtp: server })
  })
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
    await Promise.all([server.stop(), providers.stop()])
  })

  const post = async (path: string, { headers, body }: Posted) => {
    const response = await fetch(`${service.url}${path}`, { method: 'POST', headers, body: body as never })
    return { status: response.status, body: (await response.text().then((text) => JSON.parse(text || '{}'))) as object }
  }
  const fetchesDone = () =>
    until('the fetch', async () => (await service.sql(`select from work where kind = 'fetch-mail'`)).length === 0)

  // Field by field, as providers hand it over that do not pass on the raw mail.
  const fieldsOf = ({ raw }: Canary): [string, string][] =>
    raw
      .toString()
      .split('\r\n\r\n')[0]!
      .replace(/\r\n[ \t]+/g, ' ')
      .split('\r\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()])

  const ways: Readonly<Record<string, { readonly ingress: string; readonly path: string; readonly make: Make }>> = {
    ...Object.fromEntries(
      Object.entries(examples).map(([name, { make, ending = '' }]) => {
        const path = `/ingress/${name}${ending}`
        return [name, { ingress: name, path, make: ({ raw, to }: Canary) => make(raw, { to, path }) }]
      }),
    ),
    'Mailgun, in parts': {
      ingress: 'mailgun',
      path: '/ingress/mailgun',
      make: (canary) =>
        form({
          ...signedByMailgun(),
          recipient: canary.to,
          'message-headers': JSON.stringify(fieldsOf(canary)),
          'body-plain': 'Rethread sends this mail to itself.',
        }),
    },
    'Postmark, in parts': {
      ingress: 'postmark',
      path: '/ingress/postmark',
      make: (canary) =>
        json(
          {
            OriginalRecipient: canary.to,
            Headers: fieldsOf(canary).map(([Name, Value]) => ({ Name, Value })),
            TextBody: 'Rethread sends this mail to itself.',
          },
          basic(false),
        ),
    },
    'Action Mailbox relay, with an envelope': {
      ingress: 'relay',
      path: '/rails/action_mailbox/relay/inbound_emails',
      make: ({ raw, to }) => ({
        headers: { ...basic(false), 'content-type': 'message/rfc822', 'x-envelope-to': to },
        body: raw,
      }),
    },
    'Action Mailbox relay, raw mail only': {
      ingress: 'relay',
      path: '/rails/action_mailbox/relay/inbound_emails',
      make: ({ raw }) => ({ headers: { ...basic(false), 'content-type': 'message/rfc822' }, body: raw }),
    },
  }
  type Make = (canary: Canary) => Posted

  test.each(Object.entries(ways))(
    'by %s is counted, and nothing is stored',
    async (_name, { ingress, path, make }) => {
      const before = await canaries.counts()
      const canary = await canaries.next('smtp')
      expect((await post(path, make(canary))).status).toBeLessThan(300)
      expect((await canaries.rowsOf('smtp')).at(-1)).toMatchObject({ outcome: 'returned', returned_by: ingress })
      // The provider did not get our answer.
      expect((await post(path, make(canary))).status).toBeLessThan(300)
      expect(await canaries.counts()).toEqual(before)
    },
    60_000,
  )

  const announced: Readonly<Record<string, { readonly ingress: string; readonly announce: Announce }>> = {
    'Mailgun store': {
      ingress: 'mailgun',
      announce: ({ raw, to }, id) => {
        providers.kept.set(`/v3/domains/reply.example/messages/${id}`, { 'body-mime': raw.toString() })
        return mailgunNotice(`${providers.origin}/v3/domains/reply.example/messages/${id}`, to)
      },
    },
    'SES with S3': {
      ingress: 'ses',
      announce: ({ raw, to }, id) => {
        providers.kept.set(`/mail-in/in/${id}`, raw)
        return sesNotice(`in/${id}`, to)
      },
    },
    Resend: {
      ingress: 'resend',
      announce: ({ raw, to }, id) => {
        providers.kept
          .set(`/raw/${id}`, raw)
          .set(`/emails/receiving/${id}`, { raw: { download_url: `${providers.origin}/raw/${id}` } })
        return resendNotice(id, to)
      },
    },
    'Resend without an envelope': {
      ingress: 'resend',
      announce: ({ raw }, id) => {
        providers.kept
          .set(`/raw/${id}`, raw)
          .set(`/emails/receiving/${id}`, { raw: { download_url: `${providers.origin}/raw/${id}` } })
        return resendNotice(id, null)
      },
    },
  }
  type Announce = (canary: Canary, id: string) => Posted

  test.each(Object.entries(announced))(
    'by a notice of %s is fetched, counted, and not kept',
    async (name, { ingress, announce }) => {
      const before = await canaries.counts()
      const canary = await canaries.next('smtp')
      const notice = announce(canary, `k-${name.replaceAll(' ', '-')}`)
      expect((await post(`/ingress/${ingress}`, notice)).status).toBe(200)
      expect(await canaries.outcome('smtp')).toBe('returned')
      expect((await canaries.rowsOf('smtp')).at(-1)).toMatchObject({ returned_by: ingress })
      await fetchesDone()
      expect(await canaries.counts()).toEqual(before)
      expect((await post(`/ingress/${ingress}`, notice)).status).toBe(200)
      await fetchesDone()
      expect(await canaries.counts()).toEqual(before)
      expect(await service.balance()).toMatchObject({ unaccounted: 0 })
    },
    60_000,
  )

  test('in a batch, and a forged one in it, keep no mail of people away', async () => {
    const canary = await canaries.next('smtp')
    const before = await canaries.counts()
    const fields = { From: 'jane@example.com', Subject: freshWords() }
    const mails: readonly (readonly [raw: Buffer, to: string])[] = [
      [mail({ ...fields, To: service.inboxAddress }, freshWords()), service.inboxAddress],
      [mail({ ...fields, To: canary.to }), canary.to],
      [canary.raw, canary.to],
      [mail({ ...fields, To: service.inboxAddress }, freshWords()), service.inboxAddress],
    ]
    const posts = mails.map(([raw, to]) => examples['sparkpost']!.make(raw, { to, path: '' }))
    const body = Buffer.from(JSON.stringify(posts.flatMap((one) => JSON.parse(one.body.toString()) as unknown[])))
    const answer = await post('/ingress/sparkpost', { headers: posts[0]!.headers, body })
    expect(answer).toMatchObject({ status: 200, body: { ids: { length: 3 } } })
    expect(await canaries.outcome('smtp')).toBe('returned')
    expect(await canaries.counts()).toMatchObject({ mails: Number(before?.['mails']) + 2 })
    for (const id of (answer.body as { ids: number[] }).ids.filter((one) => one !== 0))
      expect(await service.settled(id)).toMatchObject({ status: 'delivered', reason: 'new-conversation' })
  }, 60_000)

  test('long after its deadline by a notice is late, and not kept', async () => {
    const before = await canaries.counts()
    const canary = await canaries.next('smtp')
    await canaries.lose('smtp')
    await service.sql(
      `update canaries set created_at = created_at - interval '3 days', sent_at = sent_at - interval '3 days'`,
    )
    const { announce } = announced['SES with S3']!
    expect((await post('/ingress/ses', announce(canary, 'late'))).status).toBe(200)
    await until(
      'its return',
      async () => (await service.sql(`select from canaries where outcome = 'late'`)).length === 1,
    )
    await fetchesDone()
    expect(await canaries.counts()).toEqual(before)
  }, 60_000)

  test('when its row is forgotten is still not stored', async () => {
    const before = await canaries.counts()
    const canary = await canaries.next('smtp')
    await service.sql('delete from canaries where returned_at is null')
    expect((await post('/ingress/relay', ways['Action Mailbox relay, raw mail only']!.make(canary))).status).toBe(204)
    expect(await canaries.counts()).toEqual(before)
  }, 60_000)

  test('an announced mail that only pretends to be one is held as any mail for an unknown address', async () => {
    const canary = await canaries.next('smtp')
    const forged = mail({ From: 'mallory@attacker.example', To: canary.to, 'X-Rethread-Canary': '0'.repeat(64) })
    const { announce } = announced['SES with S3']!
    expect((await post('/ingress/ses', announce({ ...canary, raw: forged }, 'forged'))).status).toBe(200)
    await fetchesDone()
    await until(
      'the held mail',
      async () =>
        (await service.sql(`select from inbound_emails where status = 'held' and reason = 'unknown-recipient'`))
          .length === 1,
    )
    expect((await canaries.rowsOf('smtp')).at(-1)).toMatchObject({ outcome: null })
    // One to a canary that was never sent is not fetched at all.
    const guessed = { to: canary.to.replace(/\+.{8}/, '+00000000'), raw: forged }
    expect((await post('/ingress/ses', announce(guessed, 'guessed'))).status).toBe(200)
    expect(await service.sql(`select from inbound_emails where pointer is not null`)).toEqual([])
  }, 60_000)
})
