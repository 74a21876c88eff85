// What each MTA must do with our configuration (docs/install/mail-in): mail sent to it arrives here whole, waits where
// we cannot take it, and goes back where we never will. One MTA in a room of its own, one running service, one sink
// for bounces.

import { randomBytes } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { maskReplyAddresses } from '../../src/mail/reply-address.ts'
import { createTestDatabase, describeWithDatabase, type TestDatabase } from '../support/database.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { type MailSession, openSession, type Submission, submit } from '../support/mail-client.ts'
import { createDataDir, type InboundEmail, type Service, startProcess } from '../support/service.ts'
import { until } from '../support/until.ts'
import type { Member, Site } from './member.ts'
import { type ListenerState, openRoom, whyNot } from './room.ts'
import { startSink } from './sink.ts'
import { siteOf } from './site.ts'

const domain = 'reply.example.com'
const jane = 'jane@example.com'
const unknownToken = `reply+${'0'.repeat(32)}@${domain}`
const client = '127.0.0.9'
const maxBytes = 24 * 1024 * 1024

/** The promises of one member; skipped, saying why, where its program cannot be had. */
export function describeMta(title: string, member: Member): void {
  const reason = whyNot(member.program)
  if (reason !== null) console.warn(`skipped: ${title}: ${reason}`)
  describeWithDatabase(title, () => {
    describe.skipIf(reason !== null)('with the configuration of docs/install/mail-in', () => {
      promises(member)
    })
  })
}

