// `rethread relay` as an MTA starts it: a process of its own, mail on stdin, against an HTTP server whose answers the
// test sets. Expected exit statuses and codes are those of the MTAs' manuals (RFC 3463, sysexits), not read from our
// own table. The curl version keeps the same promises, so the same table runs over both; the shell wrapper passes its
// arguments on.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { createCertificate } from '../../dialogue/certificate.ts'

const root = new URL('../../../', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'relay-'))
const mail = 'From: a@client.example\nSubject: ol\xe9 \xff\n\nhello\n'

type Variant = 'node' | 'main' | 'wrapper' | 'curl'
// The wrapper adds nothing to what node answers: its own promises are below.
const variants: readonly Variant[] = ['node', 'curl']
const programs: Record<Variant, string[]> = {
  node: [process.execPath, join(folder, 'dist/cli/relay/relay.js')],
  main: [process.execPath, join(folder, 'main.js')],
  wrapper: [join(folder, 'bin/rethread-relay')],
  curl: [join(folder, 'bin/rethread-relay-curl')],
}

interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Ended {
  readonly status: number | null
  readonly output: string
  readonly errors: string
}

const servers: Server[] = []
const received: Received[] = []
const children: ChildProcess[] = []

beforeAll(() => {
  // What `npm run build` makes of these four files, without the rest of the service.
  const sources = ['relay', 'arguments', 'outcome', 'post'].map((name) => join(root, `src/cli/relay/${name}.ts`))
  const tsc = [
    join(root, 'node_modules/typescript/bin/tsc'),
    '--ignoreConfig',
    '--outDir',
    join(folder, 'dist/cli'),
    '--rootDir',
    join(root, 'src/cli'),
  ]
  const options = [
    '--target',
    'es2023',
    '--module',
    'nodenext',
    '--rewriteRelativeImportExtensions',
    '--skipLibCheck',
    '--types',
    'node',
    '--typeRoots',
    join(root, 'node_modules/@types'),
  ]
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  execFileSync(process.execPath, [...tsc, ...options, ...sources], { stdio: 'pipe', cwd: root })
  writeFileSync(
    join(folder, 'main.js'),
    "const { run } = await import('./dist/cli/relay/relay.js')\nprocess.exitCode = await run(process.argv.slice(2))\n",
  )
  mkdirSync(join(folder, 'bin'))
  for (const name of ['rethread-relay', 'rethread-relay-curl']) {
    copyFileSync(join(root, 'bin', name), join(folder, 'bin', name))
    chmodSync(join(folder, 'bin', name), 0o755)
  }
}, 60_000)

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
  for (const child of children.splice(0)) child.kill('SIGKILL')
  received.splice(0)
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

