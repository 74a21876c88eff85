// Whatever is sent has its answer by the error table (docs/develop/architecture.md, "Errors"), no mail is lost and the
// process lives on.

import { afterEach, expect, test } from 'vitest'

import { describeOnEitherDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { openSession } from '../support/mail-client.ts'
import { acceptedId } from '../support/service.ts'

const jane = 'jane@example.com'
const maxBytes = 12 * 1024 * 1024

describeOnEitherDatabase('bad input', (member) => {
  const service = useService({
    on: member,
    env: { MAX_MESSAGE_BYTES: String(maxBytes), MAX_BYTES_IN_FLIGHT: String(8 * maxBytes) },
  })

  // After each of them a plain mail is still delivered, by the same process.
  afterEach(async () => {
    expect(service.isRunning()).toBe(true)
    expect(
      await service.deliver(mail({ From: jane, To: service.replyAddress }, freshWords()), { to: service.replyAddress }),
    ).toMatchObject({ status: 'delivered' })
    expect((await service.balance())['unaccounted']).toBe(0)
  })

  test('a wrong or missing password is 401 with a challenge, and nothing is stored', async () => {
    const before = (await service.balance())['accepted']
    const raw = mail({ From: jane, To: service.replyAddress })
    const wrong = [
      `Basic ${Buffer.from('actionmailbox:wrong').toString('base64')}`,
      `Basic ${Buffer.from(`someone:${service.password}`).toString('base64')}`,
      `Bearer ${service.password}`,
      'Basic',
      'Basic !!!!',
      '',
    ]
    for (const authorization of wrong)
      expect((await service.relay(raw, { to: service.replyAddress, authorization })).status).toBe(401)
    const answer = await fetch(`${service.url}/ingress/relay`, {
      method: 'POST',
      body: 'x',
      headers: { 'content-type': 'message/rfc822' },
    })
    expect(answer.headers.get('www-authenticate')).toBe('Basic realm="Action Mailbox"')
    expect((await service.balance())['accepted']).toBe(before)
  })

  test('another media type is 415, a malformed envelope header 422, a service that is off 404', async () => {
    const raw = mail({ From: jane, To: service.replyAddress })
    expect((await service.relay(raw, { headers: { 'content-type': 'text/plain' } })).status).toBe(415)
    expect((await service.relay(raw, { to: 'a b@c, <unclosed' })).status).toBe(422)
    expect((await service.relay(raw, { from: 'two words' })).status).toBe(422)
    expect((await service.relay(raw, { path: '/ingress/mailgun' })).status).toBe(404)
    expect((await service.relay(raw, { path: '/ingress/pigeon' })).status).toBe(404)
  })

  test.each(['smtp', 'lmtp'] as const)(
    'a malformed envelope over %s is refused with 5xx and the connection goes on',
    async (protocol) => {
      const session = await openSession(service.ports[protocol], protocol)
      for (const line of [
        'MAIL FROM: no brackets',
        'MAIL FROM:<two@words@x>',
        'MAIL FROM:<unclosed',
        'RCPT TO:<early@reply.localhost>',
        'DATA',
        'NONSENSE',
        '\0\xff',
      ])
        expect(await session.command(line)).toMatch(/^5\d\d /)
      expect(await session.command(`MAIL FROM:<${jane}>`)).toMatch(/^250/)
      expect(await session.command('RCPT TO:<>')).toMatch(/^5\d\d /)
      expect(await session.command('RSET')).toMatch(/^250/)
      const { data } = await session.submit({
        from: jane,
        to: service.replyAddress,
        raw: mail({ From: jane, To: service.replyAddress }, freshWords()),
      })
      expect(data[0]).toMatch(/^250 /)
      session.close()
    },
  )

  test('a mail that is too large is 413 over HTTP, and 552 5.3.4 over SMTP, announced or not', async () => {
    const large = Buffer.concat([mail({ From: jane, To: service.replyAddress }), Buffer.alloc(maxBytes, 'x\r\n')])
    expect((await service.relay(large, { to: service.replyAddress })).status).toBe(413)
    for (const protocol of ['smtp', 'lmtp'] as const) {
      const { data } = await service[protocol]({ from: jane, to: service.replyAddress, raw: large })
      expect(data[0]).toMatch(/^552 5\.3\.4 /)
      const session = await openSession(service.ports[protocol], protocol)
      expect(await session.command(`MAIL FROM:<${jane}> SIZE=${String(maxBytes + 1)}`)).toMatch(/^552 5\.3\.4 /)
      session.close()
    }
  })

  test.each<[string, (id: string) => Buffer, object]>([
    [
      'no From',
      (id) => Buffer.from(`To: x@reply.localhost\r\nMessage-ID: <${id}>\r\n\r\nHello\r\n`),
      { status: 'held', reason: 'from-missing' },
    ],
    [
      'an empty From',
      (id) => Buffer.from(`From:\r\nMessage-ID: <${id}>\r\n\r\nHello\r\n`),
      { status: 'held', reason: 'from-missing' },
    ],
    [
      'two authors in From',
      (id) => Buffer.from(`From: a@example.com, b@example.com\r\nMessage-ID: <${id}>\r\n\r\nHello\r\n`),
      { status: 'held', reason: 'from-missing' },
    ],
    [
      'From twice',
      (id) => Buffer.from(`From: ${jane}\r\nFrom: admin@reply.localhost\r\nMessage-ID: <${id}>\r\n\r\nHello\r\n`),
      { status: 'held', reason: 'doubled-header' },
    ],
    [
      'Message-ID twice',
      (id) => Buffer.from(`From: ${jane}\r\nMessage-ID: <${id}>\r\nMessage-ID: <other.${id}>\r\n\r\nHello\r\n`),
      { status: 'held', reason: 'doubled-header' },
    ],
    [
      'no Message-ID',
      (id) => Buffer.from(`From: ${jane}\r\nSubject: ${id}\r\n\r\nHello ${id}\r\n`),
      { status: 'delivered', reason: 'reply-address', message_id: null },
    ],
    [
      'a NUL in header and text',
      (id) => Buffer.from(`From: ${jane}\r\nSubject: a\0b\r\nX-\0: \0\r\nMessage-ID: <${id}>\r\n\r\nHel\0lo\r\n`),
      { status: 'delivered', reason: 'reply-address' },
    ],
    [
      '8-bit garbage in header and text',
      (id) =>
        Buffer.from(
          `From: ${jane}\r\nSubject: \xff\xfe\x80\r\nMessage-ID: <${id}>\r\nContent-Type: text/plain; ` +
            `charset=utf-8\r\n\r\n\xc3\x28\xa0\xa1\xe2\x28\xa1\r\n`,
          'latin1',
        ),
      { status: 'delivered', reason: 'reply-address' },
    ],
    [
      'a head that is no head',
      (id) =>
        Buffer.from(`From: ${jane}\r\n: nameless\r\nno colon here\r\n\tfolded\r\nMessage-ID: <${id}>\r\n\r\nHello\r\n`),
      { status: 'delivered' },
    ],
    [
      'a multipart that never begins',
      (id) =>
        Buffer.from(
          `From: ${jane}\r\nMessage-ID: <${id}>\r\nContent-Type: multipart/mixed; boundary=never\r\n\r\nHello\r\n`,
        ),
      { status: 'delivered' },
    ],
    [
      'an unknown charset and transfer encoding',
      (id) =>
        Buffer.from(
          `From: ${jane}\r\nMessage-ID: <${id}>\r\nContent-Type: text/plain; charset=klingon\r\n` +
            `Content-Transfer-Encoding: rot13\r\n\r\nHello\r\n`,
        ),
      { status: 'delivered' },
    ],
    [
      'base64 that is none',
      (id) =>
        Buffer.from(
          `From: ${jane}\r\nMessage-ID: <${id}>\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!=not=base64===\r\n`,
        ),
      { status: 'delivered' },
    ],
  ])('a mail with %s is stored and processed', async (_name, make, expected) => {
    const raw = make(freshId())
    const email = await service.deliver(raw, { to: service.replyAddress })
    expect(email).toMatchObject(expected)
    expect((await service.api('GET', `/api/v1/inbound_emails/${String(email.id)}/raw`)).bytes.equals(raw)).toBe(true)
    const listed = await service.api('GET', '/api/v1/inbound_emails')
    expect(listed.body.payload[0]).toMatchObject({ id: email.id })
  })

  test.each<[string, (id: string) => Buffer]>([
    // Wherever a text is cut to a length, half of a character must not be left over: JSON in the database would
    // refuse it.
    [
      'in the text, at any length it may be cut to',
      (id) =>
        Buffer.from(
          `From: ${jane}\r\nMessage-ID: <${id}>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n` +
            `x${'🙂'.repeat(90_000)}\r\n`,
        ),
    ],
    [
      'in the text, one further on',
      (id) =>
        Buffer.from(
          `From: ${jane}\r\nMessage-ID: <${id}>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n` +
            `${'🙂'.repeat(90_000)}\r\n`,
        ),
    ],
    [
      'in the subject of an automatic answer',
      (id) =>
        Buffer.from(
          `From: ${jane}\r\nMessage-ID: <${id}>\r\nSubject: Automatic reply: ${'🙂'.repeat(800)}\r\n\r\nAway\r\n`,
        ),
    ],
    [
      'in the subject, one further on',
      (id) =>
        Buffer.from(
          `From: ${jane}\r\nMessage-ID: <${id}>\r\nSubject: Automatic reply: x${'🙂'.repeat(800)}\r\n\r\nAway\r\n`,
        ),
    ],
    [
      'in the name of the sender',
      (id) =>
        Buffer.from(
          `From: "${'🙂'.repeat(600)}" <new.${id.replace(/[@<>]/g, '.')}@example.com>\r\nMessage-ID: ` +
            `<${id}>\r\n\r\nHello\r\n`,
        ),
    ],
    [
      'in the name of the sender, one further on',
      (id) =>
        Buffer.from(
          `From: "x${'🙂'.repeat(600)}" <other.${id.replace(/[@<>]/g, '.')}@example.com>\r\nMessage-ID: ` +
            `<${id}>\r\n\r\nHello\r\n`,
        ),
    ],
    [
      'in a field that says it is automatic',
      (id) => Buffer.from(`From: ${jane}\r\nMessage-ID: <${id}>\r\nX-Autorespond: ${'🙂'.repeat(300)}\r\n\r\nAway\r\n`),
    ],
    [
      'in a field that says it is automatic, one further on',
      (id) =>
        Buffer.from(`From: ${jane}\r\nMessage-ID: <${id}>\r\nX-Autorespond: x${'🙂'.repeat(300)}\r\n\r\nAway\r\n`),
    ],
  ])('characters beyond 16 bits %s: the mail is delivered at the first attempt', async (_name, make) => {
    const email = await service.deliver(make(freshId()), { to: service.replyAddress })
    expect(email).toMatchObject({ status: 'delivered', attempts: 1, conversation_id: 1 })
  })

  test("a NUL in a client's greeting affects neither its mail nor the mail of others", async () => {
    const session = await openSession(service.ports.smtp, 'smtp')
    await session.command('EHLO evil\0.example')
    const mails = Array.from({ length: 20 }, () =>
      service.relay(mail({ From: jane, To: service.replyAddress }, freshWords()), { to: service.replyAddress }),
    )
    const { data } = await session.submit({
      from: jane,
      to: service.replyAddress,
      raw: mail({ From: jane, To: service.replyAddress }, freshWords()),
    })
    expect((await Promise.all(mails)).map(({ status }) => status)).toEqual(Array(20).fill(204))
    expect(data[0]).toMatch(/^250 /)
    session.close()
  })

  test('an empty mail is stored and held on the path of Rails, and refused on the other', async () => {
    const refused = await service.relay(Buffer.alloc(0), { to: service.replyAddress })
    expect(refused).toMatchObject({ status: 422, text: expect.stringContaining('The body is empty') })
    const path = '/rails/action_mailbox/relay/inbound_emails'
    const email = await service.deliver(Buffer.alloc(0), { to: service.replyAddress, path })
    expect(email).toMatchObject({ status: 'held', reason: 'from-missing', size: 0 })
  })

  test('10 MB of one line is delivered, with the mail beside it at once', async () => {
    const id = freshId()
    const raw = Buffer.concat([
      Buffer.from(`From: ${jane}\r\nMessage-ID: <${id}>\r\n\r\n`),
      Buffer.alloc(10 * 1024 * 1024, 'x'),
      Buffer.from('\r\n'),
    ])
    const accepted = acceptedId(await service.smtp({ from: jane, to: service.replyAddress, raw }))
    const small = await service.deliver(mail({ From: jane, To: service.replyAddress }, freshWords()), {
      to: service.replyAddress,
    })
    expect(small).toMatchObject({ status: 'delivered' })
    const email = await service.settled(accepted, 40_000)
    expect(email).toMatchObject({ status: 'delivered', conversation_id: 1, size: raw.length })
  })

  test('10 MB of one header line is delivered or held, never lost', async () => {
    const raw = Buffer.concat([
      Buffer.from(`From: ${jane}\r\nMessage-ID: <${freshId()}>\r\nX-Long: `),
      Buffer.alloc(10 * 1024 * 1024, 'x'),
      Buffer.from('\r\n\r\nHello\r\n'),
    ])
    const { status, id } = await service.relay(raw, { to: service.replyAddress })
    expect(status).toBe(204)
    expect(['delivered', 'held']).toContain((await service.settled(id, 40_000)).status)
  })

  test('a mail of 3,000 parts in 200 layers is processed', async () => {
    const layers = Array.from(
      { length: 200 },
      (_, i) => `Content-Type: multipart/mixed; boundary=b${String(i)}\r\n\r\n--b${String(i)}\r\n`,
    ).join('')
    const parts = Array.from(
      { length: 3000 },
      () => '--b199\r\nContent-Disposition: attachment; filename=a\r\n\r\nx\r\n',
    ).join('')
    const email = await service.deliver(
      Buffer.from(`From: ${jane}\r\nMessage-ID: <${freshId()}>\r\nMIME-Version: 1.0\r\n${layers}\r\n${parts}`),
      { to: service.replyAddress },
    )
    expect(email).toMatchObject({ status: 'delivered', reason: 'reply-address' })
  })

  test('a client that disconnects during DATA or a body stores nothing', async () => {
    const before = await service.sql<{ n: number }>('select count(*) as n from raw_emails')
    const session = await openSession(service.ports.smtp, 'smtp')
    await session.command(`MAIL FROM:<${jane}>`)
    await session.command(`RCPT TO:<${service.replyAddress}>`)
    expect(await session.command('DATA')).toMatch(/^354/)
    void session.command(`From: ${jane}\r\n\r\nhalf of it`)
    session.close()
    const half = fetch(`${service.url}/ingress/relay`, {
      method: 'POST',
      duplex: 'half',
      signal: AbortSignal.timeout(300),
      headers: {
        authorization: `Basic ${Buffer.from(`actionmailbox:${service.password}`).toString('base64')}`,
        'content-type': 'message/rfc822',
      },
      body: new ReadableStream({
        start: (controller) => {
          controller.enqueue(Buffer.from(`From: ${jane}\r\n\r\nhalf`))
        },
      }),
    })
    await expect(half).rejects.toThrow()
    expect(await service.sql('select count(*) as n from raw_emails')).toEqual(before)
  })
})
