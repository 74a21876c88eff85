// How many bytes of mail may be in memory between arrival and storage, over all ingresses together.
// Stands beside every reading of a body. Over the budget a mail is deferred (SMTP 452 4.3.1, HTTP 503): deferring costs
// the sender a retry, running out of memory ends all connections.

export interface ByteBudget {
  /** Takes `bytes` out of the budget, or answers false and takes nothing. */
  readonly reserve: (bytes: number) => boolean
  /** Releases what `reserve` took; the caller releases once. */
  readonly release: (bytes: number) => void
  /** Bytes in flight now. */
  readonly used: () => number
  /** The share of one client, over all its connections; a trusted one has more. */
  readonly shareFor: (client: string, isTrusted?: boolean) => ByteBudget
}

export interface Shares {
  readonly strangerBytes: number
  /** For a trusted relay, behind which many clients stand. */
  readonly trustedBytes: number
}

/**
 * A budget of `maxBytes`, perhaps a part of another, of which each client has a share; without `shares` each may have
 * all. Never throws.
 */
export function createByteBudget(
  maxBytes: number,
  whole: ByteBudget | null = null,
  shares: Shares = { strangerBytes: maxBytes, trustedBytes: maxBytes },
): ByteBudget {
  let used = 0
  const clients = new Map<string, number>()
  const budget: ByteBudget = {
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
    shareFor: (client, isTrusted = false) => {
      const most = isTrusted ? shares.trustedBytes : shares.strangerBytes
      const has = (): number => clients.get(client) ?? 0
      const share: ByteBudget = {
        reserve: (bytes) => {
          if (has() + bytes > most || !budget.reserve(bytes)) return false
          clients.set(client, has() + bytes)
          return true
        },
        release: (bytes) => {
          budget.release(bytes)
          const left = has() - bytes
          if (left > 0) clients.set(client, left)
          else clients.delete(client)
        },
        used: has,
        shareFor: () => share,
      }
      return share
    },
  }
  return budget
}
