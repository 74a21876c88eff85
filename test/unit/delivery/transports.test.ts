// Each kind of transport against a local double of its documented API, and the choice among several. Requests and
// answers are those of the providers' documentation.

import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { dkimVerify } from 'mailauth'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { parseTransports } from '../../../src/contracts/transport-settings.ts'
import type { OutgoingMail } from '../../../src/delivery/transport.ts'
import { createRoute, createTransports } from '../../../src/delivery/transports/create-transports.ts'
import { createPace } from '../../../src/delivery/transports/pace.ts'
import { createGuardedPost, type GuardedPost } from '../../../src/http-client/guarded-post.ts'
import { readForm } from '../../../src/ingress/reading/form.ts'
import { parseMail } from '../../../src/mail/parsing/parse.ts'
import { createCertificate } from '../../dialogue/certificate.ts'
import { startMailServer } from '../../support/mail-server.ts'
import { startProviderApi } from '../../support/provider-api.ts'

const mail: OutgoingMail = {
  envelope: {
    from: 'bounce+00@reply.acme.example',
    to: ['jane@customer.example', 'cc@customer.example', 'secret@customer.example'],
  },
  from: { name: 'Anna "A" from Acme', address: 'support@acme.example' },
  replyTo: { name: 'Acme', address: 'reply+00@reply.acme.example' },
  to: ['jane@customer.example', 'has-it@customer.example'],
  cc: ['cc@customer.example'],
  subject: 'Re: Grüße',
  messageId: 'conversation/5e1f/messages/4@reply.acme.example',
  inReplyTo: 'jane-1@customer.example',
  references: ['jane-0@customer.example', 'jane-1@customer.example'],
  text: 'Good to hear!',
  html: '<p>Good to hear!</p>',
  headers: { 'Auto-Submitted': 'auto-generated' },
  attachments: [{ filename: 'a.png', contentType: 'image/png', content: Buffer.from('words'), contentId: 'p@x' }],
  key: `4-${'0'.repeat(32)}`,
}
const post = createGuardedPost(['127.0.0.1'])
const usual = {
  status: 200,
  body: { id: '<20111114174239.25659.5817@samples.mailgun.org>', message: 'Queued. Thank you.' },
}

let api: Awaited<ReturnType<typeof startProviderApi>>
beforeAll(async () => {
  api = await startProviderApi(usual)
})
afterAll(() => api.stop())
beforeEach(() => {
  api.posts.length = 0
  api.script.length = 0
})

const routeOf = (url: string) => {
  const isApi = !url.startsWith('smtp')
  const [settings] = parseTransports(`main=${url}${isApi ? `${url.includes('?') ? '&' : '?'}api=${api.url}` : ''}`)
  if (settings === undefined) throw new Error('no transport')
  return createRoute(settings, post)
}
const lastJson = (): any => JSON.parse(api.posts.at(-1)?.body.toString('utf8') ?? 'null') as unknown
const header = (parsed: Awaited<ReturnType<typeof parseMail>>, name: string) =>
  parsed.headers.find((field) => field.name.toLowerCase() === name)?.value

describe('Mailgun', () => {
  const handOver = (one: OutgoingMail) => routeOf('mailgun://k%2Fey@mg.acme.example').handOver(one)
  const verify = () => routeOf('mailgun://key@mg.acme.example').verify(5_000)

  test('gets the raw mail with our Message-ID, for the recipients of the envelope, and its id is kept', async () => {
    const done = await handOver(mail)
    expect(done).toMatchObject({ queueId: '20111114174239.25659.5817@samples.mailgun.org', refused: [] })
    const [{ path, headers, body }] = api.posts as [(typeof api.posts)[0]]
    expect(path).toBe('/v3/mg.acme.example/messages.mime')
    expect(headers.authorization).toBe(`Basic ${Buffer.from('api:k/ey').toString('base64')}`)
    const form = await readForm(body, headers)
    expect(form.all('to').map(String)).toEqual([...mail.envelope.to])
    expect(form.text('v:rethread')).toBe(mail.key)
    const raw = form.last('message')?.toString('utf8')
    expect(raw).toContain(`Message-ID: <${mail.messageId}>`)
    expect(raw).toContain('reply+00@reply.acme.example')
    expect(raw).not.toContain('secret@customer.example')
  })

  test('an empty message tells a right key (400) from a wrong one (401)', async () => {
    api.script.push({ status: 400, body: { message: 'from parameter is missing' } })
    await expect(verify()).resolves.toContain('accepts the key')
    api.script.push({ status: 401, body: 'Forbidden' })
    await expect(verify()).rejects.toThrow('answered 401')
  })
})

