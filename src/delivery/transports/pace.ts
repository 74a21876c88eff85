// The rate of a transport: each mail waits for its turn, in the order of asking.

interface Clock {
  readonly now: () => number
  readonly wait: (ms: number) => Promise<unknown>
}

/** Resolves when the next mail may leave, at least `intervalMs` after the one before. */
export function createPace(intervalMs: number, { now, wait }: Clock): () => Promise<void> {
  let next = Number.NEGATIVE_INFINITY
  return async () => {
    if (intervalMs === 0) return
    const turn = Math.max(now(), next)
    next = turn + intervalMs
    if (turn > now()) await wait(turn - now())
  }
}
