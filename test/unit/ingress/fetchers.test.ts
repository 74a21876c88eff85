// The fetching of mails that providers keep, against servers that answer as their documentation shows: what is asked,
// with which key, and what is made of it.

import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { AwsClient } from 'aws4fetch'
import { afterEach, describe, expect, test } from 'vitest'

import { readConfig } from '../../../src/config.ts'
import { createGuardedFetch } from '../../../src/http-client/guarded-fetch.ts'
import { createAdapters, fetchersOf } from '../../../src/ingress/adapters.ts'
import { channels } from '../../../src/ingress/providers.ts'
import { parseMail } from '../../../src/mail/parsing/parse.ts'

const raw = Buffer.from('From: jane@customer.example\r\n\r\nGr\xfc\xdfe \0\r\n', 'latin1')
const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function serve(answers: Readonly<Record<string, Buffer | object>>) {
  const asked: { path: string; headers: IncomingHttpHeaders }[] = []
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', headers: request.headers })
    const answer = answers[request.url ?? '']
    if (answer === undefined) response.writeHead(404).end('{}')
    else response.writeHead(200).end(Buffer.isBuffer(answer) ? answer : JSON.stringify(answer))
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return { asked, url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` }
}

function fetcher(service: string, settings: Record<string, string>, allowed = ['127.0.0.1']) {
  const config = readConfig({ RAILS_INBOUND_EMAIL_SERVICE: service, ...settings }, channels)
  return fetchersOf(
    createAdapters({
      config,
      password: 'x',
      fetch: createGuardedFetch(allowed),
      limitSender: () => Promise.resolve(),
      now: Date.now,
    }),
  )[service]!
}

describe('SES in S3', () => {
  const keys = {
    SES_INGRESS_ACCESS_KEY_ID: 'AKIA1',
    SES_INGRESS_SECRET_ACCESS_KEY: 'secret',
    SES_INGRESS_TOPIC_ARN: 'a',
  }
  const pointer = { bucket: 'mail.in', key: 'in/a b+c', region: 'eu-west-1' }

  test('the object is requested by its key, signed, and arrives byte for byte', async () => {
    const s3 = await serve({ '/mail.in/in/a%20b%2Bc': raw })
    const fetched = await fetcher('ses', { ...keys, SES_INGRESS_S3_ENDPOINT: s3.url })(pointer)
    expect(fetched.raw.equals(raw)).toBe(true)
    expect(s3.asked[0]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIA1\/\d{8}\/eu-west-1\/s3\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}$/,
    )
    expect(JSON.stringify(s3.asked)).not.toContain('secret')
  })

  test('an object above the size limit is a permanent failure', async () => {
    const s3 = await serve({ '/mail.in/in/a%20b%2Bc': raw })
    await expect(
      fetcher('ses', { ...keys, SES_INGRESS_S3_ENDPOINT: s3.url, MAX_MESSAGE_BYTES: '10' })(pointer),
    ).rejects.toMatchObject({ kind: 'too-large' })
  })

  test('a missing object is a temporary failure', async () => {
    const s3 = await serve({})
    await expect(fetcher('ses', { ...keys, SES_INGRESS_S3_ENDPOINT: s3.url })(pointer)).rejects.toMatchObject({
      kind: 'unavailable',
    })
  })

  test.each([{ bucket: '../x' }, { bucket: 'a@evil.example' }, { key: '../other/x' }, { key: '' }, { bucket: 7 }])(
    '%j does not name an object',
    async (change) => {
      await expect(
        fetcher('ses', { ...keys, SES_INGRESS_S3_ENDPOINT: 'http://127.0.0.1:1' })({ ...pointer, ...change }),
      ).rejects.toMatchObject({ kind: expect.stringMatching(/^(forbidden|malformed)$/) })
    },
  )

  test("the signature is that of AWS's example (S3 API reference, GET Object)", async () => {
    const aws = new AwsClient({
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      region: 'us-east-1',
      service: 's3',
    })
    const headers = {
      range: 'bytes=0-9',
      'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    }
    const signed = await aws.sign('https://examplebucket.s3.amazonaws.com/test.txt', {
      headers,
      aws: { datetime: '20130524T000000Z', allHeaders: true },
    })
    expect(signed.headers.get('authorization')).toContain(
      'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    )
  })
})

describe('Resend', () => {
  const settings = (url: string) => ({
    RESEND_INGRESS_SIGNING_SECRET: 'x',
    RESEND_INGRESS_API_KEY: 're_1',
    RESEND_INGRESS_API_URL: url,
    RESEND_INGRESS_DOWNLOAD_HOSTS: '127.0.0.1',
  })

  test('results of Amazon SES for Resend count, but only its topmost field below its own Received line', async () => {
    const mail = (...top: string[]) =>
      Buffer.from(`${top.join('\r\n')}\r\nFrom: jane@customer.example\r\n\r\nHello\r\n`)
    const received = 'Received: from out.example by inbound-smtp.eu-west-1.amazonaws.com with SMTP id 1; now'
    const results = (dmarc: string) =>
      `Authentication-Results: amazonses.com;\r\n spf=pass (spfCheck: x) client-ip=192.0.2.1; dkim=pass ` +
      `header.i=@customer.example;\r\n dmarc=${dmarc} header.from=customer.example;`
    const verdictsOf = async (bytes: Buffer) => {
      const api = await serve({ '/raw/e1': bytes })
      const about = await serve({ '/emails/receiving/e1': { id: 'e1', raw: { download_url: `${api.url}/raw/e1` } } })
      return (await fetcher('resend', settings(about.url))({ emailId: 'e1' })).verdicts
    }
    expect(await verdictsOf(mail(received, results('pass')))).toMatchObject({
      by: 'resend',
      dmarc: 'pass',
      dmarcDomain: 'customer.example',
      dkimDomains: ['customer.example'],
    })
    expect(await verdictsOf(mail(received, results('fail'), results('pass')))).toMatchObject({ dmarc: 'fail' })
    expect(await verdictsOf(mail('Received: from a by b.example; now', results('pass')))).toBeUndefined()
  })

  test('the raw mail is fetched from the URL of the API, without the key', async () => {
    const answers: Record<string, Buffer | object> = { '/raw?Signature=1': raw }
    const api = await serve(answers)
    answers['/emails/receiving/e1'] = {
      object: 'email',
      id: 'e1',
      raw: { download_url: `${api.url}/raw?Signature=1`, expires_at: 'x' },
      attachments: [{ id: 'a' }],
    }
    const fetched = await fetcher('resend', settings(api.url))({ emailId: 'e1' })
    expect([fetched.raw.equals(raw), fetched.synthesised]).toEqual([true, false])
    expect(api.asked.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/emails/receiving/e1', 'Bearer re_1'],
      ['/raw?Signature=1', undefined],
    ])
  })

  test('a URL at another host is not fetched', async () => {
    const answers: Record<string, Buffer | object> = {
      '/emails/receiving/e1': { raw: { download_url: 'https://evil.example/x' } },
    }
    const api = await serve(answers)
    await expect(fetcher('resend', settings(api.url))({ emailId: 'e1' })).rejects.toMatchObject({ kind: 'forbidden' })
  })

  test('without a raw mail one is built, unless files would be lost', async () => {
    const email = {
      from: 'Jane <jane@customer.example>',
      to: ['a@reply.example'],
      subject: 'Größe',
      text: 'Grüße',
      html: null,
      message_id: '<m@x>',
      headers: { 'In-Reply-To': '<o@x>' },
      attachments: [],
    }
    const api = await serve({
      '/emails/receiving/e1': email,
      '/emails/receiving/e2': { ...email, attachments: [{ id: 'a' }] },
    })
    const fetched = await fetcher('resend', settings(api.url))({ emailId: 'e1' })
    expect(fetched.synthesised).toBe(true)
    expect(await parseMail(fetched.raw)).toMatchObject({
      subject: 'Größe',
      text: 'Grüße',
      messageId: 'm@x',
      inReplyTo: ['o@x'],
      from: { address: 'jane@customer.example' },
    })
    await expect(fetcher('resend', settings(api.url))({ emailId: 'e2' })).rejects.toMatchObject({ kind: 'unavailable' })
  })

  test.each(
    [[], null, { raw: [] }, { raw: { download_url: 7 } }, { attachments: 'x' }].map(
      (answer) => [JSON.stringify(answer), answer] as const,
    ),
  )('an answer like %s is malformed', async (_text, answer) => {
    const api = await serve({ '/emails/receiving/e1': Buffer.from(JSON.stringify(answer)) })
    await expect(fetcher('resend', settings(api.url))({ emailId: 'e1' })).rejects.toMatchObject({ kind: 'malformed' })
  })
})

test('Brevo: the files are fetched one by one with the key, and are in the mail', async () => {
  const api = await serve({ '/v3/inbound/attachments/tok%2F1': raw, '/v3/inbound/attachments/t2': Buffer.from('PNG') })
  const item = {
    Headers: { From: 'jane@customer.example' },
    RawTextBody: 'two',
    Attachments: [
      { Name: 'a.eml', ContentType: 'message/rfc822', DownloadToken: 'tok/1' },
      { Name: 'b.png', ContentType: 'image/png', ContentID: 'x@y', DownloadToken: 't2' },
    ],
  }
  const fetched = await fetcher('brevo', { BREVO_INGRESS_API_KEY: 'xkeysib', BREVO_INGRESS_API_URL: api.url })({ item })
  expect(fetched.synthesised).toBe(true)
  expect(api.asked.map(({ headers }) => headers['api-key'])).toEqual(['xkeysib', 'xkeysib'])
  expect(
    (await parseMail(fetched.raw)).attachments.map(({ filename, content }) => [
      filename,
      Buffer.from(content).equals(filename === 'a.eml' ? raw : Buffer.from('PNG')),
    ]),
  ).toEqual([
    ['a.eml', true],
    ['b.png', true],
  ])
})

test('Brevo: files above the size limit together are a permanent failure, and the rest is not fetched', async () => {
  const api = await serve({
    '/v3/inbound/attachments/1': Buffer.alloc(600),
    '/v3/inbound/attachments/2': Buffer.alloc(600),
    '/v3/inbound/attachments/3': Buffer.alloc(600),
  })
  const item = {
    RawTextBody: 'three',
    Attachments: ['1', '2', '3'].map((token) => ({ Name: token, DownloadToken: token })),
  }
  await expect(
    fetcher('brevo', { BREVO_INGRESS_API_KEY: 'k', BREVO_INGRESS_API_URL: api.url, MAX_MESSAGE_BYTES: '1000' })({
      item,
    }),
  ).rejects.toMatchObject({ kind: 'too-large' })
  expect(api.asked.map(({ path }) => path)).toEqual(['/v3/inbound/attachments/1', '/v3/inbound/attachments/2'])
})

describe('Mailgun’s storage', () => {
  const settings = {
    MAILGUN_INGRESS_SIGNING_KEY: 'x',
    MAILGUN_INGRESS_API_KEY: 'key-1',
    MAILGUN_INGRESS_API_HOSTS: '127.0.0.1',
  }

  test('the MIME is requested with the API key, through mailgun.js', async () => {
    const api = await serve({
      '/v3/domains/reply.example/messages/KEY-1': {
        subject: 'x',
        'body-mime': 'From: jane@customer.example\r\n\r\nGrüße',
      },
    })
    const fetched = await fetcher('mailgun', settings)({ url: `${api.url}/v3/domains/reply.example/messages/KEY-1` })
    expect(fetched).toEqual({ raw: Buffer.from('From: jane@customer.example\r\n\r\nGrüße'), synthesised: false })
    expect(api.asked[0]?.headers).toMatchObject({
      accept: 'message/rfc2822',
      authorization: `Basic ${Buffer.from('api:key-1').toString('base64')}`,
    })
  })

  test.each([
    'https://evil.example/v3/domains/a/messages/b',
    'https://169.254.169.254/v3/domains/a/messages/b',
    'http://api.mailgun.net/v3/domains/a/messages/b',
    'https://api.mailgun.net/v3/domains/a/messages/b?x',
    'https://api.mailgun.net.evil.example/v3/domains/a/messages/b',
    'x',
  ])('%s is never requested', async (url) => {
    await expect(
      fetcher('mailgun', { ...settings, MAILGUN_INGRESS_API_HOSTS: '.mailgun.net' }, [])({ url }),
    ).rejects.toMatchObject({ kind: 'forbidden' })
  })

  test('a message without its MIME is malformed', async () => {
    const api = await serve({ '/v3/domains/reply.example/messages/KEY-1': { subject: 'x' } })
    await expect(
      fetcher('mailgun', settings)({ url: `${api.url}/v3/domains/reply.example/messages/KEY-1` }),
    ).rejects.toMatchObject({ kind: 'malformed' })
  })
})
