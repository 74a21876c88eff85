// The service as an operator runs it: `node dist/main.js serve` in a folder of its own, spoken to only from outside.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { connectionOf, createPool, type Pool } from '../../src/db/pool.ts'
import { createTestDatabase, type DatabaseMember, defaultMember } from './database.ts'
import { readSent, type SentMail } from './mail.ts'
import { type Submission, submit, type Submitted } from './mail-client.ts'
import { until } from './until.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const program = join(root, 'dist', 'main.js')
export const relayScript = join(root, 'bin', 'rethread-relay')

export type Environment = Readonly<Record<string, string>>

export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Buffer
  /** The parsed body; tests look into it freely. */
  readonly body: any
}

export interface TraceEntry {
  readonly step: string
  readonly outcome: string
  readonly detail: string | null
}

/** docs/reference/api-mail.md. */
export interface InboundEmail {
  readonly id: number
  readonly status: string
  readonly reason: string | null
  readonly ingress: string
  readonly message_id: string | null
  readonly from: string | null
  readonly recipients: readonly { readonly address: string; readonly learned_from: string }[]
  readonly subject: string | null
  readonly size: number
  readonly account_id: number | null
  readonly conversation_id: number | null
  readonly message_db_id: number | null
  readonly attempts: number
  readonly trace: readonly TraceEntry[]
}

export interface LogLine {
  readonly level: string
  readonly event: string
  readonly [fact: string]: any
}

export interface Ended {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end. */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: { readonly env?: Environment; readonly stdin?: Buffer; readonly cwd?: string } = {},
): Promise<Ended> {
  const child = spawn(command, args, {
    cwd: options.cwd ?? tmpdir(),
    env: { ...inherited(), ...options.env },
    stdio: 'pipe',
  })
  const output = collect(child)
  child.stdin.on('error', () => undefined).end(options.stdin ?? Buffer.alloc(0))
  await once(child, 'close')
  return { status: child.exitCode, signal: child.signalCode, stdout: output.stdout(), stderr: output.stderr() }
}

/** `rethread serve` where it is expected to end without a signal. */
export async function runServe(env: Environment): Promise<Ended> {
  await assertBuilt()
  return runProgram(process.execPath, [program, 'serve'], { env })
}

/** A folder for DATA_DIR that PostgreSQL may enter when tests run as root. */
export async function createDataDir(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'rethread-'))
  await chmod(path, 0o755)
  return { path, remove: () => removeDataDir(path) }
}