async function serve(answer: number | RequestListener, headers: Record<string, string> = {}): Promise<string> {
  const server = createServer(
    typeof answer === 'function'
      ? answer
      : (request, response) => {
          const chunks: Buffer[] = []
          request.on('data', (chunk: Buffer) => chunks.push(chunk))
          request.on('end', () => {
            received.push({
              method: request.method ?? '',
              url: request.url ?? '',
              headers: request.headers,
              body: Buffer.concat(chunks).toString('latin1'),
            })
            response.writeHead(answer, headers).end()
          })
        },
  )
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/ingress/relay`
}

interface Call {
  readonly variant?: Variant
  readonly args?: readonly string[]
  readonly env?: Record<string, string>
  readonly input?: string | Buffer | null
}

function start(
  { variant = 'node', args = [], env = {} }: Call,
  stdin: 'pipe' | number = 'pipe',
): { child: ChildProcess; ended: Promise<Ended> } {
  const [program = '', ...before] = programs[variant]
  const path = `${process.execPath.replace(/\/node$/, '')}:/usr/bin:/bin`
  const child = spawn(program, [...before, ...args], {
    env: { PATH: path, INGRESS_PASSWORD: 'secret', RETHREAD_RELAY_ENV: '/nowhere', ...env },
    stdio: [stdin, 'pipe', 'pipe'],
  })
  children.push(child)
  const texts = { output: '', errors: '' }
  child.stdout?.on('data', (chunk: Buffer) => (texts.output += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (texts.errors += chunk.toString()))
  child.stdin?.on('error', () => undefined)
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (status) => {
      resolve({ status, ...texts })
    }),
  )
  return { child, ended }
}

/** Runs it with the mail on stdin, or with an open stdin for null. */
function relay(call: Call): Promise<Ended> {
  const { child, ended } = start(call)
  const input = call.input === undefined ? mail : call.input
  if (input !== null) child.stdin?.end(typeof input === 'string' ? Buffer.from(input, 'latin1') : input)
  return ended
}

// Postfix and Exim bounce on everything but 0 and 75 of these; qmail too (its own pair is 111 and 100).
const answers: readonly [http: number, exit: 0 | 65 | 75 | 77, code: string][] = [
  [200, 0, '2.0.0'],
  [202, 0, '2.0.0'],
  [204, 0, '2.0.0'],
  [301, 75, '4.3.5'],
  [307, 75, '4.3.5'],
  [400, 75, '4.3.0'],
  [401, 75, '4.7.0'],
  [403, 77, '5.7.1'],
  [404, 75, '4.3.5'],
  [408, 75, '4.4.2'],
  [409, 75, '4.3.0'],
  [413, 65, '5.3.4'],
  [415, 65, '5.6.1'],
  [422, 65, '5.6.0'],
  [429, 75, '4.7.1'],
  [500, 75, '4.3.0'],
  [502, 75, '4.3.0'],
  [503, 75, '4.3.0'],
  [504, 75, '4.3.0'],
  [507, 75, '4.3.1'],
]

describe.each(variants)('%s', (variant) => {
  it.each(answers)('HTTP %i is exit status %i and %s, with one line of output', async (http, exit, code) => {
    const url = await serve(http, http < 400 && http >= 300 ? { Location: '/elsewhere' } : {})
    const { status, output, errors } = await relay({ variant, args: ['--url', url] })
    expect([status, output.slice(0, 6), output.split('\n').length, errors]).toEqual([exit, `${code} `, 2, ''])
    expect(output).not.toContain('secret')
    expect(received).toHaveLength(1)
  })

  it.each([
    [204, 0],
    [503, 111],
    [401, 111],
    [422, 100],
    [403, 100],
  ])('for qmail HTTP %i is exit status %i', async (http, exit) => {
    expect((await relay({ variant, args: ['--url', await serve(http), '--mta', 'qmail'] })).status).toBe(exit)
  })

  it.each([
    [204, 0],
    [503, 75],
    [422, 65],
    [403, 77],
  ])('for Postfix and Exim HTTP %i is exit status %i', async (http, exit) => {
    const url = await serve(http)
    expect((await relay({ variant, args: ['--url', url, '--mta', 'postfix'] })).status).toBe(exit)
    expect((await relay({ variant, args: ['--url', url, '--mta', 'exim'] })).status).toBe(exit)
  })

  it('posts exactly the bytes of stdin with the credentials of Rails', async () => {
    await relay({ variant, args: ['--url', await serve(204)] })
    expect(received[0]).toMatchObject({ method: 'POST', url: '/ingress/relay', body: mail })
    expect(received[0]?.headers).toMatchObject({
      'content-type': 'message/rfc822',
      authorization: 'Basic YWN0aW9ubWFpbGJveDpzZWNyZXQ=',
    })
    expect(received[0]?.headers['x-envelope-from']).toBeUndefined()
    expect(received[0]?.headers['x-envelope-to']).toBeUndefined()
  })

  it('posts ten megabytes unchanged', async () => {
    const large = Buffer.alloc(10 * 1024 * 1024, 'ten megabytes \xff\0')
    expect((await relay({ variant, args: ['--url', await serve(204)], input: large })).status).toBe(0)
    expect(received[0]?.body === large.toString('latin1')).toBe(true)
  })

  it('takes the envelope of Postfix from its arguments', async () => {
    const args = [
      '--mta',
      'postfix',
      '--sender',
      'a@client.example',
      '--recipient',
      'reply+1@inbound.invalid',
      'reply+2@inbound.invalid',
    ]
    const more = [
      '--original-recipient',
      'reply+1@reply.example',
      '--queue-id',
      '4BxYz',
      '--client-address',
      '192.0.2.7',
    ]
    await relay({
      variant,
      args: [...args, ...more, '--url', await serve(204)],
      env: { SENDER: 'wrong@client.example', RECIPIENT: 'wrong@reply.example' },
    })
    expect(received[0]?.headers).toMatchObject({
      'x-envelope-from': '<a@client.example>',
      'x-envelope-to': '<reply+1@inbound.invalid>, <reply+2@inbound.invalid>, <reply+1@reply.example>',
      'x-client-address': '192.0.2.7',
      'x-queue-id': '4BxYz',
    })
  })

  it(
    'reads an empty sender as the null reverse-path, and an address that begins with a dash as an ' + 'address',
    async () => {
      const url = await serve(204)
      await relay({
        variant,
        args: [
          '--mta',
          'postfix',
          '--sender',
          '',
          '--recipient',
          '-f@reply.example',
          '--client-address',
          '',
          '--url',
          url,
        ],
      })
      expect(received[0]?.headers).toMatchObject({ 'x-envelope-from': '<>', 'x-envelope-to': '<-f@reply.example>' })
      expect(received[0]?.headers['x-client-address']).toBeUndefined()
    },
  )

  it('takes the envelope of Exim from its environment, with the quotes that Exim left out', async () => {
    const env = { SENDER: '', RECIPIENT: 'we, "ird@reply.example', CLIENT_ADDRESS: '2001:db8::1' }
    await relay({ variant, args: ['--mta', 'exim', '--url', await serve(204)], env })
    expect(received[0]?.headers).toMatchObject({
      'x-envelope-from': '<>',
      'x-envelope-to': '<"we, \\"ird"@reply.example>',
      'x-client-address': '2001:db8::1',
    })
  })

  it('takes the envelope of qmail from its environment, with and without the user of a virtual domain', async () => {
    const env = {
      SENDER: 'a@client.example',
      RECIPIENT: 'alias-reply-reply+1@reply.example',
      DEFAULT: 'reply+1',
      HOST: 'reply.example',
    }
    await relay({ variant, args: ['--mta', 'qmail', '--url', await serve(204)], env })
    expect(received[0]?.headers).toMatchObject({
      'x-envelope-from': '<a@client.example>',
      'x-envelope-to': '<alias-reply-reply+1@reply.example>, <reply+1@reply.example>',
    })
  })

  it('keeps each address within its header', async () => {
    const url = await serve(204)
    const evil = 'a@client.example\r\nX-Client-Address: 192.0.2.66'
    expect(await relay({ variant, args: ['--url', url, '--sender', evil] })).toMatchObject({
      status: 65,
      output: expect.stringMatching(/^5\.1\.7 /) as string,
    })
    expect(await relay({ variant, args: ['--url', url, '--recipient', evil] })).toMatchObject({
      status: 65,
      output: expect.stringMatching(/^5\.1\.3 /) as string,
    })
    expect(
      await relay({ variant, args: ['--url', url, '--mta', 'exim'], env: { SENDER: '', RECIPIENT: evil } }),
    ).toMatchObject({ status: 65 })
    expect(
      await relay({ variant, args: ['--url', url, '--mta', 'qmail'], env: { SENDER: evil, RECIPIENT: 'a@b' } }),
    ).toMatchObject({ status: 100 })
    expect(received).toHaveLength(0)
    expect((await relay({ variant, args: ['--url', url, '--client-address', evil, '--queue-id', evil] })).status).toBe(
      0,
    )
    expect(received[0]?.headers['x-client-address']).toBeUndefined()
  })

  it(
    'takes URL and INGRESS_PASSWORD from the environment, as the commands of Rails do, with a path of its ' +
      'own if there is none',
    async () => {
      const url = new URL(await serve(204))
      expect((await relay({ variant, env: { URL: url.origin } })).status).toBe(0)
      expect(received[0]?.url).toBe('/ingress/relay')
    },
  )

  it.each([
    ['no URL', [], {}],
    ['no password', ['--url', 'http://127.0.0.1:1/'], { INGRESS_PASSWORD: '' }],
    ['a URL that is none', ['--url', 'ftp://mail.example'], {}],
    ['an unknown option', ['--url', 'http://127.0.0.1:1/', '--verbose'], {}],
    ['an option without its value', ['--url'], {}],
    ['an unknown MTA', ['--url', 'http://127.0.0.1:1/', '--mta', 'sendmail'], {}],
  ])('%s is a configuration error: the mail waits', async (_mistake, args, env) => {
    expect(await relay({ variant, args, env })).toMatchObject({
      status: 75,
      output: expect.stringMatching(/^4\.3\.5 /) as string,
    })
  })

  it('an empty stdin is a temporary failure', async () => {
    expect(await relay({ variant, args: ['--url', await serve(204)], input: '' })).toMatchObject({
      status: 75,
      output: expect.stringMatching(/^4\.3\.0 /) as string,
    })
  })

  it('an unreachable server or an unresolvable name is a temporary failure', async () => {
    const port = await freePort()
    expect(await relay({ variant, args: ['--url', `http://127.0.0.1:${String(port)}/`] })).toMatchObject({
      status: 75,
      output: expect.stringMatching(/^4\.4\.1 /) as string,
    })
    expect(await relay({ variant, args: ['--url', 'http://nowhere.invalid/'] })).toMatchObject({
      status: 75,
      output: expect.stringMatching(/^4\.4\.1 /) as string,
    })
  })

  it('a server that closes without an answer is a temporary failure', async () => {
    const url = await serve((request) => request.socket.destroy())
    expect(await relay({ variant, args: ['--url', url] })).toMatchObject({
      status: 75,
      output: expect.stringMatching(/^4\.4\.2 /) as string,
    })
  })

  it('a server that never answers is a temporary failure, within the time limit', async () => {
    const url = await serve(() => undefined)
    expect(await relay({ variant, args: ['--url', url, '--timeout', '1'] })).toMatchObject({
      status: 75,
      output: expect.stringMatching(/^4\.4\.2 Timed out/) as string,
    })
  })

  it('an untrusted certificate is a temporary failure, and nothing is sent', async () => {
    const files = createCertificate()
    const server = createTlsServer(
      { cert: readFileSync(files.SMTP_TLS_CERT), key: readFileSync(files.SMTP_TLS_KEY) },
      () => received.push({ method: '', url: '', headers: {}, body: '' }),
    )
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `https://127.0.0.1:${String((server.address() as AddressInfo).port)}/`
    expect(await relay({ variant, args: ['--url', url] })).toMatchObject({
      status: 75,
      output: expect.stringMatching(/^4\.4\.2 /) as string,
    })
    expect(received).toHaveLength(0)
  })
})