describe('DKIM', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dkim-'))
  const write = (name: string, key: KeyObject): string => {
    const file = join(folder, name)
    writeFileSync(file, key.export({ type: 'pkcs8', format: 'pem' }))
    return file
  }
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const signing = (url: string, file: string) =>
    `${url}?dkim_domain=acme.example&dkim_selector=s1&dkim_key=${encodeURIComponent(file)}`
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  test('a mail with files, long lines and other alphabets is signed, and verifies with the published key', async () => {
    const server = await startMailServer()
    const route = routeOf(signing(server.url, write('key.pem', privateKey)))
    await route.handOver({ ...mail, text: `.dot\n${'word '.repeat(400)}\n \n\n`, subject: 'Re: Grüße '.repeat(20) })
    const raw = server.taken[0]?.raw ?? Buffer.alloc(0)
    const asked: string[] = []
    const published = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    const verify = async (bytes: Buffer, key: string) => {
      const { results } = await dkimVerify(bytes, {
        resolver: (name: string, type: string) => {
          asked.push(`${type} ${name}`)
          return Promise.resolve([[`v=DKIM1; k=rsa; p=${key}`]])
        },
      })
      return results.map(({ status, signingDomain }) => [status.result, signingDomain])
    }
    expect(await verify(raw, published)).toEqual([['pass', 'acme.example']])
    expect(asked).toEqual(['TXT s1._domainkey.acme.example'])
    const signed = /^DKIM-Signature:(?:.*\r\n[ \t])*.*/m.exec(raw.toString())?.[0].replace(/\s+/g, '') ?? ''
    for (const name of ['From', 'To', 'Subject', 'Reply-To', 'Message-ID', 'References'])
      expect(signed.toLowerCase()).toMatch(new RegExp(`[=:]${name.toLowerCase()}[:;]`))
    // The test itself would notice: another body, another key.
    const changed = Buffer.from(raw.toString('latin1').replace('.dot', '.dOt'), 'latin1')
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
    expect((await verify(changed, published))[0]?.[0]).not.toBe('pass')
    expect((await verify(raw, other.export({ type: 'spki', format: 'der' }).toString('base64')))[0]?.[0]).not.toBe(
      'pass',
    )
    route.close()
    await server.stop()
  })

  test.each([
    ['that is not there', () => join(folder, 'none.pem'), /cannot be read/],
    [
      'that is no key',
      () => {
        writeFileSync(join(folder, 'words.pem'), 'words')
        return join(folder, 'words.pem')
      },
      /is not a private key in PEM/,
    ],
    // nodemailer would send unsigned mail.
    ['of Ed25519', () => write('ed.pem', generateKeyPairSync('ed25519').privateKey), /of the kind ed25519, not RSA/],
    [
      'of 512 bits',
      () => write('short.pem', generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey),
      /512 bits/,
    ],
  ])('a key %s is refused at the start', (_what, fileOf, sentence) => {
    expect(() => routeOf(signing('smtp://127.0.0.1:9', fileOf()))).toThrow(sentence)
  })
})

describe('requireTLS', () => {
  test('no byte of a mail leaves to a server without STARTTLS, or with a certificate for another name', async () => {
    const { SMTP_TLS_CERT: cert, SMTP_TLS_KEY: key } = createCertificate()
    const [plain, other] = await Promise.all([
      startMailServer(),
      startMailServer({ cert: readFileSync(cert), key: readFileSync(key) }),
    ])
    for (const { url } of [plain, other]) {
      const route = routeOf(`${url}?requireTLS=true`)
      await expect(route.handOver(mail)).rejects.toMatchObject({ kind: 'unavailable', reach: 'unreached' })
      route.close()
    }
    const trusting = routeOf(`${other.url}?requireTLS=true&tls.rejectUnauthorized=false`)
    await expect(trusting.handOver(mail)).resolves.toMatchObject({ refused: [] })
    trusting.close()
    expect([plain.tries.length, other.tries.length]).toEqual([0, 1])
    expect(other.secured).toEqual([true])
    await Promise.all([plain.stop(), other.stop()])
  })
})