// The database of a killed service is still shutting down, and writing, for a moment.
async function removeDataDir(path: string): Promise<void> {
  const isGone = () =>
    stat(join(path, 'embedded', 'postgres', 'postmaster.pid')).then(
      () => null,
      () => true,
    )
  await until('the end of the embedded PostgreSQL', isGone, 30_000)
  await rm(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
}

export type Service = Awaited<ReturnType<typeof startProcess>>

/**
 * A service on a fresh database of `on`, by default one that is migrated already; null: on the embedded database of its
 * own DATA_DIR. `await using` ends and cleans up.
 */
export async function startService({
  on = defaultMember,
  env = {},
}: { on?: DatabaseMember | null; env?: Environment } = {}) {
  const folder = await createDataDir()
  const database = on === null ? null : await createTestDatabase(on)
  const clean = async (): Promise<void> => {
    await database?.drop()
    await folder.remove()
  }
  try {
    const service = await startProcess({
      DATA_DIR: folder.path,
      ...(database === null ? {} : { DATABASE_URL: database.url }),
      ...env,
    })
    return Object.assign(service, {
      [Symbol.asyncDispose]: async () => {
        await service.kill()
        await clean()
      },
    })
  } catch (error) {
    await clean()
    throw error
  }
}

/** Starts one process of the service and waits until it says that it is ready. Throws what it said when it is not. */
export async function startProcess(env: Environment & { readonly DATA_DIR: string }) {
  await assertBuilt()
  const child = spawn(process.execPath, [program, 'serve'], {
    cwd: env.DATA_DIR,
    env: {
      ...inherited(),
      PORT: '0',
      SMTP_PORT: '0',
      LMTP_PORT: '0',
      RATE_LIMIT_SENDER: 'off',
      RATE_LIMIT_TOKEN: 'off',
      // An answer leaves at once, except in the tests of waiting.
      AGENT_UNDO_SECONDS: '0',
      // Each message has a notice of its own, except in the tests of grouping.
      NOTICE_GROUP_SECONDS: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = collect(child)
  const closed = once(child, 'close')
  const log = (): LogLine[] =>
    output
      .stderr()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as LogLine)
  const started = await until(
    'the start of the service',
    () => {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the service ended with ${String(child.exitCode ?? child.signalCode)}: ${output.stderr()}`)
      const lines = log()
      return lines.some(({ event }) => event === 'started') && output.stdout().includes('Rethread is ready')
        ? lines
        : null
    },
    30_000,
  )
  const kill = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<Ended> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await closed
    await pool?.end().catch(() => undefined)
    return { status: child.exitCode, signal: child.signalCode, stdout: output.stdout(), stderr: output.stderr() }
  }
  let pool: Pool | null = null
  const facts = await readFacts(env.DATA_DIR, output.stdout(), started)
  const database = (): Pool =>
    (pool ??= createPool(
      env['DATABASE_URL'] === undefined
        ? { host: facts.embeddedFolder, user: 'rethread', database: 'postgres' }
        : connectionOf(env['DATABASE_URL']),
      3,
      () => undefined,
    ))
  return {
    ...facts,
    ...speak(facts),
    pid: child.pid ?? 0,
    dataDir: env.DATA_DIR,
    stdout: output.stdout,
    log,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    /** Reads the database, for data that no API shows. */
    sql: async <Row extends Record<string, unknown>>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
      (await database().query<Row>(text, [...values])).rows,
    /** What has left by the development outbox, oldest first. */
    outbox: () => readOutbox(join(env.DATA_DIR, 'outbox')),
    /** Asks it to stop, as a service manager does, and waits. */
    stop: () => kill('SIGTERM'),
    kill,
    [Symbol.asyncDispose]: async () => {
      await kill()
    },
  }
}

interface Facts {
  readonly ports: { readonly http: number; readonly smtp: number; readonly lmtp: number }
  readonly url: string
  readonly token: string
  readonly password: string
  /** On an empty database only; else ''. */
  readonly replyAddress: string
  readonly inboxAddress: string
  readonly embeddedFolder: string
}

async function readFacts(dataDir: string, stdout: string, lines: readonly LogLine[]): Promise<Facts> {
  const listening = lines.find(({ event }) => event === 'listening')
  const ports = {
    http: Number(listening?.['http'] ?? 0),
    smtp: Number(listening?.['smtp'] ?? 0),
    lmtp: Number(listening?.['lmtp'] ?? 0),
  }
  const said = (label: string) => new RegExp(`^ +${label} +(\\S+)`, 'm').exec(stdout)?.[1] ?? ''
  const kept = (name: string) =>
    readFile(join(dataDir, name), 'utf8').then(
      (text) => text.trim(),
      () => '',
    )
  return {
    ports,
    url: `http://127.0.0.1:${String(ports.http)}`,
    replyAddress: said('reply address'),
    inboxAddress: said('inbox address'),
    token: said('access token') || (await kept('admin-token')),
    password: said('ingress password') || (await kept('ingress-password')),
    embeddedFolder: String(lines.find(({ event }) => event === 'started')?.['database'] ?? ''),
  }
}

export interface RelayOptions {
  readonly from?: string
  readonly to?: string | readonly string[]
  readonly path?: string
  readonly headers?: Environment
  readonly authorization?: string
}

// Everything that a client, an operator or an MTA does to a running service.
function speak(facts: Facts) {
  const api = async (method: string, path: string, body?: unknown, token = facts.token): Promise<ApiAnswer> => {
    const isBytes = body instanceof Uint8Array
    const headers = {
      api_access_token: token,
      ...(body === undefined ? {} : { 'content-type': isBytes ? 'message/rfc822' : 'application/json' }),
    }
    const response = await fetch(`${facts.url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: isBytes ? (body as never) : JSON.stringify(body) }),
    })
    const bytes = Buffer.from(await response.arrayBuffer())
    return { status: response.status, headers: response.headers, bytes, body: parseJson(bytes) }
  }
  const relay = async (
    raw: Buffer,
    options: RelayOptions = {},
  ): Promise<{ status: number; id: number; text: string }> => {
    const { from, to = [], path = '/ingress/relay', authorization } = options
    const recipients = typeof to === 'string' ? to : to.join(', ')
    const headers = {
      authorization: authorization ?? `Basic ${Buffer.from(`actionmailbox:${facts.password}`).toString('base64')}`,
      'content-type': 'message/rfc822',
      ...(from === undefined ? {} : { 'x-envelope-from': from }),
      ...(recipients === '' ? {} : { 'x-envelope-to': recipients }),
      ...options.headers,
    }
    const response = await fetch(`${facts.url}${path}`, { method: 'POST', headers, body: raw as never })
    return {
      status: response.status,
      id: Number(response.headers.get('x-inbound-email-id') ?? 0),
      text: await response.text(),
    }
  }
  const show = async (id: number): Promise<InboundEmail> => {
    const answer = await api('GET', `/api/v1/inbound_emails/${String(id)}`)
    if (answer.status !== 200)
      throw new Error(`inbound email ${String(id)}: ${String(answer.status)} ${answer.bytes.toString('utf8')}`)
    return answer.body as InboundEmail
  }
  /** The mail when it has come to rest. */
  const settled = (id: number, withinMs?: number): Promise<InboundEmail> =>
    until(
      `inbound email ${String(id)} settled`,
      async () => {
        const email = await show(id)
        return email.status === 'pending' || email.status === 'processing' ? null : email
      },
      withinMs,
    )
  const over =
    (protocol: 'smtp' | 'lmtp') =>
    (submission: Submission): Promise<Submitted> =>
      submit(facts.ports[protocol], protocol, submission)
  return {
    api,
    relay,
    show,
    settled,
    smtp: over('smtp'),
    lmtp: over('lmtp'),
    /** Over the relay ingress; the mail when it has come to rest. */
    deliver: async (raw: Buffer, options: RelayOptions = {}): Promise<InboundEmail> => {
      const { status, id, text } = await relay(raw, options)
      if (status !== 204) throw new Error(`the relay ingress answered ${String(status)} ${text}`)
      return settled(id)
    },
    /** `rethread <command>` against this service. */
    command: (args: readonly string[], stdin?: Buffer): Promise<Ended> =>
      runProgram(process.execPath, [program, ...args], {
        env: { RETHREAD_URL: facts.url, RETHREAD_TOKEN: facts.token, INGRESS_PASSWORD: facts.password },
        ...(stdin === undefined ? {} : { stdin }),
      }),
    explain: async (
      raw: Buffer,
      envelope: { from?: string; to?: string | readonly string[] } = {},
    ): Promise<ApiAnswer> => {
      const query = new URLSearchParams(envelope.from === undefined ? {} : { sender: envelope.from })
      for (const address of [envelope.to ?? []].flat()) query.append('recipient[]', address)
      return api('POST', `/api/v1/inbound_emails/explain?${query.toString()}`, raw)
    },
    messages: async (conversation: number, account = 1): Promise<MessageShape[]> => {
      const answer = await api(
        'GET',
        `/api/v1/accounts/${String(account)}/conversations/${String(conversation)}/messages`,
      )
      return answer.body.payload as MessageShape[]
    },
    balance: async (): Promise<Readonly<Record<string, number>>> => {
      const text = await (await fetch(`${facts.url}/metrics`)).text()
      const states = [...text.matchAll(/^rethread_inbound_emails(?:_(\w+))?(?:\{status="(\w+)"\})? (\d+)$/gm)]
      return Object.fromEntries(states.map(([, name, status, count]) => [name ?? status ?? '', Number(count)]))
    },
  }
}

export interface MessageShape {
  readonly id: number
  readonly content: string | null
  readonly message_type: number
  readonly status: string
  readonly source_id: string | null
  readonly private: boolean
  readonly content_attributes: any
  readonly sender?: any
}

/** The id that the 250 after the final dot names. */
export function acceptedId(submitted: Submitted): number {
  const id = /accepted as (\d+)/.exec(submitted.data[0] ?? '')?.[1]
  if (id === undefined) throw new Error(`not accepted: ${[...submitted.recipients, ...submitted.data].join(' / ')}`)
  return Number(id)
}

async function readOutbox(folder: string): Promise<SentMail[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.eml'))
  const files = await Promise.all(
    names.map(async (name) => ({
      at: (await stat(join(folder, name), { bigint: true })).mtimeNs,
      bytes: await readFile(join(folder, name)),
    })),
  )
  return files.sort((one, other) => (one.at < other.at ? -1 : 1)).map(({ bytes }) => readSent(bytes))
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

// The settings of the developer's shell must not reach the service.
function inherited(): Environment {
  const { PATH = '', HOME = '', TMPDIR } = process.env
  return { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }) }
}

function collect(child: ChildProcess): { stdout: () => string; stderr: () => string } {
  const chunks: { readonly stdout: Buffer[]; readonly stderr: Buffer[] } = { stdout: [], stderr: [] }
  child.stdout?.on('data', (chunk: Buffer) => chunks.stdout.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => chunks.stderr.push(chunk))
  return {
    stdout: () => Buffer.concat(chunks.stdout).toString('utf8'),
    stderr: () => Buffer.concat(chunks.stderr).toString('utf8'),
  }
}

let built: Promise<void> | null = null

/** Throws when dist/ is not what src/ says. */
function assertBuilt(): Promise<void> {
  return (built ??= checkBuild())
}

async function checkBuild(): Promise<void> {
  const made = await stat(program).catch(() => null)
  if (made === null) throw new Error('dist/ is missing: run "npm run build" before the tests')
  for (const name of await readdir(join(root, 'src'), { recursive: true })) {
    if (!name.endsWith('.ts') || name.startsWith(join('db', 'generated'))) continue
    const { mtimeMs } = await stat(join(root, 'src', name))
    if (mtimeMs > made.mtimeMs) throw new Error(`dist/ is older than src/${name}: run "npm run build" before the tests`)
  }
}
