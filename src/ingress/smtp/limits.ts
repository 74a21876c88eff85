// How many connections may be open, in all and from one address. Asked before the greeting; over a limit the peer reads 421 4.7.0.

export interface ConnectionLimits {
  /** Takes a place and answers how to leave it, or null when there is none. */
  readonly enter: (address: string) => (() => void) | null
}

/** Limits of one listener. Never throws. */
export function createConnectionLimits(max: number, maxPerAddress: number): ConnectionLimits {
  const perAddress = new Map<string, number>()
  let all = 0
  const leave = (address: string) => {
    const left = (perAddress.get(address) ?? 1) - 1
    if (left > 0) perAddress.set(address, left)
    else perAddress.delete(address)
    all -= 1
  }
  const enter = (address: string) => {
    const open = perAddress.get(address) ?? 0
    if (all >= max || open >= maxPerAddress) return null
    perAddress.set(address, open + 1)
    all += 1
    return () => {
      leave(address)
    }
  }
  return { enter }
}