describe('what a failure says of the mail', () => {
  const handOver = () => routeOf('mailgun://key@mg.acme.example').handOver(mail)

  test.each([
    [{ status: 400, body: { message: "'to' parameter is not a valid address" } }, 'forbidden', 'answered'],
    [{ status: 401, body: { message: 'Forbidden' } }, 'unavailable', 'unreached'],
    [{ status: 429, body: { message: 'Too many requests' } }, 'unavailable', 'answered'],
    [{ status: 502 }, 'unavailable', 'unknown'],
    [{ status: 302, headers: { location: 'http://127.0.0.1/' } }, 'unavailable', 'unknown'],
    ['drop' as const, 'unavailable', 'unknown'],
  ])('%j is %s, %s', async (script, kind, reach) => {
    api.script.push(script)
    await expect(handOver()).rejects.toMatchObject({ kind, reach })
  })

  test('a provider that never answers is given up after the time limit, and may have the mail', async () => {
    const limits: number[] = []
    const impatient: GuardedPost = (url, posting) => {
      limits.push(posting.timeoutMs)
      return post(url, { ...posting, timeoutMs: 200 })
    }
    const [settings] = parseTransports(`main=mailgun://key@mg.acme.example?api=${api.url}`)
    api.script.push('hang')
    await expect(createRoute(settings!, impatient).handOver(mail)).rejects.toMatchObject({
      kind: 'unavailable',
      reach: 'unknown',
      message: expect.stringContaining('no answer in') as string,
    })
    // Less than the lease of its work.
    expect(limits).toEqual([30_000])
  })

  test.each([429, 503])('the delay that %i asks for is kept', async (status) => {
    api.script.push({ status, headers: { 'retry-after': '600' }, body: { message: 'later' } })
    await expect(handOver()).rejects.toMatchObject({ retryAfterSeconds: 600 })
  })

  test('a private address is refused unless SAFE_URL_ALLOW names it, and no byte leaves', async () => {
    const [settings] = parseTransports(`main=postmark://token?api=${api.url}`)
    if (settings === undefined) throw new Error('no transport')
    await expect(createRoute(settings, createGuardedPost([])).handOver(mail)).rejects.toMatchObject({
      reach: 'unreached',
    })
    expect(api.posts).toEqual([])
  })
})

describe('Postmark', () => {
  const handOver = () => routeOf('postmark://9f2d-TOKEN').handOver(mail)
  const ok = {
    To: 'x',
    SubmittedAt: '2014-02-17T07:25:01.4178645-05:00',
    MessageID: '0a129aee-e1cd-480d-b08d-4f48548ff48d',
    ErrorCode: 0,
    Message: 'OK',
  }

  test('gets fields that keep our Message-ID, and only the recipients that are due', async () => {
    api.script.push({ status: 200, body: ok })
    await expect(handOver()).resolves.toMatchObject({ queueId: ok.MessageID, response: 'OK' })
    expect(api.posts[0]).toMatchObject({ path: '/email', headers: { 'x-postmark-server-token': '9f2d-TOKEN' } })
    const sent = lastJson()
    expect(sent).toMatchObject({
      From: '"Anna \\"A\\" from Acme" <support@acme.example>',
      To: 'jane@customer.example',
      Cc: 'cc@customer.example',
      Bcc: 'secret@customer.example',
      ReplyTo: '"Acme" <reply+00@reply.acme.example>',
      Metadata: { rethread: mail.key },
      Attachments: [{ Name: 'a.png', ContentType: 'image/png', ContentID: 'cid:p@x' }],
    })
    expect(sent.Headers).toEqual(
      expect.arrayContaining([
        { Name: 'Message-ID', Value: `<${mail.messageId}>` },
        { Name: 'X-PM-KeepID', Value: 'true' },
        { Name: 'References', Value: '<jane-0@customer.example> <jane-1@customer.example>' },
      ]),
    )
  })

  test('an inactive recipient is refused for good, an unconfirmed sender waits for its correction', async () => {
    const Message = 'Found inactive addresses: cc@customer.example.'
    api.script.push({
      status: 200,
      body: { ...ok, Message: 'Message OK, but will not deliver to these inactive addresses: cc@customer.example' },
    })
    await expect(handOver()).resolves.toMatchObject({ refused: [{ email: 'cc@customer.example', isFinal: true }] })
    api.script.push({ status: 422, body: { ErrorCode: 406, Message } })
    await expect(handOver()).resolves.toMatchObject({ response: null, refused: { length: 3 } })
    api.script.push({ status: 422, body: { ErrorCode: 400, Message: 'The Sender Signature was not found.' } })
    await expect(handOver()).rejects.toMatchObject({ kind: 'unavailable' })
    api.script.push({ status: 422, body: { ErrorCode: 300, Message: 'Invalid email request' } })
    await expect(handOver()).rejects.toMatchObject({ kind: 'forbidden' })
  })
})

