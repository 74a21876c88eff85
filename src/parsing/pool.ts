// Bounded parsing: worker threads with a deadline and a memory limit. A batch that hangs, crashes or runs out of memory
// is repeated one mail at a time; only the faulty mail comes out degraded, the others whole.

import { Worker } from 'node:worker_threads'

import { MailError } from '../errors.ts'
import type { ParsedMail } from '../mail/parsed-mail.ts'
import { degradedMail } from '../mail/parsing/degraded.ts'
import type { ParseReply, ParseRequest } from './worker.ts'

export interface ParseJob {
  readonly raw: Uint8Array
  readonly reversePath: string | null
}

export interface ParserPool {
  /**
   * In the order given; never throws because of a mail: what cannot be read comes out degraded. Throws when the pool
   * is closed: the mail stays where it is.
   */
  readonly parse: (mails: readonly ParseJob[]) => Promise<ParsedMail[]>
  readonly close: () => Promise<void>
}

export interface ParserOptions {
  readonly workers: number
  /** For one batch; half of it, but at least 500 ms, for each of its mails alone. */
  readonly timeoutMs: number
  readonly maxHeapMb?: number
  /** The compiled worker; another one only in tests. */
  readonly workerUrl?: URL
}

interface Waiting {
  readonly request: ParseRequest
  readonly resolve: (mails: readonly ParsedMail[]) => void
  readonly reject: (error: Error) => void
}

/** Starts the threads. Two batches may be in flight in each, so that none waits for the hand-over. */
export function createParserPool(options: ParserOptions): ParserPool {
  const threads = Array.from({ length: options.workers }, () => createThread(options))
  for (const thread of threads) thread.start()
  const isolated = createIsolatedQueue(options)
  let closed = false
  const parseBatch = (mails: readonly ParseJob[]): Promise<readonly ParsedMail[]> => {
    const [first, ...rest] = threads
    if (first === undefined) throw new Error('a parser pool needs at least one thread')
    return rest.reduce((least, thread) => (thread.load() < least.load() ? thread : least), first).parse(mails)
  }
  // Alone in a thread, so that a failure there is caused by the mail itself.
  const parseAlone = async (mail: ParseJob): Promise<ParsedMail> => {
    try {
      const [parsed] = await isolated.parse(mail)
      return parsed ?? degradedMail(mail.raw, 'the parser gave no answer')
    } catch (error) {
      if (closed) throw error
      return degradedMail(mail.raw, error instanceof Error ? error.message : String(error))
    }
  }
  return {
    parse: async (mails) => {
      if (mails.length === 0) return []
      try {
        return [...(await parseBatch(mails))]
      } catch (error) {
        if (closed) throw error
        return await Promise.all(mails.map(parseAlone))
      }
    },
    close: async () => {
      closed = true
      await Promise.all([...threads, isolated].map((thread) => thread.close()))
    },
  }
}

// Number of mails that may wait for their second reading before another thread helps.
const maxWaitingForOne = 4
const maxIsolatedThreads = 2
const minIsolatedMs = 500

type Thread = ReturnType<typeof createThread>

// Second attempts, one mail per thread. Their deadline is shorter: a flood of mails that hang must not hold up the
// pipeline for long.
function createIsolatedQueue(options: ParserOptions) {
  const isolatedOptions = { ...options, timeoutMs: Math.max(minIsolatedMs, Math.floor(options.timeoutMs / 2)) }
  const waiting: ((thread: Thread) => Promise<void>)[] = []
  const threads: Thread[] = []
  const idle: Thread[] = []
  let closed = false

  const startThread = (): Thread => {
    const thread = createThread(isolatedOptions)
    threads.push(thread)
    return thread
  }
  const free = (): Thread | null => {
    const isNeeded = threads.length === 0 || (threads.length < maxIsolatedThreads && waiting.length > maxWaitingForOne)
    return idle.pop() ?? (isNeeded ? startThread() : null)
  }
  const work = async (thread: Thread): Promise<void> => {
    for (let task = waiting.shift(); task; task = waiting.shift()) await task(thread)
    idle.push(thread)
  }

  return {
    parse: (mail: ParseJob) =>
      new Promise<readonly ParsedMail[]>((resolve, reject) => {
        if (closed) {
          reject(new MailError('unavailable', 'the parser is closed'))
          return
        }
        // The time that a thread takes to start is not the mail's.
        waiting.push((thread) =>
          thread
            .online()
            .then(() => thread.parse([mail]))
            .then(resolve, reject),
        )
        const thread = free()
        if (thread !== null) void work(thread)
      }),
    close: async () => {
      closed = true
      await Promise.all(threads.map((thread) => thread.close()))
    },
  }
}

