// Counts the open streams of this process by owner: each takes a socket while its client stays.

import { ApiFault } from '../input/fault.ts'

export interface OpenStreams {
  /** Counts one more; the returned function, called once, removes it. Throws 429 at `most`. */
  readonly open: (who: string) => () => void
}

export function createOpenStreams(most: number, whose: string): OpenStreams {
  const counts = new Map<string, number>()
  return {
    open(who) {
      const count = counts.get(who) ?? 0
      if (count >= most)
        throw new ApiFault('rate-limited', { error: `${whose} has ${String(most)} event streams open already` })
      counts.set(who, count + 1)
      return () => {
        const left = (counts.get(who) ?? 1) - 1
        if (left > 0) counts.set(who, left)
        else counts.delete(who)
      }
    },
  }
}
