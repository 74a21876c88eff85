// Limits expensive work that people request: a few at once, a few more wait, further requests are refused with
// `unavailable`.

import { MailError } from '../errors.ts'

/** Runs the given function in its turn. Throws `MailError('unavailable')` when too many wait. */
export type RunLimited = <Result>(action: () => Promise<Result>) => Promise<Result>

export function createQueueLimit({
  atOnce,
  waiting: most,
}: {
  readonly atOnce: number
  readonly waiting: number
}): RunLimited {
  const waiting: (() => void)[] = []
  let running = 0
  return async (action) => {
    if (running >= atOnce) {
      if (waiting.length >= most)
        throw new MailError('unavailable', 'too many at once', { publicMessage: 'Too many at once, try again later' })
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running += 1
    try {
      return await action()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
