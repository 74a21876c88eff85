// The thread that knows languages (ISO 639-1): one text in, one language or null out, in order. Loaded when it is
// first needed.

import { parentPort } from 'node:worker_threads'

import { eld } from 'eld/extrasmall'

parentPort?.on('message', (text: string) => {
  const result = eld.detect(text)
  parentPort?.postMessage(result.isReliable() && result.language !== '' ? result.language : null)
})