describe('faults around the command', () => {
  it('called by another file it ends after its result, whatever is still open', async () => {
    const silent = await serve(() => undefined)
    const from = performance.now()
    expect((await relay({ variant: 'main', args: ['--url', await serve(204)] })).status).toBe(0)
    expect((await relay({ variant: 'main', args: ['--url', await serve(401)] })).status).toBe(75)
    expect((await relay({ variant: 'main', args: ['--url', silent, '--timeout', '0.2'] })).status).toBe(75)
    expect(
      (await relay({ variant: 'main', args: ['--url', silent, '--timeout', '0.2', '--mta', 'qmail'], input: null }))
        .status,
    ).toBe(111)
    expect((await relay({ variant: 'main', args: [], input: null })).status).toBe(75)
    expect(performance.now() - from).toBeLessThan(8_000)
  }, 20_000)

  it('SIGTERM is a temporary failure', async () => {
    const { child, ended } = start({ args: ['--url', await serve(204)] })
    child.stdin?.write('half')
    await new Promise((resolve) => setTimeout(resolve, 300))
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ status: 75, output: '4.3.0 Stopped by SIGTERM\n' })
    expect(received).toHaveLength(0)
  })

  it('an unread output changes nothing', async () => {
    const { child, ended } = start({ args: ['--url', await serve(204)] })
    child.stdout?.destroy()
    child.stdin?.end(mail)
    expect((await ended).status).toBe(0)
  })

  it('a time limit applies while the mail is still being read', async () => {
    expect(await relay({ args: ['--url', await serve(204), '--timeout', '0.3'], input: null })).toMatchObject({
      status: 75,
      output: '4.4.2 Timed out relaying to ingress\n',
    })
  })

  it('an answer before the last byte stops the sending', async () => {
    // As our ingress does: the answer first, then the rest is read, so that a client in the middle of its sending
    // sees it.
    const url = await serve((request, response) => {
      response.writeHead(413, { 'Content-Length': 1 }).write('x')
      request.resume()
    })
    expect((await relay({ args: ['--url', url], input: Buffer.alloc(30 * 1024 * 1024, 'x') })).status).toBe(65)
  })

  it('for qmail stdin is read from its beginning; for others from the current position', async () => {
    const file = join(folder, 'mail')
    writeFileSync(file, mail, 'latin1')
    const url = await serve(204)
    for (const args of [['--mta', 'qmail'], []]) {
      const fd = openSync(file, 'r')
      readSync(fd, Buffer.alloc(5))
      expect((await start({ args: ['--url', url, ...args] }, fd).ended).status).toBe(0)
      closeSync(fd)
    }
    expect(received.map((request) => request.body)).toEqual([mail, mail.slice(5)])
  })

  it('the answer contains the id of the mail', async () => {
    expect((await relay({ args: ['--url', await serve(204, { 'X-Inbound-Email-Id': '12' })] })).output).toBe(
      '2.0.0 accepted as 12\n',
    )
    expect((await relay({ args: ['--url', await serve(204, { 'X-Inbound-Email-Id': 'x y' })] })).output).toBe(
      '2.0.0 accepted\n',
    )
  })
})

