// How many bytes of mail may be in memory between their arrival and the door, over all ingresses together.
// Stands beside every reading of a body. Over the budget a mail is deferred (SMTP 452 4.3.1, HTTP 503): deferring costs
// the sender a retry, running out of memory costs everybody everything.

export interface ByteBudget {
  /** Takes `bytes` out of the budget, or answers false and takes nothing. */
  readonly reserve: (bytes: number) => boolean
  /** Gives back what `reserve` took; whoever reserves releases, once. */
  readonly release: (bytes: number) => void
  /** Bytes in flight now. */
  readonly used: () => number
}

/** A budget of `maxBytes` shared by whoever holds it, perhaps a part of another. Never throws. */
export function createByteBudget(maxBytes: number, whole: ByteBudget | null = null): ByteBudget {
  let used = 0
  return {
    reserve: (bytes) => {
      if (used + bytes > maxBytes || whole?.reserve(bytes) === false) return false
      used += bytes
      return true
    },
    release: (bytes) => {
      used = Math.max(0, used - bytes)
      whole?.release(bytes)
    },
    used: () => used,
  }
}
