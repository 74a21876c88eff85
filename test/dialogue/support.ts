// What dialogue and ingress tests share: a store in memory (a member of the Accept contract),
// a listener, a raw client.

import { connect, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'

import { type Config, readConfig } from '../../src/config.ts'
import { type ByteBudget, createByteBudget } from '../../src/ingress/reading/budget.ts'
import { createMailListener, type MailListener, type MailListenerOptions } from '../../src/ingress/smtp/listener.ts'
import type { Log, LogEvent } from '../../src/log.ts'
import type { Submission } from '../../src/mail/envelope.ts'
import type { Accept } from '../../src/store/accept.ts'

export interface Door {
  readonly accept: Accept
  readonly submissions: Submission[]
  /** The next mail is refused with this. */
  failNext: (error: unknown) => void
  /** Mails wait until the returned function is called. */
  hold: () => () => void
}

/** A store in memory: ids from 1, the same bytes for the same recipients are a duplicate. */
export function createDoor(): Door {
  const submissions: Submission[] = []
  const ids = new Map<string, number>()
  const failures: unknown[] = []
  let gate = Promise.resolve()
  const accept: Accept = async (submission) => {
    await gate
    if (failures.length > 0) throw failures.shift()
    const key = `${submission.envelope.recipients.join()} ${submission.raw.toString('latin1')}`
    const known = ids.get(key)
    if (known !== undefined) return { id: known, duplicate: true }
    ids.set(key, ids.size + 1)
    submissions.push(submission)
    return { id: ids.size, duplicate: false }
  }
  const hold = () => {
    const { promise, resolve } = withResolvers()
    gate = promise
    return resolve
  }
  return { accept, submissions, failNext: (error) => failures.push(error), hold }
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}

export interface LogLine {
  readonly level: string
  readonly event: LogEvent
  readonly facts: Readonly<Record<string, unknown>>
}

/** A log that remembers its lines. */
export function createMemoryLog(): { log: Log; lines: LogLine[] } {
  const lines: LogLine[] = []
  const at =
    (level: string) =>
    (event: LogEvent, facts = {}) => {
      lines.push({ level, event, facts })
    }
  return { log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, lines }
}

export interface Stage {
  readonly door: Door
  readonly listener: MailListener
  readonly budget: ByteBudget
  readonly lines: LogLine[]
  readonly config: Config
}

/**
 * A listener on a free port with a store in memory. Recipients beginning with `known` are known; `broken@…`
 * cannot be looked up.
 */
export async function createStage(
  protocol: 'smtp' | 'lmtp',
  settings: Record<string, string> = {},
  options: Partial<MailListenerOptions> = {},
): Promise<Stage> {
  const config = readConfig(settings)
  const door = createDoor()
  const budget = createByteBudget(config.MAX_BYTES_IN_FLIGHT)
  const { log, lines } = createMemoryLog()
  const checkRecipient = async (address: string) => {
    if (address.startsWith('broken@')) throw new Error('the database is away')
    return /^"?known/i.test(address) ? ('known' as const) : ('unknown' as const)
  }
  const listener = await createMailListener({
    protocol,
    port: 0,
    config,
    log,
    accept: door.accept,
    checkRecipient,
    budget,
    limitSender: () => Promise.resolve(),
    checkSender: null,
    ...options,
  })
  return { door, listener, budget, lines, config }
}

export interface Client {
  readonly send: (bytes: string | Buffer) => void
  /** The next whole reply, all its lines. Null when the server has closed. */
  readonly reply: () => Promise<string | null>
  readonly startTls: () => Promise<void>
  readonly end: () => void
  readonly socket: () => Socket
}

/** A client that sends exactly the given text. Text is sent as latin1: one character, one byte. */
export async function createClient(port: number): Promise<Client> {
  let socket: Socket | TLSSocket = connect({ port, host: '127.0.0.1' })
  let received = ''
  let isClosed = false
  let wake: () => void = () => undefined
  const listen = (to: Socket) => {
    to.setNoDelay(true)
    to.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
      wake()
    })
    to.on('error', () => undefined)
    to.on('close', () => {
      isClosed = true
      wake()
    })
  }
  listen(socket)
  await new Promise((resolve) => socket.once('connect', resolve))
  const reply = async (): Promise<string | null> => {
    for (;;) {
      const match = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\r\n/.exec(received)
      if (match !== null) {
        received = received.slice(match[0].length)
        return match[0].trimEnd()
      }
      if (isClosed) return null
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  const startTls = async () => {
    socket.removeAllListeners('data')
    const secure = connectTls({ socket, rejectUnauthorized: false })
    await new Promise((resolve, reject) => secure.once('secureConnect', resolve).once('error', reject))
    socket = secure
    listen(secure)
  }
  return {
    send: (bytes) => socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    reply,
    startTls,
    end: () => socket.destroy(),
    socket: () => socket,
  }
}

/** Sends lines one by one and answers the last reply. */
export async function converse(client: Client, ...lines: string[]): Promise<string | null> {
  let last: string | null = null
  for (const line of lines) {
    client.send(`${line}\r\n`)
    last = await client.reply()
  }
  return last
}