describe('Amazon SES', () => {
  const handOver = () => routeOf('ses://AKIA:se%2Fcret@eu-west-1').handOver(mail)

  test('gets the raw mail under a signature of version 4, and its Message-ID is what recipients see', async () => {
    api.script.push({ status: 200, body: { MessageId: '010201' } })
    await expect(handOver()).resolves.toMatchObject({ queueId: '010201', messageId: '010201@eu-west-1.amazonses.com' })
    expect(api.posts[0]?.path).toBe('/v2/email/outbound-emails')
    expect(api.posts[0]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIA\/\d{8}\/eu-west-1\/ses\/aws4_request/,
    )
    const sent = lastJson()
    expect(sent.Destination.ToAddresses).toEqual(mail.envelope.to)
    expect(sent.EmailTags).toEqual([{ Name: 'rethread', Value: mail.key }])
    const parsed = await parseMail(Buffer.from(sent.Content.Raw.Data, 'base64'))
    expect(header(parsed, 'in-reply-to')).toContain('jane-1@customer.example')
  })

  test('a rejected mail is final, a paused account is not', async () => {
    api.script.push({
      status: 400,
      headers: {},
      body: { __type: 'MessageRejected', message: 'Email address is not verified.' },
    })
    await expect(handOver()).rejects.toMatchObject({ kind: 'forbidden' })
    api.script.push({ status: 400, body: { __type: 'SendingPausedException', message: 'Sending is paused' } })
    await expect(handOver()).rejects.toMatchObject({ kind: 'unavailable' })
  })
})

test('SendGrid and Resend get our header fields and give their ids', async () => {
  api.script.push({ status: 202, headers: { 'x-message-id': 'sg-1' } })
  await expect(routeOf('sendgrid://SG.key').handOver(mail)).resolves.toMatchObject({ queueId: 'sg-1' })
  expect(api.posts[0]).toMatchObject({ path: '/v3/mail/send', headers: { authorization: 'Bearer SG.key' } })
  expect(lastJson()).toMatchObject({
    personalizations: [{ to: [{ email: 'jane@customer.example' }], bcc: [{ email: 'secret@customer.example' }] }],
    headers: { 'Message-ID': `<${mail.messageId}>` },
    custom_args: { rethread: mail.key },
  })
  api.script.push({ status: 200, body: { id: '49a3999c-0ce1-4ea6-ab68-afcd6dc2e794' } })
  await expect(routeOf('resend://re_1').handOver(mail)).resolves.toMatchObject({
    queueId: '49a3999c-0ce1-4ea6-ab68-afcd6dc2e794',
  })
  expect(api.posts[1]?.headers['idempotency-key']).toContain(mail.messageId)
  expect(lastJson()).toMatchObject({ to: ['jane@customer.example'], tags: [{ name: 'rethread', value: mail.key }] })
})

