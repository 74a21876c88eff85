// Gathers the bytes of one mail as they arrive, within its size limit, the shared byte budget and a minimum pace.
// Used by SMTP and LMTP (smtp/data.ts) and HTTP (body.ts), so that all three are bounded by the same few lines.
// A fault does not stop the reading: the rest is thrown away as it comes, so that the answer can follow the last byte.

import { MailError } from '../../errors.ts'
import type { ByteBudget } from './budget.ts'

export interface IntakeLimits {
  readonly maxBytes: number
  readonly budget: ByteBudget
  readonly pace: Pace
}

/** How fast a mail must come in. */
interface Pace {
  /** From the first byte wanted to the last one here. */
  readonly timeoutMs: number
  /** In every window, and more the more is held: held bytes must not wait for the rest for ever. 0 = any pace. */
  readonly minBytesPerSecond: number
  /** Length of a window, and so the grace at the beginning. */
  readonly windowMs: number
}

export interface Intake {
  /** Counts and keeps a chunk, or throws it away once there is a fault. */
  readonly add: (chunk: Buffer) => void
  /** The first thing that went wrong, or null. */
  readonly fault: () => MailError | null
  /** All bytes in one piece, copied out of the socket's slabs. Throws the fault. */
  readonly take: () => Buffer
  /** Gives the bytes back to the budget; call it when they are no longer used. Safe to call twice. */
  readonly release: () => void
}

/** A buffer for one mail. `onSlow` is called once if the sender falls behind the pace. Never throws. */
export function createIntake(limits: IntakeLimits, onSlow: () => void): Intake {
  let gathered = createGathering(limits.maxBytes)
  let reserved = 0
  let fault: MailError | null = null
  const release = () => {
    pace.stop()
    limits.budget.release(reserved)
    reserved = 0
    gathered = createGathering(0)
  }
  const fail = (error: MailError) => {
    fault ??= error
    limits.budget.release(reserved)
    reserved = 0
    gathered = createGathering(0)
  }
  const pace = watchPace(limits.pace, () => {
    fail(
      new MailError('unavailable', 'the bytes came too slowly', {
        publicMessage: 'The message came too slowly, try again later',
      }),
    )
    onSlow()
  })
  const add = (chunk: Buffer) => {
    pace.count(chunk.length)
    if (fault !== null) return
    if (reserved + chunk.length > limits.maxBytes) {
      fail(new MailError('too-large', `more than ${String(limits.maxBytes)} bytes`))
    } else if (!limits.budget.reserve(chunk.length)) {
      fail(
        new MailError('storage-full', 'too many bytes in flight', {
          publicMessage: 'Too much mail at once, try again later',
        }),
      )
    } else {
      reserved += chunk.length
      gathered.add(chunk)
    }
  }
  const take = () => {
    pace.stop()
    if (fault !== null) throw fault
    const raw = gathered.take()
    gathered = createGathering(0)
    return raw
  }
  return { add, fault: () => fault, take, release }
}

const largeBytes = 1024 * 1024

// A large mail is written to one place as it comes: joining its chunks at the end would take its size twice. The
// system gives memory to the pages that are written to, not to the size asked for.
function createGathering(maxBytes: number): { add: (chunk: Buffer) => void; take: () => Buffer } {
  let chunks: Buffer[] = []
  let whole: Buffer | null = null
  let length = 0
  return {
    add: (chunk) => {
      if (whole === null && length + chunk.length > largeBytes) {
        whole = Buffer.allocUnsafeSlow(maxBytes)
        Buffer.concat(chunks).copy(whole)
        chunks = []
      }
      if (whole === null) chunks.push(chunk)
      else chunk.copy(whole, length)
      length += chunk.length
    },
    take: () => (whole === null ? Buffer.concat(chunks) : whole.subarray(0, length)),
  }
}

// A steady sender has this long for a mail; one that sends in bursts and then waits is cut off in the next window.
const longestSeconds = 300

function watchPace(pace: Pace, onSlow: () => void): { count: (bytes: number) => void; stop: () => void } {
  let inWindow = 0
  let held = 0
  const stop = () => {
    clearTimeout(deadline)
    clearInterval(window)
  }
  const slow = () => {
    stop()
    onSlow()
  }
  const deadline = setTimeout(slow, pace.timeoutMs)
  const wanted = (): number =>
    pace.minBytesPerSecond === 0
      ? 0
      : (Math.max(pace.minBytesPerSecond, (held - inWindow) / longestSeconds) * pace.windowMs) / 1000
  const window = setInterval(() => {
    if (inWindow < wanted()) slow()
    inWindow = 0
  }, pace.windowMs)
  return {
    count: (bytes) => {
      inWindow += bytes
      held += bytes
    },
    stop,
  }
}