describe('the wrapper', () => {
  const url = 'http://127.0.0.1:1/'

  it.each([
    [204, [], 0],
    [503, [], 75],
    [422, [], 65],
    [403, [], 77],
    [503, ['--mta', 'qmail'], 111],
    [422, ['--mta', 'qmail'], 100],
  ] as const)('HTTP %i with %j is exit status %i', async (http, args, exit) => {
    const { status, output } = await relay({
      variant: 'wrapper',
      args: ['--url', await serve(http), '--recipient', '"a b"@reply.example', '--sender', '', ...args],
    })
    expect([status, output.split('\n').length]).toEqual([exit, 2])
    expect(received[0]).toMatchObject({
      body: mail,
      headers: { 'x-envelope-from': '<>', 'x-envelope-to': '<"a b"@reply.example>' },
    })
  })

  it('takes settings from its file, and the environment before the file', async () => {
    const file = join(folder, 'relay.env')
    writeFileSync(file, `# settings\nURL=${await serve(204)}\nINGRESS_PASSWORD=p"a\\s's $(x)\nif broken syntax (`)
    for (const variant of ['wrapper', 'curl'] as const) {
      expect((await relay({ variant, env: { RETHREAD_RELAY_ENV: file, INGRESS_PASSWORD: '' } })).status).toBe(0)
      expect((await relay({ variant, env: { RETHREAD_RELAY_ENV: file } })).status).toBe(0)
    }
    const given = received.map(({ headers }) =>
      Buffer.from((headers.authorization ?? '').slice(6), 'base64').toString(),
    )
    expect(given).toEqual([
      'actionmailbox:p"a\\s\'s $(x)',
      'actionmailbox:secret',
      'actionmailbox:p"a\\s\'s $(x)',
      'actionmailbox:secret',
    ])
  })

  it('finds the command through symbolic links', async () => {
    const link = join(folder, 'link')
    symlinkSync('bin/rethread-relay', link)
    const child = spawn(link, ['--url', await serve(204)], {
      env: { PATH: `${process.execPath.replace(/\/node$/, '')}:/usr/bin:/bin`, INGRESS_PASSWORD: 'secret' },
    })
    child.stdin.end(mail)
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
  })

  it.each([
    ['ends with 1', '#!/bin/sh\nexit 1'],
    ['ends with 67, on which qmail retries and others bounce', '#!/bin/sh\nexit 67'],
    ['cannot be executed', 'not a program'],
    ['is killed', '#!/bin/sh\nkill -9 $$'],
    ['crashes with a trace', '#!/bin/sh\necho "SyntaxError: trace" >&2\nexit 13'],
  ])('a node that %s is a temporary failure', async (_fault, script) => {
    const node = join(folder, 'node')
    writeFileSync(node, script)
    chmodSync(node, 0o755)
    const { status, output } = await relay({ variant: 'wrapper', args: ['--url', url], env: { RETHREAD_NODE: node } })
    expect([status, output.slice(0, 6)]).toEqual([75, '4.3.0 '])
  })

  it('a missing build is a temporary failure', async () => {
    const elsewhere = join(folder, 'elsewhere', 'bin')
    mkdirSync(elsewhere, { recursive: true })
    copyFileSync(programs.wrapper[0] ?? '', join(elsewhere, 'rethread-relay'))
    const child = spawn('/bin/sh', [join(elsewhere, 'rethread-relay'), '--url', url], {
      env: { PATH: '/usr/bin:/bin' },
    })
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(75)
  })

  it('without node and curl the exit status is a temporary failure', async () => {
    const bare = join(folder, 'bare')
    mkdirSync(bare)
    for (const name of ['readlink', 'sed'])
      symlinkSync(
        execFileSync('/bin/sh', ['-c', `command -v ${name}`])
          .toString()
          .trim(),
        join(bare, name),
      )
    const curl = await relay({ variant: 'curl', args: ['--url', url], env: { PATH: bare } })
    expect([curl.status, curl.output.slice(0, 6)]).toEqual([75, '4.4.2 '])
    const wrapper = await relay({
      variant: 'wrapper',
      args: ['--url', url],
      env: { PATH: bare, RETHREAD_NODE: '/nowhere/node' },
    })
    expect(wrapper.status).toBe(75)
  })
})

async function freePort(): Promise<number> {
  const server = createTcpServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
