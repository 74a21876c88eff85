// `rethread setup` against servers that store the settings they receive, as each provider's API does (its
// documentation): shown first, done with --yes, twice is once.

import { execFile } from 'node:child_process'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'

import { afterEach, describe, expect, test } from 'vitest'

import { readForm } from '../../../src/ingress/reading/form.ts'

const program = fileURLToPath(new URL('../../../dist/main.js', import.meta.url))
const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

type Answer = readonly [status: number, body: unknown]
type Json = Record<string, any>

/** A server that answers by `action`; what is asked is kept. */
async function serve(
  action: (call: { path: string; request: IncomingMessage; body: Buffer }) => Answer | Promise<Answer>,
) {
  const calls: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const path = request.url ?? ''
      calls.push(`${request.method ?? ''} ${path}`)
      void Promise.resolve(action({ path, request, body: Buffer.concat(chunks) })).then(([status, body]) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      })
    })
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return { calls, url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}` }
}

const common = {
  PUBLIC_URL: 'https://mail.example.com',
  INBOUND_EMAIL_DOMAIN: 'reply.example.com',
  RAILS_INBOUND_EMAIL_PASSWORD: 'hunter2',
}
const setup = (
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ status: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, 'setup', ...args],
      { cwd: tmpdir(), env: { PATH: process.env['PATH'] ?? '', ...common, ...env } },
      (error, stdout, stderr) => {
        resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr })
      },
    )
  })

/** Shown and not done; done; nothing left to do. */
async function threeTimes(service: string, api: { calls: string[]; url: string }, env: Record<string, string>) {
  const args = [service, '--api', api.url]
  const shown = await setup(args, env)
  const asked = api.calls.filter((call) => !call.startsWith('GET '))
  const done = await setup([...args, '--yes'], env)
  const again = await setup([...args, '--yes'], env)
  for (const { status, stderr } of [shown, done, again]) expect([status, stderr]).toEqual([0, ''])
  expect(`${shown.stdout}${done.stdout}${again.stdout}`).not.toContain('hunter2')
  expect(shown.stdout).toMatch(/^would /m)
  expect(shown.stdout).toContain('Nothing was changed')
  expect(done.stdout).toMatch(/^✓ done: /m)
  expect(again.stdout).toContain('nothing was changed')
  return { asked, shown: shown.stdout }
}

test('mailgun: the route is created, and corrected when it leads elsewhere', async () => {
  const routes: Json[] = []
  const api = await serve(async ({ path, request, body }) => {
    expect(request.headers.authorization).toBe(`Basic ${Buffer.from('api:key-1').toString('base64')}`)
    if (request.method === 'GET')
      return [
        200,
        {
          items: routes.slice(Number(new URL(path, 'http://x').searchParams.get('skip') ?? 0)),
          total_count: routes.length,
        },
      ]
    const form = await readForm(body, request.headers)
    const route = {
      id: 'r1',
      priority: Number(form.text('priority') ?? 0),
      description: form.text('description'),
      expression: form.text('expression'),
      actions: form.all('action').map(String),
      created_at: 'now',
    }
    routes.splice(0, routes.length, route)
    return [200, { message: 'ok', route, ...route }]
  })
  const { asked } = await threeTimes('mailgun', api, { MAILGUN_INGRESS_API_KEY: 'key-1' })
  expect(asked).toEqual([])
  const actions = ['forward("https://mail.example.com/ingress/mailgun/mime")', 'stop()']
  expect(routes).toMatchObject([{ expression: 'match_recipient(".*@reply.example.com")', actions }])
  Object.assign(routes[0]!, {
    actions: ['forward("https://old.example.com/")', 'forward("https://actionmailbox:swordfish@older.example.com/")'],
  })
  const { stdout } = await setup(['mailgun', '--api', api.url, '--yes'], { MAILGUN_INGRESS_API_KEY: 'key-1' })
  expect(stdout).toContain('change the route')
  expect(stdout).toContain('@older.example.com')
  expect(stdout).not.toContain('swordfish')
  expect(routes).toMatchObject([{ id: 'r1', actions }])
})

test('postmark: the webhook with its password, and the raw mail', async () => {
  const server: Json = {
    Name: 'Support',
    InboundHookUrl: 'https://u:old@elsewhere.example/',
    RawEmailEnabled: false,
    Color: 'red',
  }
  const api = await serve(({ request, body }) => {
    if (request.headers['x-postmark-server-token'] !== 'tok-1') return [401, { Message: 'Bad token' }]
    if (request.method === 'PUT') Object.assign(server, JSON.parse(body.toString()))
    return [200, server]
  })
  const { asked, shown } = await threeTimes('postmark', api, { POSTMARK_SERVER_TOKEN: 'tok-1' })
  expect(asked).toEqual([])
  expect(shown).not.toContain('old@')
  expect(server).toEqual({
    Name: 'Support',
    InboundHookUrl: 'https://actionmailbox:hunter2@mail.example.com/ingress/postmark',
    RawEmailEnabled: true,
    Color: 'red',
  })
})

test('sendgrid: the parse setting is created, and corrected when it is not raw', async () => {
  const result: Json[] = [{ hostname: 'other.example', url: 'https://x', send_raw: false }]
  const api = await serve(({ path, request, body }) => {
    if (request.headers.authorization !== 'Bearer SG.1') return [403, { errors: [] }]
    if (request.method === 'POST') result.push(JSON.parse(body.toString()) as Json)
    if (request.method === 'PATCH')
      Object.assign(
        result.find(({ hostname }) => path.endsWith(`/${String(hostname)}`))!,
        JSON.parse(body.toString()),
      )
    return [200, { result }]
  })
  await threeTimes('sendgrid', api, { SENDGRID_INGRESS_API_KEY: 'SG.1' })
  const ours = {
    hostname: 'reply.example.com',
    url: 'https://actionmailbox:hunter2@mail.example.com/ingress/sendgrid',
    send_raw: true,
    spam_check: true,
  }
  expect(result).toEqual([{ hostname: 'other.example', url: 'https://x', send_raw: false }, ours])
  Object.assign(result[1]!, { send_raw: false })
  await setup(['sendgrid', '--api', api.url, '--yes'], { SENDGRID_INGRESS_API_KEY: 'SG.1' })
  expect(result[1]).toEqual(ours)
})

test('mandrill: the domain is added, and the route created and corrected', async () => {
  const domains: Json[] = []
  const routes: Json[] = []
  const api = await serve(({ path, body }) => {
    const asked = JSON.parse(body.toString()) as Json
    if (asked['key'] !== 'md-1') return [500, { status: 'error', name: 'Invalid_Key' }]
    if (path.endsWith('/domains.json')) return [200, domains]
    if (path.endsWith('/add-domain.json')) domains.push({ domain: asked['domain'], valid_mx: false })
    if (path.endsWith('/add-route.json')) routes.push({ id: '7.23', pattern: asked['pattern'], url: asked['url'] })
    if (path.endsWith('/update-route.json'))
      Object.assign(
        routes.find(({ id }) => id === asked['id'])!,
        { url: asked['url'] },
      )
    if (path.endsWith('/routes.json'))
      return domains.length === 0 ? [500, { status: 'error', name: 'Unknown_InboundDomain' }] : [200, routes]
    return [200, {}]
  })
  const env = { MANDRILL_API_KEY: 'md-1' }
  await threeTimes('mandrill', api, env)
  expect({ domains, routes }).toEqual({
    domains: [{ domain: 'reply.example.com', valid_mx: false }],
    routes: [{ id: '7.23', pattern: '*', url: 'https://mail.example.com/ingress/mandrill' }],
  })
  Object.assign(routes[0]!, { url: 'https://actionmailbox:swordfish@old.example.com' })
  const { stdout } = await setup(['mandrill', '--api', api.url, '--yes'], env)
  expect(stdout).toContain('@old.example.com')
  expect(stdout).not.toContain('swordfish')
  expect(routes).toMatchObject([{ url: 'https://mail.example.com/ingress/mandrill' }])
  const literal = 'https://user:swordfish@Mail.example.com:443/rails/action_mailbox/mandrill/inbound_emails'
  const { stdout: said } = await setup(['mandrill', '--api', api.url, '--yes'], {
    ...env,
    MANDRILL_INGRESS_URL: literal,
  })
  expect(routes).toMatchObject([{ url: literal }])
  expect(said).not.toContain('swordfish')
})

describe('without a supported API, or without its key', () => {
  test.each(['ses', 'resend', 'brevo', 'mailjet', 'sparkpost', 'mailgun', 'sendgrid', 'mandrill', 'postmark'])(
    '%s: the steps, with the address of this installation',
    async (service) => {
      const { status, stdout, stderr } = await setup([service])
      expect([status, stderr]).toEqual([0, ''])
      expect(stdout).toMatch(/^1\. /m)
      expect(stdout).toContain(`mail.example.com/ingress/${service}`)
      expect(stdout).toContain(`add ${service} to RAILS_INBOUND_EMAIL_SERVICE`)
      expect(stdout).not.toContain('hunter2')
    },
  )
})

test('a key that the provider refuses is reported in one line', async () => {
  const api = await serve(() => [401, { Message: 'Bad token' }])
  expect(await setup(['postmark', '--api', api.url], { POSTMARK_SERVER_TOKEN: 'wrong' })).toMatchObject({
    status: 77,
    stdout: '',
    stderr: expect.stringMatching(/^rethread setup: .+ says 401: .*Bad token.*\n$/),
  })
  expect(await setup(['mailgun', '--api', api.url], { MAILGUN_INGRESS_API_KEY: 'wrong' })).toMatchObject({
    status: 69,
    stderr: expect.stringContaining('Mailgun says'),
  })
})

test('an unknown service, and an unreachable API', async () => {
  expect(await setup(['pigeon'])).toMatchObject({
    status: 64,
    stderr: expect.stringContaining('Usage: rethread setup'),
  })
  expect(await setup(['postmark', '--api', 'http://127.0.0.1:1'], { POSTMARK_SERVER_TOKEN: 'x' })).toMatchObject({
    status: 69,
  })
})

test('a PUBLIC_URL that providers cannot reach is reported', async () => {
  expect((await setup(['ses'], { PUBLIC_URL: 'http://127.0.0.1:3000' })).stdout).toContain('providers cannot reach it')
})
