// What is counted, and how much of it is too much: the settings RATE_LIMIT_*, over all processes in Redis where there is one.

import type { Limits } from '../api/request/limits.ts'
import type { Config } from '../config.ts'
import { createSenderLimit, type LimitSender } from '../ingress/sender-limit.ts'
import { createRates } from '../queue/rates.ts'

export interface AllLimits {
  readonly api: Limits
  readonly sender: LimitSender
  readonly close: () => void
}

// An office or a school has one address.
const visitorsAtOneAddress = 10

export function createLimits(config: Config): AllLimits {
  const { perMinute, close } = createRates(config.REDIS_URL)
  return {
    api: {
      token: perMinute('token', config.RATE_LIMIT_TOKEN),
      contact: perMinute('contact', config.RATE_LIMIT_CONTACT),
      address: perMinute('address', config.RATE_LIMIT_CONTACT === null ? null : visitorsAtOneAddress * config.RATE_LIMIT_CONTACT),
      stranger: perMinute('stranger', config.RATE_LIMIT_STRANGER),
      isProxy: config.isTrustedRelay,
    },
    sender: createSenderLimit(perMinute('sender', config.RATE_LIMIT_SENDER)),
    close,
  }
}