function promises(member: Member): void {
  let service: Service
  let folder: Awaited<ReturnType<typeof createDataDir>>
  let database: TestDatabase
  let sink: Awaited<ReturnType<typeof startSink>>
  let room: ListenerState
  let site: Site
  let replyAddress: string
  const env = () => ({
    DATA_DIR: folder.path,
    DATABASE_URL: database.url,
    INBOUND_EMAIL_DOMAIN: domain,
    MAX_MESSAGE_BYTES: String(maxBytes),
  })

  beforeAll(async () => {
    folder = await createDataDir()
    database = await createTestDatabase()
    service = await startProcess(env())
    replyAddress = service.replyAddress
    sink = await startSink()
    site = siteOf(service, sink.port)
    room = await openRoom(member.program)
    await member.setUp(room, site)
    await until(
      `${member.program} takes our recipients`,
      async () => await openSession(endpoint(), 'smtp').then(isReady, () => false),
      30_000,
    )
  }, 120_000)

  afterAll(async () => {
    await room?.close()
    await sink?.stop()
    await service?.kill()
    await database?.drop()
    await folder?.remove()
  })

  async function isReady(session: MailSession): Promise<boolean> {
    await session.command(`MAIL FROM:<${jane}>`)
    const answer = await session.command(`RCPT TO:<${replyAddress}>`)
    session.close()
    return answer.startsWith('250')
  }

  const endpoint = () => ({ host: site.address, port: site.port, localAddress: client })

  /** Hands a mail to the MTA, which must take it. */
  async function send(submission: Submission): Promise<void> {
    const { recipients, data } = await submit(endpoint(), 'smtp', submission)
    expect([...recipients, ...data].filter((reply) => !reply.startsWith('250'))).toEqual([])
  }

  /** `until`; a failure shows what the MTA says of it. */
  async function within<T>(what: string, ask: () => Promise<T | null | undefined | false>): Promise<T> {
    try {
      return await until(what, ask, 45_000)
    } catch (error) {
      throw new Error(`${String(error)}\n${await member.queue(room)}\n${(await member.log(room)).slice(-4_000)}`)
    }
  }

  /** What became of a mail that the MTA hands over, now or, `flushing`, when it tries again. */
  async function arrived(messageId: string, { flushing = false } = {}): Promise<InboundEmail> {
    return within(`mail ${messageId} here`, async () => {
      if (flushing) await member.flush(room)
      const [row] = await service.sql<{ id: number }>('select id from inbound_emails where message_id = $1', [
        messageId,
      ])
      return row === undefined ? null : service.settled(row.id)
    })
  }

  /** The last word on a mail that is here: once, byte for byte behind what the MTA put before it. */
  async function isWhole(email: InboundEmail, raw: Buffer): Promise<void> {
    const { bytes } = await service.api('GET', `/api/v1/inbound_emails/${String(email.id)}/raw`)
    // A pipe gives lines as Unix has them.
    const expected =
      member.way === 'pipe' ? Buffer.from(raw.toString('latin1').replaceAll('\r\n', '\n'), 'latin1') : raw
    expect(bytes.subarray(-expected.length).equals(expected)).toBe(true)
    const before = bytes
      .subarray(0, -expected.length)
      .toString('latin1')
      .split(/\r?\n(?![ \t])/)
      .filter((line) => line !== '')
    expect(
      before.filter(
        (line) => !/^(?:Return-Path|X-Original-To|Delivered-To|Received|Envelope-To|Delivery-Date): /i.test(line),
      ),
    ).toEqual([])
    expect(
      await service.sql('select count(*)::int as n from inbound_emails where message_id = $1', [email.message_id]),
    ).toEqual([{ n: 1 }])
  }

  const envelopeOf = async ({ id }: InboundEmail) =>
    (
      await service.sql<{ from: string; client: string | null }>(
        `select reverse_path as from, peer->>'address' as client from inbound_emails where id = $1`,
        [id],
      )
    )[0]
  const contents = async () => (await service.messages(1)).map(({ content }) => content)
  const bounceOf = (messageId: string) =>
    within(`the bounce of ${messageId}`, async () =>
      sink.taken.find(({ to, text }) => to.includes(jane) && text.includes(messageId)),
    )

  /** Sends a mail, and waits until it waits in the queue for the reason that `said` matches. */
  async function sendInVain(raw: Buffer, said: RegExp): Promise<void> {
    const before = (await member.log(room)).length
    await send({ from: jane, to: replyAddress, raw })
    await within(
      `mail that waits, as ${String(said)}`,
      async () =>
        said.test((await member.log(room)).slice(before)) && (await member.queue(room)).includes(replyAddress),
    )
  }

  const letter = (fields: Record<string, string> = {}, words = freshWords()) => {
    const id = freshId()
    return {
      id,
      words,
      raw: mail(
        {
          'Message-ID': `<${id}>`,
          Date: 'Wed, 25 Nov 2026 12:00:00 +0000',
          From: jane,
          To: replyAddress,
          Subject: 'A reply',
          ...fields,
        },
        words,
      ),
    }
  }

  test('a reply arrives complete, as a message, with its envelope', async () => {
    const { id, words, raw } = letter()
    await send({ from: jane, to: replyAddress, raw })
    const email = await arrived(id)
    expect(email).toMatchObject({
      status: 'delivered',
      reason: 'reply-address',
      conversation_id: 1,
      ingress: member.way === 'lmtp' ? 'lmtp' : 'relay',
    })
    expect(email.recipients).toContainEqual({ address: maskReplyAddresses(replyAddress), learned_from: 'envelope' })
    expect(await envelopeOf(email)).toEqual({
      from: jane,
      client: member.client === 'forwarded' ? client : member.client,
    })
    expect(await contents()).toContain(words)
    await isWhole(email, raw)
  })

  test('a bounce keeps its null reverse-path', async () => {
    const { id, raw } = letter({ From: 'mailer-daemon@example.com', Subject: 'Undelivered' })
    await send({ from: '', to: replyAddress, raw })
    expect(await envelopeOf(await arrived(id))).toMatchObject({ from: '' })
  })

  test('each of several recipients gets its own answer', async () => {
    const { id, words, raw } = letter({ To: 'undisclosed-recipients:;' })
    const elsewhere = 'someone@elsewhere.example'
    const { recipients, data } = await submit(endpoint(), 'smtp', {
      from: jane,
      to: [replyAddress, unknownToken, elsewhere],
      raw,
    })
    const said = [recipients[0], recipients[2], ...data].map((reply) => reply?.slice(0, 3))
    expect(said).toEqual(['250', '250', '250'])
    expect(recipients[1]).toMatch(member.unknown === 'refused' ? /^550[ -]/ : /^250/)
    await within('the mail elsewhere', async () =>
      sink.taken.find(({ to, text }) => to.includes(elsewhere) && text.includes(words)),
    )
    await within('the reply', async () => (await contents()).includes(words))
    // The test does not wait for a second attempt.
    await within('an empty queue', async () => !(await member.queue(room)).includes('@reply.example.com'))
    if (member.unknown === 'bounced') {
      const { text } = await bounceOf(id)
      expect(text).toContain(unknownToken)
      expect(text).toContain('5.1.1')
      expect(text).not.toContain(`<${replyAddress}>: `)
    } else {
      await within(
        'the held one',
        async () =>
          (
            await service.sql('select from inbound_emails where message_id = $1 and status = $2 and reason = $3', [
              id,
              'held',
              'unknown-recipient',
            ])
          ).length === (member.unknown === 'held' ? 1 : 0),
      )
      expect(sink.taken.filter(({ from, text }) => from === '' && text.includes(id))).toEqual([])
    }
  })

  test(
    member.unknown === 'bounced'
      ? 'mail of a forged sender to an unknown recipient is bounced to them: this MTA does not check recipients first'
      : 'mail of a forged sender to an unknown recipient makes no bounce',
    async () => {
      const victim = 'forged@victim.example'
      const recipients = [`nobody@${domain}`, unknownToken, `NOBODY+${'1'.repeat(32)}@${domain}`]
      for (const to of recipients) {
        const { raw } = letter({ From: victim, To: to })
        const submitted = await submit(endpoint(), 'smtp', { from: victim, to: [to], raw })
        expect(submitted.recipients[0]).toMatch(member.unknown === 'refused' ? /^550[ -]/ : /^250/)
      }
      // What is taken after them is through, and so are they.
      const { id, raw } = letter()
      await send({ from: jane, to: replyAddress, raw })
      await arrived(id)
      await within('an empty queue', async () => !(await member.queue(room)).includes(victim))
      const bounces = () => sink.taken.filter(({ to }) => to.includes(victim))
      if (member.unknown === 'bounced') await within('the bounces', async () => bounces().length === recipients.length)
      else expect(bounces()).toEqual([])
    },
  )

  test('a fault of Rethread keeps a mail in the queue; after the repair it arrives, once', async () => {
    const { id, words, raw } = letter()
    await service.sql('alter table raw_emails rename to raw_emails_away')
    try {
      await sendInVain(raw, /\b4\.3\.0\b/)
    } finally {
      await service.sql('alter table raw_emails_away rename to raw_emails')
    }
    await isWhole(await arrived(id, { flushing: true }), raw)
    expect((await contents()).filter((content) => content === words)).toHaveLength(1)
    expect(sink.taken.filter(({ text }) => text.includes(id))).toEqual([])
  })

  test('rejected mail returns to its sender', async () => {
    const { id, raw } = letter({}, `${'x'.repeat(76)}\r\n`.repeat(maxBytes / 78 + 10_000))
    await send({ from: jane, to: replyAddress, raw })
    const { text } = await bounceOf(id)
    expect(text).toMatch(/^(?:Status: 5|.*\b5\.3\.4\b)/m)
    expect(await service.sql('select from inbound_emails where message_id = $1', [id])).toEqual([])
  })

  test('8-bit text arrives unchanged', async () => {
    const { id, raw } = letter({
      'MIME-Version': '1.0',
      'Content-Type': 'text/plain; charset=iso-8859-1',
      'Content-Transfer-Encoding': '8bit',
    })
    const octets = Buffer.concat([raw, Buffer.from('ol\xe9! \xff\x80\r\n.\r\n..\r\nFrom the dots\r\n', 'latin1')])
    await send({ from: jane, to: replyAddress, raw: octets, parameters: 'BODY=8BITMIME' })
    const email = await arrived(id)
    await isWhole(email, octets)
    expect(
      (await service.messages(1)).map(({ content }) => content ?? '').some((content) => content.includes('olé! ÿ')),
    ).toBe(true)
  })

  test(
    member.takesUtf8Addresses
      ? 'an address and a header in UTF-8 arrive (SMTPUTF8)'
      : 'an address in UTF-8 is refused by the MTA, which has no SMTPUTF8',
    async () => {
      const { id, raw } = letter({
        From: 'Jörg <jörg@example.com>',
        Subject: 'Grüße',
        'MIME-Version': '1.0',
        'Content-Type': 'text/plain; charset=utf-8',
        'Content-Transfer-Encoding': '8bit',
      })
      const submission = { from: 'jörg@example.com', to: replyAddress, raw, parameters: 'BODY=8BITMIME SMTPUTF8' }
      if (!member.takesUtf8Addresses) {
        expect((await submit(endpoint(), 'smtp', submission)).recipients[0]).toMatch(/^5/)
        return
      }
      await send(submission)
      const email = await arrived(id)
      expect(email).toMatchObject({ from: 'jörg@example.com', subject: 'Grüße', status: 'delivered' })
      expect(await envelopeOf(email)).toMatchObject({ from: 'jörg@example.com' })
      await isWhole(email, raw)
    },
  )

  test('20 MB arrive byte for byte', async () => {
    const lines = randomBytes(57 * 270_000)
      .toString('base64')
      .replace(/.{76}/g, '$&\r\n')
    const { id, raw } = letter(
      {
        'MIME-Version': '1.0',
        'Content-Type': 'application/octet-stream; name=large.bin',
        'Content-Transfer-Encoding': 'base64',
      },
      lines,
    )
    expect(raw.length).toBeGreaterThan(20 * 1024 * 1024)
    await send({ from: jane, to: replyAddress, raw })
    const email = await arrived(id)
    expect(email).toMatchObject({ status: 'delivered' })
    await isWhole(email, raw)
  })

  test('while Rethread is down mail waits; afterwards it arrives, once', async () => {
    await service.stop()
    const { id, words, raw } = letter()
    await sendInVain(raw, member.way === 'pipe' ? /\b4\.4\.1\b/ : /refused|\b4\.3\.2\b/i)
    const { http, smtp, lmtp } = service.ports
    service = await startProcess({ ...env(), PORT: String(http), SMTP_PORT: String(smtp), LMTP_PORT: String(lmtp) })
    await isWhole(await arrived(id, { flushing: true }), raw)
    expect((await contents()).filter((content) => content === words)).toHaveLength(1)
  })
}
