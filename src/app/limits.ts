// Rate limits from the settings RATE_LIMIT_*, shared by all processes through Redis if there is one.

import type { Limits } from '../api/input/limits.ts'
import type { Config } from '../config.ts'
import type { AutomaticMailLimits } from '../conversations/automatic-budget.ts'
import { createSenderLimit, type LimitSender } from '../ingress/sender-limit.ts'
import { createRates } from '../queue/rates.ts'

export interface AllLimits {
  readonly api: Limits
  readonly sender: LimitSender
  readonly close: () => void
}

/** How much mail that no person wrote may leave: the settings AUTOMATIC_MAIL_*. */
export function automaticMailOf(config: Config): AutomaticMailLimits {
  return {
    provenPerHour: config.AUTOMATIC_MAIL_PER_HOUR,
    unprovenPerDay: config.AUTOMATIC_MAIL_UNPROVEN_PER_DAY,
    claimedPerDay: config.ANSWERS_TO_CLAIMED_PER_DAY,
    unprovenPerAccountHour: config.AUTOMATIC_MAIL_UNPROVEN_PER_ACCOUNT,
  }
}

/** Retention of raw messages: the settings INCINERATE_*. */
export function retentionOf(config: Config) {
  return {
    deliveredDays: config.INCINERATE_AFTER_DAYS,
    undeliveredDays: config.INCINERATE_UNDELIVERED_AFTER_DAYS,
  }
}

// An office or a school has one address.
const visitorsAtOneAddress = 10

const peopleAtOneAddress = 3
// One code in 333,000 is right at any time: a guesser needs two years for an even chance.
const codesAnHour = 20
const linkMailsAnHour = 10

export function createLimits(config: Config): AllLimits {
  const { perMinute, perHour, close } = createRates(config.REDIS_URL)
  return {
    api: {
      token: perMinute('token', config.RATE_LIMIT_TOKEN),
      contact: perMinute('contact', config.RATE_LIMIT_CONTACT),
      address: perMinute(
        'address',
        config.RATE_LIMIT_CONTACT === null ? null : visitorsAtOneAddress * config.RATE_LIMIT_CONTACT,
      ),
      stranger: perMinute('stranger', config.RATE_LIMIT_STRANGER),
      signIn: perMinute('sign-in', config.RATE_LIMIT_SIGN_IN),
      signInFrom: perMinute(
        'sign-in-from',
        config.RATE_LIMIT_SIGN_IN === null ? null : peopleAtOneAddress * config.RATE_LIMIT_SIGN_IN,
      ),
      secondFactor: perHour('second-factor', config.RATE_LIMIT_SIGN_IN === null ? null : codesAnHour),
      linkMail: perHour('link-mail', config.RATE_LIMIT_SIGN_IN === null ? null : linkMailsAnHour),
      isProxy: config.isTrustedRelay,
    },
    sender: createSenderLimit(perMinute('sender', config.RATE_LIMIT_SENDER)),
    close,
  }
}