type Pending = Map<number, Waiting & { readonly timer: NodeJS.Timeout }>

function createThread(options: ParserOptions) {
  const pending: Pending = new Map()
  const started = new WeakSet<Worker>()
  let worker: Worker | null = null
  let nextId = 0
  let closed = false

  const giveUp = (dead: Worker, reason: string): void => {
    if (dead !== worker) return
    worker = null
    void dead.terminate()
    rejectAll(pending, reason)
  }
  const current = (): Worker => (worker ??= startWorker(options, pending, giveUp))

  return {
    start: () => void current(),
    online: () => (closed ? Promise.resolve() : untilStarted(current(), started)),
    load: () => pending.size,
    parse: (mails: readonly ParseJob[]) =>
      new Promise<readonly ParsedMail[]>((resolve, reject) => {
        if (closed) {
          reject(new MailError('unavailable', 'the parser is closed'))
          return
        }
        const target = current()
        const request = {
          id: ++nextId,
          mails: mails.map(({ raw, reversePath }) => ({ raw: detached(raw), reversePath })),
        }
        const timer = setTimeout(() => {
          giveUp(target, `it took longer than ${String(options.timeoutMs)} ms`)
        }, options.timeoutMs)
        pending.set(request.id, { request, resolve, reject, timer })
        target.postMessage(request)
      }),
    close: async () => {
      closed = true
      const last = worker
      worker = null
      await last?.terminate()
      rejectAll(pending, 'the parser is closed')
    },
  }
}

async function untilStarted(worker: Worker, started: WeakSet<Worker>): Promise<void> {
  if (started.has(worker)) return
  await new Promise((resolve) => {
    for (const event of ['online', 'error', 'exit']) worker.once(event, resolve)
  })
  started.add(worker)
}

function startWorker(options: ParserOptions, pending: Pending, giveUp: (dead: Worker, reason: string) => void): Worker {
  const fresh = new Worker(options.workerUrl ?? compiledWorker(), {
    resourceLimits: { maxOldGenerationSizeMb: options.maxHeapMb ?? 192, maxYoungGenerationSizeMb: 48 },
  })
  fresh.unref()
  fresh.on('message', (reply: ParseReply) => {
    const waiting = pending.get(reply.id)
    pending.delete(reply.id)
    clearTimeout(waiting?.timer)
    waiting?.resolve(reply.mails)
  })
  fresh.on('error', (error: NodeJS.ErrnoException) => {
    giveUp(
      fresh,
      error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? 'it needs more memory than one mail may have'
        : `the parser failed: ${error.message}`,
    )
  })
  fresh.on('exit', () => {
    giveUp(fresh, 'the parser stopped')
  })
  return fresh
}

function rejectAll(pending: Pending, reason: string): void {
  const failed = [...pending.values()]
  pending.clear()
  for (const { timer, reject } of failed) {
    clearTimeout(timer)
    reject(new Error(reason))
  }
}

// A Buffer from Node's pool drags its whole slab along when it is cloned.
function detached(raw: Uint8Array): Uint8Array {
  return raw.byteLength === raw.buffer.byteLength ? raw : new Uint8Array(raw)
}

// Node runs no TypeScript in a thread: from the sources (tests, `npm run dev`) the built worker is used.
function compiledWorker(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? '../../dist/parsing/worker.js' : './worker.js', import.meta.url)
}
