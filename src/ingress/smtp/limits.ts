// Connection limits, in all and per address, checked before the greeting; over a limit the peer reads 421 4.7.0. A
// quarter of the connections is reserved for trusted relays, so that strangers never exclude them; a relay has no limit
// of its own.

import { addressKey, type IsProxy } from '../../http-client/client-address.ts'

export interface ConnectionLimits {
  /** Takes a place and answers how to leave it, or null when there is none. */
  readonly enter: (address: string) => (() => void) | null
}

export interface ConnectionRule {
  readonly max: number
  readonly maxPerAddress: number
  readonly isTrusted: IsProxy
}

/** Limits of one listener. Never throws. */
export function createConnectionLimits({ max, maxPerAddress, isTrusted }: ConnectionRule): ConnectionLimits {
  const perAddress = new Map<string, number>()
  let all = 0
  let strangers = 0
  const maxStrangers = Math.max(1, Math.floor((max * 3) / 4))
  const enter = (address: string) => {
    const key = addressKey(address)
    const open = perAddress.get(key) ?? 0
    const isStranger = !isTrusted(address)
    if (all >= max || (isStranger && (strangers >= maxStrangers || open >= maxPerAddress))) return null
    perAddress.set(key, open + 1)
    all += 1
    if (isStranger) strangers += 1
    return () => {
      const left = (perAddress.get(key) ?? 1) - 1
      if (left > 0) perAddress.set(key, left)
      else perAddress.delete(key)
      all -= 1
      if (isStranger) strangers -= 1
    }
  }
  return { enter }
}
