// How many bytes of bodies may be in memory at once, over all requests together: beyond that 503, with Retry-After.
// app.ts says how many.

import { ApiFault } from '../input/fault.ts'

export interface ByteBudget {
  /** Takes `bytes` out of the budget, or answers false and takes nothing. */
  readonly reserve: (bytes: number) => boolean
  readonly release: (bytes: number) => void
  /** The share of one client. */
  readonly shareFor: (client: string) => Pick<ByteBudget, 'reserve' | 'release'>
}

/** Strangers have a part of their own, so that they never take what others need. */
export interface Budgets {
  readonly callers: ByteBudget
  readonly strangers: ByteBudget
}

/** The bytes reserved by one request. */
export interface BodyBudget {
  /** Throws 503 if memory is used up now. */
  readonly take: (bytes: number) => void
  /** Bytes taken so far. */
  readonly taken: () => number
  /** Releases all of it, once the bytes are no longer held. */
  readonly release: () => void
}

/** Reserves nothing yet. Never throws. */
export function openBodyBudget(budget: Pick<ByteBudget, 'reserve' | 'release'>): BodyBudget {
  let taken = 0
  return {
    take: (bytes) => {
      if (!budget.reserve(bytes))
        throw new ApiFault('unavailable', { error: 'Too much at once, try again later' }, { 'Retry-After': '5' })
      taken += bytes
    },
    taken: () => taken,
    release: () => {
      budget.release(taken)
      taken = 0
    },
  }
}
