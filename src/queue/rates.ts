// Rate limits, counted over all processes in Redis if there is one, else in memory. While Redis is away each process
// counts for itself. The only file that uses rate-limiter-flexible.

import { createHash } from 'node:crypto'

import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'

import { createRedisCounter } from './redis.ts'

/**
 * Counts one; how many seconds to wait when that was one too many, else null. Never throws: if counting fails, the
 * request passes.
 */
export type Rate = (who: string) => Promise<number | null>

export interface Rates {
  /** A limit for each key in a minute, under the name `what`; null = any number. */
  readonly perMinute: (what: string, most: number | null) => Rate
  /** As `perMinute`, so many an hour. */
  readonly perHour: (what: string, most: number | null) => Rate
  readonly close: () => void
}

export function createRates(redisUrl: string | undefined): Rates {
  const counter = redisUrl === undefined ? null : createRedisCounter(redisUrl)
  const limiterOf = (what: string, points: number, seconds: number): RateLimiterAbstract => {
    const options = { keyPrefix: `rethread:rate:${what}`, points, duration: seconds }
    const own = new RateLimiterMemory(options)
    return counter === null
      ? own
      : new RateLimiterRedis({
          ...options,
          storeClient: counter.client,
          insuranceLimiter: own,
          rejectIfRedisNotReady: true,
          inMemoryBlockOnConsumed: points + 1,
        })
  }
  const per =
    (seconds: number): Rates['perMinute'] =>
    (what, most) =>
      most === null ? () => Promise.resolve(null) : rateOf(limiterOf(what, most, seconds))
  return {
    perMinute: per(60),
    perHour: per(3_600),
    close: () => counter?.close(),
  }
}

// Tokens and addresses are hashed before they reach Redis.
function rateOf(limiter: RateLimiterAbstract): Rate {
  return async (who) => {
    try {
      await limiter.consume(createHash('sha256').update(who).digest('base64url'))
      return null
    } catch (reason) {
      return typeof reason === 'object' && reason !== null && 'msBeforeNext' in reason
        ? Math.max(1, Math.ceil(Number(reason.msBeforeNext) / 1_000))
        : null
    }
  }
}