describe('several transports', () => {
  const closedPort = async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    await new Promise((resolve) => server.close(resolve))
    return port
  }
  const start = (settings: string) => {
    const clock = { at: 0 }
    const transports = createTransports({
      settings: parseTransports(settings),
      outbox: '',
      post,
      fallbackMs: 120_000,
      now: () => clock.at,
      wait: () => Promise.resolve(),
    })
    return { ...transports, clock }
  }

  test('after two minutes out of reach mail leaves through the next, and one mail in 30 seconds tries the first', async () => {
    const { handOver, clock, counts } = start(
      `main=smtp://127.0.0.1:${String(await closedPort())},backup=mailgun://key@mg.acme.example?api=${api.url}`,
    )
    await expect(handOver(mail)).rejects.toMatchObject({ reach: 'unreached', transport: 'main' })
    clock.at = 119_000
    await expect(handOver(mail)).rejects.toMatchObject({ transport: 'main' })
    clock.at = 121_000
    await expect(handOver(mail)).resolves.toMatchObject({ transport: 'backup' })
    clock.at = 149_000
    await expect(handOver(mail)).rejects.toMatchObject({ transport: 'main' })
    clock.at = 150_000
    await expect(handOver(mail)).resolves.toMatchObject({ transport: 'backup' })
    expect(counts()).toMatchObject({ main: { refused: 3 }, backup: { handedOver: 2 } })
  })

  test('a mail that the first may have is sent by no other', async () => {
    const server = await startMailServer()
    const { handOver, clock, close } = start(`main=${server.url},backup=mailgun://key@mg.acme.example?api=${api.url}`)
    server.replies.push({ at: 'DROP', code: 0 })
    await expect(handOver(mail)).rejects.toMatchObject({ reach: 'unknown', transport: 'main' })
    await server.stop()
    for (const at of [0, 130_000, 140_000, 150_000]) {
      clock.at = at
      await expect(handOver(mail)).rejects.toMatchObject({ transport: 'main' })
    }
    expect(api.posts).toEqual([])
    await expect(handOver({ ...mail, messageId: 'other@reply.acme.example' })).resolves.toMatchObject({
      transport: 'backup',
    })
    await expect(handOver({ ...mail, messageId: 'third@x.example', pendingAt: 'main' })).rejects.toMatchObject({
      transport: 'main',
    })
    close()
  })

  test.each(['hang', 'drop', { status: 502 }] as const)(
    'after %j of an API no other transport sends the mail, also when the first is gone for good',
    async (script) => {
      const other = await startProviderApi(usual)
      const first = await startProviderApi(usual)
      const clock = { at: 0 }
      const { handOver } = createTransports({
        settings: parseTransports(
          `main=mailgun://key@mg.acme.example?api=${first.url},backup=mailgun://key@mg.acme.example?api=${other.url}`,
        ),
        outbox: '',
        post: (url, posting) => post(url, { ...posting, timeoutMs: 500 }),
        fallbackMs: 120_000,
        now: () => clock.at,
        wait: () => Promise.resolve(),
      })
      first.script.push(script)
      await expect(handOver(mail)).rejects.toMatchObject({ reach: 'unknown', transport: 'main' })
      await first.stop()
      for (const at of [0, 130_000, 140_000, 3_600_000]) {
        clock.at = at
        await expect(handOver(mail)).rejects.toMatchObject({ transport: 'main' })
      }
      expect(other.posts).toEqual([])
      await other.stop()
    },
  )

  test('by its name one sends although it is out of reach, and no other does', async () => {
    const { handOverThrough, clock } = start(
      `main=smtp://127.0.0.1:${String(await closedPort())},backup=mailgun://key@mg.acme.example?api=${api.url}`,
    )
    for (const at of [0, 121_000, 122_000]) {
      clock.at = at
      await expect(handOverThrough('main', mail)).rejects.toMatchObject({
        reach: 'unreached',
        transport: 'main',
        server: '127.0.0.1',
      })
    }
    expect(api.posts).toEqual([])
    await expect(handOverThrough('backup', mail)).resolves.toMatchObject({ transport: 'backup' })
    await expect(handOverThrough('gone', mail)).rejects.toThrow('the settings have no transport gone')
  })

  test('an unknown name is the first, and what a substitute refuses is not final', async () => {
    const first = start(`main=mailgun://key@mg.acme.example?api=${api.url}`)
    await expect(first.handOver({ ...mail, transport: 'gone' })).resolves.toMatchObject({ transport: 'main' })
    const { handOver, clock } = start(
      `main=smtp://127.0.0.1:${String(await closedPort())},backup=mailgun://key@mg.acme.example?api=${api.url}`,
    )
    await handOver(mail).catch(() => undefined)
    clock.at = 121_000
    await handOver(mail).catch(() => undefined)
    api.script.push({ status: 400, body: { message: 'domain not yours' } })
    await expect(handOver(mail)).rejects.toMatchObject({ kind: 'unavailable', transport: 'backup' })
  })
})

test('a rate makes mails wait in order', async () => {
  const waits: number[] = []
  const turn = createPace(100, { now: () => 0, wait: (ms) => Promise.resolve(waits.push(ms)) })
  await Promise.all([turn(), turn(), turn()])
  expect(waits).toEqual([100, 200])
})

describe('TRANSPORTS', () => {
  test.each([
    ['Main=smtp://x', 'entry 1 must be name=URL'],
    ['a=smtp://x,a=smtp://y', 'a is there twice'],
    ['a=ftp://x', 'a: must be a URL starting with'],
    ['a=mailgun://mg.acme.example', 'a: must be mailgun://KEY@domain'],
    ['a=ses://AKIA@eu-west-1', 'a: must be ses://KEY:SECRET@region'],
    ['a=postmark://tok?stream=x&retries=3', 'a: postmark has no parameter "retries"'],
    ['a=smtp://x?rate=1/min', 'a: rate must be like 10/s or 300/min, at least 12/min'],
    ['a=smtp://x?dkim_domain=acme.example', 'a: dkim_domain, dkim_selector and dkim_key belong together'],
  ])('%s is refused', (text, sentence) => {
    expect(() => parseTransports(text)).toThrow(sentence)
  })

  test('parameters of nodemailer stay in the URL, ours do not', () => {
    expect(parseTransports('a=smtps://u:p%40@mx.example:465?requireTLS=true&rate=20/s')).toMatchObject([
      { kind: 'smtp', url: 'smtps://u:p%40@mx.example:465?requireTLS=true', user: 'u', password: 'p@', intervalMs: 50 },
    ])
  })
})
