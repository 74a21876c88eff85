// Each provider's documented request, signed by its own key, posted to a running service under both URL families:
// appended once, byte for byte; a forged one is refused. Requests are those of fixtures/ingress, made out to the
// reply address of this installation.

import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { freshId, freshWords } from '../support/mail.ts'
import {
  basic,
  examples,
  from,
  json,
  mailgunNotice,
  type Posted,
  resendNotice,
  sesNotice,
  startProviders,
  svixHeaders,
} from '../support/provider-posts.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const mailOf = (is8Bit: boolean, to: string) =>
  Buffer.from(
    `From: Jane <${from}>\r\nTo: ${to}\r\nMessage-ID: <${freshId()}>\r\nSubject: hello\r\nContent-Type: ` +
      `text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${freshWords()} ` +
      `${is8Bit ? 'Gr\xfc\xdfe \xff' : 'Gruesse'}\r\n`,
    'latin1',
  )

describeOnEitherDatabase('providers', (member) => {
  const folder = mkdtempSync(join(tmpdir(), 'ways-'))
  let service: Awaited<ReturnType<typeof startService>>
  let elsewhere: Awaited<ReturnType<typeof startProviders>>
  let kept: typeof elsewhere.kept
  let origin = ''

  beforeAll(async () => {
    elsewhere = await startProviders()
    ;({ kept, origin } = elsewhere)
    service = await startService({ on: member, env: elsewhere.env })
  })
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
    await elsewhere.stop()
    rmSync(folder, { recursive: true })
  })

  const curl = (to: string, { headers, body }: Posted): { status: number; ids: number[]; duplicate: boolean } => {
    const file = join(folder, randomUUID())
    writeFileSync(file, body)
    const args = [
      '-sS',
      '-X',
      'POST',
      '--data-binary',
      `@${file}`,
      '-w',
      '\n%{http_code}',
      ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
      `${service.url}${to}`,
    ]
    const [text = '', status = ''] = execFileSync('curl', args, { encoding: 'utf8' }).split(/\n(?=\d+$)/)
    const answer = JSON.parse(text) as { ids?: number[]; duplicate?: boolean }
    return { status: Number(status), ids: answer.ids ?? [], duplicate: answer.duplicate ?? false }
  }
  const post = async (to: string, { headers, body }: Posted) => {
    const response = await fetch(`${service.url}${to}`, { method: 'POST', headers, body: body as never })
    const answer = (await response.json()) as { ids?: number[]; duplicate?: boolean }
    return { status: response.status, ids: answer.ids ?? [], duplicate: answer.duplicate ?? false }
  }
  const send =
    member.name === 'server' && hasCurl() ? (to: string, posted: Posted) => Promise.resolve(curl(to, posted)) : post
  const settled = (id: number) =>
    until('settled', async () => {
      const { body } = await service.api('GET', `/api/v1/inbound_emails/${String(id)}`)
      return ['pending', 'processing'].includes(body.status as string) ? null : body
    })
  const rawOf = async (id: number) => (await service.api('GET', `/api/v1/inbound_emails/${String(id)}/raw`)).bytes

  describe.each(Object.entries(examples))('%s', (name, { make, is8Bit, refusal, ending = '' }) => {
    test('is appended once, byte for byte, under both paths, and a forged one is not', async () => {
      const to = service.replyAddress
      for (const family of [`/ingress/${name}${ending}`, `/rails/action_mailbox/${name}/inbound_emails${ending}`]) {
        const mail = mailOf(is8Bit, to)
        expect(await send(family, make(mail, { to, path: family, forged: true }))).toEqual({
          status: refusal,
          ids: [],
          duplicate: false,
        })
        const posted = make(mail, { to, path: family })
        const first = await send(family, posted)
        expect(first).toMatchObject({ status: 200, duplicate: false })
        const [id = 0] = first.ids
        expect(await settled(id)).toMatchObject({
          status: 'delivered',
          reason: 'reply-address',
          ingress: name,
          conversation_id: 1,
          size: mail.length,
          recipients: [{ address: 'reply+…@reply.localhost', learned_from: 'envelope' }],
          synthesised: false,
        })
        expect((await rawOf(id)).equals(mail)).toBe(true)
        expect(await send(family, posted)).toEqual({ status: 200, ids: [id], duplicate: true })
        expect(await send(family, make(mail, { to, path: family }))).toEqual({
          status: 200,
          ids: [id],
          duplicate: true,
        })
        expect(await service.sql('select 1 as one from messages where inbound_email_id = $1', [id])).toHaveLength(1)
      }
    })
  })

  test("a provider's verdict on the sender is stored, and shown", async () => {
    const {
      ids: [id = 0],
    } = await post(
      '/ingress/ses',
      examples['ses']!.make(mailOf(true, service.replyAddress), { to: service.replyAddress, path: '' }),
    )
    const shown = await settled(id)
    expect(shown.verdicts).toMatchObject({ by: 'ses', spf: 'pass', dmarc: 'pass', dkim: null })
    expect(shown.trace).toContainEqual({ step: 'speaker', outcome: 'verified', detail: `${from}: ses says dmarc=pass` })
  })

  describe('mail stored at a provider is fetched, once', () => {
    test('SES in S3', async () => {
      const mail = mailOf(true, service.replyAddress)
      kept.set('/mail-in/in/1', mail)
      const posted = sesNotice('in/1', service.replyAddress)
      const {
        status,
        ids: [id = 0],
      } = await post('/ingress/ses', posted)
      expect(status).toBe(200)
      expect(await settled(id)).toMatchObject({ status: 'delivered', conversation_id: 1, size: mail.length })
      expect((await rawOf(id)).equals(mail)).toBe(true)
      expect(await post('/ingress/ses', posted)).toEqual({ status: 200, ids: [id], duplicate: true })
    })

    test('Resend', async () => {
      const mail = mailOf(true, service.replyAddress)
      kept.set('/raw/e-1', mail).set('/emails/receiving/e-1', { raw: { download_url: `${origin}/raw/e-1` } })
      const { headers, body } = resendNotice('e-1', service.replyAddress)
      const forged = svixHeaders(body, { id: 'e-1', timestamp: headers['svix-timestamp']!, secret: 'AAAA' })
      expect((await post('/ingress/resend', { headers: forged, body })).status).toBe(401)
      const {
        ids: [id = 0],
      } = await post('/rails/action_mailbox/resend/inbound_emails', { headers, body })
      expect(await settled(id)).toMatchObject({ status: 'delivered', conversation_id: 1 })
      expect((await rawOf(id)).equals(mail)).toBe(true)
    })

    test(
      'a message stored at Mailgun that is unavailable stays pending, then fails, and a replay ' + 'delivers it',
      async () => {
        const url = `${origin}/v3/domains/reply.example/messages/K1`
        const {
          ids: [id = 0],
        } = await post('/ingress/mailgun', mailgunNotice(url, service.replyAddress))
        const show = async () => (await service.api('GET', `/api/v1/inbound_emails/${String(id)}`)).body
        await until('tried once', async () => (await show()).attempts === 1)
        expect(await show()).toMatchObject({
          status: 'pending',
          size: 0,
          trace: [{ step: 'fetch', outcome: 'retry', detail: expect.stringContaining('404') }],
        })
        // An answer that has no mail in it is the end.
        kept.set('/v3/domains/reply.example/messages/K1', { subject: 'x' })
        await service.sql(`update work set run_at = now() where kind = 'fetch-mail'`)
        await until('given up', async () => (await show()).status === 'failed')
        const mail = mailOf(false, service.replyAddress)
        kept.set('/v3/domains/reply.example/messages/K1', { 'body-mime': mail.toString() })
        expect((await service.api('POST', `/api/v1/inbound_emails/${String(id)}/replay`)).status).toBe(200)
        expect(await settled(id)).toMatchObject({ status: 'delivered', conversation_id: 1 })
        expect((await rawOf(id)).equals(mail)).toBe(true)
      },
    )

    test('files of Brevo', async () => {
      kept.set('/v3/inbound/attachments/t1', Buffer.from('\0\xff', 'latin1'))
      const item = {
        Uuid: [randomUUID()],
        Headers: { From: from, To: service.replyAddress, 'Message-ID': `<${freshId()}>`, Subject: 'file' },
        RawTextBody: freshWords(),
        Attachments: [{ Name: 'a.bin', ContentType: 'application/octet-stream', DownloadToken: 't1' }],
      }
      const {
        ids: [id = 0],
      } = await post('/ingress/brevo', json({ items: [item] }, basic(false)))
      expect(await settled(id)).toMatchObject({
        status: 'delivered',
        conversation_id: 1,
        synthesised: true,
        recipients: [{ address: 'reply+…@reply.localhost', learned_from: 'to' }],
      })
      expect(
        await service.sql(
          `
            select file_name, byte_size
            from attachments a
            join messages m on m.id = a.message_id
            where m.inbound_email_id = $1
          `,
          [id],
        ),
      ).toEqual([{ file_name: 'a.bin', byte_size: 2 }])
    })
  })

  test("Mailjet's mail is built from its parts, appended, and marked as synthesised", async () => {
    const payload = {
      Sender: from,
      Recipient: service.replyAddress,
      From: `Jane <${from}>`,
      Subject: 'Größe',
      Headers: { 'Message-ID': `<${freshId()}>` },
      'Text-part': freshWords(),
    }
    expect((await post('/ingress/mailjet', json(payload, basic(true)))).status).toBe(401)
    const {
      ids: [id = 0],
    } = await post('/ingress/mailjet', json(payload, basic(false)))
    expect(await settled(id)).toMatchObject({
      status: 'delivered',
      reason: 'reply-address',
      synthesised: true,
      subject: 'Größe',
    })
    expect(await post('/rails/action_mailbox/mailjet/inbound_emails', json(payload, basic(false)))).toEqual({
      status: 200,
      ids: [id],
      duplicate: true,
    })
  })

  test('unreadable requests of an authenticated provider are held', async () => {
    const {
      status,
      ids: [id = 0],
    } = await post('/ingress/mailjet', json(['?'], basic(false)))
    expect(status).toBe(200)
    expect(await settled(id)).toMatchObject({
      status: 'held',
      reason: 'from-missing',
      subject: expect.stringContaining('mailjet'),
    })
  })

  test(
    'doctor shows the last request of each service and the reason of its last refusal, with both ' +
      'URLs for Mandrill',
    async () => {
      await post('/ingress/mandrill', {
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-mandrill-signature': 'x' },
        body: Buffer.from(`mandrill_events=${encodeURIComponent('[{"event":"inbound"}]')}`),
      })
      const line = await until('said', async () => {
        const { checks } = (await service.api('GET', '/api/v1/doctor')).body as {
          checks: { name: string; ok: boolean; detail: string }[]
        }
        return checks.find(
          ({ name, ok, detail }) =>
            name === 'ingress mandrill' && !ok && detail.includes('last request') && detail.includes('key or URL'),
        )
      })
      expect(line.detail).toContain('its key is set; ')
      expect(line.detail).toContain('https://mail.example.com/ingress/mandrill; the request came to http://127.0.0.1')
      const { checks } = (await service.api('GET', '/api/v1/doctor')).body as {
        checks: { name: string; ok: boolean; detail: string }[]
      }
      expect(checks.find(({ name }) => name === 'ingress brevo')).toMatchObject({
        ok: true,
        detail: expect.stringMatching(/^its key is set; last request .+ ago; nothing refused$/),
      })
      expect(checks.find(({ name }) => name === 'ingress relay')).toMatchObject({
        ok: true,
        detail: 'its password is set; no request yet; nothing refused',
      })
    },
  )
})

function hasCurl(): boolean {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
