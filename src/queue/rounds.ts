// Polls for work in rounds: one round at a time, another at once when one found something or a wake-up arrived
// meanwhile, else after a pause.

export interface RoundsOptions {
  /** True if another look is worthwhile at once. */
  readonly round: () => Promise<boolean>
  /** The polling interval; null = only when woken. */
  readonly pollMs: number | null
  /** Called for a round that threw; the next one follows a wake-up, or the pause. */
  readonly onFault: (error: unknown) => void
}

export interface Rounds {
  readonly wake: () => void
  /** Finishes the round under way. */
  readonly stop: () => Promise<void>
}

/** Starts at once. */
export function startRounds({ round, pollMs, onFault }: RoundsOptions): Rounds {
  let stopped = false
  let again = false
  let running: Promise<void> | null = null

  const run = async (): Promise<void> => {
    do {
      again = false
      if (await round()) again = true
    } while (again && !stopped)
  }
  const wake = (): void => {
    again = true
    if (stopped || running !== null) return
    running = run().then(
      () => {
        running = null
        // Wake-ups after the last look.
        if (again) wake()
      },
      (error: unknown) => {
        running = null
        onFault(error)
      },
    )
  }
  const timer = pollMs === null ? undefined : setInterval(wake, pollMs)
  wake()

  return {
    wake,
    stop: async () => {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}
