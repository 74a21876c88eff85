// Loaded into the service by NODE_OPTIONS=--import: keeps the longest pause of its event loop, in milliseconds, in the file that
// LOOP_DELAY_FILE names. Removing the file begins anew.

import { existsSync, writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const file = process.env.LOOP_DELAY_FILE
const everyMs = 5

if (isMainThread && file !== undefined) {
  let last = performance.now()
  let longest = 0
  setInterval(() => {
    const pause = performance.now() - last - everyMs
    if (pause > longest || !existsSync(file)) {
      longest = pause
      writeFileSync(file, String(Math.round(pause)))
    }
    last = performance.now()
  }, everyMs).unref()
}
