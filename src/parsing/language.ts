// Detects the language of a text. The detector's smallest data set takes 50 MB and a third of a second to load, so that
// it runs in a thread of its own, which starts at the first request and ends after a minute without requests.

import { Worker } from 'node:worker_threads'

export interface LanguageDetector {
  /** ISO 639-1, or null if the language is not clear. Throws when the thread fails, or is closed. */
  readonly detect: (text: string) => Promise<string | null>
  readonly close: () => Promise<void>
}

export interface LanguageOptions {
  /** The compiled worker; another one only in tests. */
  readonly workerUrl?: URL
  readonly idleMs?: number
}

interface Waiting {
  readonly resolve: (language: string | null) => void
  readonly reject: (error: Error) => void
}

// More words do not improve the result.
const maxLength = 1_000

export function createLanguageDetector({
  workerUrl = compiledWorker(),
  idleMs = 60_000,
}: LanguageOptions = {}): LanguageDetector {
  let worker: Worker | null = null
  let idle: NodeJS.Timeout | null = null
  const waiting: Waiting[] = []

  const stop = async (): Promise<void> => {
    if (idle !== null) clearTimeout(idle)
    const ending = worker
    worker = null
    await ending?.terminate()
  }
  const fail = (error: Error): void => {
    for (const { reject } of waiting.splice(0)) reject(error)
  }
  const start = (): Worker => {
    const made = new Worker(workerUrl, { resourceLimits: { maxOldGenerationSizeMb: 256 } })
    made.unref()
    made.on('message', (language: string | null) => {
      waiting.shift()?.resolve(language)
      if (waiting.length === 0) idle = setTimeout(() => void stop(), idleMs).unref()
    })
    made.on('error', fail)
    made.on('exit', () => {
      if (worker === made) worker = null
      if (worker === null) fail(new Error('the language detector has stopped'))
    })
    return made
  }
  return {
    detect: (text) =>
      new Promise((resolve, reject) => {
        if (idle !== null) clearTimeout(idle)
        worker ??= start()
        waiting.push({ resolve, reject })
        worker.postMessage(text.slice(0, maxLength))
      }),
    close: stop,
  }
}

function compiledWorker(): URL {
  return new URL(
    import.meta.url.endsWith('.ts') ? '../../dist/parsing/language-worker.js' : './language-worker.js',
    import.meta.url,
  )
}
